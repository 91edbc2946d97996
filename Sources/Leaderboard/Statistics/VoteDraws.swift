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
  /// Which tasks a model has, `[models][tasks]`; nil where each has all.
  private let isKnown: [[Bool]]?
  /// The variance of votes that comes from tasks a model lacks, `[models]`.
  private let unknown: [Float]

  /// Draws from ballots as they were counted, a missing task earning 0.
  init(_ ballots: Ballots, _ resampling: Resampling) {
    let least = Double(ballots.tasks.count) * min(0, Double(ballots.n - ballots.models.count))
    let points = ballots.models.indices.map { model in ballots.points.map { $0[model] } }
    self.init(
      names: ballots.models, votes: ballots.votes, points: points,
      possible: least...max(least, Double(ballots.tasks.count * (ballots.n - 1))),
      completing: nil, resampling)
  }

  /// Draws from ballots on which what is missing is unknown.
  init(_ ballots: CompletedBallots, _ resampling: Resampling) {
    let tasks = ballots.points.first?.count ?? 0
    self.init(
      names: ballots.models, votes: ballots.points.map { $0.reduce(0, +) },
      points: ballots.points, possible: 0...Double(tasks * max(ballots.models.count - 1, 0)),
      completing: ballots, resampling)
  }

  private init(
    names: [String], votes all: [Double], points: [[Double]], possible: ClosedRange<Double>,
    completing: CompletedBallots?, _ resampling: Resampling
  ) {
    let order = all.indices.sorted {
      all[$0] == all[$1] ? names[$0] < names[$1] : all[$0] > all[$1]
    }
    let tasks = points.first?.count ?? 0
    let deviations = order.map { model in
      let known = completing?.isKnown[model].count { $0 } ?? tasks
      let scale = known > 1 ? (Double(known) / Double(known - 1)).squareRoot() : 0
      let mean = all[model] / Double(tasks)
      return points[model].map { Float(scale * ($0 - mean)) }
    }
    let counts = Self.counts(tasks: tasks, resampling)
    var drawn = deviations.map { own in
      var sums = [Float](repeating: 0, count: resampling.draws)
      for (deviation, counts) in zip(own, counts) { add(counts, times: deviation, to: &sums) }
      return sums
    }
    var unknown = [Float](repeating: 0, count: order.count)
    if let completing {
      for (place, model) in order.enumerated() where !completing.fillings[model].isEmpty {
        for filling in completing.fillings[model] {
          add(filling.deviations, counted: counts[filling.task], to: &drawn[place])
        }
        let known = deviations[place].reduce(0) { $0 + $1 * $1 }
        unknown[place] = max(0, meanSquare(drawn[place]) - known)
      }
    }
    self.order = order
    self.drawn = drawn
    self.tasks = tasks
    self.resampling = resampling
    self.possible = possible
    self.deviations = deviations
    self.unknown = unknown
    self.points = order.map { points[$0] }
    isKnown = completing.map { completing in order.map { completing.isKnown[$0] } }
    votes = order.map { all[$0] }
  }

  /// How many tasks a model has.
  private func known(_ place: Int) -> Int { isKnown?[place].count { $0 } ?? tasks }

  /// The tasks that two models both have; nil where each has all.
  private func common(_ place: Int, _ other: Int) -> [Int]? {
    isKnown.map { known in
      known[place].indices.filter { known[place][$0] && known[other][$0] }
    }
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
    let known = known(place)
    guard known > 1 else { return Interval(low: possible.lowerBound, high: possible.upperBound) }
    let reach = StudentT.quantile(1 - resampling.tail, degrees: Double(known - 1))
    let stretch = reach / StudentT.normalQuantile(1 - resampling.tail)
    var values = drawn[place]
    let ends = tails(resampling.tail, of: &values)
    let variance = deviations[place].reduce(Double(unknown[place])) { $0 + Double($1 * $1) }
    let least = reach * variance.squareRoot()
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
    let common = common(place, other)
    guard common?.count ?? tasks <= Self.fewTasks else { return true }
    let (own, others) = (points[place], points[other])
    let differences = (common ?? Array(own.indices)).map { own[$0] - others[$0] }
    return (SignFlipTest.pValue(differences, resampling) ?? 1) <= 1 - resampling.level
  }

  /// Up to so many tasks, which is where coverage falls short, a test of signs is made as well.
  private static let fewTasks = 10

  /// The comparisons of a model with all others before any is decided by draws.
  private func family(of place: Int) -> Family {
    var family = Family(place: place)
    let level = 1 - resampling.level
    let whole = Evidence(tasks: tasks, resampling)
    for other in order.indices where other != place {
      let common = common(place, other)?.count ?? tasks
      let evidence = common == tasks ? whole : Evidence(tasks: common, resampling)
      guard evidence.chance <= level else { continue }
      let (chance, stretch) = (evidence.chance, evidence.stretch)
      let variance =
        squaredDistance(deviations[place], deviations[other]) + unknown[place] + unknown[other]
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

/// What a number of tasks can show of two models.
private struct Evidence {
  /// How likely it is that one of two equal models wins all.
  let chance: Double
  /// How much farther than the normal distribution so few tasks have to reach.
  let stretch: Double

  init(tasks: Int, _ resampling: Resampling) {
    chance = (1..<max(tasks, 1)).reduce(1.0) { chance, _ in chance / 2 }
    stretch =
      tasks > 1 ? StudentT.stretch(tail: resampling.tail, degrees: Double(tasks - 1)) : .infinity
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

/// Adds terms that are gone through again and again, each as often as it is counted.
private func add(_ terms: [Double], counted counts: [Float], to sums: inout [Float]) {
  precondition(counts.count == sums.count && !terms.isEmpty)
  let terms = terms.map { Float($0) }
  for start in stride(from: 0, to: sums.count, by: terms.count) {
    for i in 0..<min(terms.count, sums.count - start) {
      sums[start + i] += counts[start + i] * terms[i]
    }
  }
}

/// The variance of values around 0.
private func meanSquare(_ values: [Float]) -> Float {
  Float(values.reduce(0.0) { $0 + Double($1 * $1) } / Double(max(values.count, 1)))
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
