// A mean difference of two models, with what chance alone could make of it.

import Foundation

/// The mean of paired differences, an interval for it, and a test of whether it is zero.
///
/// What chance draws are units: the tasks of a pool, or the items of a task. In groups (types of
/// tasks, cells of a task), the mean is the plain mean of the groups' means, and units are drawn
/// within their group.
package struct DifferenceEstimate: Sendable, Equatable {
  package let difference: Double
  package let units: Int
  /// nil with too few units.
  package let interval: Interval?
  /// Two-sided, by random signs; nil for fewer than two units.
  package let pValue: Double?
  /// The p-value after Holm's correction over the rows printed with this one.
  package private(set) var adjusted: Double?

  /// A difference of which nothing else is known.
  init(alone difference: Double) {
    self.difference = difference
    units = 0
    interval = nil
    pValue = nil
  }

  /// Estimates from differences `[groups][units]`, no group empty; 0 without any group.
  ///
  /// The p-value is one of so many rows that are corrected together: it is drawn often enough for the
  /// correction to leave something of it.
  init(groups: [[Double]], rows: Int, _ resampling: Resampling) {
    difference = ExactSum.mean(of: groups.compactMap { ExactSum.mean(of: $0) }) ?? 0
    units = groups.reduce(0) { $0 + $1.count }
    // A unit of a small group weighs more: the sum of these is the mean of the groups' means.
    let weighted = groups.flatMap { group in
      group.map { $0 / Double(group.count * groups.count) }
    }
    let varying = weighted.count { $0 != 0 }
    let isLarge = varying > Self.mostDrawn
    interval =
      isLarge || units > 10 * Self.mostDrawn
      ? Self.normalInterval(around: difference, groups, resampling)
      : Bootstrap.meanOfMeans(groups, resampling)
    pValue =
      units < 2
      ? nil
      : isLarge
        ? Self.normalPValue(weighted)
        : SignFlipTest.pValue(weighted, Self.testing(rows: rows, resampling))
  }

  /// Draws for the p-values of a family: the smallest that can come out is 1 / (draws + 1), and Holm
  /// multiplies it by the rows.
  static func testing(rows: Int, _ resampling: Resampling) -> Resampling {
    var testing = resampling
    testing.draws = max(resampling.draws, min(100 * rows, 200_000))
    return testing
  }

  /// Differences other than 0 beyond which means are as good as normal, and draws a waste of time.
  private static let mostDrawn = 2_000

  /// The mean and what a normal distribution of means makes of the variances within groups.
  private static func normalInterval(
    around mean: Double, _ groups: [[Double]], _ resampling: Resampling
  ) -> Interval {
    var variance = 0.0
    for group in groups where group.count > 1 {
      let center = ExactSum.mean(of: group) ?? 0
      let squares = group.reduce(0) { $0 + ($1 - center) * ($1 - center) }
      variance += squares / Double(group.count - 1) / Double(group.count)
    }
    let reach = StudentT.normalQuantile(1 - resampling.tail)
    let width = reach * variance.squareRoot() / Double(groups.count)
    return Interval(low: mean - width, high: mean + width)
  }

  /// Of a sum under random signs, whose variance is the sum of the squares.
  private static func normalPValue(_ values: [Double]) -> Double {
    let sum = abs(ExactSum.total(of: values))
    let squares = values.reduce(0) { $0 + $1 * $1 }
    return erfc(sum / (2 * squares).squareRoot())
  }

  /// The same difference and units with another point estimate, for scores that were rounded.
  func reporting(_ difference: Double) -> Self { Self(self, difference) }

  private init(_ other: Self, _ difference: Double) {
    self.difference = difference
    units = other.units
    interval = other.interval
    pValue = other.pValue
    adjusted = other.adjusted
  }

  /// Corrects the p-values of a family of estimates for its size.
  static func correct(_ family: inout [Self]) {
    let places = family.indices.filter { family[$0].pValue != nil }
    let corrected = Holm.adjusted(places.compactMap { family[$0].pValue })
    for (place, pValue) in zip(places, corrected) { family[place].adjusted = pValue }
  }
}
