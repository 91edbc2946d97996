// Runs: what is skipped, what goes on, what a failing task leaves to the others.

import Core
import Evaluation
import Foundation
import Storage
import Synchronization
import TestSupport
import Testing

/// Events of a run, in order.
private final class Log: Sendable {
  private let events = Mutex<[RunEvent]>([])
  func add(_ event: RunEvent) { events.withLock { $0.append(event) } }
  var skipped: [String] {
    events.withLock { $0 }.compactMap { if case .skipped(_, let why) = $0 { why } else { nil } }
  }
}

/// A folder with two STS tasks of two subsets each.
private struct Bench {
  let folder: URL
  let tasks: [TaskDefinition]

  init(in folder: URL) throws {
    self.folder = folder
    let english = try #require(Language("eng-Latn"))
    let german = try #require(Language("deu-Latn"))
    tasks = ["A", "B"].map { name in
      TaskDefinition(
        name: name, type: .sts,
        subsets: [
          Subset(name: "eng", languages: [english]), Subset(name: "deu", languages: [german]),
        ], splits: ["test"], mainScore: "cosine_spearman",
        data: .path(folder.appending(path: name), sha256: nil),
        file: folder.appending(path: "\(name).yaml"))
    }
    for name in ["A", "B"] {
      for subset in ["eng", "deu"] {
        let rows = (0..<5).map { row in
          let text = "\(name) \(subset) \(row)"
          return #"{"sentence1": "\#(text)", "sentence2": "\#(text)!", "score": \#(row)}"#
        }
        try folder.write("\(name)/\(subset)/test.jsonl", rows.joined(separator: "\n"))
      }
    }
  }

  var store: ResultStore { ResultStore(root: folder.appending(path: "results")) }

  func runner(_ embedder: ToyEmbedder, _ rerun: Rerun = .missing) -> Runner {
    var runner = Runner(
      embedder: embedder, prompts: Prompts(), store: store, locator: DataLocator())
    runner.rerun = rerun
    return runner
  }

  /// The result file without what may differ between runs: times.
  func scores(_ task: String, _ model: ModelIdentity) throws -> TaskResult {
    var result = try ResultStore.read(store.file(of: task, model: model))
    result.evaluationTime = nil
    result.date = nil
    return result
  }
}

@Suite struct `A run` {
  @Test func `skips what is current and says so`() async throws {
    try await withTemporaryFolder { folder in
      let bench = try Bench(in: folder)
      let embedder = ToyEmbedder()
      let first = await bench.runner(embedder).run(Selection(tasks: bench.tasks)) { _ in }
      #expect(first.evaluated == ["A", "B"])
      #expect(embedder.textCount == 40)
      let log = Log()
      let second = await bench.runner(embedder).run(Selection(tasks: bench.tasks)) { log.add($0) }
      #expect(second.skipped == ["A", "B"])
      #expect(embedder.textCount == 40)
      #expect(log.skipped == ["its result is current", "its result is current"])
    }
  }

  @Test func `evaluates again when data, prompts or model have changed, and only then`()
    async throws
  {
    try await withTemporaryFolder { folder in
      let bench = try Bench(in: folder)
      let selection = Selection(tasks: [bench.tasks[0]])
      let embedder = ToyEmbedder()
      _ = await bench.runner(embedder).run(selection) { _ in }
      try folder.write(
        "A/deu/test.jsonl",
        (0..<3).map { #"{"sentence1": "\#($0)", "sentence2": "x", "score": \#($0)}"# }
          .joined(separator: "\n"))
      #expect(await bench.runner(embedder).run(selection) { _ in }.evaluated == ["A"])
      var prompted = Runner(
        embedder: embedder, prompts: Prompts(standard: "p: "), store: bench.store,
        locator: DataLocator())
      #expect(await prompted.run(selection) { _ in }.evaluated == ["A"])
      prompted.rerun = .never
      #expect(await bench.runner(embedder, .never).run(selection) { _ in }.skipped == ["A"])
      #expect(await bench.runner(embedder, .always).run(selection) { _ in }.evaluated == ["A"])
    }
  }

  @Test func `adds the languages that a narrower run left out`() async throws {
    try await withTemporaryFolder { folder in
      let bench = try Bench(in: folder)
      let embedder = ToyEmbedder()
      let german = Selection(tasks: [bench.tasks[0]], languages: [try #require(Language("deu"))])
      _ = await bench.runner(embedder).run(german) { _ in }
      #expect(embedder.textCount == 10)
      _ = await bench.runner(embedder).run(Selection(tasks: [bench.tasks[0]])) { _ in }
      #expect(embedder.textCount == 20)
      let rows = try bench.scores("A", embedder.model).splits[0].rows
      #expect(rows.map(\.subset) == ["eng", "deu"])
    }
  }

  @Test func `goes on after an interruption and ends with the same result`() async throws {
    try await withTemporaryFolder { folder in
      let bench = try Bench(in: folder)
      let selection = Selection(tasks: [bench.tasks[0]])
      // Dies at the second subset; the first is kept.
      let dying = ToyEmbedder(failsAt: "A deu 0")
      let first = await bench.runner(dying).run(selection) { _ in }
      #expect(first.failed.map(\.task) == ["A"])
      let embedder = ToyEmbedder()
      let second = await bench.runner(embedder).run(selection) { _ in }
      #expect(second.evaluated == ["A"])
      #expect(embedder.textCount == 10)
      let resumed = try bench.scores("A", embedder.model)
      _ = await bench.runner(embedder, .always).run(selection) { _ in }
      #expect(try bench.scores("A", embedder.model) == resumed)
    }
  }

  @Test func `keeps the other tasks when one fails`() async throws {
    try await withTemporaryFolder { folder in
      let bench = try Bench(in: folder)
      try folder.write("A/eng/test.jsonl", "not json")
      let summary = await bench.runner(ToyEmbedder()).run(Selection(tasks: bench.tasks)) { _ in }
      #expect(summary.failed.map(\.task) == ["A"])
      #expect(summary.evaluated == ["B"])
    }
  }

  @Test func `stops when cancelled and says that it was interrupted`() async throws {
    try await withTemporaryFolder { folder in
      let bench = try Bench(in: folder)
      let task = Task {
        withUnsafeCurrentTask { $0?.cancel() }
        return await bench.runner(ToyEmbedder()).run(Selection(tasks: bench.tasks)) { _ in }
      }
      #expect(await task.value.isInterrupted)
    }
  }

  @Test func `plans without embedding`() async throws {
    try await withTemporaryFolder { folder in
      let bench = try Bench(in: folder)
      let embedder = ToyEmbedder()
      let plans = await bench.runner(embedder).plan(Selection(tasks: bench.tasks))
      #expect(plans.map(\.texts) == [20, 20])
      #expect(embedder.textCount == 0)
    }
  }

  @Test func `refuses data that do not hash to what the task declares`() async throws {
    try await withTemporaryFolder { folder in
      let bench = try Bench(in: folder)
      var task = bench.tasks[0]
      let (_, hash) = try DataLocator().open(task)
      task.data = .path(folder.appending(path: "A"), sha256: hash)
      _ = try DataLocator().open(task)
      task.data = .path(
        folder.appending(path: "A"), sha256: String(repeating: "0", count: 64))
      let failure = #expect(throws: Failure.self) { try DataLocator().open(task) }
      #expect(failure?.message.contains(String(hash.prefix(12))) == true)
    }
  }
}
