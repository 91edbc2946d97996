// The ballots of a pool: what every task says of every model, and what its places are worth.

import Core

/// The partial means of all models of a pool, hidden ones included, with the votes they earn.
///
/// Votes are a sum over tasks, so that those of any choice of tasks (one left out, some drawn twice)
/// are sums of the same points. Leaving tasks out leaves `n` as it is.
package struct Ballots: Sendable {
  package let tasks: [Board.BoardTask]
  /// Names, sorted.
  package let models: [String]
  /// The n of `n - rank`.
  package let n: Int
  /// Partial means `[tasks][models]`.
  package let scores: [[Double?]]
  /// What the rank on a task earns, `[tasks][models]`: `n - rank`, 0 without a score.
  package let points: [[Double]]

  init(tasks: [Board.BoardTask], models: [String], n: Int, scores: [[Double?]]) {
    self.tasks = tasks
    self.models = models
    self.n = n
    self.scores = scores
    points = scores.map { Ranks.points($0, n: n) }
  }

  /// Votes of every model, `[models]`.
  package var votes: [Double] { votes(weights: Array(repeating: 1, count: tasks.count)) }

  /// Votes of every model, `[models]`, each task counting as often as its weight says, `[tasks]`.
  package func votes(weights: [Double]) -> [Double] {
    precondition(weights.count == tasks.count, "\(weights.count) weights, \(tasks.count) tasks")
    var votes = [Double](repeating: 0, count: models.count)
    for (task, weight) in zip(points, weights) where weight != 0 {
      for i in votes.indices { votes[i] += weight * task[i] }
    }
    return votes
  }
}
