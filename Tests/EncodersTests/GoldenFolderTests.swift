// Every reference checkpoint as a user gives it: a folder in, texts in, vectors out. One table over
// all folders that hold a golden.json, those of the merged models included.

import Core
import Foundation
import Tensors
import TestSupport
import Testing

@testable import Encoders

/// The folders below `models` with a golden.json and weights beside it.
private let folders: [String] = {
  func names(in path: String) -> [String] {
    let folder = Shared.url("models").appending(path: path).path(percentEncoded: false)
    return ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
      .map { path.isEmpty ? $0 : "\(path)/\($0)" }
  }
  return (names(in: "") + names(in: "18_merge")).filter {
    exists(Shared.url("models/\($0)/golden.json"))
  }
}()

@Suite(.enabled(if: Shared.isPresent, Shared.reason))
struct `Every reference checkpoint` {
  @Test func `is in the table`() {
    // 21 checkpoints of their own (13 and 17 count for two and three) and 9 below 18_merge.
    #expect(folders.count == 30)
  }

  @Test(arguments: folders)
  func `has the reference's token ids for every text`(folder: String) async throws {
    let golden = try Golden(folder)
    let embedder = try golden.embedder()
    try await expectIDs(golden.json["input_ids"], golden.texts, prompt: "", embedder, golden)
    #expect(embedder.model.maxTokens == golden.json["max_seq_length"]?.integer)
  }

  @Test(arguments: folders, instructionSets)
  func `has the reference's vectors for every text`(
    folder: String, level: InstructionSet
  ) async throws {
    let golden = try Golden(folder)
    let embedder = try golden.embedder { $0.instructionSet = level }
    let outcome = try await embedder.embed(EmbedRequest(texts: golden.texts))
    expectClose(
      outcome.embeddings, try golden.embeddings(golden.json["embeddings"]), golden, "\(level)")
    #expect(embedder.model.dimensions == golden.json["embedding_dim"]?.integer)
    #expect(embedder.model.engine == "borda-local \(level)")
    let ids = try #require(golden.json["input_ids"]?.array)
    #expect(outcome.tokens == ids.reduce(0) { $0 + ($1.array?.count ?? 0) })
  }

  @Test(arguments: folders)
  func `has the vectors of the reference's padded batch`(folder: String) async throws {
    let golden = try Golden(folder)
    let batch = golden.json["batch"]
    let texts = try golden.texts(labelled: batch?["labels"])
    let outcome = try await golden.embedder().embed(EmbedRequest(texts: texts))
    expectClose(outcome.embeddings, try golden.embeddings(batch?["embeddings"]), golden, "batch")
  }

  @Test(arguments: folders)
  func `has the reference's ids and vectors with each of its prompts`(
    folder: String
  ) async throws {
    let golden = try Golden(folder)
    let embedder = try golden.embedder()
    for (name, entry) in golden.json["prompts"]?.members?.entries ?? [] {
      let texts = try golden.texts(labelled: entry["labels"])
      let prompt = try #require(entry["prompt"]?.string)
      #expect(embedder.prompts.byKey[name] == prompt)
      try await expectIDs(entry["input_ids"], texts, prompt: prompt, embedder, golden)
      let outcome = try await embedder.embed(EmbedRequest(texts: texts, prompt: prompt))
      expectClose(outcome.embeddings, try golden.embeddings(entry["embeddings"]), golden, name)
    }
  }

  @Test(arguments: folders)
  func `has the reference's vectors when they are cut, normalised, or both`(
    folder: String
  ) async throws {
    let golden = try Golden(folder)
    for entry in golden.json["cases"]?.array ?? [] {
      let settings = entry["encode_kwargs"]
      let embedder = try golden.embedder {
        $0.dimensions = settings?["truncate_dim"]?.integer
        $0.normalizesResult = settings?["normalize_embeddings"]?.bool ?? false
      }
      let outcome = try await embedder.embed(EmbedRequest(texts: golden.texts))
      let name = entry["embeddings"]
      expectClose(outcome.embeddings, try golden.embeddings(name), golden, name?.string ?? "")
      #expect(embedder.model.dimensions == outcome.embeddings.dimensions)
    }
  }

  @Test(arguments: folders)
  func `gives a text the same bits alone, in company and in any order`(
    folder: String
  ) async throws {
    let golden = try Golden(folder)
    let texts = golden.texts
    let together = try await golden.embedder().embed(EmbedRequest(texts: texts)).embeddings
    let small = try golden.embedder { $0.batchTokens = 1 }
    let order = Array(texts.indices.reversed())
    let alone = try await small.embed(EmbedRequest(texts: order.map { texts[$0] })).embeddings
    #expect(alone == together.rows(order))
  }

  private func expectIDs(
    _ wanted: JSON?, _ texts: [String], prompt: String, _ embedder: LocalEmbedder,
    _ golden: Golden, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let lists = try #require(wanted?.array)
    let tokens = try #require(await embedder.tokenize(texts, prompt: prompt))
    #expect(lists.count == texts.count, sourceLocation: sourceLocation)
    for (place, list) in lists.enumerated() {
      let ids = (list.array ?? []).compactMap(\.integer)
      #expect(
        tokens.ids(of: place).map(Int.init) == ids,
        "\(golden.folder.lastPathComponent): \(LocalEmbedder.shown(texts[place]))",
        sourceLocation: sourceLocation)
    }
  }
}

@Suite(.enabled(if: Shared.isPresent, Shared.reason))
struct `The longest text` {
  /// Checkpoint, `max_seq_length` in its file (nil removes the file), an option, and the limit.
  @Test(arguments: [
    // model_max_length 131072 and max_position_embeddings 512 of a model with rotations.
    ("19_qwen2_bidirectional", Int?.none, Int?.none, Int?.some(512)),
    ("19_qwen2_bidirectional", 600, nil, 600), ("19_qwen2_bidirectional", 600, 1000, 1000),
    // 130 positions in a table; model_max_length is 512.
    ("06_distilbert_dense", nil, nil, 130), ("06_distilbert_dense", 131, nil, nil),
    ("06_distilbert_dense", nil, 131, nil), ("06_distilbert_dense", 20, 130, 130),
    // Relative positions: only the tokenizer has a limit, 512.
    ("16_t5_encoder", nil, nil, 512), ("16_t5_encoder", 5000, nil, 5000),
  ])
  func `is the option's, the file's, or the least that tokenizer and configuration say`(
    checkpoint: String, inFile: Int?, option: Int?, expected: Int?
  ) throws {
    let folder = try TemporaryFolder()
    try folder.copy(of: Shared.url("models/\(checkpoint)"))
    let name = "sentence_bert_config.json"
    try folder.remove(name)
    if let inFile { try folder.write("{\"max_seq_length\": \(inFile)}", to: name) }
    var options = LocalEmbedder.Options()
    options.maxTokens = option
    let load = Result { () throws(Failure) in
      try LocalEmbedder(
        try Checkpoint(folder: folder.url), name: "test/length", revision: "0", options: options)
    }
    if let expected {
      #expect(try load.get().model.maxTokens == expected)
    } else {
      #expect(throws: Failure.self) { try load.get() }
    }
  }
}
