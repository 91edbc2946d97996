// Multilabel scores against arithmetic done by hand.

import Core
import TestSupport
import Testing

@testable import Metrics

@Suite struct `Multilabel scores` {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let truth: [Set<Int>]
    let predicted: [Set<Int>]
    let labelCount: Int
    /// Accuracy, lrap, f1 and hamming.
    let expected: [Double]
    var testDescription: String { name }
  }

  static let cases = [
    Case(
      name: "all right", truth: [[0], [1, 2]], predicted: [[0], [1, 2]], labelCount: 3,
      expected: [1, 1, 1, 1]),
    // lrap: the predicted label 0 is first of 2 that score 1: 1/2; label 1 comes with all 4, two
    // of which are true: 2/4; mean 1/2. f1: label 0: 1, label 1: 0, label 2: 0, label 3: 0 / 0.
    // Overlap: 1 of 3.
    Case(
      name: "half", truth: [[0, 1]], predicted: [[0, 2]], labelCount: 4,
      expected: [0, 0.5, 1 / 4.0, 1 / 3.0]),
    // Nothing predicted: all labels tie, lrap = 1/2 for one of two. Then both empty: right, and 1.
    Case(
      name: "empty sets", truth: [[1], []], predicted: [[], []], labelCount: 2,
      expected: [0.5, 0.75, 0, 0.5]),
    // All labels true: lrap 1 whatever is predicted.
    Case(
      name: "all labels", truth: [[0, 1]], predicted: [[1]], labelCount: 2,
      expected: [0, 1, 0.5, 0.5]),
    Case(name: "nothing", truth: [], predicted: [], labelCount: 2, expected: []),
  ]

  @Test(arguments: cases)
  func `equal the hand-computed ones, in mteb's order`(_ example: Case) {
    let scores = MultilabelScores.scores(
      truth: example.truth, predicted: example.predicted, labelCount: example.labelCount)
    let names = ["accuracy", "lrap", "f1", "hamming"].prefix(example.expected.count)
    #expect(scores.entries.map(\.metric.rawValue) == Array(names))
    for (entry, expected) in zip(scores.entries, example.expected) {
      #expect(abs(entry.value - expected) < 1e-15, "\(entry.metric): \(entry.value)")
    }
  }
}
