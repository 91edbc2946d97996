// Whether a model knows when it is wrong: the area under the curve of a measure as the queries
// with the least confident rankings are left out (Gisserot-Boukhlef et al. 2024, arXiv 2402.12997).

/// What the scores of one ranking say about its confidence; all 0 for an empty ranking.
struct Confidence {
  /// The highest score.
  var maximum = 0.0
  /// The population standard deviation of the scores.
  var deviation = 0.0
  /// The highest score minus the second; 0 for a single document.
  var lead = 0.0

  /// - Parameter scores: best first
  init(_ scores: [Float]) {
    guard let first = scores.first else { return }
    let scores = scores.map { Double($0) }
    let count = Double(scores.count)
    maximum = Double(first)
    if scores.count > 1 { lead = scores[0] - scores[1] }
    let mean = Summation.pairwise(scores.indices) { scores[$0] } / count
    let variance =
      Summation.pairwise(scores.indices) { (scores[$0] - mean) * (scores[$0] - mean) } / count
    deviation = variance.squareRoot()
  }
}

/// Queries in ascending order of confidence, with tied ones held together.
struct AbstentionCurve {
  /// Positions of queries, least confident first.
  private let order: [Int]
  /// Places in `order` whose queries have equal confidence.
  private let groups: [Range<Int>]

  /// Shares of the queries that are left out: 0, 0.1 … 0.9 as multiples of the double 0.1.
  private static let rates = (0..<10).map { Double($0) * 0.1 }

  init(confidences: [Double]) {
    order = confidences.indices.sorted {
      (confidences[$0], $0) < (confidences[$1], $1)
    }
    var groups: [Range<Int>] = []
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, confidences[order[end]] == confidences[order[start]] { end += 1 }
      groups.append(start..<end)
      start = end
    }
    self.groups = groups
  }

  /// The normalised area (A - F) / (O - F), at most 1 up to rounding; nil when O = F.
  ///
  /// A is the area under this curve, O that of an oracle that leaves out the worst queries first,
  /// F the area if nothing were gained: 0.9 times the mean. A measure with the same value for
  /// every query has O = F but for rounding; like the reference this compares them exactly and
  /// in the same order of operations, so that both give the same number then, or none.
  ///
  /// - Parameters:
  ///   - values: a measure, [queries]
  ///   - oracle: the curve with `values` as confidences
  /// - Returns: nil without queries, too
  func normalisedArea(of values: [Double], oracle: AbstentionCurve) -> Double? {
    guard !order.isEmpty else { return nil }
    let best = oracle.points(values)
    let oracleArea = Self.area(under: best)
    let flatArea = best[0] * (Self.rates[9] - Self.rates[0])
    guard oracleArea != flatArea else { return nil }
    return (Self.area(under: points(values)) - flatArea) / (oracleArea - flatArea)
  }

  /// The mean of what remains after leaving out each share, [rates].
  ///
  /// Tied queries all count with their common mean; at least one query remains.
  private func points(_ values: [Double]) -> [Double] {
    var smoothed = order.map { values[$0] }
    for group in groups {
      let sum =
        smoothed[group.lowerBound]
        + Summation.pairwise(group.dropFirst()) { smoothed[$0] }
      let mean = sum / Double(group.count)
      for place in group { smoothed[place] = mean }
    }
    let count = order.count
    return Self.rates.map { rate in
      let leftOut = Int((rate * Double(count)).rounded(.toNearestOrEven))
      let kept = min(leftOut, count - 1)..<count
      return Summation.pairwise(kept) { smoothed[$0] } / Double(kept.count)
    }
  }

  /// The trapezoid rule over `rates`.
  private static func area(under points: [Double]) -> Double {
    Summation.pairwise(0..<points.count - 1) { i in
      (rates[i + 1] - rates[i]) * (points[i] + points[i + 1]) / 2
    }
  }
}
