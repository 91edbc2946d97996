// The local engine against the reference: every layer of the BERT checkpoints, and the vectors of a
// real one. `GoldenFolderTests` compares the vectors of all reference checkpoints.

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
