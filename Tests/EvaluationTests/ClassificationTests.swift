// Classification and multilabel classification on data small enough to compute by hand.

import Core
import Datasets
import Foundation
import Storage
import TestSupport
import Testing

@testable import Evaluation

private func task(
  _ type: TaskType, in folder: URL, change: (inout TaskDefinition) -> Void = { _ in }
) throws -> TaskDefinition {
  let english = try #require(Language("eng-Latn"))
  var task = TaskDefinition(
    name: "Toy", type: type, subsets: [Subset(name: "default", languages: [english])],
    splits: ["test"], mainScore: "accuracy", data: .path(folder, sha256: nil),
    file: folder.appending(path: "Toy.yaml"))
  change(&task)
  return task
}

private func scores(
  of task: TaskDefinition, split: String = "test", _ embedder: ToyEmbedder = ToyEmbedder()
) async throws -> Scores {
  let data = try DataLocator().open(task).data
  let session = EmbeddingSession(
    embedder: embedder, task: TaskContext(name: task.name, type: task.type))
  let cell = Cell(subset: task.subsets[0], split: split)
  return try await Evaluators.evaluator(for: task).loadedScores(cell, data, session)
}

extension Evaluator {
  fileprivate func loadedScores(
    _ cell: Cell, _ data: DataFolder, _ session: EmbeddingSession
  ) async throws -> Scores {
    try await scores(of: try await load(cell, from: data), with: session)
  }
}

private func rows(_ rows: [(String, String)]) -> String {
  rows.map { "{\"text\": \"\($0)\", \"label\": \($1)}" }.joined(separator: "\n")
}

@Suite struct `Classification` {
  // Two clusters a long way apart: every draw separates them.
  private let vectors: [String: [Float]] = [
    "a": [10, 0], "b": [9, 1], "c": [0, 10], "d": [1, 9], "e": [8, 0], "f": [0, 8], "g": [7, 1],
  ]
  private let training = rows([("a", "0"), ("b", "0"), ("c", "1"), ("d", "1")])

  @Test func `trains on the training split and scores the evaluated one`() async throws {
    try await withTemporaryFolder { folder in
      try folder.write("train.jsonl", training)
      try folder.write("test.jsonl", rows([("e", "0"), ("f", "1"), ("g", "1")]))
      let embedder = ToyEmbedder(vectors)
      let scores = try await scores(of: try task(.classification, in: folder), embedder)
      // e -> 0, f -> 1, g -> 0 in every experiment: 2 of 3. Of the rows predicted 1 one, rightly,
      // of two that are: ap = R P + (1 - R) · prevalence = 1/2 + 1/2 · 2/3.
      #expect(abs((scores["accuracy"] ?? 0) - 2 / 3.0) < 1e-12)
      #expect(abs((scores["ap"] ?? 0) - 5 / 6.0) < 1e-12)
      // Training texts first, in file order, then the evaluated split; no role.
      #expect(embedder.requests.map(\.texts) == [["a", "b", "c", "d"], ["e", "f", "g"]])
      #expect(embedder.requests.allSatisfy { $0.role == nil })
      let experiments = scores.details["scores_per_experiment"]?.array ?? []
      #expect(experiments.count == 10)
      #expect(experiments.allSatisfy { $0["accuracy"]?.double == 2 / 3.0 })
    }
  }

  @Test func `embeds the training split once where it is evaluated too`() async throws {
    try await withTemporaryFolder { folder in
      try folder.write("train.jsonl", training)
      let embedder = ToyEmbedder(vectors)
      let task = try task(.classification, in: folder) { $0.splits = ["train"] }
      #expect(try await scores(of: task, split: "train", embedder)["accuracy"] == 1)
      #expect(embedder.requests.map(\.texts) == [["a", "b", "c", "d"]])
    }
  }

  @Test func `shares the training texts between the splits of a subset`() async throws {
    try await withTemporaryFolder { folder in
      try folder.write("train.jsonl", training)
      try folder.write("test.jsonl", rows([("e", "0"), ("f", "1")]))
      try folder.write("validation.jsonl", rows([("g", "0"), ("f", "1")]))
      let embedder = ToyEmbedder(vectors)
      let task = try task(.classification, in: folder) { $0.splits = ["validation", "test"] }
      let runner = Runner(
        embedder: embedder, prompts: Prompts(),
        store: .init(root: folder.appending(path: "results")), locator: DataLocator())
      #expect(await runner.plan(Selection(tasks: [task])).map(\.texts) == [8])
      let summary = await runner.run(Selection(tasks: [task])) { _ in }
      #expect(summary.failed.isEmpty, "\(summary.failed)")
      #expect(embedder.textCount == 8)
    }
  }

  @Test func `takes the task's number of samples and experiments`() async throws {
    try await withTemporaryFolder { folder in
      try folder.write("train.jsonl", training)
      try folder.write("test.jsonl", rows([("e", "0"), ("f", "1")]))
      let embedder = ToyEmbedder(vectors)
      let task = try task(.classification, in: folder) {
        $0.samplesPerLabel = 1
        $0.experiments = 1
      }
      let scores = try await scores(of: task, embedder)
      #expect(embedder.requests[0].texts.count == 2)
      #expect(scores.details["scores_per_experiment"]?.array?.count == 1)
    }
  }

  @Test func `knows labels that are texts, and then no average precision`() async throws {
    try await withTemporaryFolder { folder in
      try folder.write("train.jsonl", rows([("a", "\"x\""), ("c", "\"y\"")]))
      try folder.write("test.jsonl", rows([("e", "\"x\""), ("f", "\"y\"")]))
      let scores = try await scores(
        of: try task(.classification, in: folder), ToyEmbedder(vectors))
      #expect(scores["accuracy"] == 1)
      #expect(scores["ap"] == nil)
      let experiment = scores.details["scores_per_experiment"]?.array?.first
      #expect(experiment?["ap"]?.isNull == true)
    }
  }

  @Test func `gives a tie to the lower class`() async throws {
    try await withTemporaryFolder { folder in
      // All vectors are equal, so nothing tells the three labels apart: all scores tie.
      try folder.write("train.jsonl", rows([("a", "2"), ("a", "0"), ("a", "1")]))
      try folder.write("test.jsonl", rows([("a", "0"), ("a", "1"), ("a", "2"), ("a", "0")]))
      #expect(try await scores(of: try task(.classification, in: folder))["accuracy"] == 0.5)
    }
  }

  @Test(arguments: [
    (#"{"text": "a", "label": 0}"#, #"{"text": "b", "label": 0}"#, "every row has the same label"),
    (
      #"{"text": "a", "label": 0}"# + "\n" + #"{"text": "b", "label": "one"}"#,
      #"{"text": "b", "label": 0}"#, "row 2: the label \"one\" is a text where others are numbers"
    ),
    (
      #"{"text": "a", "label": "x"}"# + "\n" + #"{"text": "b", "label": "y"}"#,
      #"{"text": "b", "label": 1}"#, "row 1: the label 1 is a number where others are texts"
    ),
    (
      #"{"text": "a", "label": null}"#, #"{"text": "b", "label": 0}"#,
      "row 1: the label null is no text and no whole number"
    ),
    (#"{"text": "a", "label": 0.5}"#, #"{"text": "b", "label": 0}"#, "'label' is 0.5"),
    ("", #"{"text": "b", "label": 0}"#, "the data set is empty"),
  ])
  func `refuses data that cannot be learned from`(
    training: String, test: String, problem: String
  ) async throws {
    try await withTemporaryFolder { folder in
      try folder.write("train.jsonl", training)
      try folder.write("test.jsonl", test)
      let task = try task(.classification, in: folder)
      let failure = await #expect(throws: Failure.self) { try await scores(of: task) }
      #expect(failure?.message.contains(problem) == true, "\(String(describing: failure))")
    }
  }
}

@Suite struct `Multilabel classification` {
  private let vectors: [String: [Float]] = [
    "a": [0, 0], "b": [0, 1], "c": [1, 0], "d": [1, 1], "e": [0, 2], "f": [9, 9], "g": [0, 0.5],
    "h": [8, 8],
  ]
  private let training = rows([
    ("a", "[1]"), ("b", "[1, 2]"), ("c", "[1]"), ("d", "[2]"), ("e", "[2, 9]"), ("f", "[3]"),
    ("x", "[]"),
  ])

  @Test func `lets the five nearest rows vote for each label`() async throws {
    try await withTemporaryFolder { folder in
      try folder.write("train.jsonl", training)
      try folder.write("test.jsonl", rows([("g", "[1, 2]"), ("h", "[3]")]))
      let embedder = ToyEmbedder(vectors)
      let scores = try await scores(of: try task(.multilabelClassification, in: folder), embedder)
      // g: a to e vote; a, b, c for label 1 and b, d, e for label 2: right. h: f, d, e, b, c vote,
      // squared distances 2, 98, 100, 113, 113: label 2 has three votes, label 3 only one: wrong.
      // Row x has no label and is never drawn; label 9 does not occur in the evaluated split.
      #expect(scores["accuracy"] == 0.5)
      #expect(scores.entries.map(\.metric.rawValue) == ["accuracy", "lrap", "f1", "hamming"])
      #expect(embedder.requests.map(\.texts) == [["a", "b", "c", "d", "e", "f"], ["g", "h"]])
    }
  }

  @Test func `goes on with one stream from cell to cell, also over cells that are left out`()
    async throws
  {
    try await withTemporaryFolder { folder in
      let many = (0..<40).map { ("t\($0)", "[\($0 % 4)]") }
      for name in ["one", "two"] {
        try folder.write("\(name)/train.jsonl", rows(many))
        try folder.write("\(name)/test.jsonl", rows(many))
      }
      let english = try #require(Language("eng-Latn"))
      let german = try #require(Language("deu-Latn"))
      let task = try task(.multilabelClassification, in: folder) {
        $0.subsets = [
          Subset(name: "one", languages: [english]), Subset(name: "two", languages: [german]),
        ]
      }
      func run(_ languages: [Language], _ name: String) async throws -> [String: Scores] {
        try await ToyRun(folder.appending(path: name))
          .scores(of: Selection(tasks: [task], languages: languages))
      }
      let both = try await run([], "both")
      let second = try await run([german], "second")
      #expect(both["one"] != both["two"], "the same data, drawn from another place of the stream")
      #expect(second["two"] == both["two"])
    }
  }

  @Test(arguments: [
    (#"{"text": "a", "label": 1}"#, "'label' is 1 where a list should be"),
    (#"{"text": "a", "label": [1.5]}"#, "the label 1.5 is no text and no whole number"),
    (#"{"text": "a", "label": [1, "b"]}"#, "is a text where others are numbers"),
    (#"{"text": "a", "label": [1, 2]}"#, "1 training rows with a label, and five have to vote"),
  ])
  func `refuses data that cannot be learned from`(row: String, problem: String) async throws {
    try await withTemporaryFolder { folder in
      try folder.write("train.jsonl", row)
      try folder.write("test.jsonl", #"{"text": "a", "label": [1, 2]}"#)
      let task = try task(.multilabelClassification, in: folder)
      let failure = await #expect(throws: Failure.self) { try await scores(of: task) }
      #expect(failure?.message.contains(problem) == true, "\(String(describing: failure))")
    }
  }

  @Test func `refuses an evaluated split with fewer than two labels`() async throws {
    try await withTemporaryFolder { folder in
      try folder.write("train.jsonl", training)
      try folder.write("test.jsonl", #"{"text": "a", "label": [1]}"#)
      let task = try task(.multilabelClassification, in: folder)
      let failure = await #expect(throws: Failure.self) { try await scores(of: task) }
      #expect(failure?.message.contains("1 different labels") == true)
    }
  }
}

/// A run into a folder, and the rows it left.
private struct ToyRun {
  let folder: URL
  init(_ folder: URL) { self.folder = folder }

  func scores(of selection: Selection) async throws -> [String: Scores] {
    let embedder = ToyEmbedder(dimensions: 8)
    let store = ResultStore(root: folder)
    let runner = Runner(
      embedder: embedder, prompts: Prompts(), store: store, locator: DataLocator())
    let summary = await runner.run(selection) { _ in }
    try #require(summary.failed.isEmpty, "\(summary.failed)")
    let result = try ResultStore.read(store.file(of: "Toy", model: embedder.model))
    let rows = result.splits.flatMap(\.rows)
    return Dictionary(uniqueKeysWithValues: rows.map { ($0.subset, $0.scores) })
  }
}

@Suite struct `Classes` {
  @Test func `are ordered as numbers or by code points`() {
    func labels(_ values: [JSON]) -> [ClassLabel] {
      ClassLabels(values.compactMap { ClassLabel($0) }).labels
    }
    #expect(labels([.integer(10), .integer(9), .integer(-1), .integer(9)]).count == 3)
    #expect(labels([.integer(10), .integer(9)]).first == ClassLabel(.integer(9)))
    #expect(labels([.string("2"), .string("10")]).first == ClassLabel(.string("10")))
    // The letter e (U+0065) stands before é (U+00E9), whatever follows it.
    let accents = labels([.string("\u{e9}"), .string("e\u{301}")])
    #expect(accents.count == 2)
    #expect(accents.first == ClassLabel(.string("e\u{301}")))
  }
}
