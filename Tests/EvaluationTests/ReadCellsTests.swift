// What a plan has read a run does not read again, and scores are the same either way.

import Core
import Datasets
import Foundation
import Storage
import TestSupport
import Testing

@testable import Evaluation

private let longTitle = String(repeating: "title ", count: 100)

/// Writes a task of a type with some rows or documents.
private func write(_ type: String, to folder: URL) throws -> TaskDefinition {
  switch type {
  case "Retrieval":
    let corpus = (0..<400).map {
      #"{"_id": "d\#($0)", "title": "\#(longTitle)", "text": "text \#($0)"}"#
    }
    try folder.write("corpus.jsonl", corpus.joined(separator: "\n"))
    try folder.write("queries.jsonl", #"{"_id": "q", "text": "text 7"}"#)
    try folder.write("qrels/test.tsv", "query-id\tcorpus-id\tscore\nq\td7\t1\n")
    return try oneSubsetTask(type, "ndcg_at_10", in: folder)
  case "Classification":
    let rows = (0..<40).map { #"{"text": "text \#($0)", "label": \#($0 % 2)}"# }
    for split in ["train", "test"] {
      try folder.write("\(split).jsonl", rows.joined(separator: "\n"))
    }
    return try oneSubsetTask(type, "accuracy", in: folder)
  default:
    let rows = (0..<40).map {
      #"{"sentence1": "text \#($0)", "sentence2": "text \#($0 / 2)", "score": \#($0 % 5)}"#
    }
    try folder.write("test.jsonl", rows.joined(separator: "\n"))
    return try oneSubsetTask(type, "cosine_spearman", in: folder)
  }
}

@Suite struct `Data that a plan has read` {
  /// A run whose data are taken away between its plan and its work.
  private func runWithoutData(
    _ task: TaskDefinition, in folder: URL, _ memory: WorkMemory
  ) async throws -> (summary: RunSummary, rows: [TaskResult.Row]?) {
    let store = ResultStore(root: folder.appending(path: "results"))
    let embedder = ToyEmbedder(dimensions: 16)
    var runner = Runner(
      embedder: embedder, prompts: Prompts(), store: store, locator: DataLocator())
    runner.memory = memory
    guard case .path(let data, _) = task.data else { preconditionFailure("data of a hub") }
    let summary = await runner.run(Selection(tasks: [task])) { event in
      if case .planned = event { try? FileManager.default.removeItem(at: data) }
    }
    let result = try? ResultStore.read(store.file(of: task.name, model: embedder.model))
    return (summary, result?.splits.first?.rows)
  }

  @Test(arguments: ["Retrieval", "Classification", "STS"])
  func `are not read again`(type: String) async throws {
    try await withTemporaryFolder { folder in
      let task = try write(type, to: folder.appending(path: "data"))
      let wanted = try await firstScores(of: task, ToyEmbedder(dimensions: 16))
      let (summary, rows) = try await runWithoutData(task, in: folder, .unlimited)
      #expect(summary.failed.isEmpty, "\(summary.failed)")
      // Files have six decimals.
      let score = try #require(rows?.first?.mainScore)
      #expect(abs(score - (try #require(wanted[task.mainScore]))) < 1e-6)
    }
  }

  /// A type, and a budget: an eighth of it is less than the data take, the whole enough to work.
  @Test(arguments: [("Retrieval", 1_200_000), ("STS", 16_000)])
  func `are read again where the budget has no room for them`(
    type: String, bytes: Int
  ) async throws {
    try await withTemporaryFolder { folder in
      let task = try write(type, to: folder.appending(path: "data"))
      let (summary, _) = try await runWithoutData(task, in: folder, WorkMemory(bytes: bytes))
      #expect(summary.failed.first?.failure.code == .missing)
    }
  }

  @Test func `come from memory as they come from files, whatever the blocks`() async throws {
    try await withTemporaryFolder { folder in
      let task = try write("Retrieval", to: folder)
      let cell = Cell(subset: task.subsets[0], split: "test")
      let data = try DataLocator().open(task).data
      for limit in [(1, 1 << 20), (7, 1 << 20), (4096, 1 << 20), (4096, 3000)] {
        let streamed = try await RetrievalEvaluator(task).load(cell, from: data).corpus
        let kept = try await RetrievalEvaluator(task).load(cell, from: data).corpus
        #expect(try await kept.checkedCount(keepingUpTo: 1 << 20) == 400)
        #expect(kept.keptBytes > 0 && streamed.keptBytes == 0)
        #expect(
          try await Self.blocks(of: kept, limit) == Self.blocks(of: streamed, limit), "\(limit)")
      }
    }
  }

  private static func blocks(
    of corpus: CorpusReader, _ limit: (documents: Int, textBytes: Int)
  ) async throws -> [[[String]]] {
    var blocks: [[[String]]] = []
    let ids = try await corpus.forEachBlock(
      limit: { _ throws(Failure) in .init(documents: limit.documents, textBytes: limit.textBytes) }
    ) { ids, texts throws(Failure) in blocks.append([ids, texts]) }
    return blocks + [[(0..<ids.count).map { ids[$0] }]]
  }

  @Test func `are counted for an estimate and not kept`() throws {
    let task = TaskDefinition(
      name: "Toy", type: .sts, subsets: [], splits: ["test"], mainScore: Metric("f1"),
      data: .path(URL(filePath: "/x"), sha256: nil), file: URL(filePath: "/x.yaml"))
    let english = try #require(Language("eng-Latn"))
    let cells = ["a", "b", "c"].map {
      Cell(subset: Subset(name: $0, languages: [english]), split: "test")
    }
    // An eighth of 800 bytes: room for 60 and 40, not for 60, 50 and 10.
    for isForRun in [true, false] {
      let read = ReadCells(in: WorkMemory(bytes: 800), isForRun: isForRun)
      let isKept = zip(cells, [60, 50, 40]).map { cell, bytes in
        read.keep("problem \(cell.subset.name)", bytes: bytes, of: cell, of: task)
      }
      #expect(isKept == [true, false, true])
      #expect(read.bytes == 100 && read.room == 0)
      let taken = cells.map { read.take($0, of: task) as? String }
      #expect(taken == (isForRun ? ["problem a", nil, "problem c"] : [nil, nil, nil]))
      // Once only, and the room is not given again: the problem is being worked on.
      #expect(read.take(cells[0], of: task) == nil && read.room == 0)
    }
  }
}
