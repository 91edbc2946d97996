// Weighted sums of several lists of numbers: what merged weights are, whether they are written to a
// file or averaged in memory.

package enum WeightedSum {
  /// Σ wᵢ xᵢ, number by number: products and sums in f64 in the order of the lists, the result
  /// rounded to f32 once.
  ///
  /// One list of weight 1 comes back bit for bit. Another order of the lists changes a number by one
  /// step of f32 at most, and only where the exact sum lies in the middle between two of them; or,
  /// where the terms cancel, by what f64 loses, 2^-49 of the largest term for a few lists.
  package static func of(_ lists: [[Float]], weights: [Double]) -> [Float] {
    let count = lists.first?.count ?? 0
    precondition(
      lists.count == weights.count && lists.allSatisfy { $0.count == count },
      "\(weights.count) weights for lists of \(lists.map(\.count)) numbers")
    guard let first = lists.first else { return [] }
    // Not from zero: 0 + -0 would lose the sign.
    let weight = weights[0]
    var sums = [Double](unsafeUninitializedCapacity: count) { buffer, initialized in
      for i in 0..<count { buffer.initializeElement(at: i, to: weight * Double(first[i])) }
      initialized = count
    }
    sums.withUnsafeMutableBufferPointer { sums in
      for (list, weight) in zip(lists, weights).dropFirst() {
        list.withUnsafeBufferPointer { list in
          for i in 0..<count { sums[i] += weight * Double(list[i]) }
        }
      }
    }
    return sums.map { Float($0) }
  }

  /// Weights divided by their sum, so that a mean stays in the range of what it is the mean of.
  package static func normalized(_ weights: [Double]) -> [Double] {
    let sum = weights.reduce(0, +)
    return weights.map { $0 / sum }
  }
}
