// Intervals of votes and ranks: by hand, against the same steps in numpy, and what they must not
// depend on.

import Core
import TestSupport
import Testing

@testable import Leaderboard

struct RankIntervalsTests {
  /// Ballots of complete models, scores `[tasks][models]`, all shown.
  static func ballots(_ scores: [[Double?]], names: [String]? = nil, n: Int? = nil) -> Ballots {
    let count = scores.first?.count ?? 0
    return Ballots(
      tasks: scores.indices.map {
        Board.BoardTask(name: "t\($0)", type: TaskType(rawValue: "STS"), required: 1)
      },
      models: names ?? (0..<count).map { "m\($0)" }, n: n ?? count, scores: scores)
  }

  @Test func `one model always ahead of the other, on six tasks and on five`() {
    // Six wins of six: 2 of 2^6 choices of signs, 0.031; five of five: 0.0625, not below 0.05.
    let six = RankIntervals(
      Self.ballots(Array(repeating: [0.1, 0.2], count: 6)), shown: ["m0", "m1"])
    #expect(six.models == ["m1", "m0"])
    #expect(six.ranks == [1...1, 2...2])
    #expect(six.groups == [1, 2])
    // Each task gives 2 - 1 = 1 and 2 - 2 = 0 points: no spread.
    #expect(six.votes == [Interval(low: 6, high: 6), Interval(low: 0, high: 0)])
    let five = RankIntervals(
      Self.ballots(Array(repeating: [0.1, 0.2], count: 5)), shown: ["m0", "m1"])
    #expect(five.ranks == [1...2, 1...2])
    #expect(five.groups == [1, 1])
  }

  @Test func `one task says nothing: every rank, all votes that are possible`() {
    let one = RankIntervals(Self.ballots([[0.1, 0.2, 0.3]]), shown: ["m0", "m2"])
    // n - 1 = 2 points are the most, n - 3 = 0 the least.
    #expect(one.models == ["m2", "m0"])
    #expect(one.votes == [Interval(low: 0, high: 2), Interval(low: 0, high: 2)])
    #expect(one.ranks == [1...3, 1...3])
    #expect(one.groups == [1, 1])
  }

  /// 24 tasks, nine models, three of them close at the top and the rest behind.
  private static func nine(seed: UInt64 = 5) -> [[Double]] {
    var random = SplitMix(state: seed)
    let skill = [0, 0, 0, 0.1, 0.15, 0.3, 0.6, 0.65, 1.2]
    return (0..<24).map { _ in
      skill.map { $0 + Double(random.next() >> 11) * (1 / 9_007_199_254_740_992) }
    }
  }

  @Test func `votes, ranks and groups are those of the same steps in numpy`() {
    // From scripts/uncertainty.py golden, in double precision; 2,000 draws.
    let intervals = RankIntervals(
      Self.ballots(Self.nine()), shown: (0..<9).map { "m\($0)" }, Resampling(draws: 2000))
    #expect(intervals.models == [8, 6, 7, 5, 4, 3, 2, 0, 1].map { "m\($0)" })
    let votes = [
      (178.531055, 190.574205), (142.983952, 169.67156), (121.827637, 153.094206),
      (87.827637, 119.094206), (53.593164, 92.43379), (47.869475, 87.484993),
      (35.804948, 77.563151), (32.501409, 66.250521), (20.366023, 50.094206),
    ]
    for (interval, expected) in zip(intervals.votes, votes) {
      #expect(abs(interval.low - expected.0) < 1e-3)
      #expect(abs(interval.high - expected.1) < 1e-3)
    }
    #expect(
      intervals.ranks == [1...1, 2...3, 2...3, 4...5, 4...8, 5...8, 5...9, 5...9, 7...9])
    #expect(intervals.groups == [1, 2, 2, 3, 3, 4, 4, 4, 5])
  }

  @Test func `votes have the interval of the mean of the points`() throws {
    let ballots = Self.ballots(Self.nine())
    let resampling = Resampling(draws: 1000, seed: 3)
    let intervals = RankIntervals(ballots, shown: ballots.models, resampling)
    for (name, interval) in zip(intervals.models, intervals.votes) {
      let model = try #require(ballots.models.firstIndex(of: name))
      let mean = try #require(Bootstrap.mean(ballots.points.map { $0[model] }, resampling))
      #expect(abs(interval.low - 24 * mean.low) < 1e-3)
      #expect(abs(interval.high - min(24 * mean.high, 24 * 8)) < 1e-3)
    }
  }

  @Test func `neither the order of models nor who is shown changes what is said of a model`() {
    let scores = Self.nine()
    let names = (0..<9).map { "m\($0)" }
    let forward = RankIntervals(Self.ballots(scores), shown: names)
    let backward = RankIntervals(
      Self.ballots(scores.map { $0.reversed() }, names: names.reversed()), shown: names.reversed())
    #expect(forward.models == backward.models)
    #expect(forward.votes == backward.votes)
    #expect(forward.ranks == backward.ranks)
    #expect(forward.groups == backward.groups)
    let some = RankIntervals(Self.ballots(scores), shown: ["m5", "m8"])
    #expect(some.models == ["m8", "m5"])
    #expect(some.votes == [forward.votes[0], forward.votes[3]])
    #expect(some.ranks == [forward.ranks[0], forward.ranks[3]])
    #expect(some.groups == [1, 2])
  }

  @Test func `equal models share everything, a hidden one holds a place`() {
    // The twins of model 8 tie on every task, and a hidden model is behind all.
    let scores = Self.nine().map { $0 + [$0[8], -1] }
    let ballots = Self.ballots(scores, n: 10)
    let shown = (0..<9).map { "m\($0)" } + ["m9"]
    let intervals = RankIntervals(ballots, shown: shown, Resampling(draws: 500))
    #expect(intervals.models.prefix(2) == ["m8", "m9"])
    #expect(intervals.ranks[0] == 1...2)
    #expect(intervals.ranks[1] == 1...2)
    #expect(intervals.votes[0] == intervals.votes[1])
    #expect(intervals.groups[1] == 1)
    // Ten are shown, so that the last rank anybody could have is 10 of 11, the hidden one being
    // told apart from all but the weakest at most.
    #expect(intervals.ranks.allSatisfy { $0.upperBound <= 11 })
  }

  @Test func `the interval of ranks holds the rank on the board, and groups are neighbours`() throws
  {
    let scores = Self.nine(seed: 77)
    let ballots = Self.ballots(scores)
    let intervals = RankIntervals(ballots, shown: ballots.models, Resampling(draws: 500))
    let ranks = Ranks.minimum(ballots.votes)
    for (name, range) in zip(intervals.models, intervals.ranks) {
      #expect(range.contains(ranks[try #require(ballots.models.firstIndex(of: name))]))
    }
    #expect(intervals.groups.first == 1)
    #expect(
      zip(intervals.groups, intervals.groups.dropFirst()).allSatisfy { [0, 1].contains($1 - $0) })
  }
}
