// Retrieval measures: hand-computed rankings, ties, missing queries, and properties.

import Core
import Foundation
import TestSupport
import Testing

@testable import Metrics

struct RetrievalScoresTests {
  /// One query's ranking, its judgements and what the measures must be.
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let ranking: [String]
    let grades: [String: Int]
    let expected: [(Measure, Double)]
    var testDescription: String { name }
  }

  static let cases = [
    Case(
      name: "perfect", ranking: ["a", "b", "x"], grades: ["a": 2, "b": 1],
      expected: [
        (.nDCG(3), 1), (.map(3), 1), (.recall(1), 0.5), (.recall(3), 1), (.precision(3), 2 / 3.0),
        (.mrr(1), 1), (.hitRate(1), 1),
      ]),
    // Gains 0, 1, 0, 2 at positions 1-4: 1/log2(3) + 2/log2(5); ideal 2 + 1/log2(3).
    // Precision at the relevant positions 1/2 and 2/4.
    Case(
      name: "graded", ranking: ["x", "b", "y", "a"], grades: ["a": 2, "b": 1, "x": 0],
      expected: [
        (.nDCG(5), (1 / log2(3.0) + 2 / log2(5.0)) / (2 + 1 / log2(3.0))),
        (.nDCG(3), (1 / log2(3.0)) / (2 + 1 / log2(3.0))), (.nDCG(1), 0),
        (.map(5), (1 / 2.0 + 2 / 4.0) / 2), (.map(3), (1 / 2.0) / 2), (.recall(3), 0.5),
        (.precision(5), 2 / 5.0), (.mrr(1), 0), (.mrr(3), 0.5), (.hitRate(1), 0), (.hitRate(3), 1),
      ]),
    // R = 3 although only one is found and the cut is at 1: MAP divides by 3.
    Case(
      name: "relevant documents that were not ranked", ranking: ["a"],
      grades: ["a": 1, "b": 1, "c": 1],
      expected: [
        (.map(1), 1 / 3.0), (.map(5), 1 / 3.0), (.recall(5), 1 / 3.0), (.precision(5), 1 / 5.0),
        (.nDCG(1), 1), (.nDCG(3), 1 / (1 + 1 / log2(3.0) + 1 / 2.0)),
      ]),
    // A negative grade is no gain, neither in the ranking nor in the ideal.
    Case(
      name: "a negative grade", ranking: ["n", "a"], grades: ["a": 1, "n": -1],
      expected: [(.nDCG(3), 1 / log2(3.0)), (.mrr(3), 0.5), (.precision(1), 0)]),
    Case(
      name: "nothing is relevant", ranking: ["a", "b"], grades: ["a": 0],
      expected: [
        (.nDCG(3), 0), (.map(3), 0), (.recall(3), 0), (.precision(3), 0), (.mrr(3), 0),
        (.hitRate(3), 0),
      ]),
    Case(
      name: "an empty ranking", ranking: [], grades: ["a": 1],
      expected: [(.nDCG(3), 0), (.map(3), 0), (.recall(3), 0), (.precision(1), 0), (.mrr(5), 0)]),
  ]

  static func ranked(_ query: String, _ ids: [String]) -> RankedQuery {
    RankedQuery(
      queryID: query, hits: ids.enumerated().map { ($1, Float(ids.count - $0)) })
  }

  @Test(arguments: cases)
  func `measures equal the hand-computed ones`(_ example: Case) {
    let scores = RetrievalScores(
      [Self.ranked("q", example.ranking)], judgements: Judgements(["q": example.grades]))
    for (measure, expected) in example.expected {
      let found = scores.values(of: measure)
      #expect(found.count == 1 && abs(found[0] - expected) < 1e-15, "\(measure): \(found)")
    }
  }

  @Test func `equal scores are ordered by id from the greatest byte down`() {
    let query = RankedQuery(
      queryID: "q",
      hits: [("10", 0.5), ("9", 0.5), ("é", 0.5), ("z", 0.5), ("b", 0.7), ("a", .nan)])
    #expect(query.hits.map(\.id) == ["b", "é", "z", "9", "10", "a"])
  }

  @Test func `scores that differ by less than float32 sees are ties`() {
    #expect(Float(0.5) == Float(0.5 + 2e-8))
    #expect(Float(0.5) != Float(0.5 + 6e-8))
    let query = RankedQuery(
      queryID: "q", hits: [("a", Float(0.5 + 2e-8)), ("b", Float(0.5))])
    #expect(query.hits.map(\.id) == ["b", "a"])
  }

  @Test func `the order of the hits given does not matter`() {
    var random = SplitMix(state: 3)
    let hits = (0..<300).map { (id: "d\($0)", score: Float(random.next() % 40)) }
    let ranking = RankedQuery(queryID: "q", hits: hits).hits.map(\.id)
    for _ in 0..<5 {
      let shuffled = RankedQuery(queryID: "q", hits: hits.shuffled(using: &random))
      #expect(shuffled.hits.map(\.id) == ranking)
    }
  }

  @Test func `a query without a ranking counts as zero and is named`() throws {
    let judgements = Judgements(["q1": ["a": 1], "q2": ["b": 1], "q3": ["c": 1]])
    let scores = RetrievalScores(
      [Self.ranked("q1", ["a"]), Self.ranked("other", ["a"])], judgements: judgements)
    #expect(scores.queries == ["q1", "q2", "q3"])
    #expect(scores.unranked == ["q2", "q3"])
    #expect(scores.values(of: .mrr(1)) == [1, 0, 0])
    #expect(scores.scores[Metric("ndcg_at_10")] == 0.33333)
    #expect(scores.scores[Metric("mrr_at_10")] == 1 / 3.0)
  }

  @Test func `only the queries asked for are scored, in their order`() {
    let judgements = Judgements(["q1": ["a": 1], "q2": ["b": 1]])
    let rankings = [Self.ranked("q1", ["a"]), Self.ranked("q2", ["x", "b"])]
    let scores = RetrievalScores(rankings, judgements: judgements, queries: ["q2"])
    #expect(scores.queries == ["q2"] && scores.unranked.isEmpty)
    #expect(scores.mean(of: .mrr(5)) == 0.5)
  }

  @Test func `no queries, no scores`() {
    #expect(RetrievalScores([], judgements: Judgements()).scores.entries.isEmpty)
  }

  @Test func `the last judgement of a document holds`() {
    var judgements = Judgements()
    judgements.set(query: "q", document: "a", grade: 1)
    judgements.set(query: "q", document: "a", grade: 0)
    #expect(judgements["q"] == ["a": 0] && judgements["other"].isEmpty)
  }

  @Test func `the scores are named and ordered as in result files`() {
    var random = SplitMix(state: 4)
    let (rankings, judgements) = Self.example(queries: 30, random: &random)
    let names = RetrievalScores(rankings, judgements: judgements).scores.entries
      .map(\.metric.rawValue)
    var expected: [String] = []
    func add(_ name: String) { expected += Measure.cutoffs.map { "\(name)_at_\($0)" } }
    for name in ["ndcg", "map", "recall"] { add(name) }
    expected.append("accuracy")
    for name in ["precision", "mrr"] { add(name) }
    for name in ["ndcg", "map", "recall", "precision", "mrr"] {
      for cutoff in Measure.cutoffs {
        expected += ["max", "std", "diff1"].map { "nauc_\(name)_at_\(cutoff)_\($0)" }
      }
    }
    add("hit_rate")
    #expect(names == expected)
  }

  @Test func `measures stay in range, and the order of the queries does not matter`() throws {
    var random = SplitMix(state: 5)
    let (rankings, judgements) = Self.example(queries: 40, random: &random)
    let scores = RetrievalScores(rankings, judgements: judgements)
    let shuffled = RetrievalScores(
      rankings.shuffled(using: &random), judgements: judgements,
      queries: judgements.queries.shuffled(using: &random))
    for kind in Measure.Kind.allCases {
      for cutoff in Measure.cutoffs {
        let measure = Measure(kind, cutoff: cutoff)
        #expect(scores.values(of: measure).allSatisfy { (0...1).contains($0) })
      }
    }
    for entry in scores.scores.entries {
      let other = try #require(shuffled.scores[entry.metric])
      #expect(abs(other - entry.value) < 1e-9, "\(entry.metric)")
    }
  }

  @Test func `ranking by grade is perfect`() {
    let grades = ["a": 3, "b": 1, "c": 2, "d": 0, "e": 1]
    let hits = grades.map { (id: $0.key, score: Float($0.value)) }
    let scores = RetrievalScores(
      [RankedQuery(queryID: "q", hits: hits)], judgements: Judgements(["q": grades]))
    for cutoff in Measure.cutoffs { #expect(scores.values(of: .nDCG(cutoff)) == [1]) }
    #expect(scores.values(of: .map(5)) == [1])
  }

  @Test func `ten thousand rankings of a thousand documents take seconds, not minutes`() {
    let hits = (0..<1000).map { (id: "document \($0)", score: Float(1000 - $0)) }
    let count = Self.isOptimised ? 10_000 : 200
    let rankings = (0..<count).map { RankedQuery(queryID: "q\($0)", hits: hits) }
    let judgements = Judgements(
      Dictionary(uniqueKeysWithValues: rankings.map { ($0.queryID, ["document 7": 1]) }))
    let clock = ContinuousClock()
    let duration = clock.measure {
      #expect(
        RetrievalScores(rankings, judgements: judgements).scores[Metric("mrr_at_10")] == 1 / 8.0)
    }
    #expect(duration < .seconds(20))
  }

  static var isOptimised: Bool {
    var isDebug = false
    assert(
      {
        isDebug = true; return true
      }())
    return !isDebug
  }

  /// Rankings with many ties and a few relevant documents a query.
  static func example(
    queries: Int, random: inout SplitMix
  ) -> (rankings: [RankedQuery], judgements: Judgements) {
    var rankings: [RankedQuery] = []
    var judgements = Judgements()
    for query in 0..<queries {
      let hits = (0..<120).map { (id: "d\($0)", score: Float(random.next() % 1000) / 1000) }
      rankings.append(RankedQuery(queryID: "q\(query)", hits: hits))
      // The best document of every other query is relevant, so that no measure is constant.
      if query % 2 == 0 {
        judgements.set(query: "q\(query)", document: rankings[query].hits[0].id, grade: 2)
      }
      for _ in 0..<4 {
        judgements.set(
          query: "q\(query)", document: "d\(random.next() % 150)", grade: Int(random.next() % 3 + 1)
        )
      }
    }
    return (rankings, judgements)
  }
}
