// Sums of doubles without rounding error until the end, so that equal scores in another order tie.

/// A running sum that rounds once, when it is read.
///
/// Holds the exact total as doubles that do not overlap, smallest first (J. R. Shewchuk, Adaptive
/// Precision Floating-Point Arithmetic, 1997). Terms must be finite and their total in range.
struct ExactSum {
  private var parts: [Double] = []
  private(set) var count = 0

  mutating func reset() {
    parts.removeAll(keepingCapacity: true)
    count = 0
  }

  mutating func add(_ term: Double) {
    var carry = term
    var kept = 0
    for i in parts.indices {
      let part = parts[i]
      let (big, small) = abs(carry) < abs(part) ? (part, carry) : (carry, part)
      let sum = big + small
      let lost = small - (sum - big)
      if lost != 0 {
        parts[kept] = lost
        kept += 1
      }
      carry = sum
    }
    parts.removeSubrange(kept...)
    parts.append(carry)
    count += 1
  }

  /// The total, rounded once to nearest, halves to even.
  var total: Double {
    guard var sum = parts.last else { return 0 }
    var i = parts.count - 1
    var lost = 0.0
    while i > 0, lost == 0 {
      i -= 1
      let next = sum + parts[i]
      lost = parts[i] - (next - sum)
      sum = next
    }
    // Exactly halfway, the parts below decide: they push the half over when they share its sign.
    guard i > 0, lost != 0, (lost < 0) == (parts[i - 1] < 0) else { return sum }
    let neighbour = sum + 2 * lost
    return neighbour - sum == 2 * lost ? neighbour : sum
  }

  /// The total over the number of terms; nil without any.
  var mean: Double? { count == 0 ? nil : total / Double(count) }

  static func mean(of terms: some Sequence<Double>) -> Double? {
    var sum = ExactSum()
    for term in terms { sum.add(term) }
    return sum.mean
  }
}
