// How often intervals cover a truth that is known: the promise of docs/uncertainty.md, simulated.

import Foundation
import TestSupport
import Testing

@testable import Leaderboard

/// A kind of value whose mean is known.
enum Kind: String, CaseIterable, Sendable {
  case normal
  /// A sum of four exponentials less its mean: skewness 1.
  case gamma
  case exponential
  /// Student's t with 3 degrees of freedom.
  case heavyTailed
  /// Half of them 0, the others normal around 0.3.
  case halfZero
  /// Differences of nDCG: 70 % are 0, the others as 1 - sqrt(U), 60 % of them wins.
  case query

  var mean: Double {
    switch self {
    case .normal: 0.3
    case .gamma, .heavyTailed: 0
    case .exponential: 1
    case .halfZero: 0.15
    case .query: 0.3 * 0.2 / 3
    }
  }

  func draw(_ random: inout SplitMix) -> Double {
    switch self {
    case .normal: return 0.3 + Self.normal(&random)
    case .gamma: return (0..<4).reduce(-4) { sum, _ in sum - log(Self.uniform(&random)) }
    case .exponential: return -log(Self.uniform(&random))
    case .heavyTailed:
      let square = (0..<3).reduce(0.0) { sum, _ in
        let normal = Self.normal(&random)
        return sum + normal * normal
      }
      return Self.normal(&random) / (square / 3).squareRoot()
    case .halfZero: return Self.uniform(&random) < 0.5 ? 0 : 0.3 + Self.normal(&random)
    case .query:
      if Self.uniform(&random) < 0.7 { return 0 }
      let size = 1 - Self.uniform(&random).squareRoot()
      return Self.uniform(&random) < 0.6 ? size : -size
    }
  }

  /// In 0<...1.
  static func uniform(_ random: inout SplitMix) -> Double {
    Double((random.next() >> 11) + 1) * (1 / 9_007_199_254_740_992)
  }

  /// By Box and Muller.
  static func normal(_ random: inout SplitMix) -> Double {
    let radius = (-2 * log(uniform(&random))).squareRoot()
    return radius * cos(2 * .pi * uniform(&random))
  }
}

struct CoverageTests {
  private static let resampling = Resampling(draws: 1000)

  /// The share of 1,000 to 4,000 samples whose interval covers the truth, fewer of large ones; its
  /// standard error is 0.0035 to 0.007.
  private func coverage(_ kind: Kind, groups: [Int]) -> Double {
    var random = SplitMix(state: 2026)
    let samples = min(4000, max(1000, 40_000 / groups.reduce(0, +)))
    let covered = (0..<samples).count { _ in
      let values = groups.map { size in (0..<size).map { _ in kind.draw(&random) } }
      return Bootstrap.meanOfMeans(values, Self.resampling)?.contains(kind.mean) == true
    }
    return Double(covered) / Double(samples)
  }

  @Test(arguments: [
    (Kind.normal, 8), (.gamma, 8), (.heavyTailed, 8), (.normal, 20), (.gamma, 20),
    (.heavyTailed, 20), (.halfZero, 20), (.exponential, 41), (.halfZero, 41), (.heavyTailed, 131),
    (.exponential, 131), (.query, 50), (.query, 200),
  ])
  func `a 95 % interval of a mean covers 93 to 97 %`(kind: Kind, size: Int) {
    let coverage = coverage(kind, groups: [size])
    #expect(coverage >= 0.93 && coverage <= 0.97, "\(kind), \(size): \(coverage)")
  }

  @Test(arguments: [
    (Kind.normal, [3, 3, 4, 5]), (.gamma, [3, 3, 4, 5]), (.halfZero, [3, 4, 5, 3, 5]),
    (.gamma, [43, 18, 16, 16, 13, 11, 6, 5, 3]), (.heavyTailed, [8, 8, 8, 8, 5, 4]),
    (.normal, [1, 6, 8, 12, 1]),
  ])
  func `a 95 % interval of a mean of means covers 93 to 97 %`(kind: Kind, groups: [Int]) {
    let coverage = coverage(kind, groups: groups)
    #expect(coverage >= 0.93 && coverage <= 0.97, "\(kind), \(groups): \(coverage)")
  }

  @Test func `eight exponential differences are too few, as the documentation admits`() {
    let coverage = coverage(.exponential, groups: [8])
    #expect(coverage >= 0.88 && coverage <= 0.93, "\(coverage)")
  }

  @Test(arguments: [20, 41])
  func `votes are covered 93 to 97 times in 100, ranks at least 93`(tasks: Int) {
    // Ten models, four of them all but equal; skills and tasks of a kind that suits some.
    let skill = [0, 0.02, 0.04, 0.06, 0.5, 0.6, 1, 1.5, 1.55, 2.2]
    var random = SplitMix(state: 7)
    func scores() -> [Double] {
      let kind = Kind.normal(&random)
      return skill.enumerated().map { i, skill in
        skill + (i.isMultiple(of: 2) ? 0.4 : -0.4) * kind + Kind.normal(&random)
      }
    }
    // The truth: points expected, from 40,000 tasks (standard error of a mean 0.015 of 9 at most).
    var truth = [Double](repeating: 0, count: 10)
    for _ in 0..<40_000 {
      for (i, points) in Ranks.points(scores(), n: 10).enumerated() { truth[i] += points / 40_000 }
    }
    let ranks = Ranks.minimum(truth)
    var (votesCovered, ranksCovered) = (0, 0)
    for _ in 0..<300 {
      let ballots = RankIntervalsTests.ballots((0..<tasks).map { _ in scores() })
      let intervals = RankIntervals(ballots, shown: ballots.models, Resampling(draws: 500))
      for (i, name) in intervals.models.enumerated() {
        guard let model = ballots.models.firstIndex(of: name) else { continue }
        if intervals.votes[i].contains(Double(tasks) * truth[model]) { votesCovered += 1 }
        if intervals.ranks[i].contains(ranks[model]) { ranksCovered += 1 }
      }
    }
    let (votes, places) = (Double(votesCovered) / 3000, Double(ranksCovered) / 3000)
    #expect(votes >= 0.93 && votes <= 0.97, "votes \(votes)")
    #expect(places >= 0.93, "ranks \(places)")
  }
}
