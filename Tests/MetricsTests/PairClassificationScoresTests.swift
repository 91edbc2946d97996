// Pair classification: thresholds and ties by hand, then mteb's own similarities.

import Core
import Foundation
import TestSupport
import Testing

@testable import Metrics

struct PairClassificationScoresTests {
  /// Similarities with labels, and what separates them.
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let similarities: [Float]
    let labels: [Int]
    let accuracy: Double
    var f1: Double?
    var precision: Double?
    var recall: Double?
    var ap: Double?
    var testDescription: String { name }
  }

  static let cases = [
    // Cuts after 1, 2, 3 pairs: right 3, 2, 3 of 4; precision 1, 1/2, 2/3; recall 1/2, 1/2, 1;
    // F1 2/3, 1/2, 4/5. AP = 1/2 · 1 + 1/2 · 2/3.
    Case(
      name: "no ties", similarities: [0.9, 0.8, 0.7, 0.6], labels: [1, 0, 1, 0],
      accuracy: 0.75, f1: 0.8, precision: 2.0 / 3, recall: 1, ap: 5.0 / 6),
    // Only cuts after 1 and 3: right 3 and 3 of 4; F1 2/3 and 4/5. AP = 1/2 · 1 + 1/2 · 2/3: the
    // two equal ones are one step. A cut between them would have had accuracy 1.
    Case(
      name: "a tie of both labels", similarities: [0.9, 0.5, 0.5, 0.1], labels: [1, 1, 0, 0],
      accuracy: 0.75, f1: 0.8, precision: 2.0 / 3, recall: 1, ap: 5.0 / 6),
    Case(
      name: "a tie in the other order", similarities: [0.1, 0.5, 0.9, 0.5], labels: [0, 0, 1, 1],
      accuracy: 0.75, f1: 0.8, precision: 2.0 / 3, recall: 1, ap: 5.0 / 6),
    // No cut at all; AP is the share of positives.
    Case(
      name: "all equal", similarities: [0.5, 0.5, 0.5], labels: [1, 0, 0], accuracy: 0, f1: 0,
      precision: 0, recall: 0, ap: 1.0 / 3),
    Case(
      name: "a single pair", similarities: [0.5], labels: [1], accuracy: 0, f1: 0, precision: 0,
      recall: 0, ap: 1),
    // The cut behind all pairs, with accuracy 1, is not tried.
    Case(
      name: "positives only", similarities: [0.9, 0.1], labels: [1, 1], accuracy: 0.5,
      f1: 2.0 / 3, precision: 1, recall: 0.5, ap: 1),
    Case(name: "negatives only", similarities: [0.9, 0.1], labels: [0, 0], accuracy: 0.5),
    // F1 is 2 · 1/(1 + 2) after one pair and 2 · 2/(4 + 2) after four: the first holds.
    // AP = 1/2 · 1 + 1/2 · 2/4. Right: 4, 3, 2, 3 of 5.
    Case(
      name: "two best cuts", similarities: [5, 4, 3, 2, 1], labels: [1, 0, 0, 1, 0],
      accuracy: 0.8, f1: 2.0 / 3, precision: 1, recall: 0.5, ap: 0.75),
    // Negated distances may be -0 where others are 0.
    Case(
      name: "two zeros", similarities: [0, -0.0, -1], labels: [1, 0, 0], accuracy: 2.0 / 3,
      f1: 2.0 / 3, precision: 0.5, recall: 1, ap: 0.5),
  ]

  @Test(arguments: cases)
  func `separation equals the hand-computed one`(_ example: Case) {
    let found = Separation(example.similarities, labels: example.labels.map { $0 == 1 }).inOrder
    let expected = [example.accuracy, example.f1, example.precision, example.recall, example.ap]
    for (found, expected) in zip(found, expected) {
      #expect((found == nil) == (expected == nil))
      #expect(abs((found ?? 0) - (expected ?? 0)) < 1e-15, "\(found ?? -1)")
    }
  }

  @Test func `maxima stand over the five similarities`() {
    // Cosines 1, 0.6, 0; dot products 1, 6, 0; distances 0, √(25 + 64), 1.
    let left = Embeddings(dimensions: 2, values: [1, 0, 1, 0, 1, 0])
    let right = Embeddings(dimensions: 2, values: [1, 0, 6, 8, 0, 1])
    let scores = PairClassificationScores.scores(
      left, right, labels: [true, false, false], similarity: .cosine)
    #expect(scores["cosine_ap"] == 1)
    #expect(scores["similarity_ap"] == 1)
    #expect(scores["euclidean_ap"] == 1)
    // The pair of label 1 comes second: precision 1/2.
    #expect(scores["dot_ap"] == 0.5)
    #expect(scores["dot_precision"] == 0.5)
    #expect(scores["max_ap"] == 1)
    #expect(scores.entries.count == 30)
    let dot = PairClassificationScores.scores(
      left, right, labels: [true, false, false], similarity: .dot)
    #expect(dot["similarity_ap"] == 0.5)
  }

  @Test func `without a pair of label 1 only accuracies are defined`() {
    let left = Embeddings(dimensions: 1, values: [1, 2])
    let scores = PairClassificationScores.scores(
      left, left, labels: [false, false], similarity: .dot)
    #expect(scores.entries.map(\.metric.rawValue).allSatisfy { $0.hasSuffix("_accuracy") })
    #expect(scores.entries.count == 6)
  }

  @Test(.enabled(if: Shared.isPresent, Shared.reason))
  func `scores of Armenian pairs equal mteb's in value, names and order`() throws {
    let reference = try Reference("ArmenianParaphrasePC")
    let file = Shared.url("data/ArmenianParaphrasePC/test.tsv")
    let rows = ReferenceScoresTests.table(
      try String(contentsOf: file, encoding: .utf8), separator: "\t"
    ).dropFirst()
    let left = try reference.rows(rows.map { $0[0] })
    let right = try reference.rows(rows.map { $0[1] })
    Reference.expect(
      PairClassificationScores.scores(
        left, right, labels: rows.map { $0[2] == "1" }, similarity: .cosine),
      equal: try reference.scores(subset: "default"))
    // Equal bit for bit, like the other similarities: pairs that are equal to rounding change
    // places otherwise, which moves dot_ap by 2e-6.
    let predicted = try reference.predictions(subset: "default", split: "test")
    let dots = try #require(predicted["dot_scores"]?.array).map { Float($0.double ?? .nan) }
    #expect(PairSimilarity.numpyDot(left, right) == dots)
  }
}
