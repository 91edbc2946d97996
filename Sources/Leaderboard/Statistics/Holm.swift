// p-values of several tests at once, so that one chance hit among many does not count.

/// Holm's step-down method (1979): the chance of even one false finding among all stays below the
/// level, however the tests depend on each other.
package enum Holm {
  /// The adjusted p-values, in the order given: the smallest times m, the next times m - 1, …,
  /// each at least the one before and at most 1.
  ///
  /// - Parameter pValues: m of them, in 0...1.
  /// - Returns: m of them; a test is significant where its own is at most the level.
  package static func adjusted(_ pValues: [Double]) -> [Double] {
    precondition(pValues.allSatisfy { $0 >= 0 && $0 <= 1 }, "p-values outside 0...1")
    var adjusted = pValues
    var largest = 0.0
    let order = pValues.indices.sorted { (pValues[$0], $0) < (pValues[$1], $1) }
    for (place, i) in order.enumerated() {
      largest = max(largest, min(1, Double(pValues.count - place) * pValues[i]))
      adjusted[i] = largest
    }
    return adjusted
  }
}
