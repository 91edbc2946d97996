// Standings while evaluations are not finished: the votes that models can be expected to have, and
// how far they may be off.

package import Core

/// Models of a board ranked by the votes that they would have with every task, as far as that can be
/// told from the tasks there are.
///
/// The board itself counts a missing task as 0, as the reference does: right for a final ranking, and
/// wrong for a model that is half evaluated. Here what is missing is unknown: see `CompletedBallots`.
/// Entries with some of their subsets count as missing, for a mean over some languages compares with
/// none over all. Where nothing is missing, votes, ranks and intervals are those of the board.
package struct PartialStandings: Sendable {
  package let board: Board
  package let resampling: Resampling
  /// By rank, then name.
  package let rows: [Row]

  /// A model with its place.
  package struct Row: Sendable, Equatable {
    package let model: String
    /// By the votes expected, 1 the best; equal ones share the best place.
    package let rank: Int
    /// As expected; whole or half where nothing is missing.
    package let votes: Double
    package let votesInterval: Interval
    package let ranks: ClosedRange<Int>
    package let group: Int
    /// Tasks that are complete.
    package let tasks: Int
    /// Whether some task of the board is not.
    package let isPartial: Bool
    /// Types of which no task is complete.
    package let unknownTypes: [TaskType]
  }

  /// Computes the standings of the board's shown models.
  package init(_ board: Board, _ resampling: Resampling = Resampling()) {
    let models = board.models.sorted { $0.model < $1.model }
    let types = board.tasks.map(\.type)
    let ballots = CompletedBallots(
      types: types, models: models.map(\.model),
      scores: board.tasks.indices.map { task in models.map { $0.entries[task].completeMean } },
      seed: resampling.seed)
    let intervals = RankIntervals(ballots, resampling)
    let votes = Dictionary(
      uniqueKeysWithValues: zip(ballots.models, ballots.points.map { $0.reduce(0, +) }))
    let byName = Dictionary(uniqueKeysWithValues: models.map { ($0.model, $0) })
    let own = intervals.models.map { votes[$0] ?? 0 }
    let ranks = Ranks.minimum(own)
    rows = intervals.models.indices.compactMap { place in
      byName[intervals.models[place]].map { model in
        let known = Set(zip(types, model.entries).filter { $1.isComplete }.map(\.0))
        return Row(
          model: model.model, rank: ranks[place], votes: own[place],
          votesInterval: intervals.votes[place], ranks: intervals.ranks[place],
          group: intervals.groups[place], tasks: model.completeTasks, isPartial: model.isPartial,
          unknownTypes: board.types.filter { !known.contains($0) })
      }
    }
    self.board = board
    self.resampling = resampling
  }

  package var isPartial: Bool { board.isPartial }
}

extension Board.Standing {
  /// Whether some task of the board is missing or has not all its subsets and splits.
  package var isPartial: Bool { completeTasks < entries.count }
}

extension Board {
  /// Whether a shown model lacks something, or nobody has some task of the benchmark.
  package var isPartial: Bool { models.contains(where: \.isPartial) || !unscoredTasks.isEmpty }
}
