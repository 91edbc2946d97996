// Scores recomputed from stored vectors against mteb's own, metric by metric.

import Core
import Foundation
import TestSupport
import Testing

@testable import Metrics

@Suite(.enabled(if: Shared.isPresent, "the reference data are not beside the repository"))
struct ReferenceScoresTests {
  @Test(arguments: ["en", "zh"])
  func `STS scores of comma-separated data equal mteb's`(_ subset: String) throws {
    let reference = try Reference("STSBMultiMTOpen")
    let file = Shared.url("data/STSBMultiMTOpen/\(subset)/test.csv")
    let rows = Self.table(try String(contentsOf: file, encoding: .utf8)).dropFirst()
    try Self.compareSTS(
      reference, subset: subset, split: "test", pairs: rows.map { ($0[0], $0[1]) },
      gold: rows.map { try #require(Double($0[2])) })
  }

  @Test func `STS scores of Japanese pairs equal mteb's`() throws {
    let reference = try Reference("JSTS")
    let rows = try Reference.lines(
      Shared.url("data/JSTS/validation.jsonl.gz"))
    try Self.compareSTS(
      reference, subset: "default", split: "validation",
      pairs: try rows.map {
        (try #require($0["sentence1"]?.string), try #require($0["sentence2"]?.string))
      },
      gold: try rows.map { try #require($0["score"]?.double) })
  }

  static func compareSTS(
    _ reference: Reference, subset: String, split: String, pairs: [(String, String)],
    gold: [Double]
  ) throws {
    let left = try reference.rows(pairs.map(\.0))
    let right = try reference.rows(pairs.map(\.1))
    let predicted = try reference.predictions(subset: subset, split: split)
    // The cosines are equal bit for bit, so equal pairs tie where they tie in the reference.
    for (key, values) in [
      ("cosine_scores", PairSimilarity.cosine(left, right)),
      ("similarity_scores", PairSimilarity.model(.cosine, left, right)),
      ("manhattan_distances", PairSimilarity.manhattanDistance(left, right).map { -$0 }),
      ("euclidean_distances", PairSimilarity.euclideanDistance(left, right).map { -$0 }),
    ] {
      let expected = try #require(predicted[key]?.array).map { Float($0.double ?? .nan) }
      #expect(values == expected, "\(key)")
    }
    Reference.expect(
      STSScores.scores(left, right, gold: gold, similarity: .cosine),
      equal: try reference.scores(subset: subset), within: 1e-7)
  }

  @Test func `STS scores of vectors of 384 numbers equal mteb's`() throws {
    let folder = Shared.url("golden/all-MiniLM-L6-v2/embeddings")
    let left = try Reference.matrix(folder.appending(path: "STSBMultiMTOpen.en.sentence1.npy"))
    let right = try Reference.matrix(folder.appending(path: "STSBMultiMTOpen.en.sentence2.npy"))
    let file = Shared.url("data/STSBMultiMTOpen/en/test.csv")
    let rows = Self.table(try String(contentsOf: file, encoding: .utf8)).dropFirst()
    Reference.expect(
      STSScores.scores(
        left, right, gold: try rows.map { try #require(Double($0[2])) }, similarity: .cosine),
      equal: try Reference("STSBMultiMTOpen").scores(subset: "en", folder: "all-MiniLM-L6-v2"),
      within: 1e-6)
  }

  @Test(arguments: ["amh-eng", "ang-eng", "xho-eng", "tzl-eng"])
  func `bitext scores of sentence pairs equal mteb's`(_ subset: String) throws {
    let reference = try Reference("Tatoeba")
    let rows = try Reference.lines(
      Shared.url("data/Tatoeba/\(subset)/test.jsonl.gz"))
    let chosen = Self.nearest(
      try reference.rows(rows.map { try #require($0["sentence1"]?.string) }),
      try reference.rows(rows.map { try #require($0["sentence2"]?.string) }))
    let predicted = try reference.predictions(subset: subset, split: "test")
    let expected = predicted["sentence1-sentence2"]?.array?.map { $0["corpus_id"]?.integer }
    #expect(chosen == expected)
    Reference.expect(
      BitextScores.scores(chosen: chosen), equal: try reference.scores(subset: subset))
  }

  /// The stored vectors follow the file row by row, its three languages side by side.
  @Test(arguments: [("eng_Latn-quy_Latn", 0, 1), ("swh_Latn-eng_Latn", 2, 0)])
  func `bitext scores of parallel columns equal mteb's`(
    _ subset: String, _ first: Int, _ second: Int
  ) throws {
    let reference = try Reference("SIBFloresParallelBitext")
    let count = reference.vectors.count / 3
    let chosen = Self.nearest(
      reference.vectors.rows((0..<count).map { 3 * $0 + first }),
      reference.vectors.rows((0..<count).map { 3 * $0 + second }))
    let predicted = try reference.predictions(subset: "parallel", split: "test")
    #expect(chosen == predicted[subset]?.array?.map { $0["corpus_id"]?.integer })
    Reference.expect(
      BitextScores.scores(chosen: chosen), equal: try reference.scores(subset: subset))
  }

  @Test func `retrieval scores of the stored rankings equal mteb's`() throws {
    let reference = try Reference("LiveQAMedRetrieval")
    let run = try reference.predictions(subset: "default", split: "test")
    let rankings = try #require(run.members).entries.map { query, hits in
      RankedQuery(
        queryID: query,
        hits: (hits.members?.entries ?? []).map { ($0.key, Float($0.value.double ?? .nan)) })
    }
    Reference.expect(
      RetrievalScores(rankings, judgements: try Self.judgements()).scores,
      equal: try reference.scores(subset: "default"))
  }

  @Test func `retrieval scores from vectors equal mteb's`() throws {
    let reference = try Reference("LiveQAMedRetrieval")
    let folder = Shared.url("data/LiveQAMedRetrieval")
    let corpus = try Reference.lines(folder.appending(path: "corpus.jsonl"))
    let documents = try reference.rows(
      corpus.map { row in
        let text = (row["title"]?.string ?? "") + " " + (row["text"]?.string ?? "")
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
      })
    let ids = try corpus.map { try #require($0["_id"]?.string) }
    let judgements = try Self.judgements()
    let queries = try Reference.lines(folder.appending(path: "queries.jsonl"))
    let rankings = try queries.map { row in
      let vector = try reference.rows([try #require(row["text"]?.string)])
      let repeated = vector.rows([Int](repeating: 0, count: ids.count))
      let scores = PairSimilarity.model(.cosine, repeated, documents)
      let ranked = RankedQuery(queryID: row["_id"]?.string ?? "", hits: Array(zip(ids, scores)))
      return RankedQuery(queryID: ranked.queryID, hits: Array(ranked.hits.prefix(1000)))
    }
    Reference.expect(
      RetrievalScores(rankings, judgements: judgements).scores,
      equal: try reference.scores(subset: "default"), within: 1e-6)
  }

  static func judgements() throws -> Judgements {
    let file = Shared.url("data/LiveQAMedRetrieval/qrels/test.tsv")
    var judgements = Judgements()
    for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n").dropFirst() {
      let cells = line.split(separator: "\t")
      judgements.set(
        query: String(cells[0]), document: String(cells[1]), grade: try #require(Int(cells[2])))
    }
    return judgements
  }

  /// The candidate with the highest cosine for every row; of equal ones the first.
  static func nearest(_ rows: Embeddings, _ candidates: Embeddings) -> [Int] {
    (0..<rows.count).map { row in
      let repeated = rows.rows([Int](repeating: row, count: candidates.count))
      let scores = PairSimilarity.model(.cosine, repeated, candidates)
      return scores.indices.reduce(0) { scores[$1] > scores[$0] ? $1 : $0 }
    }
  }

  /// Cells of comma- or otherwise separated text with standard quoting.
  static func table(_ text: String, separator: Unicode.Scalar = ",") -> [[String]] {
    var rows: [[String]] = [[]]
    var cell = ""
    var isQuoted = false
    var previous: Unicode.Scalar?
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"":
        if !isQuoted, previous == "\"" { cell += "\"" }
        isQuoted.toggle()
      case separator where !isQuoted, "\n" where !isQuoted:
        rows[rows.count - 1].append(cell)
        cell = ""
        if scalar == "\n" { rows.append([]) }
      case "\r" where !isQuoted: break
      default: cell.unicodeScalars.append(scalar)
      }
      previous = scalar
    }
    return rows.filter { $0.count > 1 }
  }
}
