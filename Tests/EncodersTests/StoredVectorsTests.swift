// Stored vectors: looked up byte for byte, and every contradiction refused.

import Core
import Foundation
import Tensors
import TestSupport
import Testing

@testable import Encoders

@Suite struct StoredVectorsTests {
  private func folder(_ vectors: Embeddings, _ lines: [String]) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write(Data(NumpyFile.bytes(of: vectors)), to: "embeddings.npy")
    try folder.write(lines.map { $0 + "\n" }.joined(), to: "texts.jsonl")
    return folder
  }

  private let three = Embeddings(dimensions: 2, values: [1, 2, 3, 4, 5, 6])

  private func refusal(_ vectors: Embeddings, _ lines: [String]) throws -> Failure? {
    let folder = try folder(vectors, lines)
    return #expect(throws: Failure.self) { try StoredVectors(folder: folder.url, revision: "0") }
  }

  @Test func `rows are found by text, in the order asked`() async throws {
    let folder = try folder(
      three,
      [#"{"row": 2, "text": "c"}"#, #"{"row": 0, "text": "a"}"#, #"{"row": 1, "text": "q: b"}"#])
    let stored = try StoredVectors(folder: folder.url, revision: "r")
    #expect(
      try await stored.embed(EmbedRequest(texts: ["c", "a"])).embeddings.values == [5, 6, 1, 2])
    let prompted = try await stored.embed(EmbedRequest(texts: ["b"], prompt: "q: "))
    #expect(prompted.embeddings.values == [3, 4])
    #expect(stored.model.name == "vectors/" + folder.url.lastPathComponent)
    #expect(stored.model.revision == "r" && stored.model.dimensions == 2)
  }

  @Test(arguments: ["embeddings", "anything"])
  func `a safetensors file holds them as its only tensor, or by name`(name: String) async throws {
    let folder = try TemporaryFolder()
    try folder.write(
      Data(try SafetensorsWriter.bytes(of: three, named: name)), to: "embeddings.safetensors")
    try folder.write(
      ["a", "b", "c"].map { #"{"text": "\#($0)"}"# + "\n" }.joined(), to: "texts.jsonl")
    let stored = try StoredVectors(folder: folder.url, revision: "0")
    #expect(
      try await stored.embed(EmbedRequest(texts: ["c", "a"])).embeddings.values == [5, 6, 1, 2])
  }

  @Test func `lines without a row number count from 0`() async throws {
    let folder = try folder(three, [#"{"text": "a"}"#, #"{"text": "b"}"#, #"{"text": "c"}"#])
    let stored = try StoredVectors(folder: folder.url, revision: "0")
    #expect(try await stored.embed(EmbedRequest(texts: ["b"])).embeddings.values == [3, 4])
  }

  @Test func `composed and decomposed letters are different texts`() async throws {
    let folder = try folder(
      three, [#"{"text": "\u00e9"}"#, #"{"text": "e\u0301"}"#, #"{"text": "x"}"#])
    let stored = try StoredVectors(folder: folder.url, revision: "0")
    let outcome = try await stored.embed(EmbedRequest(texts: ["e\u{301}", "\u{e9}"]))
    #expect(outcome.embeddings.values == [3, 4, 1, 2])
  }

  @Test func `texts without a vector are counted and some of them shown`() async throws {
    let folder = try folder(three, [#"{"text": "a"}"#, #"{"text": "b"}"#, #"{"text": "c"}"#])
    let stored = try StoredVectors(folder: folder.url, revision: "0")
    let failure = await #expect(throws: Failure.self) {
      _ = try await stored.embed(EmbedRequest(texts: ["a", "1", "2", "b", "3", "4"]))
    }
    #expect(failure?.code == .missing)
    #expect(
      failure?.message == #"has no vector for 4 of 6 texts, for instance "1", "2", "3""#)
  }

  @Test func `a text twice is fine with one vector and refused with two`() throws {
    let same = Embeddings(dimensions: 2, values: [1, 2, 1, 2])
    let lines = [#"{"text": "a"}"#, #"{"text": "a"}"#]
    let folder = try folder(same, lines)
    _ = try StoredVectors(folder: folder.url, revision: "0")
    let failure = try refusal(Embeddings(dimensions: 2, values: [1, 2, 1, 3]), lines)
    #expect(failure?.message.contains("rows 0 and 1") == true)
  }

  @Test func `a row with NaN is refused by its number`() throws {
    let failure = try refusal(
      Embeddings(dimensions: 2, values: [1, 2, 3, .nan]), [#"{"text": "a"}"#, #"{"text": "b"}"#])
    #expect(failure?.message.contains("row 1") == true)
  }

  @Test(arguments: [
    [#"{"text": "a"}"#, #"{"text": "b"}"#], [#"{"text": "a"}"#, "", #"{"text": "b"}"#],
    [#"{"text": "a"}"#, #"{"text": "b"}"#, #"{"text": "c"}"#, #"{"text": "d"}"#],
    [#"{"text": "a", "row": 1}"#, #"{"text": "b", "row": 1}"#, #"{"text": "c", "row": 2}"#],
    [#"{"text": "a", "row": -1}"#, #"{"text": "b"}"#, #"{"text": "c"}"#],
    [#"{"text": "a", "row": "0"}"#, #"{"text": "b"}"#, #"{"text": "c"}"#],
    [#"{"row": 0}"#, #"{"text": "b"}"#, #"{"text": "c"}"#],
  ])
  func `texts that do not match the rows are refused`(lines: [String]) throws {
    let failure = try refusal(three, lines)
    #expect(failure?.code == .malformed)
    #expect(failure?.subject.hasSuffix("texts.jsonl") == true)
  }

  @Test(.enabled(if: Shared.isPresent, Shared.reason))
  func `a folder of the reference's vectors is read`() async throws {
    let folder = Shared.url("golden/precomputed-64/JSTS")
    let stored = try StoredVectors(folder: folder, revision: "0")
    let text = "レンガの建物の前を、乳母車を押した女性が歩いています。"
    let outcome = try await stored.embed(EmbedRequest(texts: [text]))
    #expect(
      outcome.embeddings
        == (try NumpyFile.embeddings(at: folder.appending(path: "embeddings.npy"))).rows([0]))
    #expect(stored.model.name == "vectors/JSTS")
  }
}
