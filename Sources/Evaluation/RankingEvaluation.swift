// What retrieval, reranking and instruction reranking share: one way from the data of a cell to a
// ranking for every query. The corpus streams through in blocks: read, embed, score, forget;
// beside the queries only one block is held, and the best 1000 documents of each query.

package import Core
package import Datasets
import Metrics

/// An evaluator whose problem is to rank documents for queries.
package protocol RankingEvaluation: Evaluator where Problem == RetrievalProblem {
  var task: TaskDefinition { get }
}

/// Metrics that every such type has.
let rankingMetrics =
  Measure.Kind.allCases.flatMap { kind in
    Measure.cutoffs.map { Measure(kind, cutoff: $0).description }
  } + ["accuracy"]

extension RankingEvaluation {
  package func load(
    _ cell: Cell, from data: DataFolder
  ) async throws(Failure) -> RetrievalProblem {
    try await RetrievalReader(task: task, data: data, cell: cell).read()
  }

  package func texts(of problem: RetrievalProblem) -> [TextGroup] {
    [TextGroup(problem.queries.count), TextGroup(problem.corpusSize)]
  }

  /// Embeds queries and documents and ranks; a ranking for every query, in the problem's order.
  func rankings(
    of problem: RetrievalProblem, with session: EmbeddingSession
  ) async throws(Failure) -> [RankedQuery] {
    problem.noteGaps(in: session)
    let queries = try await session.embed(problem.queries, role: .query)
    var search = try problem.search(queries, by: session.model.similarity)
    var documentIDs: [String] = []
    documentIDs.reserveCapacity(problem.corpusSize)
    try await problem.corpus.forEachBlock(of: corpusBlock) { ids, texts throws(Failure) in
      await search.add(try await session.embed(texts, role: .document), ids: ids)
      documentIDs += ids
    }
    return zip(problem.queryIDs, search.ranked()).map { queryID, hits in
      var hits = hits.map { (id: documentIDs[$0.document], score: $0.score) }
      // After the cut to 1000, as the reference does it: such a query may keep 999 documents.
      if task.ignoresIdenticalIds { hits.removeAll { $0.id == queryID } }
      return RankedQuery(queryID: queryID, hits: hits)
    }
  }
}

/// Documents kept per query, the largest cut-off of any metric.
private let rankingDepth = 1000
/// Documents read at a time: enough to fill every batch, small beside the model.
let corpusBlock = 4096

extension RetrievalProblem {
  /// The scores of rankings for all queries of the problem.
  func scores(of rankings: [RankedQuery]) -> RetrievalScores {
    RetrievalScores(rankings, judgements: judgements, queries: queryIDs)
  }

  /// A search among the candidates of each query, where there are any, else of the whole corpus.
  fileprivate func search(
    _ queries: Embeddings, by similarity: Similarity
  ) throws(Failure) -> any DocumentSearch {
    guard let candidates else {
      return try NearestSearch(
        queries: queries, similarity: similarity, keep: rankingDepth)
    }
    return try CandidateSearch(
      queries: queries, candidates: candidates, similarity: similarity, keep: rankingDepth)
  }

  fileprivate func noteGaps(in session: EmbeddingSession) {
    if unjudged > 0 {
      session.note("\(unjudged) queries without any judgement were left out")
    }
    if let candidates, candidates.listedQueries < queryIDs.count {
      session.note(
        "\(queryIDs.count - candidates.listedQueries) queries without candidates score 0")
    }
  }
}
