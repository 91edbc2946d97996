// Broken checkpoints: every one has to be refused in words, without a crash, a hang or a vector.

import Core
import Foundation
import Tensors
import TestSupport
import Testing

@testable import Encoders

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// One entry of `malformed/expected.json`.
struct MalformedCase: Sendable, CustomTestStringConvertible {
  let name: String
  let expectation: String
  /// Each with alternatives; one of each has to be in the message.
  let words: [[String]]

  var testDescription: String { name }

  static let folder = Shared.url("models/malformed")

  static let file: JSON? = {
    guard let data = try? Data(contentsOf: folder.appending(path: "expected.json")) else {
      return nil
    }
    return try? JSON(parsing: Array(data))
  }()

  static let all: [MalformedCase] = (file?["cases"]?.array ?? []).compactMap { entry in
    guard let name = entry["case"]?.string, let expectation = entry["expect"]?.string else {
      return nil
    }
    let words = (entry["error_should_mention"]?.array ?? []).compactMap(\.string)
    return MalformedCase(
      name: name, expectation: expectation, words: words.map { $0.components(separatedBy: "|") })
  }
}

@Suite(.enabled(if: Shared.isPresent, Shared.reason))
struct MalformedTests {
  /// Loads a checkpoint and embeds the control text.
  private func embed(_ folder: URL) async throws -> [Float] {
    let text = try #require(MalformedCase.file?["control"]?["text"]?.string)
    let embedder = try LocalEmbedder(
      try Checkpoint(folder: folder), name: "test/malformed", revision: "0")
    return try await embedder.embed(EmbedRequest(texts: [text])).embeddings.values
  }

  private func expectControl(_ vector: [Float]) throws {
    let control = try #require(MalformedCase.file?["control"]?["embedding"]?.array)
    let wanted = control.compactMap(\.double)
    #expect(vector.count == wanted.count)
    for (x, y) in zip(vector, wanted) { #expect(abs(Double(x) - y) < 1e-5) }
  }

  private func expectRefusal(_ folder: URL, mentioning words: [[String]]) async throws {
    let failure = await #expect(throws: Failure.self) { try await embed(folder) }
    let refusal = try #require(failure)
    // The folder's name says what is broken, so it must not count as the message.
    let message = refusal.description.replacing(folder.lastPathComponent, with: "FOLDER")
    for alternatives in words {
      #expect(
        alternatives.contains { message.range(of: $0, options: .caseInsensitive) != nil },
        "none of \(alternatives) in: \(message)")
    }
    if ProcessInfo.processInfo.environment["SHOW_MESSAGES"] != nil { print(message) }
  }

  @Test(
    .timeLimit(.minutes(10)),
    arguments: MalformedCase.all.filter { !$0.name.hasPrefix("(") && $0.expectation != "accept" })
  func `a broken checkpoint is refused, and the message names the fault`(
    item: MalformedCase
  ) async throws {
    try await expectRefusal(
      MalformedCase.folder.appending(path: item.name), mentioning: item.words)
  }

  @Test(
    arguments: ["ok_control"] + MalformedCase.all.filter { $0.expectation == "accept" }.map(\.name))
  func `an unusual but sound checkpoint gives the control's vector`(name: String) async throws {
    try expectControl(try await embed(MalformedCase.folder.appending(path: name)))
  }

  private func control() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.copy(of: MalformedCase.folder.appending(path: "ok_control"))
    return folder
  }

  @Test func `weights that are a link to themselves are refused`() async throws {
    let folder = try control()
    try folder.remove("model.safetensors")
    try folder.link("model.safetensors", to: "model.safetensors")
    try await expectRefusal(folder.url, mentioning: [["model.safetensors"], ["symbolic link"]])
  }

  @Test func `a pooling folder that is a link to the checkpoint is refused`() async throws {
    let folder = try control()
    try folder.remove("1_Pooling")
    try folder.link("1_Pooling", to: ".")
    try await expectRefusal(folder.url, mentioning: [["1_Pooling"]])
  }

  @Test func `weights that are a link to a file elsewhere are refused`() async throws {
    let folder = try control()
    try folder.remove("model.safetensors")
    let target = MalformedCase.folder.appending(path: "ok_control/model.safetensors")
    try folder.link("model.safetensors", to: target.path(percentEncoded: false))
    try await expectRefusal(
      folder.url, mentioning: [["model.safetensors"], ["outside the checkpoint"]])
  }

  @Test(
    .timeLimit(.minutes(10)),
    arguments: ["model.safetensors", "config.json", "modules.json", "1_Pooling/config.json"])
  func `a named pipe in the place of a file is refused without waiting`(
    path: String
  ) async throws {
    let folder = try control()
    try folder.remove(path)
    #expect(mkfifo(folder.url.appending(path: path).path(percentEncoded: false), 0o600) == 0)
    try await expectRefusal(folder.url, mentioning: [[path], ["regular file"]])
  }

  @Test func `a checkpoint cut off at any point is refused`() async throws {
    let folder = try control()
    let whole = try Data(contentsOf: folder.url.appending(path: "model.safetensors"))
    for count in stride(from: 0, to: whole.count, by: 997) {
      try folder.write(whole.prefix(count), to: "model.safetensors")
      try await expectRefusal(folder.url, mentioning: [["model.safetensors"]])
    }
  }
}
