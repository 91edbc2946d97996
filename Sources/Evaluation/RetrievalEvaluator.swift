// Retrieval: rank the whole corpus for every query, or its candidates where the data list some.

package import Core
import Metrics

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
    let rankings = try await rankings(of: problem, with: session)
    let scores = problem.scores(of: rankings)
    try await session.keepDetails { () async throws(Failure) in
      try await details(of: problem, rankings, scores)
    }
    return scores.scores
  }
}
