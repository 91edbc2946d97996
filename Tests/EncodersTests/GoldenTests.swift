// The local engine against the reference: sentence-transformers' vectors of tiny checkpoints and of
// a real one.

import Core
import Foundation
import Tensors
import TestSupport
import Testing

@testable import Encoders

@Suite(.enabled(if: Shared.isPresent, Shared.reason))
struct GoldenTests {
  static let checkpoints = [
    "01_bert_wordpiece", "02_bert_cased_cls", "14_bert_fp16", "15_pool_concat_matryoshka",
  ]

  @Test(arguments: checkpoints, instructionSets)
  func `every text has the reference's vector at every instruction set`(
    checkpoint: String, level: InstructionSet
  ) async throws {
    let golden = try Golden(checkpoint)
    let embedder = try golden.embedder { $0.instructionSet = level }
    let outcome = try await embedder.embed(EmbedRequest(texts: golden.texts))
    expectClose(
      outcome.embeddings, try golden.embeddings(golden.json["embeddings"]), golden, "\(level)")
    #expect(embedder.model.engine == "borda-local \(level)")
    let ids = try #require(golden.json["input_ids"]?.array)
    #expect(outcome.tokens == ids.reduce(0) { $0 + ($1.array?.count ?? 0) })
  }

  @Test(arguments: checkpoints)
  func `a batch has the vectors of the reference's padded batch`(checkpoint: String) async throws {
    let golden = try Golden(checkpoint)
    let batch = golden.json["batch"]
    let texts = try golden.texts(labelled: batch?["labels"])
    let outcome = try await golden.embedder().embed(EmbedRequest(texts: texts))
    expectClose(outcome.embeddings, try golden.embeddings(batch?["embeddings"]), golden, "batch")
  }

  @Test(arguments: checkpoints)
  func `every layer agrees with the reference's trace`(checkpoint: String) throws {
    let golden = try Golden(checkpoint)
    let trace = golden.json["trace"]
    let wanted = try NumpyFile(
      reading: golden.folder.appending(path: try #require(trace?["file"]?.string)))
    let ids = (trace?["input_ids"]?.array ?? []).compactMap(\.integer).map(Int32.init)
    let layers = try layers(of: golden, ids)
    #expect(wanted.shape == [layers.count, ids.count, layers[0].count / ids.count])
    for (number, layer) in layers.enumerated() {
      let reference = wanted.values[number * layer.count..<(number + 1) * layer.count]
      let difference = zip(layer, reference).map { abs($0 - $1) }.max() ?? .infinity
      #expect(difference < 5e-5, "layer \(number): \(difference)")
    }
  }

  private func layers(of golden: Golden, _ ids: [Int32]) throws -> [[Float]] {
    let bert = try Architectures.load(golden.folder, try Kernels())
    var workspace = bert.workspace(maxTokens: ids.count, longest: ids.count)
    workspace.batch.append(ids)
    var layers: [[Float]] = []
    bert.forward(&workspace) { number, hidden in
      #expect(number == layers.count)
      layers.append(hidden.copy(rows: ids.count))
    }
    return layers
  }

  @Test(arguments: ["query", "long"])
  func `a prompt is seen by attention and left out of the pooling`(prompt: String) async throws {
    let golden = try Golden("15_pool_concat_matryoshka")
    let entry = try #require(golden.json["prompts"]?[prompt])
    let embedder = try golden.embedder()
    let text = try #require(entry["prompt"]?.string)
    #expect(embedder.prompts.byKey[prompt] == text)
    let request = EmbedRequest(texts: try golden.texts(labelled: entry["labels"]), prompt: text)
    let outcome = try await embedder.embed(request)
    expectClose(outcome.embeddings, try golden.embeddings(entry["embeddings"]), golden, prompt)
  }

  @Test func `vectors can be cut, normalised, or both`() async throws {
    let golden = try Golden("15_pool_concat_matryoshka")
    for entry in golden.json["cases"]?.array ?? [] {
      let settings = entry["encode_kwargs"]
      let embedder = try golden.embedder {
        $0.dimensions = settings?["truncate_dim"]?.integer
        $0.normalizesResult = settings?["normalize_embeddings"]?.bool ?? false
      }
      let outcome = try await embedder.embed(EmbedRequest(texts: golden.texts))
      let name = entry["embeddings"]
      expectClose(
        outcome.embeddings, try golden.embeddings(name), golden, name?.string ?? "")
      #expect(embedder.model.dimensions == outcome.embeddings.dimensions)
    }
  }

  @Test func `identity and limits come from the folder`() throws {
    let facts: [(String, Int, Similarity, String)] = [
      ("01_bert_wordpiece", 48, .cosine, "mean, normalize"),
      ("02_bert_cased_cls", 64, .dot, "cls"),
      ("14_bert_fp16", 48, .cosine, "mean, normalize"),
      ("15_pool_concat_matryoshka", 56, .cosine, "max+weightedmean without prompt"),
    ]
    for (checkpoint, maxTokens, similarity, modules) in facts {
      let model = try Golden(checkpoint).embedder().model
      #expect(model.maxTokens == maxTokens)
      #expect(model.similarity == similarity)
      #expect(model.settings == ["modules": modules])
    }
  }
}

@Suite(
  .enabled(if: Shared.isPresent, Shared.reason), .enabled(if: MiniLM.isPresent, MiniLM.reason))
struct MiniLMTests {
  @Test(arguments: instructionSets)
  func `500 texts in 17 languages have the reference's vectors`(
    level: InstructionSet
  ) async throws {
    let golden = try Golden("real/minilm")
    var options = LocalEmbedder.Options()
    options.instructionSet = level
    let embedder = try LocalEmbedder(
      try Checkpoint(folder: MiniLM.folder),
      name: "sentence-transformers/all-MiniLM-L6-v2", revision: "0", options: options)
    let outcome = try await embedder.embed(EmbedRequest(texts: golden.texts))
    expectClose(
      outcome.embeddings, try golden.embeddings(golden.json["embeddings"]), golden, "\(level)")
    #expect(outcome.truncated == 19)
    #expect(embedder.model.maxTokens == 256)
    #expect(embedder.model.parameters == 22_713_216)
    #expect(embedder.model.embeddingParameters == 30522 * 384)
  }
}
