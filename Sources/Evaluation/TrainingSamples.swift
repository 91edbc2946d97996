// Which training rows a classifier sees: a few of each label, drawn as the reference draws them.

import Sampling

/// Rows drawn for several experiments.
struct TrainingSamples: Sendable {
  /// The rows of each experiment, in drawn order.
  let rows: [[Int]]

  /// The rows of all experiments, each once, in file order.
  var union: [Int] { Set(rows.joined()).sorted() }

  /// The rows of each experiment as places in `union`.
  var placesInUnion: [[Int]] {
    let places = Dictionary(uniqueKeysWithValues: union.enumerated().map { ($1, $0) })
    return rows.map { $0.compactMap { places[$0] } }
  }

  /// Draws for a task with one label per row.
  ///
  /// Every experiment shuffles the order that the experiment before left, with numpy's legacy
  /// generator started anew from seed 42; so experiment e has the e-fold repetition of one
  /// permutation. Then rows are taken in order while their label has fewer than `perLabel`.
  init(labels: [ClassLabel], perLabel: Int, experiments: Int) {
    var order = Array(labels.indices)
    rows = (0..<experiments).map { _ in
      var random = NumPyLegacyRandom(seed: 42)
      random.shuffle(&order)
      var taken: [ClassLabel: Int] = [:]
      return order.filter { row in
        guard taken[labels[row], default: 0] < perLabel else { return false }
        taken[labels[row], default: 0] += 1
        return true
      }
    }
  }

  /// Draws for a task with any number of labels per row.
  ///
  /// Every experiment shuffles the file order with a generator that goes on through the task. A
  /// row is taken if one of its labels has fewer than `perLabel`, and then counts for all of them.
  init(labelSets: [[ClassLabel]], perLabel: Int, experiments: Int, from random: inout PCG64) {
    rows = (0..<experiments).map { _ in
      var order = Array(labelSets.indices)
      random.shuffle(&order)
      var taken: [ClassLabel: Int] = [:]
      return order.filter { row in
        guard labelSets[row].contains(where: { taken[$0, default: 0] < perLabel }) else {
          return false
        }
        for label in labelSets[row] { taken[label, default: 0] += 1 }
        return true
      }
    }
  }
}
