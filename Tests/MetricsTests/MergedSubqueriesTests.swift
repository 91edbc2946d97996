// Subqueries as one query: ids, highest scores, judgements.

import Core
import Testing

@testable import Metrics

struct MergedSubqueriesTests {
  @Test(arguments: [("u_1_2", "u_1"), ("a_", "a"), ("_7", "")])
  func `the id of the whole query ends at the last underscore`(id: String, whole: String) {
    #expect(MergedSubqueries.whole(of: id) == whole)
  }

  @Test func `an id without underscore has no whole`() {
    #expect(MergedSubqueries.whole(of: "q1") == nil)
  }

  @Test func `a document has the highest score that any subquery gives it`() {
    let rankings = [
      RankedQuery(queryID: "u_0", hits: [("a", 0.9), ("b", 0.2)]),
      RankedQuery(queryID: "v_0", hits: [("a", 0.1)]),
      RankedQuery(queryID: "u_1", hits: [("b", 0.95), ("c", 0.5), ("a", 0.1)]),
      RankedQuery(queryID: "w_0", hits: []),
    ]
    let merged = MergedSubqueries(
      rankings,
      judgements: Judgements([
        "u_0": ["c": 1], "u_1": ["a": 1], "v_0": ["a": 1], "w_0": ["a": 1],
      ]))
    #expect(merged.rankings.map(\.queryID) == ["u", "v", "w"])
    #expect(merged.rankings[0].hits.map(\.id) == ["b", "a", "c"])
    #expect(merged.rankings[0].hits.map(\.score) == [0.95, 0.9, 0.5])
    // u: a, judged by the last subquery, comes second, 1/2. v: 1. w ranks nothing: 0.
    #expect(merged.scores["max_over_subqueries_map_at_1000"] == 0.5)
    #expect(merged.scores.entries.allSatisfy { $0.metric.rawValue.hasPrefix("max_over_subq") })
  }
}
