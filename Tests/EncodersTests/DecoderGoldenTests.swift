// The transformer architectures against the reference's vectors, from the golden files' token ids
// on: no tokenizer takes part. The list of checkpoints grows with the architectures.

import Core
import Foundation
import Tensors
import TestSupport
import Testing

@testable import Encoders

/// A checkpoint without its tokenizer: token ids in, vectors out.
struct GoldenModel {
  let architecture: any Architecture
  let head: Head

  init(_ folder: URL, _ level: InstructionSet = .best) throws {
    let kernels = try Kernels(level)
    let checkpoint = try Checkpoint(folder: folder)
    architecture = try Architectures.load(checkpoint.transformerFolder, kernels)
    head = try Head(
      checkpoint, hidden: architecture.hidden, kept: nil, normalizesResult: false, kernels: kernels)
  }

  /// The vectors of texts, in their order; batches hold up to `budget` tokens.
  func embed(_ texts: [[Int32]], budget: Int = 384) -> Embeddings {
    let plan = BatchPlan(lengths: texts.map(\.count), budget: budget)
    let longest = texts.map(\.count).max() ?? 0
    var workspace = architecture.workspace(maxTokens: max(budget, longest), longest: longest)
    var vectors = head.workspace(texts: texts.count)
    var values = [Float](repeating: 0, count: texts.count * head.dimensions)
    for batch in plan.batches {
      workspace.batch.removeAll()
      for text in plan.order[batch] { workspace.batch.append(texts[text]) }
      architecture.forward(&workspace)
      head.compute(workspace.batch, workspace.hidden, prompt: 0, in: &vectors)
      for (place, text) in plan.order[batch].enumerated() {
        head.copy(place, from: vectors, to: text, of: &values)
      }
    }
    return Embeddings(dimensions: head.dimensions, values: values)
  }

  /// The token vectors after the embeddings and after each layer.
  func layers(_ ids: [Int32]) -> [[Float]] {
    var workspace = architecture.workspace(maxTokens: ids.count, longest: ids.count)
    workspace.batch.append(ids)
    var layers: [[Float]] = []
    architecture.forward(&workspace) { number, hidden in
      #expect(number == layers.count)
      layers.append(hidden.copy(rows: ids.count))
    }
    return layers
  }
}

extension Golden {
  /// Lists of token ids.
  func tokens(_ value: JSON?) -> [[Int32]] {
    (value?.array ?? []).map { ($0.array ?? []).compactMap(\.integer).map(Int32.init) }
  }

  /// The token ids of the texts with these labels, without a prompt.
  func tokens(labelled wanted: JSON?) throws -> [[Int32]] {
    let all = tokens(json["input_ids"])
    return try (wanted?.array ?? []).map {
      all[try #require(labels.firstIndex(of: $0.string ?? ""))]
    }
  }
}

@Suite(.enabled(if: Shared.isPresent, Shared.reason))
struct DecoderGoldenTests {
  static let checkpoints =
    [
      "07_llama_bidirectional", "08_mistral_causal_last", "09_qwen3_last", "12_gemma3_embedding",
      "17a_eurobert", "19_qwen2_bidirectional",
    ] + EncoderGoldenTests.checkpoints

  @Test(arguments: checkpoints, instructionSets)
  func `every text's ids give the reference's vector at every instruction set`(
    checkpoint: String, level: InstructionSet
  ) throws {
    let golden = try Golden(checkpoint)
    let model = try GoldenModel(golden.folder, level)
    expectClose(
      model.embed(golden.tokens(golden.json["input_ids"])),
      try golden.embeddings(golden.json["embeddings"]), golden, "\(level)")
    let batch = golden.json["batch"]
    expectClose(
      model.embed(try golden.tokens(labelled: batch?["labels"])),
      try golden.embeddings(batch?["embeddings"]), golden, "\(level) batch")
    for (name, entry) in golden.json["prompts"]?.members?.entries ?? [] {
      expectClose(
        model.embed(golden.tokens(entry["input_ids"])),
        try golden.embeddings(entry["embeddings"]), golden, "\(level) \(name)")
    }
  }

  @Test(arguments: checkpoints)
  func `every layer agrees with the reference's trace`(checkpoint: String) throws {
    let golden = try Golden(checkpoint)
    let trace = golden.json["trace"]
    let wanted = try NumpyFile(
      reading: golden.folder.appending(path: try #require(trace?["file"]?.string)))
    let ids = (trace?["input_ids"]?.array ?? []).compactMap(\.integer).map(Int32.init)
    let layers = try GoldenModel(golden.folder).layers(ids)
    #expect(wanted.shape == [layers.count, ids.count, layers[0].count / ids.count])
    for (number, layer) in layers.enumerated() {
      let reference = wanted.values[number * layer.count..<(number + 1) * layer.count]
      let difference = zip(layer, reference).map { abs($0 - $1) }.max() ?? .infinity
      // Numbers up to 19; f32 has 2e-6 between neighbours there.
      #expect(difference < 5e-5, "layer \(number): \(difference)")
      if ProcessInfo.processInfo.environment["SHOW_DISTANCES"] != nil {
        print("distance \(checkpoint) layer \(number): \(difference)")
      }
    }
  }

  @Test(arguments: checkpoints, instructionSets)
  func `a vector does not depend on company, order or batch size`(
    checkpoint: String, level: InstructionSet
  ) throws {
    let golden = try Golden(checkpoint)
    let model = try GoldenModel(golden.folder, level)
    let texts = golden.tokens(golden.json["input_ids"])
    let together = model.embed(texts)
    for budget in [1, 17, 100, 100_000] {
      #expect(model.embed(texts, budget: budget) == together)
    }
    var random = SplitMix(state: 5)
    let order = texts.indices.shuffled(using: &random)
    #expect(model.embed(order.map { texts[$0] }) == together.rows(order))
    for row in stride(from: 0, to: texts.count, by: 7) {
      #expect(model.embed([texts[row]]) == together.rows([row]))
    }
  }
}
