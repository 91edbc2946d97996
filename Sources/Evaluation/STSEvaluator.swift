// Semantic textual similarity: how well a model's similarities follow human judgement
// (protocol: correlations of five similarities with the gold score).

package import Core
package import Datasets
import Metrics

extension TaskType {
  package static let sts = TaskType(rawValue: "STS")
}

package struct STSEvaluator: Evaluator {
  package static let type = TaskType.sts
  package static let metrics = ["", "cosine_", "manhattan_", "euclidean_"].flatMap {
    ["\($0)pearson", "\($0)spearman"]
  }

  let task: TaskDefinition

  package init(_ task: TaskDefinition) throws(Failure) {
    try Self.refuse("parallel", in: task, when: task.isParallel)
    try Self.refuse("ignore_identical_ids", in: task, when: task.ignoresIdenticalIds)
    self.task = task
  }

  /// Sentence pairs with their gold scores.
  package struct Problem: Sendable {
    var first: [String] = []
    var second: [String] = []
    /// Higher means more similar.
    var gold: [Double] = []
  }

  package func load(_ cell: Cell, from data: DataFolder) async throws(Failure) -> Problem {
    let table = PairTable(task: task, data: data)
    var problem = Problem()
    let columns: [Column] = [
      Column("sentence1", as: .text), Column("sentence2", as: .text), Column("score", as: .number),
    ]
    try await table.forEachRow(of: cell, columns) { row throws(Failure) in
      problem.first.append(try row.text(0))
      problem.second.append(try row.text(1))
      let score = try row.number(2)
      if let range = task.scoreRange, !range.contains(score) {
        throw row.malformed(
          "score \(score) is outside score_range [\(range.lowerBound), \(range.upperBound)]")
      }
      problem.gold.append(score)
    }
    return problem
  }

  package func texts(of problem: Problem, drawing streams: TaskStreams) -> [TextGroup] {
    [TextGroup(problem.first), TextGroup(problem.second)]
  }

  package func needs(
    of problem: Problem, _ amount: CellAmount, dimensions: Int
  ) -> CellNeeds {
    CellNeeds(holding: amount, dimensions: dimensions)
  }

  package func scores(
    of problem: Problem, with session: EmbeddingSession
  ) async throws(Failure) -> Scores {
    let first = try await session.embed(problem.first)
    let second = try await session.embed(problem.second)
    try await session.keepDetails {
      details(of: problem, first, second, similarity: session.model.similarity)
    }
    return STSScores.scores(
      first, second, gold: problem.gold, similarity: session.model.similarity)
  }
}
