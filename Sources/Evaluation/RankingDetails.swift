// What became of every query: its measures, what was ranked first and what should have been.

import Core
import Metrics
import Storage

extension RankingEvaluation {
  /// The outcome of every query, and the rankings as trec_eval reads them.
  ///
  /// Cost: a second pass over the corpus, for the texts of the documents that are named.
  func details(
    of problem: RetrievalProblem, _ rankings: [RankedQuery], _ scores: RetrievalScores
  ) async throws(Failure) -> CellDetails {
    let texts = zip(problem.queryIDs, problem.queries).map { (id: $0, text: $1) }
    return try await details(
      RankedCell(
        queries: texts, rankings: rankings, judgements: problem.judgements, scores: scores),
      corpus: problem.corpus)
  }

  /// The same for whole queries; the text of one is those of its subqueries.
  func details(
    of problem: RetrievalProblem, _ merged: MergedSubqueries
  ) async throws(Failure) -> CellDetails {
    var texts: [ExactText: [String]] = [:]
    for (id, text) in zip(problem.queryIDs, problem.queries) {
      texts[ExactText(MergedSubqueries.whole(of: id) ?? id), default: []].append(text)
    }
    let queries = merged.rankings.map(\.queryID)
    let scores = RetrievalScores(
      merged.rankings, judgements: merged.judgements, queries: queries)
    return try await details(
      RankedCell(
        queries: queries.map {
          (id: $0, text: texts[ExactText($0), default: []].joined(separator: " | "))
        }, rankings: merged.rankings, judgements: merged.judgements, scores: scores,
        prefix: MergedSubqueries.prefix), corpus: problem.corpus)
  }

  private func details(
    _ cell: RankedCell, corpus: CorpusReader
  ) async throws(Failure) -> CellDetails {
    let measures = RankedCell.measures(main: task.mainScore, prefix: cell.prefix)
    let columns = measures.map { cell.scores.values(of: $0.measure) }
    let named = cell.rankings.map { NamedDocuments($0, grades: cell.judgements[$0.queryID]) }
    let excerpts = try await corpus.excerpts(of: named.lazy.flatMap(\.ids))
    let outcomes = cell.queries.indices.map { place in
      let documents = named[place]
      return Outcome(
        [
          ("query", .string(cell.queries[place].id)),
          ("text", .excerpt(cell.queries[place].text)),
        ] + measures.indices.map { (measures[$0].name, .number(columns[$0][place])) } + [
          ("relevant", .integer(documents.relevant)),
          ("ranked", .integer(cell.rankings[place].hits.count)),
          ("first_relevant", .optional(documents.firstRelevant) { .integer($0) }),
          ("top", .array(documents.top.map { $0.json(excerpts) })),
          ("wanted", .array(documents.wanted.map { $0.json(excerpts) })),
        ])
    }
    let shape = OutcomeShape(
      item: "query", name: "query", measures: measures.map { .init($0.name) },
      columns: [
        .init("text", "Text", isText: true), .init("first_relevant", "Rank"),
        .init("relevant", "Relevant"), .init("wanted.0.text", "Wanted", isText: true),
        .init("top.0.text", "Ranked first", isText: true),
      ])
    return CellDetails(
      shape: shape, outcomes: outcomes,
      attachments: [
        TRECFiles.run(cell.rankings),
        TRECFiles.qrels(cell.judgements, queries: cell.queries.map(\.id)),
      ])
  }
}

/// Queries with their rankings, in the same order, and what the rankings are worth.
private struct RankedCell {
  let queries: [(id: String, text: String)]
  let rankings: [RankedQuery]
  let judgements: Judgements
  let scores: RetrievalScores
  /// What the metrics of this cell begin with.
  var prefix = ""

  /// The measures that outcomes carry, the one that the main score is the mean of first.
  static func measures(main: Metric, prefix: String) -> [(name: String, measure: Measure)] {
    var measures: [Measure] = [
      .nDCG(10), .map(1000), .mrr(10), .recall(1), .recall(10), .recall(100), .precision(10),
      .hitRate(10),
    ]
    let all = Measure.Kind.allCases.flatMap { kind in
      Measure.cutoffs.map { Measure(kind, cutoff: $0) }
    }
    let plain = String(main.rawValue.dropFirst(prefix.count))
    if let found = all.first(where: { $0.description == plain }) {
      measures.removeAll { $0 == found }
      measures.insert(found, at: 0)
    }
    let named = measures.map { (name: prefix + $0.description, measure: $0) }
    return plain == "accuracy" ? [(prefix + plain, .recall(1))] + named : named
  }
}

/// The documents that the outcome of a query names.
private struct NamedDocuments {
  /// The first three of the ranking.
  let top: [Entry]
  /// Three of the relevant ones: higher grades first, then those ranked higher, then by id.
  let wanted: [Entry]
  let relevant: Int
  let firstRelevant: Int?

  struct Entry {
    let id: String
    let rank: Int?
    let score: Float?
    let grade: Int?

    func json(_ excerpts: [ExactText: JSON]) -> JSON {
      .object([
        ("document", .string(id)), ("rank", .optional(rank) { .integer($0) }),
        ("score", .optional(score) { .float($0) }), ("grade", .optional(grade) { .integer($0) }),
        ("text", excerpts[ExactText(id)] ?? .null),
      ])
    }
  }

  var ids: [String] { (top + wanted).map(\.id) }

  init(_ ranking: RankedQuery, grades: [String: Int]) {
    top = ranking.hits.prefix(3).enumerated().map { rank, hit in
      Entry(id: hit.id, rank: rank + 1, score: hit.score, grade: grades[hit.id])
    }
    var found: [Entry] = []
    for (rank, hit) in ranking.hits.enumerated() {
      guard let grade = grades[hit.id], grade > 0 else { continue }
      found.append(Entry(id: hit.id, rank: rank + 1, score: hit.score, grade: grade))
    }
    firstRelevant = found.first?.rank
    let ranked = Set(found.map { ExactText($0.id) })
    let missed = grades.filter { $0.value > 0 && !ranked.contains(ExactText($0.key)) }
    relevant = found.count + missed.count
    let all = found + missed.map { Entry(id: $0.key, rank: nil, score: nil, grade: $0.value) }
    wanted = Array(
      all.sorted { a, b in
        if a.grade != b.grade { return (a.grade ?? 0) > (b.grade ?? 0) }
        if a.rank != b.rank { return (a.rank ?? .max) < (b.rank ?? .max) }
        return a.id.utf8.lexicographicallyPrecedes(b.id.utf8)
      }.prefix(3))
  }
}

extension CorpusReader {
  /// The beginnings of some documents, by id; without those that are not in the corpus.
  func excerpts(of ids: some Sequence<String>) async throws(Failure) -> [ExactText: JSON] {
    let wanted = Set(ids.map(ExactText.init))
    var found: [ExactText: JSON] = [:]
    try await forEachBlock { ids, texts throws(Failure) in
      for (id, text) in zip(ids, texts) where wanted.contains(ExactText(id)) {
        found[ExactText(id)] = .excerpt(text)
      }
    }
    return found
  }
}
