// How votes move when something is left out: each task, each type or each language in turn.

package import Core

/// Votes and ranks of a board's models with one thing after another left out.
///
/// The n of `n - rank` stays as it is, and so do the models that take part, hidden ones included.
/// What a task earns does not depend on other tasks, so leaving tasks out takes their points away;
/// leaving a language out takes the cells that list it, and only the tasks that have such cells are
/// ranked again.
package struct Omissions: Sendable {
  /// What is left out, one at a time.
  package enum Unit: String, CaseIterable, Sendable { case task, type, language }

  package let benchmark: String
  package let pool: Pool
  package let unit: Unit
  package let n: Int
  /// The models asked for, in order.
  package let models: [Place]
  /// One for each thing left out: tasks and types in the order of the board, languages by name.
  package let omissions: [Omission]

  /// Votes and rank among all models of the pool.
  package struct Place: Sendable, Equatable {
    package let model: String
    package let votes: Double
    /// 1 the best; equal votes share the best place.
    package let rank: Int
  }

  package struct Omission: Sendable, Equatable {
    package let name: String
    /// Tasks ranked again over the cells that are left.
    package let changedTasks: Int
    /// Tasks of which nothing is left.
    package let droppedTasks: Int
    /// What remains, `[models]`.
    package let places: [Place]
  }

  /// - Parameters:
  ///   - board: The board with everything.
  ///   - unit: What to leave out.
  ///   - names: Models of the board; empty for all that it shows.
  /// - Throws: `.usage` for a model that the board does not show, `.incomplete` for languages where
  ///   the cells behind the means are not there.
  package init(_ board: Board, without unit: Unit, models names: [String] = []) throws(Failure) {
    let ballots = board.ballots
    let shown = try board.places(of: names)
    let total = ballots.votes
    func places(_ votes: [Double]) -> [Place] {
      let ranks = Ranks.minimum(votes)
      return shown.map { Place(model: ballots.models[$0], votes: votes[$0], rank: ranks[$0]) }
    }
    benchmark = board.benchmark
    pool = board.pool
    self.unit = unit
    n = ballots.n
    models = places(total)
    switch unit {
    case .task:
      omissions = ballots.tasks.indices.map { task in
        Omission(
          name: ballots.tasks[task].name, changedTasks: 0, droppedTasks: 1,
          places: places(Self.subtract([ballots.points[task]], from: total)))
      }
    case .type:
      omissions = board.types.map { type in
        let members = ballots.tasks.indices.filter { ballots.tasks[$0].type == type }
        return Omission(
          name: type.rawValue, changedTasks: 0, droppedTasks: members.count,
          places: places(Self.subtract(members.map { ballots.points[$0] }, from: total)))
      }
    case .language:
      let remains = try LanguageRemains(board)
      omissions = remains.languages.map { language in
        let counts = remains.change(total, without: language, ballots)
        return Omission(
          name: language.name, changedTasks: language.pairs.count - counts.dropped,
          droppedTasks: counts.dropped, places: places(counts.votes))
      }
    }
  }

  private static func subtract(_ points: [[Double]], from total: [Double]) -> [Double] {
    points.reduce(into: total) { votes, points in
      for i in votes.indices { votes[i] -= points[i] }
    }
  }

  /// The best and the worst rank of a model over all omissions; its own rank where there are none.
  package func range(ofModel place: Int) -> ClosedRange<Int> {
    let ranks = omissions.map { $0.places[place].rank }
    let own = models[place].rank
    return (ranks.min() ?? own)...(ranks.max() ?? own)
  }

  /// One model with one thing left out.
  package struct Effect: Sendable, Equatable {
    package let omission: String
    package let from: Place
    package let to: Place
    /// Places lost, negative where places are gained.
    package var rankChange: Int { to.rank - from.rank }
    package var votesChange: Double { to.votes - from.votes }
  }

  /// Every model with every omission, largest changes of rank first, then of votes, then by name.
  package var effects: [Effect] {
    omissions.flatMap { omission in
      zip(models, omission.places).map {
        Effect(omission: omission.name, from: $0, to: $1)
      }
    }
    .sorted { a, b in
      let (left, right) = (abs(a.rankChange), abs(b.rankChange))
      if left != right { return left > right }
      let (most, less) = (abs(a.votesChange), abs(b.votesChange))
      if most != less { return most > less }
      return (a.omission, a.from.rank, a.from.model) < (b.omission, b.from.rank, b.from.model)
    }
  }
}

extension Board {
  /// Places in the ballots of models that the board shows, all of them without names.
  ///
  /// - Throws: `.usage` for a model that is not shown.
  func places(of names: [String]) throws(Failure) -> [Int] {
    let shown = models.map(\.model)
    let index = Dictionary(
      ballots.models.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    for name in names where !shown.contains(name) {
      throw Failure(
        .usage, name, "is not on the board",
        hint: Suggest.hint(
          for: name, among: shown,
          otherwise: "its models are \(shown.prefix(8).joined(separator: ", "))"
        ))
    }
    return (names.isEmpty ? shown : names).compactMap { index[$0] }
  }
}
