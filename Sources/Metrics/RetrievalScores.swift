// Scores of retrieval and reranking: every measure of every query from one pass over its ranking,
// and their means as result files hold them.

package import Core

/// The measures of a set of ranked queries, query by query and on average.
package struct RetrievalScores: Sendable {
  /// The queries that were scored, in the order of `values(of:)`.
  package let queries: [String]
  /// Queries scored as an empty ranking because none was given.
  package let unranked: [String]
  private let cutoffs: [Int]
  /// Values of every query, shape [queries, kinds, cutoffs].
  private let table: [Double]
  private let confidences: [Confidence]

  /// Scores rankings against judgements.
  ///
  /// Every query asked for counts: one without a ranking scores 0 and is listed in `unranked`,
  /// one without a relevant document scores 0. Rankings of other queries are not looked at.
  ///
  /// - Parameters:
  ///   - rankings: at most one per query
  ///   - judgements: what is relevant
  ///   - queries: the queries to score, each once; nil for all that have judgements
  ///   - cutoffs: ascending, without repetition
  package init(
    _ rankings: [RankedQuery], judgements: Judgements, queries: [String]? = nil,
    cutoffs: [Int] = Measure.cutoffs
  ) {
    precondition(
      zip(cutoffs, cutoffs.dropFirst()).allSatisfy { $0 < $1 } && (cutoffs.first ?? 0) > 0,
      "cut-offs \(cutoffs) do not ascend from 1")
    let queries = queries ?? judgements.queries
    let places = Dictionary(
      rankings.enumerated().map { ($1.queryID, $0) },
      uniquingKeysWith: { preconditionFailure("two rankings, at \($0) and \($1), of one query") })
    var unranked: [String] = []
    var table: [Double] = []
    table.reserveCapacity(queries.count * cutoffs.count * Measure.Kind.allCases.count)
    var confidences: [Confidence] = []
    for query in queries {
      let hits: [RankedQuery.Hit]
      if let place = places[query] {
        hits = rankings[place].hits
      } else {
        hits = []
        unranked.append(query)
      }
      let scored = QueryScores(hits, grades: judgements[query], cutoffs: cutoffs)
      for kind in Measure.Kind.allCases { table.append(contentsOf: scored.values(kind)) }
      confidences.append(Confidence(hits.map(\.score)))
    }
    self.queries = queries
    self.unranked = unranked
    self.cutoffs = cutoffs
    self.table = table
    self.confidences = confidences
  }

  /// One measure for every query, [queries].
  package func values(of measure: Measure) -> [Double] {
    let kinds = Measure.Kind.allCases
    guard let kind = kinds.firstIndex(of: measure.kind),
      let cutoff = cutoffs.firstIndex(of: measure.cutoff)
    else { preconditionFailure("\(measure) was not computed") }
    let width = kinds.count * cutoffs.count
    let column = kind * cutoffs.count + cutoff
    return queries.indices.map { table[$0 * width + column] }
  }

  /// The mean of a measure over all queries, unrounded; nil without queries.
  package func mean(of measure: Measure) -> Double? {
    guard !queries.isEmpty else { return nil }
    return values(of: measure).reduce(0, +) / Double(queries.count)
  }

  /// All scores in mteb's order: nDCG, MAP, recall, `accuracy` (recall at 1), precision, MRR, the
  /// areas under the abstention curves (`AbstentionCurve`), hit rate.
  ///
  /// Means are rounded to five decimals as mteb does before it writes, those of MRR excepted.
  package var scores: Scores {
    var scores = Scores()
    addMeans(.ndcg, to: &scores)
    addMeans(.map, to: &scores)
    addMeans(.recall, to: &scores)
    scores[Metric("accuracy")] = scores[Measure.recall(1).metric]
    addMeans(.precision, to: &scores)
    addMeans(.mrr, to: &scores)
    addAbstention(to: &scores)
    addMeans(.hitRate, to: &scores)
    return scores
  }

  private func addMeans(_ kind: Measure.Kind, to scores: inout Scores) {
    for cutoff in cutoffs {
      let measure = Measure(kind, cutoff: cutoff)
      let mean = mean(of: measure)
      scores[measure.metric] = kind == .mrr ? mean : mean?.rounded(decimals: 5)
    }
  }

  private func addAbstention(to scores: inout Scores) {
    guard !queries.isEmpty else { return }
    let curves: [(name: String, curve: AbstentionCurve)] = [
      ("max", AbstentionCurve(confidences: confidences.map(\.maximum))),
      ("std", AbstentionCurve(confidences: confidences.map(\.deviation))),
      ("diff1", AbstentionCurve(confidences: confidences.map(\.lead))),
    ]
    for kind in [Measure.Kind.ndcg, .map, .recall, .precision, .mrr] {
      for cutoff in cutoffs {
        let measure = Measure(kind, cutoff: cutoff)
        let values = values(of: measure)
        let oracle = AbstentionCurve(confidences: values)
        for (name, curve) in curves {
          scores[Metric("nauc_\(measure)_\(name)")] = curve.normalisedArea(
            of: values, oracle: oracle)
        }
      }
    }
  }
}
