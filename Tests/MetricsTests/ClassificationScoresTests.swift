// Classification scores against arithmetic done by hand.

import Core
import TestSupport
import Testing

@testable import Metrics

@Suite struct `Classification scores` {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let truth: [Int]
    let predicted: [Int]
    var labels: [Int]?
    /// By key; a key that is not here must be absent.
    let expected: KeyValuePairs<String, Double>
    var testDescription: String { name }
  }

  static let cases = [
    // Class 0: 1 hit of 1 true and 2 predicted: P 1/2, R 1, F 2/3. Class 1: 1 hit of 2 true and 1
    // predicted: P 1, R 1/2, F 2/3. Class 2: never predicted: 0, 0, 0. Class 3: predicted, never
    // true: 0, 0, 0. Weights 1/4, 2/4, 1/4, 0.
    Case(
      name: "four classes", truth: [0, 1, 1, 2], predicted: [0, 0, 1, 3], labels: [0, 1, 2, 3],
      expected: [
        "accuracy": 2 / 4.0, "f1": 4 / 3.0 / 4, "f1_weighted": 0.5, "precision": 1.5 / 4,
        "precision_weighted": 0.5 / 4 + 2 / 4.0, "recall": 1.5 / 4,
        "recall_weighted": 1 / 4.0 + 1 / 4.0,
      ]),
    // Two labels, 0 and 1. 3 rows predicted 1, 2 of them rightly, of 4 that are: P 2/3, R 2/4,
    // prevalence 4/6: ap = R P + (1 - R) · prevalence = 1/3 + 1/3. Class 0: 1 hit of 2 true and 3
    // predicted: P 1/3, R 1/2, F 2/5. Class 1: F 4/7.
    Case(
      name: "two classes", truth: [1, 1, 1, 1, 0, 0], predicted: [1, 1, 0, 0, 1, 0],
      labels: [0, 1],
      expected: [
        "accuracy": 3 / 6.0, "f1": (2 / 5.0 + 4 / 7.0) / 2,
        "f1_weighted": (2 * 2 / 5.0 + 4 * 4 / 7.0) / 6, "precision": (1 / 3.0 + 2 / 3.0) / 2,
        "precision_weighted": (2 / 3.0 + 8 / 3.0) / 6, "recall": 0.5, "recall_weighted": 0.5,
        "ap": 2 / 3.0, "ap_weighted": 2 / 3.0,
      ]),
    // The truth has one label only: no ap.
    Case(
      name: "one true class", truth: [0, 0], predicted: [0, 1], labels: [0, 1],
      expected: [
        "accuracy": 0.5, "f1": 2 / 3.0 / 2, "f1_weighted": 2 / 3.0, "precision": 0.5,
        "precision_weighted": 1, "recall": 0.25, "recall_weighted": 0.5,
      ]),
    // Two labels that are texts: everything but ap.
    Case(
      name: "texts", truth: [0, 1], predicted: [0, 1],
      expected: [
        "accuracy": 1, "f1": 1, "f1_weighted": 1, "precision": 1, "precision_weighted": 1,
        "recall": 1, "recall_weighted": 1,
      ]),
    // Labels 0 and 2: the reference stops, for 1 is the positive label and is not there.
    Case(
      name: "no label 1", truth: [0, 1], predicted: [0, 1], labels: [0, 2],
      expected: [
        "accuracy": 1, "f1": 1, "f1_weighted": 1, "precision": 1, "precision_weighted": 1,
        "recall": 1, "recall_weighted": 1,
      ]),
    Case(name: "nothing", truth: [], predicted: [], labels: [0, 1], expected: [:]),
  ]

  @Test(arguments: cases)
  func `equal the hand-computed ones, in mteb's order`(_ example: Case) {
    let scores = ClassificationScores.scores(
      truth: example.truth, predicted: example.predicted, labels: example.labels)
    #expect(scores.entries.map(\.metric.rawValue) == example.expected.map(\.key))
    for (entry, expected) in zip(scores.entries, example.expected) {
      #expect(abs(entry.value - expected.value) < 1e-15, "\(entry.metric)")
    }
  }

  @Test func `take a higher label as a higher score`() {
    // Labels 1 and 2, so 2 ranks first although 1 is positive. Predicted 2: one row, no hit. Then
    // predicted 1: all three rows, both positives: R 1 at P 2/3.
    let ap = ClassificationScores.averagePrecision(
      truth: [0, 0, 1], predicted: [0, 0, 1], labels: [1, 2])
    #expect(abs((ap ?? 0) - 2 / 3.0) < 1e-15)
  }

  @Test func `of experiments are means over those that have them`() {
    let means = Scores.means(of: [
      Scores(["accuracy": 1, "ap": 0.5]), Scores(["accuracy": 0.5]), Scores(["accuracy": 0]),
    ])
    #expect(means == Scores(["accuracy": 0.5, "ap": 0.5]))
    #expect(Scores.means(of: []) == Scores())
  }
}
