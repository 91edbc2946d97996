// What retrieval, reranking and instruction reranking share: one way from the data of a cell to a
// ranking for every query. The corpus streams through in blocks: read, embed, score, forget;
// beside the queries only one block is held, and the best 1000 documents of each query.

package import Core
package import Datasets
import Metrics

/// An evaluator whose problem is to rank documents for queries.
package protocol RankingEvaluation: Evaluator where Problem == RetrievalProblem {
  var task: TaskDefinition { get }
  /// What a query belongs to that is not taken apart by a quick look; its own id where it is alone.
  func unit(ofQuery id: String) -> String
}

extension RankingEvaluation {
  package func unit(ofQuery id: String) -> String { id }
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

  package func texts(
    of problem: RetrievalProblem, drawing streams: TaskStreams
  ) -> [TextGroup] {
    [TextGroup(problem.queries, role: .query)]
  }

  package func documents(of problem: RetrievalProblem) -> CorpusReader? { problem.corpus }

  package func needs(
    of problem: RetrievalProblem, _ amount: CellAmount, dimensions: Int
  ) -> CellNeeds {
    let sizes = problem.searchMemory(dimensions)
    let kept = min(rankingDepth, amount.documents)
    let perDocument = sizes.perDocument(
      textBytes: amount.documentBytes.map { $0 / max(1, amount.documents) } ?? 1000)
    let fixed = sizes.held + sizes.ids(documents: amount.documents)
    var needs = CellNeeds()
    needs.memory = fixed + min(amount.documents, CorpusReader.BlockLimit().documents) * perDocument
    needs.leastMemory = fixed + min(amount.documents, WorkMemory.fewestRows) * perDocument
    let compared = problem.candidates?.placeCount ?? problem.queries.count * amount.documents
    needs.add(.search, multiplyAdds: dimensions, compared, 1)
    needs.add(.ranking, multiplyAdds: problem.queries.count, kept, 1)
    return needs
  }

  /// Embeds queries and documents and ranks; a ranking for every query, in the problem's order.
  func rankings(
    of problem: RetrievalProblem, with session: EmbeddingSession
  ) async throws(Failure) -> [RankedQuery] {
    problem.noteGaps(in: session)
    let queries = try await session.embed(problem.queries, role: .query)
    var search = try problem.search(queries, by: session.model.similarity)
    let sizes = problem.searchMemory(queries.dimensions)
    var seen = (documents: 0, bytes: 0)
    let documentIDs = try await problem.corpus.forEachBlock(
      limit: { idBytes throws(Failure) in
        try sizes.blockLimit(
          in: session.memory, idBytes: idBytes, seen: seen, problem.corpus.place)
      }
    ) { ids, texts throws(Failure) in
      seen.documents += texts.count
      seen.bytes += texts.reduce(0) { $0 + $1.utf8.count }
      await search.add(try await session.embed(texts, role: .document), ids: ids)
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
extension RetrievalProblem {
  fileprivate func searchMemory(_ dimensions: Int) -> SearchMemory {
    SearchMemory(
      queries: queries.count, queryBytes: queries.reduce(0) { $0 + $1.utf8.count },
      dimensions: dimensions, depth: rankingDepth)
  }

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
