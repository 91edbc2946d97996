// Quick looks at retrieval: a few queries, what is judged for them, and some documents to be told
// apart from these.

package import Core
import Metrics
import Sampling

/// The documents of a quick look at a corpus.
struct DocumentSample: Sendable {
  /// Documents that are in whatever their place, for they are judged.
  let ids: Set<ExactText>
  /// Others, by their place in the file.
  let places: Set<Int>

  /// Documents beside the judged ones: enough for a ranking to go wrong.
  static let others = 1000

  /// Whether a document belongs to it; `place` counts from 0.
  func holds(_ id: String, at place: Int) -> Bool {
    places.contains(place) || ids.contains(ExactText(id))
  }
}

extension RankingEvaluation {
  /// Fewer queries, or fewer of what `unit` says belongs together.
  ///
  /// Where queries have candidates they keep these; else the corpus is what is judged for them and
  /// `DocumentSample.others` more.
  package func limited(
    _ problem: RetrievalProblem, to limit: Int
  ) async throws(Failure) -> RetrievalProblem {
    let unitOfQuery = problem.queryIDs.map { unit(ofQuery: $0) }
    var seen: Set<String> = []
    let units = unitOfQuery.filter { seen.insert($0).inserted }
    guard units.count > limit else { return problem }
    let chosen = Set(QuickLook.places(of: units.count, limit: limit).map { units[$0] })
    let places = unitOfQuery.indices.filter { chosen.contains(unitOfQuery[$0]) }
    var small = problem
    small.queryIDs = places.map { problem.queryIDs[$0] }
    small.queries = places.map { problem.queries[$0] }
    small.changes = problem.changes.filter { chosen.contains($0.query) }
    try await small.limitCorpus(keeping: places)
    return small
  }
}

extension RetrievalProblem {
  fileprivate mutating func limitCorpus(keeping queries: [Int]) async throws(Failure) {
    if let candidates {
      let own = candidates.keeping(queries: queries)
      corpus.candidates = own
      return
    }
    let judged = queryIDs.flatMap { judgements.grades[$0].map { Array($0.keys) } ?? [] }
    corpus.sample = DocumentSample(
      ids: Set(judged.map { ExactText($0) }),
      places: Set(
        QuickLook.places(of: try await corpus.checkedCount(), limit: DocumentSample.others)))
  }
}
