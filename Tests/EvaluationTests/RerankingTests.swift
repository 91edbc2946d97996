// Reranking and instructions: candidate lists, what is embedded for them, and which data are
// refused.

import Core
import Evaluation
import Foundation
import Storage
import TestSupport
import Testing

/// Three documents and two queries at (1, 0): by similarity d1, d2, d3.
private let vectors: [String: [Float]] = [
  "who?": [1, 0], "what?": [1, 0], "one": [1, 0], "two": [1, 1], "three": [0, 1],
]

private func write(to folder: URL) throws {
  try folder.write(
    "corpus.jsonl",
    """
    {"_id": "d1", "text": "one"}
    {"_id": "d2", "text": "two"}
    {"_id": "d3", "text": "three"}
    """)
  try folder.write(
    "queries.jsonl",
    """
    {"_id": "q_1", "text": "who?"}
    {"_id": "q_2", "text": "what?"}
    """)
  try folder.write(
    "qrels/test.tsv", "query-id\tcorpus-id\tscore\nq_1\td3\t1\nq_2\td2\t1\n")
}

private let lists = #"{"query-id": "q_1", "corpus-ids": ["d3", "d2", "d3"]}"#

@Suite struct Reranking {
  @Test(arguments: ["Reranking", "Retrieval"])
  func `a candidate list alone turns a search into reranking`(type: String) async throws {
    try await withTemporaryFolder { folder in
      try write(to: folder)
      try folder.write("top_ranked.jsonl", lists)
      let embedder = ToyEmbedder(vectors)
      let task = try oneSubsetTask(type, "map_at_1000", in: folder)
      let session = EmbeddingSession(
        embedder: embedder, task: TaskContext(name: task.name, type: task.type))
      let scores = try await firstScores(of: task, session)
      // Listed documents only, in the order of the corpus.
      #expect(embedder.requests.map(\.texts) == [["who?", "what?"], ["two", "three"]])
      #expect(embedder.requests.map(\.role) == [.query, .document])
      // q_1 ranks d2, then d3: 1/2. q_2 has no list: 0. Mean 1/4.
      #expect(scores["map_at_1000"] == 0.25)
      #expect(session.takeCounts().notes == ["1 queries without candidates score 0"])
    }
  }

  @Test func `without candidate lists the whole corpus is ranked, with a remark`() async throws {
    try await withTemporaryFolder { folder in
      try write(to: folder)
      let task = try oneSubsetTask("Reranking", "map_at_1000", in: folder)
      let session = EmbeddingSession(
        embedder: ToyEmbedder(vectors), task: TaskContext(name: task.name, type: task.type))
      // q_1: d3 third, q_2: d2 second: (1/3 + 1/2) / 2.
      let scores = try await firstScores(of: task, session)
      #expect(scores["map_at_1000"] == 0.41667)
      #expect(session.takeCounts().notes.count == 1)
    }
  }

  @Test func `plans count the listed documents only`() async throws {
    try await withTemporaryFolder { folder in
      try write(to: folder)
      try folder.write("top_ranked.jsonl", lists)
      let runner = Runner(
        embedder: ToyEmbedder(vectors), prompts: Prompts(),
        store: .init(root: folder.appending(path: "results")), locator: DataLocator())
      let task = try oneSubsetTask("Reranking", "map_at_1000", in: folder)
      #expect(await runner.plan(Selection(tasks: [task])).map(\.texts) == [4])
    }
  }

  @Test func `subqueries are also scored as one query`() async throws {
    try await withTemporaryFolder { folder in
      try write(to: folder)
      try folder.write(
        "top_ranked.jsonl",
        """
        {"query-id": "q_1", "corpus-ids": ["d1", "d2"]}
        {"query-id": "q_2", "corpus-ids": ["d2", "d3"]}
        """)
      let task = try oneSubsetTask(
        "Reranking", "max_over_subqueries_map_at_1000", in: folder
      ) { $0.mergesSubqueries = true }
      let scores = try await firstScores(of: task, ToyEmbedder(vectors))
      // Merged: d1, d2, d3, judged by q_2: d2 second, 1/2. Apart: 0 and 1.
      #expect(scores["max_over_subqueries_map_at_1000"] == 0.5)
      #expect(scores["map_at_1000"] == 0.5)
      #expect(scores["max_over_subqueries_recall_at_1"] == 0)
      #expect(scores["recall_at_1"] == 0.5)
    }
  }

  @Test(arguments: ["Retrieval", "STS"])
  func `no other type merges subqueries`(type: String) throws {
    let metric = type == "STS" ? "pearson" : "map_at_1000"
    let task = try oneSubsetTask(type, metric, in: URL(filePath: "/nowhere")) {
      $0.mergesSubqueries = true
    }
    let failure = #expect(throws: Failure.self) { try Evaluators.evaluator(for: task) }
    #expect(failure?.message.contains("'merge_subqueries' means nothing to \(type)") == true)
  }

  @Test func `the score of merged queries needs its key`() throws {
    let task = try oneSubsetTask(
      "Reranking", "max_over_subqueries_map_at_1000", in: URL(filePath: "/nowhere"))
    let failure = #expect(throws: Failure.self) { try Evaluators.evaluator(for: task) }
    #expect(failure?.message.contains("needs 'merge_subqueries: true'") == true)
  }

  @Test(arguments: [
    ("top_ranked.jsonl", #"{"query-id": "q_1", "corpus-ids": ["d9"]}"#, "no document 'd9'"),
    ("top_ranked.jsonl", #"{"query-id": "q_1", "corpus-ids": "d1"}"#, "is no list of ids"),
    ("top_ranked.jsonl", #"{"query-id": "q_1", "corpus-ids": null}"#, "is no list of ids"),
    ("top_ranked.jsonl", "", "there is no row"),
    (
      "instruction.jsonl", #"{"query-id": "q_1", "instruction": "x"}"#,
      "no instruction for the query 'q_2'"
    ),
    ("instruction.jsonl", #"{"query-id": "q_1", "instruction": null}"#, "is no text"),
  ])
  func `refuses data that contradict themselves`(
    path: String, text: String, problem: String
  ) async throws {
    try await withTemporaryFolder { folder in
      try write(to: folder)
      try folder.write(path, text)
      let task = try oneSubsetTask("Reranking", "map_at_1000", in: folder)
      let failure = await #expect(throws: Failure.self) {
        try await firstScores(of: task, ToyEmbedder())
      }
      #expect(failure?.message.contains(problem) == true, "\(String(describing: failure))")
    }
  }

  @Test func `an id without subquery cannot be merged`() async throws {
    try await withTemporaryFolder { folder in
      try write(to: folder)
      try folder.write("queries.jsonl", #"{"_id": "q", "text": "x"}"#)
      try folder.write("qrels/test.tsv", "query-id\tcorpus-id\tscore\nq\td3\t1\n")
      let task = try oneSubsetTask("Reranking", "map_at_1000", in: folder) {
        $0.mergesSubqueries = true
      }
      let failure = await #expect(throws: Failure.self) {
        try await firstScores(of: task, ToyEmbedder())
      }
      #expect(failure?.message.contains("'q' has no '_'") == true)
    }
  }
}

@Suite struct Instructions {
  @Test(arguments: [
    // After a text with one blank, in front of a conversation; its own column or a part.
    (#"{"_id": "q_1", "text": "who? ", "instruction": "Be brief."}"#, "", "who?  Be brief."),
    (#"{"_id": "q_1", "text": "who?", "instruction": null}"#, "", "who?"),
    (#"{"_id": "q_1", "text": ["a", "b"], "instruction": "Do."}"#, "", "Do. a; b"),
    (#"{"_id": "q_1", "text": [{"role": "user", "content": "a"}]}"#, "Do.", "Do. user: a"),
    (#"{"_id": "q_1", "text": "who?"}"#, "Do.", "who? Do."),
    (#"{"_id": "q_1", "text": "who?", "instruction": "other"}"#, "Do.", "who? Do."),
  ])
  func `stand beside the query`(query: String, part: String, text: String) async throws {
    try await withTemporaryFolder { folder in
      try write(to: folder)
      try folder.write("queries.jsonl", query)
      if !part.isEmpty {
        try folder.write(
          "instruction.jsonl", #"{"query-id": "q_1", "instruction": "\#(part)"}"#)
      }
      let embedder = ToyEmbedder()
      _ = try await firstScores(
        of: try oneSubsetTask("Retrieval", "ndcg_at_10", in: folder), embedder)
      #expect(embedder.requests.first?.texts == [text])
    }
  }

  private func writeHalves(to folder: URL) throws {
    try write(to: folder)
    try folder.write(
      "queries.jsonl",
      """
      {"_id": "7-og", "text": "who?"}
      {"_id": "7-changed", "text": "what?"}
      """)
    try folder.write(
      "qrels/test.tsv", "query-id\tcorpus-id\tscore\n7-og\td1\t1\n7-changed\td1\t1\n")
    try folder.write(
      "top_ranked.jsonl",
      """
      {"query-id": "7-og", "corpus-ids": ["d1", "d2"]}
      {"query-id": "7-changed", "corpus-ids": ["d1", "d2", "d3"]}
      """)
    try folder.write("qrel_diff.jsonl", #"{"query-id": "7", "corpus-ids": ["d1"]}"#)
  }

  @Test func `changed instructions move documents`() async throws {
    try await withTemporaryFolder { folder in
      try writeHalves(to: folder)
      // The changed query lies at (0, 1): d3, d2, d1. d1 goes from 1 to 3: 1 - 1/3.
      var vectors = vectors
      vectors["what?"] = [0, 1]
      let scores = try await firstScores(
        of: try oneSubsetTask("InstructionReranking", "p-MRR", in: folder), ToyEmbedder(vectors))
      #expect(abs((scores["p-MRR"] ?? 0) - 2.0 / 3) < 1e-15)
      #expect(scores.entries.last?.metric == "p-MRR")
      #expect(scores.details.keys == ["og", "changed"])
      #expect(scores.details["og"]?["map_at_1000"]?.double == 1)
      #expect(scores.details["changed"]?["map_at_1000"]?.double == 0.33333)
      #expect(scores["map_at_1000"] == 0.66667)
    }
  }

  @Test func `the halves stand in the result file behind the scores`() async throws {
    try await withTemporaryFolder { folder in
      try writeHalves(to: folder)
      let embedder = ToyEmbedder(vectors)
      let store = ResultStore(root: folder.appending(path: "results"))
      let runner = Runner(
        embedder: embedder, prompts: Prompts(), store: store, locator: DataLocator())
      let task = try oneSubsetTask("InstructionReranking", "p-MRR", in: folder)
      let summary = await runner.run(Selection(tasks: [task])) { _ in }
      #expect(summary.evaluated == ["Toy"])
      let file = store.file(of: "Toy", model: embedder.model)
      let row = try JSON(parsing: try Data(contentsOf: file))["scores"]?["test"]?.array?.first
      // d1 stays first under both instructions.
      #expect(row?["main_score"]?.double == 0)
      #expect(row?["og"]?["ndcg_at_10"]?.double == 1)
      let keys = try #require(row?.members?.keys)
      let place = try #require(keys.firstIndex(of: "p-MRR"))
      #expect(Array(keys[place...].prefix(4)) == ["p-MRR", "og", "changed", "main_score"])
      let read = try ResultStore.read(file).splits.first?.rows.first
      #expect(read?.details["changed"]?["ndcg_at_10"]?.double == 1)
    }
  }

  @Test(arguments: [
    ("queries.jsonl", #"{"_id": "7-og", "text": "x"}"#, "1 of 1 queries end in '-og'"),
    (
      "qrel_diff.jsonl",
      #"{"query-id": "7", "corpus-ids": []}"# + "\n" + #"{"query-id": "7", "corpus-ids": []}"#,
      "the id '7' occurs twice"
    ),
    ("qrel_diff.jsonl", "", "there is no row"),
  ])
  func `need both halves and the changed judgements`(
    path: String, text: String, problem: String
  ) async throws {
    try await withTemporaryFolder { folder in
      try writeHalves(to: folder)
      try folder.write(path, text)
      let task = try oneSubsetTask("InstructionReranking", "p-MRR", in: folder)
      let failure = await #expect(throws: Failure.self) {
        try await firstScores(of: task, ToyEmbedder())
      }
      #expect(failure?.message.contains(problem) == true, "\(String(describing: failure))")
    }
  }

  @Test func `a missing part is named`() async throws {
    try await withTemporaryFolder { folder in
      try writeHalves(to: folder)
      try FileManager.default.removeItem(at: folder.appending(path: "qrel_diff.jsonl"))
      let task = try oneSubsetTask("InstructionReranking", "p-MRR", in: folder)
      let failure = await #expect(throws: Failure.self) {
        try await firstScores(of: task, ToyEmbedder())
      }
      #expect(failure?.message.contains("no configuration 'qrel_diff'") == true)
    }
  }
}
