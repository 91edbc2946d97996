// The evaluators on data small enough to compute by hand.

import Core
import Datasets
import Foundation
import TestSupport
import Testing

@testable import Evaluation

/// A task with one subset over a folder.
private func toyTask(
  _ type: String, _ metric: String, in folder: URL,
  change: (inout TaskDefinition) -> Void = { _ in }
) throws -> TaskDefinition {
  let english = try #require(Language("eng-Latn"))
  var task = TaskDefinition(
    name: "Toy", type: TaskType(rawValue: type),
    subsets: [Subset(name: "default", languages: [english])], splits: ["test"],
    mainScore: Metric(metric), data: .path(folder, sha256: nil),
    file: folder.appending(path: "Toy.yaml"))
  change(&task)
  return task
}

private func scores(of task: TaskDefinition, _ embedder: ToyEmbedder) async throws -> Scores {
  let data = try DataLocator().open(task).data
  let session = EmbeddingSession(
    embedder: embedder, task: TaskContext(name: task.name, type: task.type))
  let cell = Cell(subset: task.subsets[0], split: task.splits[0])
  return try await Evaluators.evaluator(for: task).loadedScores(cell, data, session)
}

extension Evaluator {
  fileprivate func loadedScores(
    _ cell: Cell, _ data: DataFolder, _ session: EmbeddingSession
  ) async throws -> Scores {
    try await scores(of: try await load(cell, from: data), with: session)
  }
}

@Suite struct `STS` {
  @Test func `correlates similarities with gold scores`() async throws {
    try await withTemporaryFolder { folder in
      try folder.write(
        "test.jsonl",
        """
        {"sentence1": "a", "sentence2": "a2", "score": 5}
        {"sentence1": "b", "sentence2": "b2", "score": 2.5}
        {"sentence1": "c", "sentence2": "c2", "score": 0}
        """)
      // Cosines 1, 0, -1 follow gold 5, 2.5, 0 exactly: both correlations are 1.
      let embedder = ToyEmbedder([
        "a": [1, 0], "a2": [1, 0], "b": [1, 0], "b2": [0, 1], "c": [1, 0], "c2": [-1, 0],
      ])
      let scores = try await scores(
        of: try toyTask("STS", "cosine_spearman", in: folder) { $0.scoreRange = 0...5 }, embedder)
      #expect(abs((scores["cosine_spearman"] ?? 0) - 1) < 1e-12)
      #expect(abs((scores["cosine_pearson"] ?? 0) - 1) < 1e-6)
      // Both sides go to the embedder without a role, first sides first.
      #expect(embedder.requests.map(\.texts) == [["a", "b", "c"], ["a2", "b2", "c2"]])
      #expect(embedder.requests.allSatisfy { $0.role == nil })
    }
  }

  @Test func `leaves a correlation of constants out`() async throws {
    try await withTemporaryFolder { folder in
      try folder.write(
        "test.jsonl",
        """
        {"sentence1": "a", "sentence2": "b", "score": 1}
        {"sentence1": "b", "sentence2": "a", "score": 1}
        """)
      let scores = try await scores(
        of: try toyTask("STS", "cosine_spearman", in: folder), ToyEmbedder())
      #expect(scores["cosine_spearman"] == nil)
    }
  }

  @Test(arguments: [
    (#"{"sentence1": "a", "sentence2": "b", "score": 6}"#, "outside score_range"),
    (
      #"{"sentence1": "a", "sentence2": "b", "score": "x"}"#,
      "'score' is \"x\" where a number should be"
    ),
    (#"{"sentence1": "a", "sentence2": null, "score": 1}"#, "is no text"),
    ("", "the data set is empty"),
  ])
  func `refuses a wrong row by its number`(row: String, problem: String) async throws {
    try await withTemporaryFolder { folder in
      try folder.write("test.jsonl", row)
      let task = try toyTask("STS", "cosine_spearman", in: folder) { $0.scoreRange = 0...5 }
      let failure = await #expect(throws: Failure.self) {
        try await scores(of: task, ToyEmbedder())
      }
      #expect(failure?.message.contains(problem) == true, "\(String(describing: failure))")
    }
  }
}

@Suite struct `Bitext mining` {
  private let rows = """
    {"eng": "one", "deu": "eins", "fra": "un"}
    {"eng": "two", "deu": "zwei", "fra": "deux"}
    {"eng": "three", "deu": "drei", "fra": "trois"}
    """

  @Test func `finds the nearest candidate of the other side`() async throws {
    try await withTemporaryFolder { folder in
      try folder.write("test.jsonl", rows)
      let task = try toyTask("BitextMining", "f1", in: folder) {
        $0.isParallel = true
        $0.subsets = [Subset(name: "eng-deu", languages: $0.subsets[0].languages)]
      }
      // one -> eins, two -> eins, three -> drei. Candidate 0 was chosen twice, so
      // f1 = (2/(1+2) + 2/(1+1)) / 3 = 5/9, precision = (1/2 + 1) / 3 = 1/2, accuracy = 2/3.
      let embedder = ToyEmbedder([
        "one": [1, 0], "two": [1, 0.1], "three": [0, 1], "eins": [2, 0], "zwei": [-1, -1],
        "drei": [0, 3],
      ])
      let scores = try await scores(of: task, embedder)
      #expect(abs((scores["f1"] ?? 0) - 5.0 / 9) < 1e-12)
      #expect(abs((scores["precision"] ?? 0) - 0.5) < 1e-12)
      #expect(abs((scores["accuracy"] ?? 0) - 2.0 / 3) < 1e-12)
    }
  }

  @Test func `embeds a column that several subsets share only once`() async throws {
    try await withTemporaryFolder { folder in
      try folder.write("test.jsonl", rows)
      let names = ["eng-deu", "deu-eng", "eng-fra"]
      let task = try toyTask("BitextMining", "f1", in: folder) { task in
        task.isParallel = true
        task.subsets = names.map { Subset(name: $0, languages: task.subsets[0].languages) }
      }
      let embedder = ToyEmbedder()
      let runner = Runner(
        embedder: embedder, prompts: Prompts(),
        store: .init(root: folder.appending(path: "results")), locator: DataLocator())
      let summary = await runner.run(Selection(tasks: [task])) { _ in }
      #expect(summary.evaluated == ["Toy"])
      #expect(embedder.textCount == 9)
      let plans = await runner.plan(Selection(tasks: [task]))
      #expect(plans.map(\.texts) == [0])
      let anew = Runner(
        embedder: embedder, prompts: Prompts(),
        store: .init(root: folder.appending(path: "other")), locator: DataLocator())
      #expect(await anew.plan(Selection(tasks: [task])).map(\.texts) == [9])
    }
  }

  @Test func `reads a table of languages once, and tells of each column what is wrong`()
    async throws
  {
    try await withTemporaryFolder { folder in
      try folder.write(
        "test.jsonl",
        """
        {"a": "a1", "b": "b1", "c": "c1"}
        {"a": "a2", "b": "b2", "c": null}
        """)
      let task = try toyTask("BitextMining", "f1", in: folder) {
        $0.isParallel = true
        $0.subsets = ["a-b", "b-a", "a-c", "d-b"].map { Subset(name: $0, languages: []) }
      }
      let data = try DataLocator().open(task).data
      let evaluator = try BitextMiningEvaluator(task)
      func load(_ subset: Int) async throws -> BitextMiningEvaluator.Problem {
        try await evaluator.load(Cell(subset: task.subsets[subset], split: "test"), from: data)
      }
      #expect(
        try await evaluator.texts(of: load(0), drawing: TaskStreams()).map(\.texts.count) == [2, 2])
      let null = await #expect(throws: Failure.self) { _ = try await load(2) }
      #expect(null?.message == "row 2: column 'c' is no text")
      let absent = await #expect(throws: Failure.self) { _ = try await load(3) }
      #expect(absent?.message == "no column 'd'")
      // What has been read stays, whatever becomes of the file.
      try FileManager.default.removeItem(at: folder.appending(path: "test.jsonl"))
      #expect(
        try await evaluator.texts(of: load(1), drawing: TaskStreams()).map(\.texts.count) == [2, 2])
    }
  }

  @Test func `refuses a parallel subset that names no two columns`() async throws {
    try await withTemporaryFolder { folder in
      let task = try toyTask("BitextMining", "f1", in: folder) { $0.isParallel = true }
      #expect(throws: Failure.self) { try Evaluators.evaluator(for: task) }
    }
  }
}

@Suite struct `Retrieval` {
  private func write(to folder: URL) throws {
    try folder.write(
      "corpus.jsonl",
      """
      {"_id": "d1", "title": "T", "text": " one "}
      {"_id": "d2", "title": "", "text": "two"}
      {"_id": "q1", "text": "three"}
      """)
    try folder.write(
      "queries.jsonl",
      """
      {"_id": "q1", "text": " who? "}
      {"_id": "q2", "text": "unjudged"}
      """)
    try folder.write("qrels/test.tsv", "query-id\tcorpus-id\tscore\nq1\td2\t1\nq1\tq1\t0\n")
  }

  // The query lies at (1, 0): q1 = (1, 0) first, d1 second, d2 third.
  private let table: [String: [Float]] = [
    " who? ": [1, 0], "T  one": [1, 0.5], "two": [0, 1], "three": [1, 0],
  ]

  @Test func `joins titles, strips documents, keeps queries, drops unjudged ones`() async throws {
    try await withTemporaryFolder { folder in
      try write(to: folder)
      let embedder = ToyEmbedder(table)
      let scores = try await scores(
        of: try toyTask("Retrieval", "ndcg_at_10", in: folder), embedder)
      #expect(embedder.requests.map(\.texts) == [[" who? "], ["T  one", "two", "three"]])
      #expect(embedder.requests.map(\.role) == [.query, .document])
      // The only relevant document is third: nDCG = 1/log2(4) = 0.5, reciprocal rank 1/3.
      #expect(scores["ndcg_at_10"] == 0.5)
      #expect(abs((scores["mrr_at_10"] ?? 0) - 1.0 / 3) < 1e-12)
      #expect(scores["recall_at_1"] == 0)
    }
  }

  @Test func `removes the document with the query's id where the task says so`() async throws {
    try await withTemporaryFolder { folder in
      try write(to: folder)
      let task = try toyTask("Retrieval", "ndcg_at_10", in: folder) {
        $0.ignoresIdenticalIds = true
      }
      // Second now: 1/log2(3) = 0.63093 to five decimals.
      #expect(try await scores(of: task, ToyEmbedder(table))["ndcg_at_10"] == 0.63093)
    }
  }

  @Test(arguments: [
    (
      "corpus.jsonl", #"{"_id": "d1", "text": "x"}"# + "\n" + #"{"_id": "d1", "text": "y"}"#,
      "the id 'd1' occurs twice"
    ),
    (
      "queries.jsonl", #"{"_id": "q1", "text": "x"}"# + "\n" + #"{"_id": "q1", "text": "y"}"#,
      "the id 'q1' occurs twice"
    ),
    ("queries.jsonl", #"{"_id": "q9", "text": "x"}"#, "no query has a judgement"),
    ("queries.jsonl", #"{"_id": "q1", "text": 7}"#, "is no text"),
    ("corpus.jsonl", "", "there is no row"),
    ("qrels/test.tsv", "query-id\tcorpus-id\tscore\n", "there is no row"),
    (
      "qrels/test.tsv", "query-id\tcorpus-id\tscore\nq1\td1\tgood\n",
      "'score' is \"good\" where a whole number should be"
    ),
  ])
  func `refuses data that contradict themselves`(
    path: String, text: String, problem: String
  ) async throws {
    try await withTemporaryFolder { folder in
      try write(to: folder)
      try folder.write(path, text)
      let task = try toyTask("Retrieval", "ndcg_at_10", in: folder)
      let failure = await #expect(throws: Failure.self) {
        try await scores(of: task, ToyEmbedder())
      }
      #expect(failure?.message.contains(problem) == true, "\(String(describing: failure))")
    }
  }
}

@Suite struct `Task files and their types` {
  @Test(arguments: [
    ("STS", "cosine_spearmn", "cosine_spearman"), ("BitextMining", "f2", "f1"),
    ("Retrieval", "ndcg_at_11", "ndcg_at_10"),
  ])
  func `a main score that the type lacks is answered with the nearest`(
    type: String, metric: String, nearest: String
  ) async throws {
    try await withTemporaryFolder { folder in
      let task = try toyTask(type, metric, in: folder)
      let failure = #expect(throws: Failure.self) { try Evaluators.evaluator(for: task) }
      #expect(failure?.hint?.contains(nearest) == true, "\(String(describing: failure))")
    }
  }

  @Test func `an unknown type is answered with the nearest`() async throws {
    try await withTemporaryFolder { folder in
      let task = try toyTask("Retreival", "ndcg_at_10", in: folder)
      let failure = #expect(throws: Failure.self) { try Evaluators.evaluator(for: task) }
      #expect(failure?.hint == "did you mean Retrieval?")
    }
  }

  @Test func `a key that means nothing to the type is refused`() async throws {
    try await withTemporaryFolder { folder in
      let task = try toyTask("Retrieval", "ndcg_at_10", in: folder) { $0.scoreRange = 0...1 }
      #expect(throws: Failure.self) { try Evaluators.evaluator(for: task) }
    }
  }
}
