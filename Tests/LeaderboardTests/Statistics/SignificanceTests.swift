// The sign-flip test and Holm's adjustment: by hand and against scipy.

import Testing

@testable import Leaderboard

struct SignificanceTests {
  @Test func `five wins of five: only all plus and all minus are as far from 0`() {
    // 2 of 2^5 choices of signs.
    #expect(SignFlipTest.pValue([1, 2, 3, 4, 5]) == 2.0 / 32)
  }

  @Test func `three differences, all eight sums written down`() {
    // 3, 1, -1 sum to 3. Sums of +-3 +-1 +-1: 5, 3, 3, 1, -1, -3, -3, -5; six are 3 or farther.
    #expect(SignFlipTest.pValue([3, 1, -1]) == 6.0 / 8)
  }

  // scipy.stats.permutation_test((differences,), np.mean, permutation_type='samples',
  // n_resamples=np.inf), scipy 1.17.1.
  @Test(arguments: [
    ([0.3, -0.1, 0.2, 0.4, 0, 0.25], 0.125),
    ([0.031, -0.012, 0.044, 0, 0.027, -0.008, 0.019, 0.102], 0.078125),
    ([0.5, -0.2, 0.9, 0.1, 0.4, -0.3, 0.8, 0.7, 0.6, -0.1, 0.2, 0.35], 0.0205078125),
  ])
  func `exact p-values are those of scipy`(differences: [Double], expected: Double) {
    #expect(SignFlipTest.pValue(differences) == expected)
  }

  @Test func `differences that cancel give 1, however the sum rounds`() {
    // Their sum is 0, so every choice is as far from it; in doubles it is 3e-17, and scipy, which
    // compares with that, says 0.90625.
    #expect(SignFlipTest.pValue([0.1, 0.2, 0.3, -0.3, -0.2, -0.1]) == 1)
  }

  @Test func `differences of 0 count for nothing`() {
    #expect(SignFlipTest.pValue([1, 2, 0, 3, 4, 0, 5]) == 2.0 / 32)
    #expect(SignFlipTest.pValue([0, 0, 0]) == 1)
    #expect(SignFlipTest.pValue([]) == nil)
  }

  @Test func `drawn signs come near the exact share`() throws {
    // Seventeen ones, thirteen of them wins: sum 9. P(at least 13 or at most 4 heads of 17), from
    // 2 * (C(17,13) + … + C(17,17)) / 2^17 = 2 * (2380 + 680 + 136 + 17 + 1) / 131072 = 0.0490417.
    // With 100,000 draws the standard error is sqrt(0.049 * 0.951 / 100000) = 0.0007.
    let differences = [Double](repeating: 0.01, count: 13) + [Double](repeating: -0.01, count: 4)
    let drawn = try #require(SignFlipTest.pValue(differences, Resampling(draws: 100_000)))
    #expect(abs(drawn - 0.0490417) < 0.002)
    #expect(drawn == SignFlipTest.pValue(differences.map { -$0 }, Resampling(draws: 100_000)))
  }

  @Test func `sixty differences come near scipy's share of 400,000 draws`() throws {
    // np.round(np.random.default_rng(11).normal(0.15, 1, 60), 3); scipy's p is 0.4291 with a
    // standard error of 0.0008, that of 100,000 draws is 0.0016.
    let differences = [
      0.184, 1.51, 1.375, -0.36, -0.148, -0.377, 0.72, 0.094, 0.897, -1.697, 1.717, 0.054, 0.83,
      0.013, -0.229, 0.613, 0.975, -0.053, -0.003, 0.836, -0.72, -1.364, 0.545, -0.521, -1.77,
      -0.664, -0.318, -1.043, -1.342, 0.187, 1.047, -0.083, -0.594, 0.535, 0.867, -0.15, 0.695,
      1.193, -0.057, -0.664, 0.498, 0.398, 1.249, -1.135, -0.512, -0.688, -1.584, 0.276, 0.678,
      -0.589, 1.536, 0.972, 0.777, 0.552, 1.106, -1.182, 0.764, 0.753, -1.618, 0.497,
    ]
    let drawn = try #require(SignFlipTest.pValue(differences, Resampling(draws: 100_000)))
    #expect(abs(drawn - 0.42913) < 0.006)
  }

  @Test func `drawn p-values are never 0`() {
    let wins = (1...40).map(Double.init)
    // No draw of 1,000 reaches the one sum in 2^40: (1 + 0) / (1 + 1000).
    #expect(SignFlipTest.pValue(wins, Resampling(draws: 1000)) == 1.0 / 1001)
  }

  @Test(arguments: [
    // 4 * 0.005 = 0.02; 3 * 0.01 = 0.03; 2 * 0.03 = 0.06; 1 * 0.04 = 0.04, but not below 0.06.
    ([0.01, 0.04, 0.03, 0.005], [0.03, 0.06, 0.06, 0.02]),
    // 3 * 0.02, 2 * 0.02 -> 0.06, 0.5.
    ([0.02, 0.5, 0.02], [0.06, 0.5, 0.06]),
    // 2 * 0.6 is cut to 1, and 0.7 may not be below it.
    ([0.6, 0.7], [1, 1]), ([0.04], [0.04]), ([], []), ([0, 1], [0, 1]),
  ])
  func `Holm: the smallest times m, the next times m - 1, never falling, at most 1`(
    values: [Double], expected: [Double]
  ) {
    let adjusted = Holm.adjusted(values)
    #expect(adjusted.count == expected.count)
    #expect(zip(adjusted, expected).allSatisfy { abs($0 - $1) < 1e-15 }, "\(adjusted)")
  }
}
