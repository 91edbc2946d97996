// Pearson's and Spearman's correlation, and the ranks that Spearman's is made of.

/// Correlation of two equally long lists, in [-1, 1].
package enum Correlation {
  /// Pearson's r: sum of (x - mean x)(y - mean y) over the product of the deviations' norms.
  ///
  /// nil for fewer than two values, for a constant list, and where a value is not finite.
  package static func pearson(_ x: [Double], _ y: [Double]) -> Double? {
    precondition(x.count == y.count, "\(x.count) values against \(y.count)")
    guard let x = standardised(x), let y = standardised(y) else { return nil }
    var sum = 0.0
    for (a, b) in zip(x, y) { sum += a * b }
    return min(1, max(-1, sum))
  }

  /// Spearman's rho: Pearson's r of the average ranks; nil where Pearson's is.
  package static func spearman(_ x: [Double], _ y: [Double]) -> Double? {
    guard x.allSatisfy(\.isFinite), y.allSatisfy(\.isFinite) else { return nil }
    return pearson(averageRanks(x), averageRanks(y))
  }

  /// How well each pair of values agrees with the correlation being perfect; their mean is Pearson's
  /// r.
  ///
  /// 1 - (z_x - z_y)² / 2 with the lists standardised to mean 0 and mean square 1: 1 for a pair at
  /// the same height in both lists, lower the further apart. nil where Pearson's r is undefined.
  package static func agreements(_ x: [Double], _ y: [Double]) -> [Double]? {
    precondition(x.count == y.count, "\(x.count) values against \(y.count)")
    let count = Double(x.count)
    guard let x = standardised(x), let y = standardised(y) else { return nil }
    return zip(x, y).map { 1 - count * ($0 - $1) * ($0 - $1) / 2 }
  }

  /// Ranks from 1, smallest value first; equal values share the mean of their ranks.
  package static func averageRanks(_ values: [Double]) -> [Double] {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var ranks = [Double](repeating: 0, count: values.count)
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
      // Ranks start + 1 … end, whose mean is half the sum of the first and the last.
      let shared = Double(start + 1 + end) / 2
      for place in start..<end { ranks[order[place]] = shared }
      start = end
    }
    return ranks
  }

  /// Deviations from the mean divided by their norm; nil when undefined.
  private static func standardised(_ values: [Double]) -> [Double]? {
    guard let first = values.first, values.contains(where: { $0 != first }),
      values.allSatisfy(\.isFinite)
    else { return nil }
    let mean = values.reduce(0, +) / Double(values.count)
    let deviations = values.map { $0 - mean }
    let norm = deviations.reduce(0) { $0 + $1 * $1 }.squareRoot()
    guard norm > 0, norm.isFinite else { return nil }
    return deviations.map { $0 / norm }
  }
}
