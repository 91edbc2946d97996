// Task types without public reference scores, against what the reference itself computes on
// made-up data: Fixtures/MadeUp/generate.py made both and says how.

import Core
import Datasets
import Evaluation
import Foundation
import TestSupport
import Testing

private let madeUp = URL(filePath: #filePath).deletingLastPathComponent()
  .appending(path: "Fixtures/MadeUp")

/// A task over made-up data; `name` is its key among the expected scores.
struct MadeUpTask: Sendable, CustomTestStringConvertible {
  let name: String
  let folder: String
  let type: String
  let mainScore: String
  var similarity = Similarity.cosine
  var mergesSubqueries = false
  var averagesPValues = false
  var evaluationCap: EvaluationCap?
  var testDescription: String { name }

  static let all = [
    MadeUpTask(
      name: "Reranking", folder: "Reranking", type: "Reranking", mainScore: "map_at_1000"),
    MadeUpTask(
      name: "Subqueries", folder: "Subqueries", type: "Reranking",
      mainScore: "max_over_subqueries_map_at_1000", mergesSubqueries: true),
    MadeUpTask(
      name: "Instructions", folder: "Instructions", type: "InstructionReranking",
      mainScore: "p-MRR"),
    MadeUpTask(
      name: "Summaries", folder: "Summaries", type: "Summarization", mainScore: "cosine_spearman"),
    MadeUpTask(
      name: "Summaries dot", folder: "Summaries", type: "Summarization",
      mainScore: "cosine_spearman", similarity: .dot),
    MadeUpTask(
      name: "Summaries with p-values", folder: "Summaries", type: "Summarization",
      mainScore: "cosine_spearman", averagesPValues: true),
    MadeUpTask(
      name: "Pairs", folder: "Pairs", type: "PairClassification", mainScore: "max_ap"),
    MadeUpTask(
      name: "Pairs dot", folder: "Pairs", type: "PairClassification", mainScore: "max_ap",
      similarity: .dot),
    MadeUpTask(
      name: "Labels", folder: "Labels", type: "MultilabelClassification", mainScore: "accuracy",
      evaluationCap: .rows(40)),
    MadeUpTask(
      name: "Labels uncut", folder: "Labels", type: "MultilabelClassification",
      mainScore: "accuracy", evaluationCap: .unlimited),
  ]

  func definition() throws -> TaskDefinition {
    TaskDefinition(
      name: "Toy", type: TaskType(rawValue: type),
      subsets: [Subset(name: "default", languages: [try #require(Language("eng-Latn"))])],
      splits: ["test"], mainScore: Metric(mainScore), mergesSubqueries: mergesSubqueries,
      averagesPValues: averagesPValues, evaluationCap: evaluationCap,
      data: .path(madeUp.appending(path: folder), sha256: nil),
      file: madeUp.appending(path: "Toy.yaml"))
  }
}

@Suite struct `Scores of made-up data` {
  @Test(arguments: MadeUpTask.all)
  func `equal the reference's in value, names and order`(_ made: MadeUpTask) async throws {
    let all = try JSON(
      parsing: try Data(contentsOf: madeUp.appending(path: "expected.json")), leniency: .nonFinite)
    var expected = try #require(all[made.name]?.members)
    let main = expected["main_score"]?.double
    for key in ["main_score", "hf_subset", "languages"] { expected[key] = nil }
    let task = try made.definition()
    let embedder = ToyEmbedder(dimensions: 4, similarity: made.similarity)
    let scores = try await firstScores(of: task, embedder)
    compare(scores.entries.map { ($0.metric.rawValue, $0.value) }, with: expected)
    #expect(abs((scores[task.mainScore] ?? .infinity) - (main ?? 0)) < 1e-6)
    // Inside the row: the halves of instruction reranking, and the scores of every experiment.
    let nested = expected.entries.filter { $0.value.members != nil || $0.value.array != nil }
    #expect(scores.details.keys == nested.map(\.key))
    for (key, value) in nested {
      let found = scores.details[key]?.array ?? [scores.details[key] ?? .null]
      let wanted = value.array ?? [value]
      #expect(found.count == wanted.count)
      for (found, wanted) in zip(found, wanted) {
        let numbers = (found.members?.entries ?? []).map { ($0.key, $0.value.double ?? .nan) }
        compare(numbers, with: try #require(wanted.members))
      }
    }
  }

  /// Numbers against the members that are numbers; an undefined one is null there and absent here.
  private func compare(_ found: [(String, Double)], with expected: JSON.Members) {
    let wanted = expected.entries.compactMap { key, value in value.double.map { (key, $0) } }
    #expect(found.map(\.0) == wanted.map(\.0))
    for ((key, value), (_, wanted)) in zip(found, wanted) {
      #expect(abs(value - wanted) < 1e-12, "\(key): \(value) for \(wanted)")
    }
  }
}
