// Merges against the reference: weights that NumPy computed in double precision (see merge.json of
// 18_merge), and vectors that sentence-transformers computed with them.

import Core
import Encoders
import Foundation
import Storage
import Tensors
import TestSupport
import Testing

@testable import Merging

private let folder = Shared.url("models/18_merge")

/// One merge of the reference, with the tolerance that merge.json states for its weights.
private struct Golden: Sendable, CustomTestStringConvertible {
  let name: String
  let method: MergeMethod
  let parents: [String]
  let tolerance: Float

  var testDescription: String { name }

  static let all = [
    Golden(
      name: "linear_abc", method: .linear(weights: WeightedSum.normalized([1, 1, 1])),
      parents: ["a", "b", "c"], tolerance: 3e-7),
    Golden(
      name: "linear_weighted_abc_0.5_0.3_0.2", method: .linear(weights: [0.5, 0.3, 0.2]),
      parents: ["a", "b", "c"], tolerance: 3e-7),
    Golden(
      name: "slerp_ab_t0.5", method: .slerp(t: 0.5), parents: ["a", "b"], tolerance: 2e-6),
    Golden(
      name: "slerp_ab_t0.2", method: .slerp(t: 0.2), parents: ["a", "b"], tolerance: 2e-6),
    Golden(
      name: "ties_abc_density0.5", method: .ties(weights: [1, 1, 1], density: 0.5),
      parents: ["a", "b", "c"], tolerance: 3e-7),
  ]

  func merge(_ out: URL, _ type: FloatType? = nil) async throws -> MergeSummary {
    var options = Merger.Options()
    options.type = type
    let base = method.needsBase ? try parent(folder.appending(path: "base")) : nil
    let merger = try Merger(
      parents.map { try parent(folder.appending(path: $0)) }, base: base, method: method,
      options: options)
    return try await merger.write(to: out)
  }
}

private func embed(_ checkpoint: Checkpoint, _ texts: [String]) async throws -> Embeddings {
  let embedder = try LocalEmbedder(checkpoint, name: "test/merge", revision: "0")
  return try await embedder.embed(EmbedRequest(texts: texts)).embeddings
}

private func texts(of name: String) throws -> (texts: [String], tolerance: Double) {
  let file = folder.appending(path: "\(name)/golden.json")
  let json = try JSON(parsing: Array(Data(contentsOf: file)))
  let texts = (json["texts"]?.array ?? []).compactMap(\.string)
  return (texts, json["tolerance"]?["max_abs"]?.double ?? 0)
}

@Suite(.enabled(if: Shared.isPresent, Shared.reason))
struct `Merges of the reference` {
  @Test(arguments: Golden.all)
  fileprivate func `have the reference's weights and its vectors`(golden: Golden) async throws {
    try await withTemporaryFolder { place in
      let out = place.appending(path: "out")
      let summary = try await golden.merge(out)
      #expect(summary.warnings == [], "these parents are related")
      let found = try Safetensors(folder: out)
      let wanted = try Safetensors(folder: folder.appending(path: golden.name))
      #expect(Set(found.tensors.keys) == Set(wanted.tensors.keys))
      let kernels = try Kernels()
      var largest: Float = 0
      for (name, tensor) in wanted.tensors {
        let a = try found.tensor(name).values(0..<tensor.count, kernels)
        let b = try tensor.values(0..<tensor.count, kernels)
        for (x, y) in zip(a, b) { largest = max(largest, abs(x - y)) }
      }
      #expect(largest <= golden.tolerance, "weights: \(largest)")

      let (texts, tolerance) = try texts(of: golden.name)
      let vectors = try await embed(try Checkpoint(folder: out), texts)
      let reference = try NumpyFile.embeddings(
        at: folder.appending(path: "\(golden.name)/golden.embeddings.npy"))
      let furthest = zip(vectors.values, reference.values).map { abs(Double($0) - Double($1)) }
        .max()
      #expect(vectors.count == reference.count)
      #expect(try #require(furthest) <= tolerance, "vectors: \(String(describing: furthest))")
      if ProcessInfo.processInfo.environment["SHOW_DISTANCES"] != nil {
        print("distance \(golden.name): weights \(largest), vectors \(furthest ?? 0)")
      }
    }
  }

  @Test(arguments: [[1, 1, 1], [0.5, 0.3, 0.2], [0.1, 0.7, 0.9]])
  func `in memory have the very vectors of the written ones`(weights: [Double]) async throws {
    try await withTemporaryFolder { place in
      let out = place.appending(path: "out")
      let parents = ["a", "b", "c"].map { folder.appending(path: $0) }
      let merger = try Merger(
        parents.map(parent), base: nil,
        method: .linear(weights: try MergeMethod.meanWeights(weights, 3)))
      _ = try await merger.write(to: out)
      var averaged = try Checkpoint(folder: parents[0])
      averaged.average = CheckpointAverage(parents, weights: weights)
      let texts = try texts(of: "a").texts
      let written = try await embed(try Checkpoint(folder: out), texts)
      #expect(try await embed(averaged, texts).values == written.values)
      let alone = try await embed(try Checkpoint(folder: parents[0]), texts)
      #expect(alone.values != written.values)
    }
  }

  @Test func `can be written narrower, and say so in their configuration`() async throws {
    try await withTemporaryFolder { place in
      let out = place.appending(path: "out")
      let summary = try await Golden.all[0].merge(out, .bfloat16)
      #expect(summary.types == ["BF16": summary.tensors])
      let config = try JSON(parsing: try out.text(of: "config.json"))
      #expect(config["torch_dtype"]?.string == "bfloat16")
      #expect(config["hidden_size"]?.integer == 32)
      let (texts, _) = try texts(of: "a")
      let vectors = try await embed(try Checkpoint(folder: out), texts)
      let reference = try NumpyFile.embeddings(
        at: folder.appending(path: "linear_abc/golden.embeddings.npy"))
      // Eight bits of weights: near the reference, and far from its tolerance.
      let furthest = zip(vectors.values, reference.values).map { abs($0 - $1) }.max() ?? 1
      #expect(furthest < 0.05)
    }
  }
}

/// A checkpoint with a Dense module in a folder of its own.
@Suite(.enabled(if: Shared.isPresent, Shared.reason))
struct `Modules with weights of their own` {
  @Test func `are merged as well, written or in memory`() async throws {
    try await withTemporaryFolder { place in
      let source = Shared.url("models/06_distilbert_dense")
      let parents = ["a", "b"].map { place.appending(path: $0) }
      for (number, copy) in parents.enumerated() {
        try FileManager.default.copyItem(at: source, to: copy)
        // The copy's Dense is halved, so that a mean that forgot it would show.
        guard number == 1 else { continue }
        let file = copy.appending(path: "2_Dense/model.safetensors")
        let dense = try Safetensors(file: file)
        let kernels = try Kernels()
        let tensors = try dense.tensors.values.map { tensor in
          MadeUpTensor(
            tensor.name, try tensor.values(0..<tensor.count, kernels).map { $0 / 2 },
            shape: tensor.shape)
        }
        try FileManager.default.removeItem(at: file)
        try MadeUpCheckpoint.write(tensors, to: file)
      }
      let out = place.appending(path: "out")
      let merger = try Merger(
        parents.map(parent), base: nil, method: .linear(weights: [0.5, 0.5]))
      let summary = try await merger.write(to: out)
      #expect(summary.files == ["model.safetensors", "2_Dense/model.safetensors"])
      var averaged = try Checkpoint(folder: parents[0])
      averaged.average = CheckpointAverage(parents, weights: [1, 1])
      let texts = ["a text", "another one", "", "noch ein Text"]
      let written = try await embed(try Checkpoint(folder: out), texts)
      #expect(try await embed(averaged, texts).values == written.values)
      #expect(try await embed(try Checkpoint(folder: parents[0]), texts).values != written.values)
    }
  }
}
