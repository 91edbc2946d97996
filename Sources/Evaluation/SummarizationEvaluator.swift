// Summarization: whether machine summaries that people rate highly lie close to human summaries.

package import Core
package import Datasets
import Metrics

extension TaskType {
  package static let summarization = TaskType(rawValue: "Summarization")
}

package struct SummarizationEvaluator: Evaluator {
  package static let type = TaskType.summarization
  package static let metrics = SummarizationScores.metrics

  let task: TaskDefinition

  package init(_ task: TaskDefinition) throws(Failure) {
    try Self.refuse("parallel", in: task, when: task.isParallel)
    try Self.refuse("ignore_identical_ids", in: task, when: task.ignoresIdenticalIds)
    self.task = task
  }

  /// Summaries of some texts; the texts themselves are compared with nothing.
  package struct Problem: Sendable {
    /// Human summaries, text by text.
    var human: [[String]] = []
    /// Machine summaries, text by text.
    var machine: [[String]] = []
    /// One rating per machine summary, higher for better ones.
    var ratings: [[Double]] = []
  }

  package func load(_ cell: Cell, from data: DataFolder) async throws(Failure) -> Problem {
    var problem = Problem()
    let table = PairTable(task: task, data: data)
    try await table.forEachRow(of: cell, ["human_summaries", "machine_summaries", "relevance"]) {
      row throws(Failure) in
      let human = try row.textList(0)
      let machine = try row.textList(1)
      let ratings = try row.numberList(2)
      guard !human.isEmpty else { throw row.malformed("there is no human summary") }
      guard !machine.isEmpty else { throw row.malformed("there is no machine summary") }
      guard machine.count == ratings.count else {
        throw row.malformed("\(machine.count) machine summaries have \(ratings.count) ratings")
      }
      if let range = task.scoreRange, let rating = ratings.first(where: { !range.contains($0) }) {
        throw row.malformed(
          "rating \(rating) is outside score_range [\(range.lowerBound), \(range.upperBound)]")
      }
      problem.human.append(human)
      problem.machine.append(machine)
      problem.ratings.append(ratings)
    }
    return problem
  }

  package func texts(of problem: Problem, drawing streams: TaskStreams) -> [TextGroup] {
    [problem.human, problem.machine].map { TextGroup($0.flatMap { $0 }) }
  }

  package func needs(
    of problem: Problem, _ amount: CellAmount, dimensions: Int
  ) -> CellNeeds {
    CellNeeds(holding: amount, dimensions: dimensions)
  }

  package func scores(
    of problem: Problem, with session: EmbeddingSession
  ) async throws(Failure) -> Scores {
    let human = Self.split(
      try await session.embed(problem.human.flatMap { $0 }), as: problem.human)
    let machine = Self.split(
      try await session.embed(problem.machine.flatMap { $0 }), as: problem.machine)
    let texts = problem.ratings.indices.map {
      RatedSummaries(human: human[$0], machine: machine[$0], ratings: problem.ratings[$0])
    }
    let result = SummarizationScores(
      texts, similarity: session.model.similarity, averagesPValues: task.averagesPValues)
    if result.skipped > 0 {
      session.note("\(result.skipped) texts with equal ratings or similarities were left out")
    }
    try await session.keepDetails { details(of: problem, result, session.model.similarity) }
    return result.scores
  }

  /// Cuts vectors of all lists' texts back into lists.
  private static func split(_ all: Embeddings, as lists: [[String]]) -> [Embeddings] {
    var start = 0
    return lists.map { list in
      defer { start += list.count }
      return all.rows(Array(start..<start + list.count))
    }
  }
}
