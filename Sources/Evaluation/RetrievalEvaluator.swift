// Retrieval: rank the whole corpus for every query. The corpus streams through in blocks: read,
// embed, score, forget; beside the queries only one block is held, and the best 1000 of each query.

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

  package func texts(of problem: RetrievalProblem) -> [TextGroup] {
    [TextGroup(problem.queries.count), TextGroup(problem.corpusSize)]
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
    var documentIDs: [String] = []
    documentIDs.reserveCapacity(problem.corpusSize)
    try await problem.corpus.forEachBlock(of: Self.blockSize) { ids, texts throws(Failure) in
      await search.add(try await session.embed(texts, role: .document))
      documentIDs += ids
    }
    let runs = zip(problem.queryIDs, search.results()).map { queryID, hits in
      var hits = hits.map { (id: documentIDs[$0.document], score: $0.score) }
      // After the cut to 1000, as the reference does it: such a query may keep 999 documents.
      if task.ignoresIdenticalIds { hits.removeAll { $0.id == queryID } }
      return RankedQuery(queryID: queryID, hits: hits)
    }
    return RetrievalScores(
      runs, judgements: problem.judgements, queries: problem.queryIDs
    ).scores
  }
}
