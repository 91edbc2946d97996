// The samples that mteb drew for its scores on real data, and the rule behind classification's.

import Core
import Foundation
import TestSupport
import Testing

@testable import Sampling

@Suite struct `Classification sampling` {
  /// A shuffle from the same state always moves place i to the same place, so shuffling what has
  /// been shuffled composes one permutation with itself.
  @Test(arguments: [1, 2, 10, 1000])
  func `experiment e orders the rows by one permutation applied e + 1 times`(_ n: Int) {
    var generator = NumPyLegacyRandom(seed: 42)
    let permutation = generator.permutation(n)
    var order = Array(0..<n)
    for experiment in 0..<10 {
      var fresh = NumPyLegacyRandom(seed: 42)
      fresh.shuffle(&order)
      let composed = (0..<n).map { place in
        (0...experiment).reduce(place) { row, _ in permutation[row] }
      }
      #expect(order == composed, "experiment \(experiment)")
    }
  }

  @Test func `the second order of ten rows begins with 3, 1, 2`() {
    // The permutation of ten is 8 1 5 0 7 2 9 4 3 6 (reference material). Applied twice, place 0
    // shows what stands at place 8, which is 3; place 1 stays; place 2 shows place 5, which is 2.
    var order = Array(0..<10)
    for _ in 0..<2 {
      var fresh = NumPyLegacyRandom(seed: 42)
      fresh.shuffle(&order)
    }
    #expect(order == [3, 1, 2, 8, 4, 5, 6, 7, 0, 9])
  }
}

@Suite(.enabled(if: Shared.isPresent, Shared.reason))
struct `The samples behind the reference's scores` {
  @Test func `of classification are drawn again: 77 labels, ten experiments`() throws {
    let rows = try lines(Shared.url("data/Banking77Classification/train.jsonl"))
    let labels = try rows.map { try #require($0["label"]?.integer) }
    let drawn = classificationSamples(labels: labels, perLabel: 8)
    #expect(drawn == (try recorded("extras/Banking77Classification.json", "default")))
  }

  /// One stream for all experiments, a fresh list of rows for each; a row is taken while any of
  /// its labels is below 8.
  @Test func `of multilabel classification are drawn again: one stream through ten experiments`()
    throws
  {
    let rows = try lines(Shared.url("data/NLUPPBankingMultilabel/train.jsonl"))
    let labels = rows.map { ($0["label"]?.array ?? []).compactMap(\.string) }
    var random = PCG64(seed: 42)
    let drawn = (0..<10).map { _ in
      var order = Array(labels.indices)
      random.shuffle(&order)
      var taken: [String: Int] = [:]
      return order.filter { row in
        guard labels[row].contains(where: { taken[$0, default: 0] < 8 }) else { return false }
        for label in labels[row] { taken[label, default: 0] += 1 }
        return true
      }
    }
    #expect(drawn == (try recorded("extras/NLUPPBankingMultilabel.json", "default")))
  }

  /// The stream goes on from the rows of a subset to its bootstraps (1000 rows each in these
  /// files), level by level, and on to the next subset.
  @Test(arguments: [
    ("ClincHierarchicalClustering", ["default"], 4500, 2000, 2),
    ("SIB200ClusteringS2S", ["eng_Latn", "swh_Latn"], 1004, 1004, 1),
  ])
  func `of clustering are drawn again: one stream through levels and subsets`(
    _ task: String, _ subsets: [String], _ rows: Int, _ embedded: Int, _ levels: Int
  ) throws {
    let url = Shared.url("golden/precomputed-64/\(task)/samples.json")
    let samples = try JSON(parsing: Array(Data(contentsOf: url)))
    var random = PythonRandom(seed: 42)
    for subset in subsets {
      let golden = samples[subset]
      #expect(random.sample(rows, count: embedded) == integers(golden?["embedded_rows"]))
      let bootstraps = (0..<(10 * levels)).map { _ in random.choices(embedded, count: 1000) }
      #expect(bootstraps == (golden?["bootstrap_rows"]?.array ?? []).map { integers($0) })
    }
  }

  private func recorded(_ file: String, _ subset: String) throws -> [[Int]] {
    let url = Shared.url("golden/all-MiniLM-L6-v2/\(file)")
    let json = try JSON(parsing: Array(Data(contentsOf: url)))
    let experiments = json["train_rows_per_experiment"]?[subset]?.array ?? []
    return experiments.map { integers($0) }
  }
}
