// Votes on tasks drawn with replacement, and which differences of votes are beyond chance.

import Dispatch
import Sampling
import Synchronization

/// Draws of the votes of all models, the models in order of their votes.
///
/// Deviations are single-precision numbers: points are halves, and their sums err by less than one
/// in a million.
struct VoteDraws {
  /// Places of models in those of the ballots: by votes, the most first, then by name.
  let order: [Int]
  private let votes: [Double]
  private let tasks: Int
  private let possible: ClosedRange<Double>
  private let resampling: Resampling
  /// What each task earns, `[models][tasks]`.
  private let points: [[Double]]
  /// Points less the model's mean, scaled to unbiased variance, `[models][tasks]`.
  private let deviations: [[Float]]
  /// Deviations of votes, `[models][draws]`.
  private let drawn: [[Float]]

  init(_ ballots: Ballots, _ resampling: Resampling) {
    let all = ballots.votes
    let order = all.indices.sorted {
      all[$0] == all[$1] ? ballots.models[$0] < ballots.models[$1] : all[$0] > all[$1]
    }
    let tasks = ballots.tasks.count
    let points = order.map { model in ballots.points.map { $0[model] } }
    let scale = tasks > 1 ? (Double(tasks) / Double(tasks - 1)).squareRoot() : 0
    let deviations = zip(order, points).map { model, points in
      let mean = all[model] / Double(tasks)
      return points.map { Float(scale * ($0 - mean)) }
    }
    let counts = Self.counts(tasks: tasks, resampling)
    drawn = deviations.map { own in
      var sums = [Float](repeating: 0, count: resampling.draws)
      for (deviation, counts) in zip(own, counts) { add(counts, times: deviation, to: &sums) }
      return sums
    }
    self.order = order
    self.tasks = tasks
    self.resampling = resampling
    self.points = points
    self.deviations = deviations
    votes = order.map { all[$0] }
    let least = Double(tasks) * min(0, Double(ballots.n - order.count))
    possible = least...max(least, Double(tasks * (ballots.n - 1)))
  }

  /// How often each task is drawn, `[tasks][draws]`.
  private static func counts(tasks: Int, _ resampling: Resampling) -> [[Float]] {
    var random = resampling.random
    var counts = Array(
      repeating: [Float](repeating: 0, count: resampling.draws), count: tasks)
    guard tasks > 0 else { return counts }
    for draw in 0..<resampling.draws {
      for task in random.integers(below: tasks, count: tasks) { counts[task][draw] += 1 }
    }
    return counts
  }

  // MARK: Votes

  /// The interval of the votes of a model, named by its place in `order`.
  func interval(of place: Int) -> Interval {
    guard tasks > 1 else { return Interval(low: possible.lowerBound, high: possible.upperBound) }
    let reach = StudentT.quantile(1 - resampling.tail, degrees: Double(tasks - 1))
    let stretch = reach / StudentT.normalQuantile(1 - resampling.tail)
    var values = drawn[place]
    let ends = tails(resampling.tail, of: &values)
    let least = reach * deviations[place].reduce(0.0) { $0 + Double($1 * $1) }.squareRoot()
    let low = votes[place] + min(stretch * ends.low, -least)
    let high = votes[place] + max(stretch * ends.high, least)
    return Interval(low: max(low, possible.lowerBound), high: min(high, possible.upperBound))
  }

  // MARK: Differences

  /// What a model's differences from all others leave open.
  struct Standing: Sendable {
    /// The ranks that it could have.
    let ranks: ClosedRange<Int>
    /// The places of the models significantly below it.
    let below: Set<Int>
  }

  /// The standings of models, on all cores.
  func standings(of places: [Int]) -> [Standing] {
    let standings = Mutex<[Int: Standing]>([:])
    let size = 16
    DispatchQueue.concurrentPerform(iterations: (places.count + size - 1) / size) { piece in
      let places = Array(places[(piece * size)..<min((piece + 1) * size, places.count)])
      for (place, significant) in zip(places, significant(places)) {
        let above = significant.count { votes[$0] > votes[place] }
        let below = Set(significant.filter { votes[$0] < votes[place] })
        let ranks = 1 + above...order.count - below.count
        standings.withLock { $0[place] = Standing(ranks: ranks, below: below) }
      }
    }
    return standings.withLock { standings in places.compactMap { standings[$0] } }
  }

  /// The models whose votes differ from a model's by more than chance would have any do, `[places]`.
  private func significant(_ places: [Int]) -> [[Int]] {
    var families = places.map { family(of: $0) }
    // A few draws of all models at a time stay in the cache while the families go over them.
    for start in stride(from: 0, to: resampling.draws, by: 256) {
      let draws = start..<min(start + 256, resampling.draws)
      for i in families.indices { families[i].count(draws, of: drawn) }
    }
    let few = (1 - resampling.level) * Double(resampling.draws)
    return families.map { family in
      family.significant(few: few).filter { passesSigns(family.place, $0) }
    }
  }

  /// Whether two models are apart by a test of signs, which few tasks are held to as well: draws of
  /// few values see too little spread.
  private func passesSigns(_ place: Int, _ other: Int) -> Bool {
    guard tasks <= Self.fewTasks else { return true }
    let differences = zip(points[place], points[other]).map { $0 - $1 }
    return (SignFlipTest.pValue(differences, resampling) ?? 1) <= 1 - resampling.level
  }

  /// Up to so many tasks, which is where coverage falls short, a test of signs is made as well.
  private static let fewTasks = 10

  /// The comparisons of a model with all others before any is decided by draws.
  private func family(of place: Int) -> Family {
    var family = Family(place: place)
    let level = 1 - resampling.level
    var chance = 1.0
    for _ in 1..<max(tasks, 1) { chance /= 2 }
    guard chance <= level else { return family }
    let stretch = StudentT.stretch(tail: resampling.tail, degrees: Double(tasks - 1))
    for other in order.indices where other != place {
      let variance = squaredDistance(deviations[place], deviations[other])
      // Points are halves: a difference that varies at all has a variance of 1/8 at least.
      if variance > 0.01 {
        let inverse = 1 / variance.squareRoot()
        let away = Float(abs(votes[other] - votes[place]) / stretch) * inverse
        family.others.append(.init(place: other, away: away, inverse: inverse))
      } else if votes[other] != votes[place], chance * Double(order.count - 1) <= level {
        family.constant.append(other)
      }
    }
    family.others.sort { $0.away < $1.away }
    return family
  }
}

/// The comparisons of one model with the others.
private struct Family {
  let place: Int
  /// From the nearest to the farthest.
  var others: [Comparison] = []
  /// Models whose difference is the same on every task and is beyond chance.
  var constant: [Int] = []

  struct Comparison {
    let place: Int
    /// The difference of votes in standard errors, and one over that error.
    let away: Float
    let inverse: Float
    /// Draws in which a difference to this model or a nearer one deviates as far as that.
    var reached = 0
  }

  /// Counts what some of the draws reach.
  mutating func count(_ draws: Range<Int>, of drawn: [[Float]]) {
    var largest = [Float](repeating: 0, count: draws.count)
    for i in others.indices {
      others[i].reached += raise(
        &largest, toDifferenceOf: drawn[place], and: drawn[others[i].place], in: draws,
        times: others[i].inverse, reaching: others[i].away)
    }
  }

  /// The models told apart: stepping down from the farthest, each that few draws reach.
  func significant(few: Double) -> [Int] {
    let first = others.lastIndex { Double($0.reached) > few }.map { $0 + 1 } ?? 0
    return constant + others[first...].map(\.place)
  }
}

// MARK: Loops over draws, of one instruction for several of them

private func add(_ terms: [Float], times factor: Float, to sums: inout [Float]) {
  precondition(terms.count == sums.count)
  terms.withUnsafeBufferPointer { terms in
    sums.withUnsafeMutableBufferPointer { sums in
      for i in 0..<sums.count { sums[i] += factor * terms[i] }
    }
  }
}

/// Raises what is smaller than the differences of some draws.
///
/// - Returns: how many are then at least as large as `least`.
private func raise(
  _ largest: inout [Float], toDifferenceOf one: [Float], and other: [Float], in draws: Range<Int>,
  times factor: Float, reaching least: Float
) -> Int {
  one[draws].withUnsafeBufferPointer { one in
    other[draws].withUnsafeBufferPointer { other in
      largest.withUnsafeMutableBufferPointer { largest in
        // A sign bit for each that is smaller: a condition would be taken one by one.
        var below: UInt32 = 0
        for i in 0..<largest.count {
          let difference = abs((one[i] - other[i]) * factor)
          let most = difference > largest[i] ? difference : largest[i]
          largest[i] = most
          below &+= (most - least).bitPattern >> 31
        }
        return largest.count - Int(below)
      }
    }
  }
}

/// In four sums, each of every fourth term.
private func squaredDistance(_ one: [Float], _ other: [Float]) -> Float {
  precondition(one.count == other.count)
  return one.withUnsafeBufferPointer { one in
    other.withUnsafeBufferPointer { other in
      var sums = SIMD4<Float>.zero
      let whole = one.count / 4 * 4
      for i in stride(from: 0, to: whole, by: 4) {
        let left = SIMD4(one[i], one[i + 1], one[i + 2], one[i + 3])
        let difference = left - SIMD4(other[i], other[i + 1], other[i + 2], other[i + 3])
        sums += difference * difference
      }
      var sum = sums.sum()
      for i in whole..<one.count { sum += (one[i] - other[i]) * (one[i] - other[i]) }
      return sum
    }
  }
}
