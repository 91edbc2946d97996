// Models pair by pair: who beats whom on more tasks, and where Borda votes say otherwise.

package import Core

/// The majority relation of models, tasks being the voters.
///
/// A model beats another when it scores higher on more tasks than it scores lower on (Condorcet,
/// Essai sur l'application de l'analyse à la probabilité des décisions, 1785). Such majorities can
/// run in a circle, and whom they put first need not be whom Borda's sum of places puts first (Borda,
/// Mémoire sur les élections au scrutin, 1784). Scores are the partial means that votes are counted
/// from; as in the votes, having a score is better than having none. Equal scores are ties and
/// speak for neither; so do tasks that both lack.
package struct Condorcet: Sendable {
  package let benchmark: String
  package let pool: Pool
  package let tasks: Int
  /// In order of votes, then name.
  package let models: [Model]
  /// Tasks on which the row scores higher than the column, `[models][models]`.
  package let wins: [[Int]]
  /// Tasks on which both have the same score, `[models][models]`.
  package let ties: [[Int]]

  package struct Model: Sendable, Equatable {
    package let name: String
    /// Borda votes and the rank by them, against the whole pool.
    package let votes: Double
    package let rank: Int
  }

  /// Counts tasks for every two of the models named, or of all that the board shows.
  ///
  /// Throws `.usage` for a model that the board does not show.
  package init(_ board: Board, models names: [String] = []) throws(Failure) {
    let ballots = board.ballots
    let chosen = Set(try board.places(of: names).map { ballots.models[$0] })
    let standings = board.models.filter { chosen.contains($0.model) }
    let places = try board.places(of: standings.map(\.model))
    // No score is worse than any score.
    let scores = places.map { place in ballots.scores.map { $0[place] ?? -.infinity } }
    func count(_ a: [Double], _ b: [Double], _ holds: (Double, Double) -> Bool) -> Int {
      zip(a, b).count { holds($0, $1) }
    }
    benchmark = board.benchmark
    pool = board.pool
    tasks = ballots.tasks.count
    models = standings.map { Model(name: $0.model, votes: $0.votes, rank: $0.rank) }
    wins = scores.map { row in scores.map { count(row, $0, >) } }
    ties = scores.map { row in
      scores.map { count(row, $0) { $0 == $1 && $0 > -.infinity } }
    }
  }

  /// Whether a majority puts one model before another.
  package func beats(_ a: Int, _ b: Int) -> Bool { wins[a][b] > wins[b][a] }

  /// How many of the others each model beats.
  package var beaten: [Int] {
    models.indices.map { a in models.indices.count { beats(a, $0) } }
  }

  /// The model that beats every other; nil where there is none.
  package var winner: Int? {
    models.indices.first { a in models.indices.allSatisfy { $0 == a || beats(a, $0) } }
  }

  /// The smallest set of models that each beat every model outside it (Smith, Aggregation of
  /// Preferences with Variable Electorate, Econometrica 41, 1973), in order of votes.
  package var smithSet: [Int] {
    // Whoever has most wins, ties by halves, is in the set: members beat all outsiders, and an
    // outsider beats outsiders at most.
    let halves = models.indices.map { a in
      models.indices.reduce(0) { sum, b in
        a == b ? sum : sum + (beats(a, b) ? 2 : beats(b, a) ? 0 : 1)
      }
    }
    guard let first = models.indices.max(by: { halves[$0] < halves[$1] }) else { return [] }
    var isMember = models.indices.map { $0 == first }
    var unchecked = [first]
    while let member = unchecked.popLast() {
      for other in models.indices where !isMember[other] && !beats(member, other) {
        isMember[other] = true
        unchecked.append(other)
      }
    }
    return models.indices.filter { isMember[$0] }
  }

  /// Two models of which the one with fewer votes beats the other.
  package struct Reversal: Sendable, Equatable {
    /// Places of the model with more votes, and of the one that beats it.
    package let upper: Int
    package let lower: Int
    /// Tasks that the lower one wins more than it loses.
    package let margin: Int
  }

  /// Where votes and majority disagree, widest margins first.
  package var reversals: [Reversal] {
    models.indices.flatMap { upper in
      models.indices
        .filter { models[$0].votes < models[upper].votes && beats($0, upper) }
        .map {
          Reversal(upper: upper, lower: $0, margin: wins[$0][upper] - wins[upper][$0])
        }
    }
    .sorted { ($1.margin, $0.upper, $0.lower) < ($0.margin, $1.upper, $1.lower) }
  }

  /// For every set of models that beat each other in circles, a shortest circle through the one of
  /// most votes: each beats the next, the last beats the first.
  package var cycles: [[Int]] {
    var isDone = models.indices.map { _ in false }
    var cycles: [[Int]] = []
    for start in models.indices where !isDone[start] {
      guard let cycle = shortestCycle(from: start) else { continue }
      cycles.append(cycle)
      let (reached, reaching) = (reach(from: start, beats), reach(from: start) { beats($1, $0) })
      for i in models.indices where reached[i] && reaching[i] { isDone[i] = true }
    }
    return cycles
  }

  private func reach(from start: Int, _ leads: (Int, Int) -> Bool) -> [Bool] {
    var isReached = models.indices.map { _ in false }
    var open = [start]
    while let model = open.popLast() {
      for next in models.indices where !isReached[next] && leads(model, next) {
        isReached[next] = true
        open.append(next)
      }
    }
    return isReached
  }

  private func shortestCycle(from start: Int) -> [Int]? {
    var before = [Int?](repeating: nil, count: models.count)
    var open = [start]
    var at = 0
    while at < open.count {
      let model = open[at]
      at += 1
      if model != start, beats(model, start) {
        var path = [model]
        while let last = path.last, let previous = before[last] { path.append(previous) }
        return path.reversed()
      }
      for next in models.indices where next != start && before[next] == nil && beats(model, next) {
        before[next] = model
        open.append(next)
      }
    }
    return nil
  }
}
