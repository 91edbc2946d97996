// Intervals for means: how far a mean would move if other units of the same kind had been drawn.

import Sampling

/// Bootstrap intervals for means over tasks, queries or other units.
///
/// Units are drawn with replacement, the deviations of the drawn means are stretched by what a
/// sample of that size hides (unbiased variance, Student's t for the normal distribution), and their
/// quantiles are the ends; no end lies nearer to the mean than Student's t interval has it. Of the
/// methods compared in docs/uncertainty.md this one kept its level best where differences are
/// heavy-tailed or often 0.
///
/// Fewer than about 20 units of a very skewed kind, or fewer than about 10 that are not 0, are too
/// few for any method: a 95 % interval then covers 76-93 % (docs/uncertainty.md).
package enum Bootstrap {
  /// The interval of the mean over units.
  ///
  /// Equal values give an interval of no width: nothing has been seen to vary, which does not mean
  /// that nothing does. The negated values give the negated interval.
  ///
  /// - Parameters:
  ///   - values: one per unit, finite.
  ///   - resampling: draws, seed and level.
  /// - Returns: nil for fewer than 2 values.
  package static func mean(_ values: [Double], _ resampling: Resampling = .init()) -> Interval? {
    meanOfMeans([values], resampling)
  }

  /// The interval of the unweighted mean of the means of groups, units being drawn within theirs.
  ///
  /// A group of one unit has a spread that cannot be seen; it is given that of the others. Where
  /// every group has one unit, they are drawn as one group. Empty groups count for nothing.
  ///
  /// - Parameters:
  ///   - groups: values of units, finite, by group.
  ///   - resampling: draws, seed and level.
  /// - Returns: nil for fewer than 2 values.
  package static func meanOfMeans(
    _ groups: [[Double]], _ resampling: Resampling = .init()
  ) -> Interval? {
    let groups = groups.filter { !$0.isEmpty }
    precondition(groups.joined().allSatisfy(\.isFinite), "values that are not finite")
    guard groups.contains(where: { $0.count > 1 }) else {
      let all = Array(groups.joined())
      return all.count > 1 ? meanOfMeans([all], resampling) : nil
    }
    let means = groups.compactMap { ExactSum.mean(of: $0) }
    guard let mean = ExactSum.mean(of: means) else { return nil }
    let sample = Stratified(groups, means)
    guard sample.standardError > 0 else { return Interval(low: mean, high: mean) }
    let reach = StudentT.quantile(1 - resampling.tail, degrees: sample.degrees)
    let stretch = reach / StudentT.normalQuantile(1 - resampling.tail)
    var drawn = sample.drawn(resampling)
    let ends = tails(resampling.tail, of: &drawn)
    let least = reach * sample.standardError
    return Interval(
      low: mean + min(stretch * ends.low, -least), high: mean + max(stretch * ends.high, least))
  }
}

/// Deviations of units from the means of their groups, of unbiased variance.
private struct Stratified {
  /// By group: what is drawn from, and how often.
  private var urns: [(deviations: [Double], draws: Int)] = []
  /// Of the mean of means.
  private(set) var standardError = 0.0
  /// After Satterthwaite (1946).
  private(set) var degrees = 0.0

  /// Takes groups, at least one of which has more than one unit.
  init(_ groups: [[Double]], _ means: [Double]) {
    let deviations = zip(groups, means).map { group, mean in
      // Means are rounded; equal values must not seem to vary by that.
      if group.allSatisfy({ $0 == group[0] }) { return group.map { _ in 0.0 } }
      let scale = (Double(group.count) / Double(group.count - 1)).squareRoot()
      return group.map { ($0 - mean) * scale }
    }
    let several = deviations.filter { $0.count > 1 }
    let lone = Double(deviations.count - several.count)
    let pooled = Array(several.joined())
    urns = deviations.map { $0.count > 1 ? ($0, $0.count) : (pooled, 1) }
    // Variance of each part of the sum of means, with its degrees of freedom.
    var parts = several.map { (Self.variance($0) / Double($0.count), Double($0.count - 1)) }
    if lone > 0 {
      parts.append((lone * Self.variance(pooled), Double(pooled.count - several.count)))
    }
    let variance = parts.reduce(0) { $0 + $1.0 }
    degrees = variance * variance / parts.reduce(0) { $0 + $1.0 * $1.0 / $1.1 }
    standardError = variance.squareRoot() / Double(groups.count)
  }

  private static func variance(_ deviations: [Double]) -> Double {
    deviations.reduce(0) { $0 + $1 * $1 } / Double(deviations.count)
  }

  /// The deviation of the mean of means in every draw, `[draws]`.
  func drawn(_ resampling: Resampling) -> [Double] {
    var random = resampling.random
    return (0..<resampling.draws).map { _ in
      var sum = 0.0
      for (deviations, draws) in urns {
        var part = 0.0
        for place in random.integers(below: deviations.count, count: draws) {
          part += deviations[place]
        }
        sum += part / Double(draws)
      }
      return sum / Double(urns.count)
    }
  }
}
