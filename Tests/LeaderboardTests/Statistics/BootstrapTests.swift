// Intervals of means: by hand, against numpy and scipy, and what they must not depend on.

import Sampling
import Testing

@testable import Leaderboard

struct BootstrapTests {
  private static let eight = [0.031, -0.012, 0.044, 0, 0.027, -0.008, 0.019, 0.102]

  @Test func `two values: Student's t interval, since draws of two see too little`() throws {
    // Mean 1, s^2 = (1 + 1) / 1 = 2, standard error sqrt(2 / 2) = 1, t(0.975; 1) = 12.7062047.
    // Drawn means deviate by -1, 0, 1, scaled by sqrt(2 / 1) to -1.41, 0, 1.41, stretched by
    // 12.706 / 1.960 to 9.17 at most: nearer than t, so t it is.
    let interval = try #require(Bootstrap.mean([0, 2]))
    #expect(abs(interval.low - (1 - 12.706204736)) < 1e-8)
    #expect(abs(interval.high - (1 + 12.706204736)) < 1e-8)
  }

  @Test func `four values, all 256 draws of which can be written down`() throws {
    // Mean 1, s^2 = (1 + 1 + 1 + 9) / 3 = 4, standard error 1, t(0.975; 3) = 3.18244631.
    // A draw with k fours deviates by (k - 1) sqrt(4 / 3); k is binomial (4, 1 / 4): P(4) = 0.004,
    // P(3 or 4) = 0.051, P(0) = 0.316. So the quantiles are k = 0 and k = 3: -1.15470, 2.30940,
    // stretched by 3.18244631 / 1.95996398 = 1.62372693 to -1.87492 and 3.74984.
    // The lower end is t's, 1 - 3.18245, the upper one that of the draws.
    let interval = try #require(Bootstrap.mean([0, 0, 4, 0]))
    #expect(abs(interval.low - (1 - 3.18244631)) < 1e-7)
    #expect(abs(interval.high - (1 + 2.30940108 * 1.62372693)) < 1e-7)
  }

  // From scripts/uncertainty.py golden: numpy's default_rng(seed), integers(0, n, n) for each draw,
  // quantile, and scipy's t; 2,000 draws.
  @Test(arguments: [
    ([eight], 42, 0.95, -0.005338916217522662, 0.057135421764635194),
    ([eight], 42, 0.8, 0.006996665709148881, 0.044112287171217845),
    (
      [[0, 0, 0, 0, 0, 0, 0.01, 0.02, 0.05, 0.9]], 7, 0.95, -0.10390588736489959,
      0.31942406342433194
    ),
    (
      [[0.03, -0.01, 0.04], [0.2, 0.1, 0.05, 0.12], [0.5], [-0.02, 0, 0.01, 0.03, 0.07]], 42, 0.95,
      0.13276021553526152, 0.19670214655084436
    ),
  ])
  func `the ends are those of the same steps in numpy`(
    groups: [[Double]], seed: UInt64, level: Double, low: Double, high: Double
  ) throws {
    let interval = try #require(
      Bootstrap.meanOfMeans(groups, Resampling(draws: 2000, seed: seed, level: level)))
    #expect(abs(interval.low - low) < 1e-12)
    #expect(abs(interval.high - high) < 1e-12)
  }

  @Test func `drawn means are those of scipy's bootstrap`() {
    // scipy.stats.bootstrap((eight,), np.mean, n_resamples=2000, method='percentile',
    // rng=np.random.default_rng(42)).confidence_interval of scipy 1.17.1.
    var random = PCG64(seed: 42)
    var means = (0..<2000).map { _ in
      random.integers(below: 8, count: 8).reduce(0) { $0 + Self.eight[$1] } / 8
    }
    let ends = tails(0.025, of: &means)
    #expect(abs(ends.low - 0.004625) < 1e-15)
    #expect(abs(ends.high - 0.05) < 1e-15)
  }

  @Test func `shifting, scaling and negating the values does so to the interval`() throws {
    let base = try #require(Bootstrap.mean(Self.eight))
    let shifted = try #require(Bootstrap.mean(Self.eight.map { $0 + 3 }))
    #expect(abs(shifted.low - base.low - 3) < 1e-12)
    #expect(abs(shifted.high - base.high - 3) < 1e-12)
    let doubled = try #require(Bootstrap.mean(Self.eight.map { $0 * 2 }))
    #expect(doubled == Interval(low: base.low * 2, high: base.high * 2))
    let negated = try #require(Bootstrap.mean(Self.eight.map { -$0 }))
    #expect(negated == Interval(low: -base.high, high: -base.low))
  }

  @Test func `too little gives nothing, no spread gives no width`() {
    #expect(Bootstrap.mean([]) == nil)
    #expect(Bootstrap.mean([0.5]) == nil)
    #expect(Bootstrap.meanOfMeans([]) == nil)
    #expect(Bootstrap.meanOfMeans([[], [0.5]]) == nil)
    #expect(Bootstrap.mean([0.25, 0.25, 0.25]) == Interval(low: 0.25, high: 0.25))
    #expect(Bootstrap.meanOfMeans([[1, 1], [2, 2, 2]]) == Interval(low: 1.5, high: 1.5))
  }

  @Test func `groups of one task each are drawn as one group, empty ones count for nothing`() {
    #expect(Bootstrap.meanOfMeans([[1], [], [2], [4]]) == Bootstrap.mean([1, 2, 4]))
  }

  @Test func `the interval holds the mean, and other seeds move its ends by little`() throws {
    let base = try #require(Bootstrap.mean(Self.eight))
    let other = try #require(Bootstrap.mean(Self.eight, Resampling(seed: 1)))
    let width = base.high - base.low
    #expect(base.contains(0.025375))
    #expect(abs(base.low - other.low) < 0.03 * width)
    #expect(abs(base.high - other.high) < 0.03 * width)
  }

  // scipy.stats.t.ppf, scipy 1.17.1.
  @Test(arguments: [
    (0.975, 7, 2.364624251592784), (0.975, 1, 12.706204736174694), (0.975, 130, 1.9783804054470222),
    (0.975, 3.7, 2.8675207071911895), (0.995, 2.5, 7.163728138948783),
    (0.9, 19, 1.3277282090267986), (0.975, 999, 1.9623414611334493),
  ])
  func `quantiles of Student's t are those of scipy`(
    probability: Double, degrees: Double, expected: Double
  ) {
    #expect(abs(StudentT.quantile(probability, degrees: degrees) / expected - 1) < 1e-11)
  }

  @Test func `quantiles of the normal distribution and of lists`() {
    #expect(abs(StudentT.normalQuantile(0.975) - 1.959963984540054) < 1e-12)
    var values = [4.0, 1, 3, 2, 2]
    // Sorted 1 2 2 3 4; place 0.6 * 4 = 2.4: 2 + 0.4 * (3 - 2).
    #expect(abs(quantile(0.6, of: &values) - 2.4) < 1e-15)
    #expect(quantile(1, of: &values) == 4)
    #expect(quantile(0, of: &values) == 1)
  }
}
