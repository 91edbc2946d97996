// Own results in a pool of others: what place a new model takes, and what it does to the places there.

package import Core

/// How several own models come into a pool.
package enum Insertion: String, CaseIterable, Sendable {
  /// Each one alone, so that own models do not vote on each other.
  case oneAtATime = "one-at-a-time"
  /// All of them at once, as one larger pool.
  case together
}

/// Own models placed in a pool.
///
/// Votes are counted anew with the own model as one of the pool; a pool has no votes that would stay
/// as they are when a model comes in.
package struct Placement: Sendable {
  package let insertion: Insertion
  /// The pool before anything was inserted.
  package let board: Board
  /// The own models, those with the most votes first.
  package let placed: [Placed]

  package var pool: Pool { board.pool }

  /// One own model with its place.
  package struct Placed: Sendable, Equatable {
    package let standing: Board.Standing
    /// Whether a board shows it: it has at least one complete task.
    package let isShown: Bool
    /// The pool that it was counted in, itself included.
    package let pool: Pool
    /// Models that hold places in that pool, itself included.
    package let of: Int
    /// Tasks and types of the pool, which the standing's entries and types go by.
    package let tasks: [Board.BoardTask]
    package let types: [TaskType]
    /// The model before it in the order of votes; nil for the first.
    package let above: Neighbour?
    /// The model after it; nil for the last.
    package let below: Neighbour?
    /// Models of the pool with fewer votes.
    package let behind: Int
    /// Whether its result stands in the place of one that the pool had.
    package let replaces: Bool
    package let change: Change
  }

  /// A model of the pool beside an own one.
  package struct Neighbour: Sendable, Equatable {
    package let model: String
    package let votes: Double
    /// How many votes lie between the two; 0 where they are equal.
    package let gap: Double
  }

  /// What an insertion does to the pool's other models.
  package struct Change: Sendable, Equatable {
    package let before: Pool
    package let after: Pool
    /// Models whose rank among the pool's others is not what it was.
    package let moved: Int
    /// Pairs whose order by votes was turned round.
    package let swaps: [Swap]
    /// Models that lost their Mean (Task), as an own model has subsets or splits that they lack.
    package let lostMeans: [String]
  }

  /// Two models of the pool: the first was ahead, now the second is.
  package struct Swap: Sendable, Equatable {
    package let first: String
    package let second: String
  }

  /// Places every model of a frame in the pool of another frame of the same benchmark.
  ///
  /// - Throws: `.usage` for models of both, unless the own ones take the place of the pool's.
  package init(
    of own: Frame, in pool: Frame, benchmark: Benchmark, rules: Rules, insertion: Insertion,
    replacing isReplacing: Bool = false, hash: (String) -> String
  ) throws(Failure) {
    let (own, pool) = (own.withoutCells, pool.withoutCells)
    let known = Set(pool.models.map(\.name))
    try Self.check(own, known, isReplacing)
    func counted(_ frame: Frame) -> Board {
      Board(frame: frame, benchmark: benchmark, rules: rules, hash: hash)
    }
    let before = counted(pool)
    let names = own.models.map(\.name)
    let steps = insertion == .together ? [Set(names)] : names.map { [$0] }
    placed = steps.flatMap { step in
      let after = counted(
        pool.keeping { !step.contains($0) }.adding(own.keeping { step.contains($0) }))
      return Self.placed(step, from: before, in: after, known)
    }
    .sorted { (-$0.standing.votes, $0.standing.model) < (-$1.standing.votes, $1.standing.model) }
    self.insertion = insertion
    board = before
  }

  private static func check(
    _ own: Frame, _ known: Set<String>, _ isReplacing: Bool
  ) throws(Failure) {
    let both = own.models.map(\.name).filter(known.contains)
    guard !both.isEmpty, !isReplacing else { return }
    throw Failure(
      .usage, NameList.text(both, most: 8),
      "\(both.count == 1 ? "is a model" : "are models") of the pool and of your own results",
      hint:
        "add --replace to put your results in the place of the pool's, or choose others of your "
        + "models with --models")
  }

  private static func placed(
    _ step: Set<String>, from before: Board, in after: Board, _ known: Set<String>
  ) -> [Placed] {
    let change = Change(from: before, to: after, without: step)
    let everyone = after.everyone
    let shown = Set(after.models.map(\.model))
    return everyone.indices.filter { step.contains(everyone[$0].model) }.map { place in
      let own = everyone[place]
      func neighbour(_ place: Int) -> Neighbour? {
        guard everyone.indices.contains(place) else { return nil }
        let other = everyone[place]
        return Neighbour(
          model: other.model, votes: other.votes, gap: abs(other.votes - own.votes))
      }
      return Placed(
        standing: own, isShown: shown.contains(own.model), pool: after.pool, of: everyone.count,
        tasks: after.tasks, types: after.types, above: neighbour(place - 1),
        below: neighbour(place + 1),
        behind: everyone.count { $0.votes < own.votes && !step.contains($0.model) },
        replaces: known.contains(own.model), change: change)
    }
  }
}

extension Placement.Change {
  /// Compares the models that are in both and are not among the inserted ones.
  init(from old: Board, to new: Board, without inserted: Set<String>) {
    let others = old.everyone.filter { !inserted.contains($0.model) }
    let now = Dictionary(uniqueKeysWithValues: new.everyone.map { ($0.model, $0) })
    let pairs = others.compactMap { model in now[model.model].map { (old: model, new: $0) } }
    let ranks = zip(Ranks.minimum(pairs.map(\.old.votes)), Ranks.minimum(pairs.map(\.new.votes)))
    var swaps: [Placement.Swap] = []
    for (place, first) in pairs.enumerated() {
      for second in pairs[(place + 1)...]
      where first.old.votes > second.old.votes && first.new.votes < second.new.votes {
        swaps.append(.init(first: first.old.model, second: second.old.model))
      }
    }
    self.init(
      before: old.pool, after: new.pool, moved: ranks.count { $0 != $1 }, swaps: swaps,
      lostMeans: pairs.filter { $0.old.meanTask != nil && $0.new.meanTask == nil }
        .map(\.old.model))
  }
}
