// `borda tasks new`: a file that says what to do, and runs with the rows that come with it.

import Core
import Foundation
import TestSupport
import Testing

private let types = [
  "STS", "BitextMining", "Classification", "MultilabelClassification", "PairClassification",
  "Clustering", "Summarization", "Retrieval", "Reranking", "InstructionReranking",
]

@Suite struct `A new task` {
  @Test(arguments: types)
  func `of every type runs as it is written`(type: String) async throws {
    try await withTemporaryFolder { folder in
      let written = try await Program.run(
        ["tasks", "new", type, "Mine", "--with-data"], in: folder)
      #expect(written.status == 0, "\(written.errors)")
      #expect(written.output.hasPrefix("./Mine.yaml\n") || written.output.hasPrefix("Mine.yaml\n"))
      let text = try String(
        contentsOf: folder.appending(path: "Mine.yaml"), encoding: .utf8)
      #expect(text.contains("type: \(type)\n") && text.contains("# "))
      let run = try await Program.run(
        [
          "evaluate", "--model", "baseline:hash", "--tasks", "./Mine.yaml", "--format", "json",
        ], in: folder)
      #expect(run.status == 0, "\(run.errors)")
      #expect(try JSON(parsing: run.output)["tasks"]?.array?.first?["score"]?.double != nil)
    }
  }

  @Test func `is there for every type that can be evaluated`() async throws {
    try await withTemporaryFolder { folder in
      let doctor = try await Program.run(["doctor", "--format", "json"], in: folder)
      let known = try JSON(parsing: doctor.output)["task_types"]?.string?.components(
        separatedBy: ", ")
      #expect(known?.sorted() == types.sorted())
    }
  }

  @Test func `leaves files alone that are there`() async throws {
    try await withTemporaryFolder { folder in
      try folder.write("Mine.jsonl", "mine\n")
      let refused = try await Program.run(
        ["tasks", "new", "sts", "Mine", "--with-data"], in: folder)
      #expect(refused.status == 64)
      #expect(refused.errors.contains("Mine.jsonl: is there already"))
      #expect(!exists(folder.appending(path: "Mine.yaml")))
      let written = try await Program.run(["tasks", "new", "sts", "Mine"], in: folder)
      #expect(written.status == 0, "\(written.errors)")
      #expect(
        try String(contentsOf: folder.appending(path: "Mine.jsonl"), encoding: .utf8) == "mine\n")
    }
  }

  @Test(arguments: [
    (["STSS", "Mine"], "did you mean STS?"), (["STS", "a/b"], "is no name for a task"),
    (["STS", ".x"], "is no name for a task"), (["STS", ""], "is no name for a task"),
  ])
  func `with a wrong type or name is refused`(arguments: [String], words: String) async throws {
    try await withTemporaryFolder { folder in
      let refused = try await Program.run(["tasks", "new"] + arguments, in: folder)
      #expect(refused.status == 64)
      #expect(refused.errors.contains(words), "\(refused.errors)")
    }
  }
}

@Suite struct `A data file of one's own` {
  private static let yaml = """
    name: Mine
    type: STS
    languages: {default: [eng-Latn]}
    splits: [test]
    main_score: cosine_spearman
    data: {path: ../elsewhere/pairs.jsonl}
    """

  private static let rows = """
    {"sentence1": "a b c", "sentence2": "a b d", "score": 1}
    {"sentence1": "e f g", "sentence2": "e f g", "score": 5}
    {"sentence1": "h i j", "sentence2": "k l m", "score": 0}

    """

  @Test func `lies anywhere, and a link to it will do`() async throws {
    try await withTemporaryFolder { folder in
      try folder.write("tasks/Mine.yaml", Self.yaml)
      try folder.write("real/data.jsonl", Self.rows)
      try FileManager.default.createDirectory(
        at: folder.appending(path: "elsewhere"), withIntermediateDirectories: true)
      try FileManager.default.createSymbolicLink(
        atPath: folder.appending(path: "elsewhere/pairs.jsonl").path(percentEncoded: false),
        withDestinationPath: "../real/data.jsonl")
      let run = try await Program.run(
        ["evaluate", "--model", "baseline:hash", "--tasks", "tasks/Mine.yaml"], in: folder)
      #expect(run.status == 0, "\(run.errors)")
    }
  }

  @Test func `that is not there is named`() async throws {
    try await withTemporaryFolder { folder in
      try folder.write("tasks/Mine.yaml", Self.yaml)
      try folder.write("elsewhere/pair.jsonl", Self.rows)
      let run = try await Program.run(
        ["evaluate", "--model", "baseline:hash", "--tasks", "tasks/Mine.yaml"], in: folder)
      #expect(run.status == 3)
      #expect(run.errors.contains("pairs.jsonl: the data of Mine are not there"), "\(run.errors)")
    }
  }
}
