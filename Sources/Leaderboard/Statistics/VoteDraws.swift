// Votes on tasks drawn with replacement, and which differences of votes are beyond chance.

import Sampling

/// Draws of the votes of all models, the models in order of their votes.
///
/// Rows are single-precision numbers, eight to a lane: votes are halves, and their sums err by less
/// than one in a million.
struct VoteDraws {
  private typealias Lane = SIMD8<Float>

  /// Places of models in those of the ballots: by votes, the most first, then by name.
  let order: [Int]
  private let votes: [Double]
  private let tasks: Int
  private let possible: ClosedRange<Double>
  private let resampling: Resampling
  private let lanes: Int
  /// Points less the model's mean, scaled to unbiased variance, `[tasks][lanes]`.
  private let deviations: [Lane]
  /// Deviations of votes, `[draws][lanes]`.
  private let drawn: [Lane]

  init(_ ballots: Ballots, _ resampling: Resampling) {
    let all = ballots.votes
    let order = all.indices.sorted {
      all[$0] == all[$1] ? ballots.models[$0] < ballots.models[$1] : all[$0] > all[$1]
    }
    let tasks = ballots.tasks.count
    let lanes = (order.count + 7) / 8
    let scale = tasks > 1 ? (Double(tasks) / Double(tasks - 1)).squareRoot() : 0
    var deviations = [Lane](repeating: .zero, count: tasks * lanes)
    for (task, points) in ballots.points.enumerated() {
      for (column, model) in order.enumerated() {
        deviations[task * lanes + column / 8][column % 8] = Float(
          scale * (points[model] - all[model] / Double(tasks)))
      }
    }
    self.order = order
    self.tasks = tasks
    self.lanes = lanes
    self.resampling = resampling
    self.deviations = deviations
    votes = order.map { all[$0] }
    let least = Double(tasks) * min(0, Double(ballots.n - order.count))
    possible = least...max(least, Double(tasks * (ballots.n - 1)))
    drawn = Self.draw(deviations, tasks: tasks, lanes: lanes, resampling)
  }

  private static func draw(
    _ deviations: [Lane], tasks: Int, lanes: Int, _ resampling: Resampling
  ) -> [Lane] {
    var drawn = [Lane](repeating: .zero, count: resampling.draws * lanes)
    guard tasks > 0 else { return drawn }
    var random = resampling.random
    var counts = [Float](repeating: 0, count: tasks)
    for draw in 0..<resampling.draws {
      for i in counts.indices { counts[i] = 0 }
      for task in random.integers(below: tasks, count: tasks) { counts[task] += 1 }
      for (task, count) in counts.enumerated() where count > 0 {
        for lane in 0..<lanes {
          drawn[draw * lanes + lane] += count * deviations[task * lanes + lane]
        }
      }
    }
    return drawn
  }

  // MARK: Votes

  /// The interval of the votes of a model, named by its place in `order`.
  func interval(of column: Int) -> Interval {
    guard tasks > 1 else { return Interval(low: possible.lowerBound, high: possible.upperBound) }
    var values = (0..<resampling.draws).map { drawn[$0 * lanes + column / 8][column % 8] }
    let reach = StudentT.quantile(1 - resampling.tail, degrees: Double(tasks - 1))
    let stretch = reach / StudentT.normalQuantile(1 - resampling.tail)
    let ends = tails(resampling.tail, of: &values)
    var squares = 0.0
    for task in 0..<tasks {
      let deviation = Double(deviations[task * lanes + column / 8][column % 8])
      squares += deviation * deviation
    }
    let least = reach * squares.squareRoot()
    let low = votes[column] + min(stretch * ends.low, -least)
    let high = votes[column] + max(stretch * ends.high, least)
    return Interval(low: max(low, possible.lowerBound), high: min(high, possible.upperBound))
  }

  // MARK: Differences

  /// The ranks that a model could have, and the places of those significantly below it.
  func places(of column: Int) -> (rank: ClosedRange<Int>, below: Set<Int>) {
    let significant = significant(column)
    let above = significant.count { votes[$0] > votes[column] }
    let below = Set(significant.filter { votes[$0] < votes[column] })
    return (1 + above...order.count - below.count, below)
  }

  /// The models whose votes differ from a model's by more than chance would have one do.
  private func significant(_ column: Int) -> [Int] {
    let level = 1 - resampling.level
    var chance = 1.0
    for _ in 1..<max(tasks, 1) { chance /= 2 }
    guard chance <= level else { return [] }
    var (inverse, significant) = inverseErrors(column)
    if chance * Double(order.count - 1) > level { significant = [] }
    let stretch = StudentT.stretch(tail: resampling.tail, degrees: Double(tasks - 1))
    while true {
      let open = order.indices.filter { inverse[$0 / 8][$0 % 8] > 0 }
      guard !open.isEmpty else { break }
      let bound = stretch * largestDeviation(of: column, inverse)
      let found = open.filter {
        abs(votes[$0] - votes[column]) * Double(inverse[$0 / 8][$0 % 8]) > bound
      }
      guard !found.isEmpty else { break }
      for other in found { inverse[other / 8][other % 8] = 0 }
      significant += found
    }
    return significant
  }

  /// One over the standard error of each difference of votes, `[lanes]`, 0 where the difference is
  /// the same on every task; and the models for which it is, and is not 0.
  private func inverseErrors(_ column: Int) -> (inverse: [Lane], constant: [Int]) {
    var variances = [Lane](repeating: .zero, count: lanes)
    for task in 0..<tasks {
      let own = deviations[task * lanes + column / 8][column % 8]
      for lane in 0..<lanes {
        let difference = deviations[task * lanes + lane] - own
        variances[lane] += difference * difference
      }
    }
    var constant: [Int] = []
    var inverse = [Lane](repeating: .zero, count: lanes)
    for other in order.indices where other != column {
      let variance = variances[other / 8][other % 8]
      // Points are halves: a difference that varies at all has a variance of 1/8 at least.
      if variance > 0.01 {
        inverse[other / 8][other % 8] = 1 / variance.squareRoot()
      } else if votes[other] != votes[column] {
        constant.append(other)
      }
    }
    return (inverse, constant)
  }

  /// The studentised deviation that the largest of all differences stays below at the level.
  private func largestDeviation(of column: Int, _ inverse: [Lane]) -> Double {
    let open = inverse.indices.filter { inverse[$0] != .zero }
    var largest = (0..<resampling.draws).map { draw in
      let row = draw * lanes
      let own = Lane(repeating: drawn[row + column / 8][column % 8])
      var most = Lane.zero
      for lane in open {
        let difference = (drawn[row + lane] - own) * inverse[lane]
        most = pointwiseMax(most, pointwiseMax(difference, -difference))
      }
      return most.max()
    }
    return quantile(resampling.level, of: &largest)
  }
}
