// Scores of a classifier that gives each row any number of labels.

package import Core

package enum MultilabelScores {
  /// Every key, in mteb's order.
  package static let names = ["accuracy", "lrap", "f1", "hamming"]

  /// Scores of predicted label sets, every one over all rows.
  ///
  /// - accuracy: share of rows whose set is right to the last label
  /// - lrap: label ranking average precision with a score of 1 for predicted labels and 0 for all
  ///   others (see `rankingPrecision`)
  /// - f1: mean over labels of 2 h / (t + p) for t true rows, p predicted rows and h both; 0 / 0
  ///   counts as 0
  /// - hamming: mean over rows of |true ∩ predicted| / |true ∪ predicted|, 1 where both are empty
  ///
  /// - Parameters:
  ///   - truth: true labels of every row, [count]
  ///   - predicted: predicted labels of every row, [count]
  ///   - labelCount: how many labels there are; each is in `0..<labelCount`
  /// - Returns: four scores in [0, 1]; nothing for no rows or no labels.
  package static func scores(
    truth: [Set<Int>], predicted: [Set<Int>], labelCount: Int
  ) -> Scores {
    precondition(truth.count == predicted.count, "\(truth.count) rows, \(predicted.count) sets")
    guard !truth.isEmpty, labelCount > 0 else { return Scores() }
    var (right, ranking, overlap) = (0, 0.0, 0.0)
    var hits = [Int](repeating: 0, count: labelCount)
    var marked = [Int](repeating: 0, count: labelCount)
    for (actual, guess) in zip(truth, predicted) {
      let both = actual.intersection(guess)
      if actual == guess { right += 1 }
      for label in both { hits[label] += 1 }
      for label in actual { marked[label] += 1 }
      for label in guess { marked[label] += 1 }
      let either = actual.count + guess.count - both.count
      overlap += either == 0 ? 1 : Double(both.count) / Double(either)
      ranking += rankingPrecision(
        actual: actual.count, predicted: guess.count, both: both.count, labelCount: labelCount)
    }
    let f1 = zip(hits, marked).map { $1 == 0 ? 0 : 2 * Double($0) / Double($1) }
    let rows = Double(truth.count)
    return Scores([
      "accuracy": Double(right) / rows, "lrap": ranking / rows,
      "f1": f1.reduce(0, +) / Double(labelCount), "hamming": overlap / rows,
    ])
  }

  /// What one row adds to accuracy and hamming, which are the means of these.
  package static func shares(
    actual: Set<Int>, predicted: Set<Int>
  ) -> (accuracy: Double, hamming: Double) {
    let both = actual.intersection(predicted).count
    let either = actual.count + predicted.count - both
    return (actual == predicted ? 1 : 0, either == 0 ? 1 : Double(both) / Double(either))
  }

  /// Label ranking average precision of one row whose labels score 0 or 1.
  ///
  /// The mean over the row's true labels of: true labels that score at least as high, divided by
  /// all labels that do. For a predicted one that is both / predicted, for any other
  /// actual / labels. 1 for a row with no label or with all.
  private static func rankingPrecision(
    actual: Int, predicted: Int, both: Int, labelCount: Int
  ) -> Double {
    guard actual > 0, actual < labelCount else { return 1 }
    let high = predicted == 0 ? 0 : Double(both) * Double(both) / Double(predicted)
    let low = Double(actual - both) * Double(actual) / Double(labelCount)
    return (high + low) / Double(actual)
  }
}
