// What evaluators tell about single items, on data small enough to work out by hand; and rankings
// against those of the reference.

import Catalogue
import Core
import Encoders
import Evaluation
import Foundation
import Storage
import TestSupport
import Testing

/// One task over one folder, run with details by a toy.
private struct Bench {
  let folder: URL
  let task: TaskDefinition

  init(
    _ type: String, _ metric: String, in folder: URL,
    change: (inout TaskDefinition) -> Void = { _ in }
  ) throws {
    self.folder = folder
    task = try oneSubsetTask(type, metric, in: folder.appending(path: "data"), change: change)
  }

  var store: ResultStore { ResultStore(root: folder.appending(path: "results")) }

  func write(_ path: String, _ text: String) throws { try folder.write("data/\(path)", text) }

  func run(_ embedder: ToyEmbedder, keepsDetails: Bool = true) async -> RunSummary {
    var runner = Runner(
      embedder: embedder, prompts: Prompts(), store: store, locator: DataLocator())
    runner.keepsDetails = keepsDetails
    return await runner.run(Selection(tasks: [task])) { _ in }
  }

  /// The details of the only subset.
  func outcomes(_ embedder: ToyEmbedder) async throws -> (score: Double?, [Outcome], String) {
    let summary = await run(embedder)
    try #require(summary.failed.isEmpty, "\(summary.failed)")
    let details = store.details(of: embedder.model)
    let cell = try #require(details.cells(of: task.name).first)
    let result = try ResultStore.read(store.file(of: task.name, model: embedder.model))
    let run = try? String(contentsOf: details.file(of: task.name, cell, "run"), encoding: .utf8)
    return (result.mainScore, try details.outcomes(of: task.name, cell), run ?? "")
  }
}

private func mean(_ outcomes: [Outcome], _ measure: String) -> Double {
  let values = outcomes.compactMap { $0.value(at: measure)?.double }
  return values.reduce(0, +) / Double(values.count)
}

@Suite struct `Outcomes` {
  @Test func `of instruction reranking tell how documents moved`() async throws {
    try await withTemporaryFolder { folder in
      let bench = try Bench("InstructionReranking", "p-MRR", in: folder)
      try bench.write(
        "corpus.jsonl",
        """
        {"_id": "d1", "text": "one"}
        {"_id": "d2", "text": "two"}
        """)
      try bench.write(
        "queries.jsonl",
        """
        {"_id": "7-og", "text": "who?"}
        {"_id": "7-changed", "text": "what?"}
        """)
      try bench.write(
        "qrels/test.tsv", "query-id\tcorpus-id\tscore\n7-og\td1\t1\n7-changed\td2\t1\n")
      try bench.write("qrel_diff.jsonl", #"{"query-id": "7", "corpus-ids": ["d1"]}"#)
      let (score, outcomes, run) = try await bench.outcomes(
        ToyEmbedder(["who?": [1, 0], "what?": [0, 1], "one": [1, 0], "two": [0, 1]]))
      // d1 goes from 1 to 2: 1 - 1/2.
      #expect(score == 0.5)
      #expect(outcomes.map { $0.value(at: "p-MRR")?.double } == [0.5])
      #expect(outcomes.first?.value(at: "query")?.string == "7")
      #expect(outcomes.first?.value(at: "moved.0.changed_rank")?.integer == 2)
      #expect(outcomes.first?.value(at: "moved.0.text")?.string == "one")
      #expect(outcomes.first?.value(at: "changed.ndcg_at_10")?.double == 1)
      #expect(
        run == """
          7-og Q0 d1 1 1.0 borda
          7-og Q0 d2 2 0.0 borda
          7-changed Q0 d2 1 1.0 borda
          7-changed Q0 d1 2 0.0 borda

          """)
    }
  }

  @Test func `of merged queries average to the merged score`() async throws {
    try await withTemporaryFolder { folder in
      let bench = try Bench("Reranking", "max_over_subqueries_map_at_1000", in: folder) {
        $0.mergesSubqueries = true
      }
      let rows = (1...3).map { #"{"_id": "d\#($0)", "text": "document \#($0)"}"# }
      try bench.write("corpus.jsonl", rows.joined(separator: "\n"))
      let ids = ["a_1", "a_2", "b_1"]
      try bench.write(
        "queries.jsonl",
        ids.map { #"{"_id": "\#($0)", "text": "query \#($0)"}"# }.joined(separator: "\n"))
      try bench.write(
        "qrels/test.tsv",
        "query-id\tcorpus-id\tscore\n" + ids.map { "\($0)\td2\t1\n" }.joined())
      let (score, outcomes, run) = try await bench.outcomes(ToyEmbedder(dimensions: 8))
      #expect(outcomes.map { $0.value(at: "query")?.string } == ["a", "b"])
      #expect(outcomes.first?.value(at: "text")?.string == "query a_1 | query a_2")
      let average = mean(outcomes, "max_over_subqueries_map_at_1000")
      #expect(abs(average - (try #require(score))) < 6e-6)
      #expect(run.hasPrefix("a Q0 ") && run.split(separator: "\n").count == 6)
    }
  }

  @Test func `of summaries average to the score of their task`() async throws {
    try await withTemporaryFolder { folder in
      let rows = (0..<4).map { row in
        #"{"human_summaries": ["h\#(row)"], "machine_summaries": ["a\#(row)", "b\#(row)", "#
          + #""c\#(row)", "d\#(row)"], "relevance": [\#(row == 3 ? "2, 2, 2, 2" : "1, 2, 3, 5")]}"#
      }
      for averagesPValues in [false, true] {
        let bench = try Bench(
          "Summarization", "cosine_spearman",
          in: folder.appending(path: averagesPValues ? "p" : "plain")
        ) { $0.averagesPValues = averagesPValues }
        try bench.write("test.jsonl", rows.joined(separator: "\n"))
        let (score, outcomes, _) = try await bench.outcomes(ToyEmbedder(dimensions: 8))
        #expect(outcomes.count == 4)
        // The ratings of the last text are all equal.
        #expect(outcomes.last?.value(at: "cosine_spearman") == nil)
        #expect(outcomes.last?.value(at: "similarities")?.array?.count == 4)
        #expect(abs(mean(outcomes, "cosine_spearman") - (try #require(score))) < 1e-6)
        let first = try #require(outcomes.first)
        let isTrue = first.value(at: "correlation") == first.value(at: "cosine_spearman")
        #expect(isTrue == !averagesPValues)
      }
    }
  }

  @Test func `of separate clusterings are their V-measures`() async throws {
    try await withTemporaryFolder { folder in
      let bench = try Bench("Clustering", "v_measure", in: folder) { $0.clustering.isLegacy = true }
      try bench.write(
        "test.jsonl",
        """
        {"sentences": ["a", "b", "c", "d", "e"], "labels": [0, 0, 1, 1, 1]}
        {"sentences": ["f", "g"], "labels": [2, 2]}
        """)
      let (score, outcomes, _) = try await bench.outcomes(ToyEmbedder(dimensions: 4))
      #expect(abs(mean(outcomes, "v_measure") - (try #require(score))) < 1e-6)
      #expect(outcomes.last?.value(at: "v_measure")?.double == 1)
      #expect(outcomes.map { $0.value(at: "texts")?.integer } == [5, 2])
    }
  }

  @Test func `of clustering have all levels, and drop what a level leaves out`() async throws {
    try await withTemporaryFolder { folder in
      let bench = try Bench("Clustering", "v_measure", in: folder) {
        $0.clustering.documentCap = .unlimited
      }
      try bench.write(
        "test.jsonl",
        """
        {"sentences": "a", "labels": [1, 10]}
        {"sentences": "b", "labels": [1, 11]}
        {"sentences": "c", "labels": [2]}
        {"sentences": "d", "labels": [2, 10]}
        """)
      // Far apart at the first level, so every document lies among its own.
      let (_, outcomes, _) = try await bench.outcomes(
        ToyEmbedder(["a": [9, 0], "b": [9, 1], "c": [-9, 0], "d": [-9, 1]]))
      #expect(outcomes.map { $0.value(at: "gold")?.array?.count } == [2, 2, 1, 2])
      #expect(outcomes.map { $0.value(at: "found.0")?.integer } == [1, 1, 2, 2])
      #expect(outcomes.map { $0.value(at: "right.0")?.integer } == [10, 10, 10, 10])
      #expect(outcomes[2].value(at: "own_majority")?.double == 1)
    }
  }

  @Test func `of similarities say how far ranks are apart, and average to the score`() async throws
  {
    try await withTemporaryFolder { folder in
      let bench = try Bench("STS", "cosine_spearman", in: folder)
      let rows = [(1, "x"), (2, "y"), (3, "z")].map {
        #"{"sentence1": "o", "sentence2": "\#($0.1)", "score": \#($0.0)}"#
      }
      try bench.write("test.jsonl", rows.joined(separator: "\n"))
      // Similarities rank 2, 1, 3: rho = 1 - 6 · 2 / (3 · 8) = 0.5.
      let (score, outcomes, _) = try await bench.outcomes(
        ToyEmbedder(["o": [1, 0], "x": [1, 1], "y": [0, 1], "z": [1, 0]]))
      #expect(score == 0.5)
      #expect(outcomes.map { $0.value(at: "rank_difference")?.double } == [1, -1, 0])
      // z-scores one rank apart differ by √1.5: 1 - 1.5 / 2 = 0.25, twice, and 1.
      let agreements = outcomes.compactMap { $0.value(at: "cosine_spearman")?.double }
      for (value, wanted) in zip(agreements, [0.25, 0.25, 1]) {
        #expect(abs(value - wanted) < 1e-12)
      }
    }
  }

  @Test func `of equal similarities have no measure, and the run goes on`() async throws {
    try await withTemporaryFolder { folder in
      let bench = try Bench("STS", "cosine_spearman", in: folder)
      try bench.write(
        "test.jsonl",
        """
        {"sentence1": "a", "sentence2": "a", "score": 1}
        {"sentence1": "a", "sentence2": "a", "score": 2}
        """)
      let (score, outcomes, _) = try await bench.outcomes(ToyEmbedder())
      #expect(score == nil)
      #expect(outcomes.map { $0.value(at: "cosine_spearman") } == [nil, nil])
    }
  }

  @Test func `are not made unless asked for`() async throws {
    try await withTemporaryFolder { folder in
      let bench = try Bench("STS", "cosine_spearman", in: folder)
      try bench.write("test.jsonl", #"{"sentence1": "a", "sentence2": "b", "score": 1}"#)
      let embedder = ToyEmbedder()
      _ = await bench.run(embedder, keepsDetails: false)
      let folder = bench.store.details(of: embedder.model).folder
      #expect(!FileManager.default.fileExists(atPath: folder.path(percentEncoded: false)))
    }
  }

  @Test func `of finished subsets outlive an interruption`() async throws {
    try await withTemporaryFolder { folder in
      let english = try #require(Language("eng-Latn"))
      let bench = try Bench("STS", "cosine_spearman", in: folder) {
        $0.subsets = ["a", "b.c"].map { Subset(name: $0, languages: [english]) }
      }
      for subset in ["a", "b.c"] {
        let rows = (0..<3).map {
          #"{"sentence1": "\#(subset) \#($0)", "sentence2": "x\#($0)", "score": \#($0)}"#
        }
        try bench.write("\(subset)/test.jsonl", rows.joined(separator: "\n"))
      }
      let dying = ToyEmbedder(failsAt: "b.c 0")
      #expect(await bench.run(dying).failed.count == 1)
      let details = bench.store.details(of: dying.model)
      #expect(details.cells(of: "Toy") == [DetailCell(split: "test", subset: "a")])
      let embedder = ToyEmbedder()
      #expect(await bench.run(embedder).evaluated == ["Toy"])
      #expect(embedder.textCount == 6)
      #expect(details.cells(of: "Toy").map(\.subset) == ["a", "b.c"])
      let other = ToyEmbedder()
      #expect(await bench.run(other).skipped == ["Toy"])
    }
  }
}

@Suite(.enabled(if: Shared.isPresent, Shared.reason))
struct `Run files` {
  @Test(arguments: [("LiveQAMedRetrieval", 43), ("LiveQAMedReranking", 23)])
  func `rank as the reference does from the same vectors`(
    name: String, queries: Int
  ) async throws {
    try await withTemporaryFolder { folder in
      let vectors = Shared.url("golden/precomputed-64/\(name)")
      let embedder = try StoredVectors(folder: vectors, revision: "1")
      let store = ResultStore(root: folder)
      var runner = Runner(
        embedder: embedder, prompts: Prompts(), store: store,
        locator: SharedTasks.locator)
      runner.keepsDetails = true
      let task = try SharedTasks.definition(name)
      let summary = await runner.run(Selection(tasks: [task])) { _ in }
      try #require(summary.failed.isEmpty, "\(summary.failed)")
      let details = store.details(of: embedder.model)
      let cell = try #require(details.cells(of: name).first)
      let text = try String(contentsOf: details.file(of: name, cell, "run"), encoding: .utf8)
      var ranked: [String: [(id: String, score: Double)]] = [:]
      for line in text.split(separator: "\n") {
        let words = line.split(separator: " ").map(String.init)
        ranked[words[0], default: []].append((words[2], try #require(Double(words[4]))))
      }
      let json = try JSON(
        parsing: try Data(contentsOf: vectors.appending(path: "predictions.json")))
      let predictions = try #require(json["default"]?["test"]?.members)
      #expect(predictions.entries.count == queries && ranked.count == queries)
      for (query, scores) in predictions.entries {
        let scores = Dictionary(
          uniqueKeysWithValues: (scores.members?.entries ?? []).map {
            ($0.key, $0.value.double ?? .nan)
          })
        let order = try #require(ranked[query])
        #expect(Set(order.map(\.id)) == Set(scores.keys), "\(query)")
        // torch sums in another order: last bits differ, and with them the order of near ties.
        for (a, b) in zip(order, order.dropFirst()) {
          #expect((scores[a.id] ?? .nan) > (scores[b.id] ?? .nan) - 3e-7, "\(query) \(a.id)")
        }
        for hit in order { #expect(abs((scores[hit.id] ?? .nan) - hit.score) < 3e-7) }
      }
    }
  }
}
