// How often the intervals of unfinished evaluations hold the votes of the finished ones: the promise
// of docs/anytime.md, simulated. BORDA_SAMPLES sets how many samples are drawn, and has the shares
// printed.

import Core
import Foundation
import TestSupport
import Testing

@testable import Leaderboard

/// Which tasks a pool lacks: one model, another one in every sample, or several.
enum Gap: String, CaseIterable, Sendable {
  case nothing = "nothing"
  case oneHalf = "one model, half of its tasks"
  case oneQuarterLeft = "one model, three quarters of its tasks"
  case oneTwoTypes = "one model, two of six types"
  case oneFourTypes = "one model, four of six types"
  case allThird = "every model, a third of its tasks"
  case someHalf = "five models, half of their tasks"

  /// Whether a model has a task of a type; `one` is the sample's.
  func isThere(_ model: Int, one: Int, type: Int, _ random: inout SplitMix) -> Bool {
    let chance = Kind.uniform(&random)
    switch self {
    case .nothing: return true
    case .oneHalf: return model != one || chance < 0.5
    case .oneQuarterLeft: return model != one || chance < 0.25
    case .oneTwoTypes: return model != one || type > 1
    case .oneFourTypes: return model != one || type > 3
    case .allThird: return chance > 1.0 / 3
    case .someHalf: return model % 2 != one % 2 || chance < 0.5
    }
  }

  /// The models whose intervals are looked at: those with a gap.
  func watched(one: Int) -> [Int] {
    switch self {
    case .nothing, .allThird: Array(0..<10)
    case .someHalf: (0..<10).filter { $0 % 2 == one % 2 }
    default: [one]
    }
  }
}

/// Ten models of different skill, tasks of six types, for each of which every model has a taste.
private struct World {
  static let tasks = 40
  static let skill = [0, 0.02, 0.04, 0.5, 0.6, 0.65, 1, 1.5, 1.55, 2.2]
  let taste: [[Double]]
  /// Votes to be expected on so many tasks, from 20,000 of them.
  private(set) var votes = [Double](repeating: 0, count: 10)

  init(_ random: inout SplitMix) {
    var draw = random
    taste = (0..<6).map { _ in Self.skill.map { _ in 0.6 * Kind.normal(&draw) } }
    for _ in 0..<20_000 {
      for (i, points) in Ranks.points(self.draw(&draw).scores, n: 10).enumerated() {
        votes[i] += points * Double(Self.tasks) / 20_000
      }
    }
    random = draw
  }

  /// A task of any type.
  func draw(_ random: inout SplitMix) -> (type: Int, scores: [Double]) {
    let type = Int(random.next() % 6)
    return (
      type,
      Self.skill.indices.map { Self.skill[$0] + taste[type][$0] + Kind.normal(&random) }
    )
  }
}

struct PartialCoverageTests {
  private static let asked = ProcessInfo.processInfo.environment["BORDA_SAMPLES"].flatMap {
    Int($0)
  }
  private static let names = (0..<10).map { "m\($0)" }

  /// How often something was held, of how many.
  private struct Tally {
    var (count, truth, final, ranks, zero, width, zeroWidth) = (0, 0, 0, 0, 0, 0.0, 0.0)

    /// Shares in percent, widths in votes.
    var row: String {
      let numbers =
        [truth, final, ranks, zero].map { 100 * Double($0) / Double(count) }
        + [width, zeroWidth].map { $0 / Double(count) }
      return numbers.map { "\(($0 * 10).rounded() / 10)" }.joined(separator: " | ")
    }
  }

  @Test(arguments: Gap.allCases)
  func `the votes of the finished evaluation are held, and those of other tasks like these`(
    gap: Gap
  ) {
    var random = SplitMix(state: 11)
    let world = World(&random)
    var tally = Tally()
    for sample in 0..<(Self.asked ?? 60) {
      add(to: &tally, gap, one: sample % 10, world, &random)
    }
    if Self.asked != nil { print("| \(gap.rawValue) | \(tally.row) |") }
    // Sixty samples of one model: the standard error at 95 % is 2.8.
    let held = [tally.truth, tally.final, tally.ranks].map { Double($0) / Double(tally.count) }
    #expect(held.allSatisfy { $0 >= 0.86 }, "\(gap): \(held)")
  }

  private func add(
    to tally: inout Tally, _ gap: Gap, one: Int, _ world: World, _ random: inout SplitMix
  ) {
    let tasks = (0..<World.tasks).map { _ in world.draw(&random) }
    let some = tasks.map { task in
      (0..<10).map { model -> Double? in
        gap.isThere(model, one: one, type: task.type, &random) ? task.scores[model] : nil
      }
    }
    let final = tasks.reduce(into: [Double](repeating: 0, count: 10)) { votes, task in
      for (i, points) in Ranks.points(task.scores, n: 10).enumerated() { votes[i] += points }
    }
    let finalRanks = Ranks.minimum(final)
    let resampling = Resampling(draws: 500)
    let completed = CompletedBallots(
      types: tasks.map { TaskType(rawValue: "T\($0.type)") }, models: Self.names, scores: some,
      seed: 42)
    let intervals = RankIntervals(completed, resampling)
    let asZero = RankIntervals(
      RankIntervalsTests.ballots(some, names: Self.names), shown: Self.names, resampling)
    for model in gap.watched(one: one) {
      guard let place = intervals.models.firstIndex(of: Self.names[model]),
        let zeroPlace = asZero.models.firstIndex(of: Self.names[model])
      else { continue }
      let (votes, zero) = (intervals.votes[place], asZero.votes[zeroPlace])
      tally.count += 1
      if votes.contains(world.votes[model]) { tally.truth += 1 }
      if votes.contains(final[model]) { tally.final += 1 }
      if intervals.ranks[place].contains(finalRanks[model]) { tally.ranks += 1 }
      if zero.contains(final[model]) { tally.zero += 1 }
      tally.width += votes.high - votes.low
      tally.zeroWidth += zero.high - zero.low
    }
  }

  /// Which tasks of a published model are left, of 131.
  enum Rest: String, CaseIterable, Sendable {
    case half, quarter, withoutCostlyTypes

    func keeps(_ type: TaskType, _ random: inout SplitMix) -> Bool {
      let chance = Kind.uniform(&random)
      switch self {
      case .half: return chance < 0.5
      case .quarter: return chance < 0.25
      case .withoutCostlyTypes:
        return !["Retrieval", "Reranking", "Clustering", "InstructionReranking"]
          .contains(type.rawValue)
      }
    }
  }

  @Test(
    .enabled(if: Golden.isThere, "needs ../shared/leaderboard and tar"), arguments: Rest.allCases)
  func `the votes of published models are held when most of their tasks are taken away`(
    rest: Rest
  ) throws {
    let board = try Golden("golden-30", from: .thirty).board(allLanguages: false)
    let models = board.models.filter { !$0.isPartial }.sorted { $0.model < $1.model }
    let names = models.map(\.model)
    let types = board.tasks.map(\.type)
    let all = board.tasks.indices.map { task in models.map { $0.entries[task].completeMean } }
    let final = all.reduce(into: [Double](repeating: 0, count: names.count)) { votes, task in
      for (i, points) in Ranks.points(task, n: names.count).enumerated() { votes[i] += points }
    }
    let finalRanks = Ranks.minimum(final)
    var (held, ranksHeld, count, off, width) = (0, 0, 0, 0.0, 0.0)
    var random = SplitMix(state: 5)
    for model in stride(from: 0, to: names.count, by: Self.asked == nil ? 4 : 1) {
      var some = all
      for task in types.indices where !rest.keeps(types[task], &random) { some[task][model] = nil }
      let completed = CompletedBallots(types: types, models: names, scores: some, seed: 42)
      let intervals = RankIntervals(completed, Resampling(draws: 500))
      let place = try #require(intervals.models.firstIndex(of: names[model]))
      count += 1
      if intervals.votes[place].contains(final[model]) { held += 1 }
      if intervals.ranks[place].contains(finalRanks[model]) { ranksHeld += 1 }
      off += abs(completed.points[model].reduce(0, +) - final[model])
      width += intervals.votes[place].high - intervals.votes[place].low
    }
    if Self.asked != nil {
      print(
        "| \(names.count) published, \(rest.rawValue) | \(held) of \(count) | "
          + "ranks \(ranksHeld) | off \((off / Double(count)).rounded()) | "
          + "width \((width / Double(count)).rounded()) of \(131 * (names.count - 1)) |")
    }
    // Intervals that hold 19 of 20 may miss one of five.
    let misses = max(1, count * 15 / 100)
    #expect(held >= count - misses, "\(held) of \(count)")
    #expect(ranksHeld >= count - misses, "ranks \(ranksHeld) of \(count)")
  }
}
