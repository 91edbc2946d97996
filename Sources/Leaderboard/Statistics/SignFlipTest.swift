// Whether paired differences could as well have had the other sign: the test behind p-values.

import Sampling

/// The two-sided sign-flip test of paired differences (Fisher 1935, Pitman 1937).
///
/// If neither of two models were better, the difference on each unit could as well have had the
/// other sign. The p-value is the share of all choices of signs whose sum is at least as far from 0
/// as the sum seen. It supposes that differences are symmetric around 0, not that they are normal.
package enum SignFlipTest {
  /// Up to so many differences that are not 0, all choices of signs are gone through.
  static let exactLimit = 16

  /// The p-value of "the mean difference is 0", in 0<...1.
  ///
  /// Differences of 0 stay what they are under any sign: they count for nothing and may as well be
  /// left out. Beyond 16 others, signs are drawn at random and p = (1 + hits) / (1 + draws), which
  /// is never 0 (Phipson and Smyth 2010). With k differences that are not 0, p is at least 2 / 2^k.
  ///
  /// - Parameters:
  ///   - differences: one per unit, finite.
  ///   - resampling: draws and seed.
  /// - Returns: nil without differences; 1 where all are 0.
  package static func pValue(
    _ differences: [Double], _ resampling: Resampling = .init()
  ) -> Double? {
    precondition(differences.allSatisfy(\.isFinite), "differences that are not finite")
    if differences.isEmpty { return nil }
    let values = differences.filter { $0 != 0 }
    if values.isEmpty { return 1 }
    // Sums of the same numbers in another order are the same up to rounding.
    let slack = 1e-12 * values.reduce(0) { $0 + abs($1) }
    let least = abs(ExactSum.total(of: values)) - slack
    if values.count <= exactLimit {
      let sums = signedSums(values[...])
      return Double(sums.count { abs($0) >= least }) / Double(sums.count)
    }
    let hits = drawnSums(values, resampling).count { abs($0) >= least }
    return Double(1 + hits) / Double(1 + resampling.draws)
  }

  /// The sums for all choices of signs: bit i of a place turns value i.
  private static func signedSums(_ values: ArraySlice<Double>) -> [Double] {
    values.reduce(into: [0.0]) { sums, value in
      sums = sums.map { $0 + value } + sums.map { $0 - value }
    }
  }

  /// The sums for random signs, `[draws]`: the first value's sign is the lowest bit of the first
  /// 64-bit word, and so on; each draw starts a new word.
  private static func drawnSums(_ values: [Double], _ resampling: Resampling) -> [Double] {
    // Eight values at a time, their 256 sums looked up.
    let tables = stride(from: 0, to: values.count, by: 8).map { start in
      signedSums(values[start..<min(start + 8, values.count)])
    }
    var random = resampling.random
    return (0..<resampling.draws).map { _ in
      var word: UInt64 = 0
      var sum = 0.0
      for (i, table) in tables.enumerated() {
        if i.isMultiple(of: 8) { word = random.nextUInt64() }
        sum += table[Int(word & UInt64(table.count - 1))]
        word >>= 8
      }
      return sum
    }
  }
}

extension ExactSum {
  /// The total, rounded once.
  static func total(of terms: some Sequence<Double>) -> Double {
    var sum = ExactSum()
    for term in terms { sum.add(term) }
    return sum.total
  }
}
