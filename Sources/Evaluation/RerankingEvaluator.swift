// Reranking: put the candidates of every query in order. The same as retrieval but for what is
// compared; a data set without candidate lists is searched as a whole, as in the reference.

package import Core
package import Datasets
import Metrics

extension TaskType {
  package static let reranking = TaskType(rawValue: "Reranking")
}

package struct RerankingEvaluator: RankingEvaluation {
  package static let type = TaskType.reranking
  package static let metrics =
    rankingMetrics + rankingMetrics.map { MergedSubqueries.prefix + $0 }

  package let task: TaskDefinition

  package init(_ task: TaskDefinition) throws(Failure) {
    try Self.refuse("score_range", in: task, when: task.scoreRange != nil)
    try Self.refuse("parallel", in: task, when: task.isParallel)
    if task.mainScore.rawValue.hasPrefix(MergedSubqueries.prefix), !task.mergesSubqueries {
      let plain = task.mainScore.rawValue.dropFirst(MergedSubqueries.prefix.count)
      throw Failure(
        .malformed, FilePaths.display(task.file),
        "main_score '\(task.mainScore)' needs 'merge_subqueries: true'",
        hint: "add the key, or use \(plain)")
    }
    self.task = task
  }

  /// Subqueries that are scored as one go together.
  package func unit(ofQuery id: String) -> String {
    task.mergesSubqueries ? MergedSubqueries.whole(of: id) ?? id : id
  }

  package func load(
    _ cell: Cell, from data: DataFolder
  ) async throws(Failure) -> RetrievalProblem {
    let reader = RetrievalReader(task: task, data: data, cell: cell)
    let problem = try await reader.read()
    let single = problem.queryIDs.first { MergedSubqueries.whole(of: $0) == nil }
    if task.mergesSubqueries, let id = single {
      throw Failure(
        .malformed, reader.place(of: "queries"),
        "the id '\(id)' has no '_' before the number of its subquery",
        hint: "correct the id, or remove 'merge_subqueries' from \(FilePaths.display(task.file))")
    }
    return problem
  }

  package func scores(
    of problem: RetrievalProblem, with session: EmbeddingSession
  ) async throws(Failure) -> Scores {
    if problem.candidates == nil {
      session.note("there are no candidate lists: every query ranks the whole corpus")
    }
    let rankings = try await rankings(of: problem, with: session)
    let plain = problem.scores(of: rankings)
    var scores = plain.scores
    var merged: MergedSubqueries?
    if task.mergesSubqueries {
      let whole = MergedSubqueries(rankings, judgements: problem.judgements)
      for entry in whole.scores.entries { scores[entry.metric] = entry.value }
      merged = whole
    }
    try await session.keepDetails { () async throws(Failure) in
      if let merged, task.mainScore.rawValue.hasPrefix(MergedSubqueries.prefix) {
        return try await details(of: problem, merged)
      }
      return try await details(of: problem, rankings, plain)
    }
    return scores
  }
}
