// Queries that are parts of one: their rankings merged by the highest score of every document.

package import Core

/// The rankings of whole queries, made from those of their subqueries.
///
/// Subqueries are the queries whose ids agree up to the last `_` (MIND: the news a user has read,
/// one by one).
package struct MergedSubqueries: Sendable {
  /// One per whole query, in the order of their first subqueries.
  package let rankings: [RankedQuery]
  /// Those of the last subquery of each: a data set gives all the same.
  package let judgements: Judgements

  package init(_ rankings: [RankedQuery], judgements: Judgements) {
    var order: [String] = []
    var best: [String: [ExactText: Float]] = [:]
    var grades: [String: [String: Int]] = [:]
    for ranking in rankings {
      let whole = Self.whole(of: ranking.queryID) ?? ranking.queryID
      if best[whole] == nil { order.append(whole) }
      best[whole, default: [:]].merge(
        ranking.hits.map { (ExactText($0.id), $0.score) }, uniquingKeysWith: { max($0, $1) })
      grades[whole] = judgements[ranking.queryID]
    }
    self.rankings = order.map { whole in
      RankedQuery(
        queryID: whole, hits: (best[whole] ?? [:]).map { (id: $0.key.text, score: $0.value) })
    }
    self.judgements = Judgements(grades)
  }

  /// The id of the whole query, nil for an id without `_`.
  package static func whole(of queryID: String) -> String? {
    queryID.lastIndex(of: "_").map { String(queryID[..<$0]) }
  }

  /// All scores of the merged rankings, each name with the prefix that mteb gives it.
  package var scores: Scores {
    let plain = RetrievalScores(
      rankings, judgements: judgements, queries: rankings.map(\.queryID)
    ).scores
    var scores = Scores()
    for entry in plain.entries { scores[Self.metric(entry.metric)] = entry.value }
    return scores
  }

  package static let prefix = "max_over_subqueries_"
  package static func metric(_ plain: Metric) -> Metric { Metric(prefix + plain.rawValue) }
}
