// Retrieval: rank the whole corpus for every query, or its candidates where the data list some.

package import Core

extension TaskType {
  package static let retrieval = TaskType(rawValue: "Retrieval")
}

package struct RetrievalEvaluator: RankingEvaluation {
  package static let type = TaskType.retrieval
  package static let metrics = rankingMetrics

  package let task: TaskDefinition

  package init(_ task: TaskDefinition) throws(Failure) {
    try Self.refuse("score_range", in: task, when: task.scoreRange != nil)
    try Self.refuse("parallel", in: task, when: task.isParallel)
    self.task = task
  }

  package func scores(
    of problem: RetrievalProblem, with session: EmbeddingSession
  ) async throws(Failure) -> Scores {
    problem.scores(of: try await rankings(of: problem, with: session))
  }
}
