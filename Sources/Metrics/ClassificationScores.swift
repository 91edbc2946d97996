// Scores of a classifier: how predicted classes agree with true ones.

package import Core

package enum ClassificationScores {
  /// Every key, in mteb's order.
  package static let names = [
    "accuracy", "f1", "f1_weighted", "precision", "precision_weighted", "recall",
    "recall_weighted", "ap", "ap_weighted",
  ]

  /// Scores of the predicted classes.
  ///
  /// For a class with t true rows, p predicted rows and h rows that are both: precision = h / p,
  /// recall = h / t, f1 = 2 h / (t + p), and 0 / 0 counts as 0. The plain keys are the means over
  /// all classes that occur among truth or predictions, the weighted ones weigh a class by t.
  ///
  /// - Parameters:
  ///   - truth: true classes, [count]
  ///   - predicted: predicted classes, [count]
  ///   - labels: the whole number that stands for each class in the data; nil for texts
  /// - Returns: nine scores in [0, 1]; without ap and ap_weighted where they are undefined (see
  ///   `averagePrecision`); nothing for no rows.
  package static func scores(truth: [Int], predicted: [Int], labels: [Int]?) -> Scores {
    precondition(truth.count == predicted.count, "\(truth.count) rows, \(predicted.count) classes")
    guard let last = zip(truth, predicted).map({ max($0, $1) }).max() else { return Scores() }
    var counts = [Counts](repeating: Counts(), count: last + 1)
    for (actual, guess) in zip(truth, predicted) {
      counts[actual].actual += 1
      counts[guess].predicted += 1
      if actual == guess { counts[actual].hits += 1 }
    }
    let rows = Double(truth.count)
    let present = counts.filter { $0.actual + $0.predicted > 0 }
    func mean(_ score: (Counts) -> Double) -> Double {
      present.reduce(0) { $0 + score($1) } / Double(present.count)
    }
    func weighted(_ score: (Counts) -> Double) -> Double {
      present.reduce(0) { $0 + score($1) * Double($1.actual) } / rows
    }
    let precise = averagePrecision(truth: truth, predicted: predicted, labels: labels)
    return Scores([
      "accuracy": Double(counts.reduce(0) { $0 + $1.hits }) / rows,
      "f1": mean(\.f1), "f1_weighted": weighted(\.f1),
      "precision": mean(\.precision), "precision_weighted": weighted(\.precision),
      "recall": mean(\.recall), "recall_weighted": weighted(\.recall),
      "ap": precise, "ap_weighted": precise,
    ])
  }

  /// Average precision of the label 1 with the predicted labels themselves as scores.
  ///
  /// Σ (Rⱼ - Rⱼ₋₁) Pⱼ over the distinct predicted labels from the highest down, with the precision
  /// P and recall R of all rows predicted at least that label. With predictions 0 and 1 that is
  /// R P + (1 - R) · prevalence.
  ///
  /// - Returns: nil unless the truth has exactly two labels and one of them is the number 1. For
  ///   two others the reference stops with an error.
  package static func averagePrecision(
    truth: [Int], predicted: [Int], labels: [Int]?
  ) -> Double? {
    guard let labels, Set(truth).count == 2, let positive = labels.firstIndex(of: 1),
      truth.contains(positive)
    else { return nil }
    let positives = Double(truth.count { $0 == positive })
    var (sum, found, taken) = (0.0, 0.0, 0.0)
    for guess in Set(predicted).sorted(by: { labels[$0] > labels[$1] }) {
      let rows = zip(truth, predicted).filter { $1 == guess }
      let hits = Double(rows.count { $0.0 == positive })
      taken += Double(rows.count)
      found += hits
      sum += hits / positives * (found / taken)
    }
    return sum
  }

  /// How often a class is true, predicted, and both.
  private struct Counts {
    var actual = 0
    var predicted = 0
    var hits = 0

    var precision: Double { share(hits, predicted) }
    var recall: Double { share(hits, actual) }
    var f1: Double { share(2 * hits, actual + predicted) }

    private func share(_ part: Int, _ whole: Int) -> Double {
      whole == 0 ? 0 : Double(part) / Double(whole)
    }
  }
}

extension Scores {
  /// Each score's arithmetic mean over several experiments, over those that have it; in the order
  /// of first appearance.
  package static func means(of experiments: [Scores]) -> Scores {
    var means = Scores()
    for metric in experiments.flatMap({ $0.entries.map(\.metric) }) where means[metric] == nil {
      let values = experiments.compactMap { $0[metric] }
      means[metric] = values.reduce(0, +) / Double(values.count)
    }
    return means
  }
}
