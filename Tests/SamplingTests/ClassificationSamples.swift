// The training samples of classification, as the protocol describes them: what the streams are
// for, written in the plainest way.

@testable import Sampling

/// The rows of ten experiments.
///
/// The list of rows is shuffled in place by a generator that starts anew for each experiment; the
/// first rows of each label, in that order, are taken.
func classificationSamples(labels: [Int], perLabel: Int) -> [[Int]] {
  var order = Array(labels.indices)
  return (0..<10).map { _ in
    var random = NumPyLegacyRandom(seed: 42)
    random.shuffle(&order)
    var taken: [Int: Int] = [:]
    return order.filter { row in
      guard taken[labels[row], default: 0] < perLabel else { return false }
      taken[labels[row], default: 0] += 1
      return true
    }
  }
}
