// Retrieval: rank the whole corpus for every query. The documents stream through in blocks: embed,
// score, forget; of the vectors only those of the queries and of one block are ever held.

package import Core
package import Datasets
import Metrics
import Tensors

extension TaskType {
  package static let retrieval = TaskType(rawValue: "Retrieval")
}

package struct RetrievalEvaluator: Evaluator {
  package static let type = TaskType.retrieval
  package static let metrics =
    Measure.Kind.allCases.flatMap { kind in
      Measure.cutoffs.map { Measure(kind, cutoff: $0).description }
    } + ["accuracy"]

  /// Documents kept per query, the largest cut-off of any metric.
  static let depth = 1000
  /// Documents embedded at a time: enough to fill every batch, small beside the model.
  static let blockSize = 4096

  private let task: TaskDefinition

  package init(_ task: TaskDefinition) throws(Failure) {
    try Self.refuse("score_range", in: task, when: task.scoreRange != nil)
    try Self.refuse("parallel", in: task, when: task.isParallel)
    self.task = task
  }

  package func load(
    _ cell: Cell, from data: DataFolder
  ) async throws(Failure) -> RetrievalProblem {
    try await RetrievalReader(task: task, data: data, cell: cell).read()
  }

  package func textCount(of problem: RetrievalProblem) -> Int {
    problem.queries.count + problem.documents.count
  }

  package func scores(
    of problem: RetrievalProblem, with session: EmbeddingSession
  ) async throws(Failure) -> Scores {
    if problem.unjudged > 0 {
      session.note("\(problem.unjudged) queries without any judgement were left out")
    }
    let queries = try await session.embed(problem.queries, role: .query)
    var search = try NearestSearch(
      queries: queries, similarity: session.model.similarity, keep: Self.depth)
    var start = 0
    while start < problem.documents.count {
      let block = problem.documents[start..<min(start + Self.blockSize, problem.documents.count)]
      await search.add(try await session.embed(Array(block), role: .document))
      start += block.count
    }
    let runs = zip(problem.queryIDs, search.results()).map { queryID, hits in
      var hits = hits.map { (id: problem.documentIDs[$0.document], score: $0.score) }
      // After the cut to 1000, as the reference does it: such a query may keep 999 documents.
      if task.ignoresIdenticalIds { hits.removeAll { $0.id == queryID } }
      return RankedQuery(queryID: queryID, hits: hits)
    }
    return RetrievalScores(
      runs, judgements: problem.judgements, queries: problem.queryIDs
    ).scores
  }
}
