// What the details of two evaluations say: differences item by item, task by task. Read by the
// command line, since this target knows no files.

import Core

/// The paired differences of the items (queries, pairs, texts) of one task.
package struct ItemDifferences: Sendable {
  package let task: String
  /// What an item is, a noun: `query`.
  package let item: String
  /// All cells of the task.
  package let cells: [Cell]

  /// The items of one (split, subset) in the order of the data.
  package struct Cell: Sendable {
    package let split: String
    package let subset: String
    /// The first model's value minus the other's, `[items]`.
    package let differences: [Double]
    /// The two models' means over the items, which are their main scores.
    package let first: Double
    package let other: Double

    /// Pairs up the values of two models, `[items]`, at least one.
    package init(split: String, subset: String, first: [Double], other: [Double]) {
      precondition(
        first.count == other.count && !first.isEmpty,
        "\(first.count) and \(other.count) values of the same items")
      self.split = split
      self.subset = subset
      differences = zip(first, other).map { $0 - $1 }
      self.first = ExactSum.mean(of: first) ?? 0
      self.other = ExactSum.mean(of: other) ?? 0
    }
  }

  package init(task: String, item: String, cells: [Cell]) {
    self.task = task
    self.item = item
    self.cells = cells
  }

  /// How far the means of items may lie from the scores of files, which keep five decimals.
  static let tolerance = 1e-5

  /// Why these items cannot be those of two scores, nil where they are.
  func mismatch(with first: Double, _ other: Double) -> String? {
    let means = [
      ExactSum.mean(of: cells.map(\.first)) ?? .nan, ExactSum.mean(of: cells.map(\.other)) ?? .nan,
    ]
    for (mean, score) in zip(means, [first, other]) where !(abs(mean - score) <= Self.tolerance) {
      return "the mean of its items is \(NumberText.score(mean)), its score "
        + NumberText.score(score)
    }
    return nil
  }
}

/// All that is known of the items of a pair of models.
package struct ItemEvidence: Sendable {
  package var tasks: [ItemDifferences] = []
  /// Tasks whose details cannot be used, and why.
  package var refused: [Refusal] = []
  /// How many of the common tasks each of the two has details of.
  package var withDetails = (first: 0, other: 0)

  package struct Refusal: Sendable, Equatable {
    package let task: String
    package let reason: String

    package init(task: String, reason: String) {
      self.task = task
      self.reason = reason
    }
  }

  package init() {}

  /// The evidence without tasks whose items do not add up to the scores of the pair.
  func checked(for pair: Pairing.Pair, on board: Board) -> Self {
    var checked = self
    checked.tasks = []
    for items in tasks {
      guard let place = pair.tasks.first(where: { board.tasks[$0].name == items.task }),
        let first = pair.first.entries[place].mean, let other = pair.other.entries[place].mean
      else { continue }
      if let reason = items.mismatch(with: first, other) {
        checked.refused.append(Refusal(task: items.task, reason: reason))
      } else {
        checked.tasks.append(items)
      }
    }
    return checked
  }
}
