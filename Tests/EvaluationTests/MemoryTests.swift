// The budget of memory: scores are the same under any, and what cannot fit is refused beforehand.

import Core
import Evaluation
import Foundation
import Storage
import TestSupport
import Testing

private func session(_ task: TaskDefinition, _ embedder: ToyEmbedder, _ memory: WorkMemory)
  -> EmbeddingSession
{
  EmbeddingSession(
    embedder: embedder, task: TaskContext(name: task.name, type: task.type), memory: memory)
}

/// Makes documents long, so that few fit into a block.
private let filler = String(repeating: "word ", count: 80)

/// Writes a corpus of made-up documents with candidates or without.
private func writeCorpus(_ folder: URL, documents: Int, candidates: Bool = false) throws {
  try folder.write(
    "corpus.jsonl",
    (0..<documents).map {
      #"{"_id": "d\#($0)", "text": "document \#($0 % 97) \#($0) \#(filler)"}"#
    }
    .joined(separator: "\n"))
  try folder.write(
    "queries.jsonl",
    (0..<9).map { #"{"_id": "q\#($0)", "text": "query \#($0)"}"# }.joined(separator: "\n"))
  try folder.write(
    "qrels/test.tsv",
    "query-id\tcorpus-id\tscore\n" + (0..<9).map { "q\($0)\td\($0 * 7)\t1\n" }.joined())
  guard candidates else { return }
  let lists = (0..<9).map { query in
    let ids = (0..<documents).filter { $0 % 9 != query }.map { "\"d\($0)\"" }
    return "{\"query-id\": \"q\(query)\", \"corpus-ids\": [\(ids.joined(separator: ", "))]}"
  }
  try folder.write("top_ranked.jsonl", lists.joined(separator: "\n"))
}

@Suite struct `A budget of memory` {
  @Test(arguments: [false, true])
  func `changes the blocks of a corpus and no score`(candidates: Bool) async throws {
    try await withTemporaryFolder { folder in
      try writeCorpus(folder, documents: 1500, candidates: candidates)
      let task = try oneSubsetTask("Retrieval", "map_at_1000", in: folder)
      var scores: [Scores] = []
      var blocks: [Int] = []
      // The lists of 9 queries take 9 · 1000 · 96 bytes, and what is left decides the block.
      for memory in [.unlimited, WorkMemory(bytes: 4_000_000), WorkMemory(bytes: 2_300_000)] {
        let embedder = ToyEmbedder(dimensions: 16)
        scores.append(try await firstScores(of: task, session(task, embedder, memory)))
        blocks.append(embedder.requests.count - 1)
        #expect(embedder.textCount == 9 + 1500)
      }
      #expect(scores[1] == scores[0] && scores[2] == scores[0])
      #expect(blocks[0] == 1 && blocks[1] > 1 && blocks[2] > blocks[1], "\(blocks)")
    }
  }

  @Test(arguments: [
    ("BitextMining", "f1", 900, 300_000), ("Clustering", "v_measure", 300, 500_000),
  ])
  func `changes no score of other types`(
    type: String, metric: String, rows: Int, bytes: Int
  ) async throws {
    try await withTemporaryFolder { folder in
      let lines = (0..<rows).map { row in
        type == "BitextMining"
          ? #"{"sentence1": "one \#(row)", "sentence2": "two \#(row / 2)"}"#
          : #"{"sentences": "text \#(row)", "labels": "label \#(row % 5)"}"#
      }
      try folder.write("test.jsonl", lines.joined(separator: "\n"))
      let task = try oneSubsetTask(type, metric, in: folder) {
        $0.clustering.documentCap = .unlimited
        $0.clustering.documentsPerBootstrap = type == "Clustering" ? 200 : nil
        if type != "Clustering" { $0.clustering.documentCap = nil }
      }
      let wide = ToyEmbedder(dimensions: 16)
      let narrow = ToyEmbedder(dimensions: 16)
      let scores = try await firstScores(of: task, session(task, wide, .unlimited))
      let others = try await firstScores(
        of: task, session(task, narrow, WorkMemory(bytes: bytes)))
      #expect(scores == others)
      #expect(type == "Clustering" || narrow.requests.count > wide.requests.count)
    }
  }

  @Test func `that a task cannot do with is refused before anything is embedded`() async throws {
    try await withTemporaryFolder { folder in
      try writeCorpus(folder, documents: 200)
      let task = try oneSubsetTask("Retrieval", "map_at_1000", in: folder)
      let embedder = ToyEmbedder(dimensions: 16)
      var runner = Runner(
        embedder: embedder, prompts: Prompts(),
        store: ResultStore(root: folder.appending(path: "results")), locator: DataLocator())
      runner.memory = WorkMemory(bytes: 500_000)
      let summary = await runner.run(Selection(tasks: [task])) { _ in }
      let failure = try #require(summary.failed.first?.failure)
      #expect(failure.code == .unusable)
      #expect(failure.message.hasPrefix("needs "), "\(failure)")
      #expect(failure.message.contains("the budget leaves 500 kB"), "\(failure)")
      #expect(failure.hint?.hasPrefix("raise --memory by ") == true)
      #expect(embedder.textCount == 0)
    }
  }

  @Test func `refuses a model before its weights are read, and says what it needs`() throws {
    // 1 GB of weights, 48 MB for the program, 16 MB for evaluators: 1064 MB.
    let asked = MemoryBudget(asked: ByteCount(1_000_000_000), available: nil)
    #expect {
      try asked.check(weights: 1_000_000_000, "my-model")
    } throws: { error in
      let failure = error as? Failure
      return failure?.exitCode == 64 && failure?.hint == "give it at least 1064MB"
    }
    // Four fifths of 1.3 GB are 1.04 GB.
    let machine = MemoryBudget(asked: nil, available: 1_300_000_000)
    #expect(machine.total == 1_040_000_000)
    #expect {
      try machine.check(weights: 1_000_000_000, "my-model")
    } throws: { error in
      let failure = error as? Failure
      return failure?.exitCode == 3 && failure?.subject == "my-model"
    }
    try machine.check(weights: 900_000_000, "my-model")
    try MemoryBudget(asked: nil, available: nil).check(weights: 1 << 50, "my-model")
  }

  @Test func `leaves evaluators what the model does not take`() throws {
    let budget = MemoryBudget(asked: ByteCount(500_000_000), available: nil)
    // The toy takes nothing, the program 120 MB by now.
    let work = try budget.work(beside: ToyEmbedder(), resident: 120_000_000)
    #expect(work.bytes == 380_000_000)
    #expect(throws: Failure.self) {
      try budget.work(beside: ToyEmbedder(), resident: 490_000_000)
    }
  }
}

@Suite struct `The memory that is left` {
  @Test func `is the machine's, or a control group's where that has less`() async throws {
    try await withTemporaryFolder { root in
      try root.write("proc/meminfo", "MemTotal: 2000 kB\nMemAvailable:    1000 kB\n")
      #expect(AvailableMemory.bytes(root: root) == 1_024_000)
      try root.write("proc/self/cgroup", "0::/outer/inner\n")
      try root.write("sys/fs/cgroup/outer/inner/memory.max", "max\n")
      #expect(AvailableMemory.bytes(root: root) == 1_024_000)
      // Of 900,000 bytes 700,000 are taken, 100,000 of them by copies of files.
      try root.write("sys/fs/cgroup/outer/memory.max", "900000\n")
      try root.write("sys/fs/cgroup/outer/memory.current", "700000\n")
      try root.write("sys/fs/cgroup/outer/memory.stat", "anon 5\ninactive_file 100000\n")
      #expect(AvailableMemory.bytes(root: root) == 300_000)
      // The first version of control groups.
      try root.write("proc/self/cgroup", "4:cpu,memory:/job\n2:pids:/\n")
      try root.write("sys/fs/cgroup/memory/job/memory.limit_in_bytes", "50000\n")
      try root.write("sys/fs/cgroup/memory/job/memory.usage_in_bytes", "20000\n")
      #expect(AvailableMemory.bytes(root: root) == 30_000)
    }
  }

  @Test func `is unknown where the system does not tell`() async throws {
    try await withTemporaryFolder { root in
      #expect(AvailableMemory.bytes(root: root) == nil)
    }
  }
}
