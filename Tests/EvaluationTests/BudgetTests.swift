// Runs with a deadline: in what order, what is left, and that the next run goes on.

import Core
import Foundation
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Evaluation

/// Three tasks: a large one, a small one of the same type, a small one of another type.
private struct Bench {
  let folder: URL
  let tasks: [TaskDefinition]

  init(in folder: URL) throws {
    self.folder = folder
    let english = try #require(Language("eng-Latn"))
    let german = try #require(Language("deu-Latn"))
    let kinds: [(String, TaskType, Metric, Int)] = [
      ("Large", .sts, "cosine_spearman", 60), ("Small", .sts, "cosine_spearman", 5),
      ("Pairs", .bitextMining, "f1", 5),
    ]
    tasks = kinds.map { name, type, metric, _ in
      TaskDefinition(
        name: name, type: type,
        subsets: [
          Subset(name: "eng", languages: [english]), Subset(name: "deu", languages: [german]),
        ], splits: ["test"], mainScore: metric,
        data: .path(folder.appending(path: name), sha256: nil),
        file: folder.appending(path: "\(name).yaml"))
    }
    for (name, _, _, count) in kinds {
      for subset in ["eng", "deu"] {
        let rows = (0..<count).map { row in
          let text = "\(name) \(subset) \(row)"
          return #"{"sentence1": "\#(text)", "sentence2": "\#(text)!", "score": \#(row)}"#
        }
        try folder.write("\(name)/\(subset)/test.jsonl", rows.joined(separator: "\n"))
      }
    }
  }

  func runner(
    _ embedder: any Embedder, in results: String = "results",
    until deadline: ContinuousClock.Instant? = nil
  ) -> Runner {
    var runner = Runner(
      embedder: embedder, prompts: Prompts(),
      store: ResultStore(root: folder.appending(path: results)), locator: DataLocator())
    runner.deadline = deadline
    return runner
  }

  func scores(_ results: String) throws -> [TaskResult] {
    let store = ResultStore(root: folder.appending(path: results))
    return try tasks.map { task in
      var result = try ResultStore.read(store.file(of: task.name, model: ToyEmbedder().model))
      result.evaluationTime = nil
      result.date = nil
      return result
    }
  }
}

/// An embedder that needs a second for every request, and gives up when it is cancelled.
private struct SlowEmbedder: Embedder {
  let toy = ToyEmbedder()
  var model: ModelIdentity { toy.model }

  func embed(_ request: EmbedRequest) async throws(Failure) -> EmbedOutcome {
    try? await Task.sleep(for: .seconds(1))
    if Task.isCancelled { throw Failure(.interrupted, "toy", "was interrupted") }
    return try await toy.embed(request)
  }
}

@Suite struct `A run with a deadline` {
  @Test func `that is far away does everything, in the order of worth`() async throws {
    try await withTemporaryFolder { folder in
      let bench = try Bench(in: folder)
      let far = ContinuousClock.now + .seconds(3600)
      let summary = await bench.runner(ToyEmbedder(), until: far)
        .run(Selection(tasks: bench.tasks)) { _ in }
      // Small and Pairs cost 20 texts each, Large 240; of equal worth the first in the list.
      #expect(summary.evaluated == ["Small", "Pairs", "Large"])
      #expect(summary.unfinished.isEmpty)
      _ = await bench.runner(ToyEmbedder(), in: "plain").run(Selection(tasks: bench.tasks)) { _ in }
      #expect(try bench.scores("results") == bench.scores("plain"))
    }
  }

  @Test func `that is over begins nothing and says what is left`() async throws {
    try await withTemporaryFolder { folder in
      let bench = try Bench(in: folder)
      let embedder = ToyEmbedder()
      let summary = await bench.runner(embedder, until: .now - .seconds(1))
        .run(Selection(tasks: bench.tasks)) { _ in }
      #expect(embedder.textCount == 0)
      #expect(!summary.isInterrupted)
      #expect(summary.evaluated.isEmpty)
      // The worker may be cancelled before the plan of a task is made.
      #expect(Set(summary.unfinished.map(\.task)) == ["Small", "Pairs", "Large"])
      #expect(summary.unfinished.allSatisfy { $0.cells == 2 && $0.seconds == nil })
    }
  }

  @Test func `that comes in the middle keeps what is finished, and the next run goes on`()
    async throws
  {
    try await withTemporaryFolder { folder in
      let bench = try Bench(in: folder)
      let selection = Selection(tasks: bench.tasks)
      let first = await bench.runner(SlowEmbedder(), until: .now + .milliseconds(3500))
        .run(selection) { _ in }
      // Each cell takes two seconds: no more than one is finished, whatever the machine is doing.
      #expect(!first.isInterrupted)
      #expect(first.evaluated.isEmpty)
      #expect(Set(first.unfinished.map(\.task)) == ["Small", "Pairs", "Large"])
      let left = first.unfinished.reduce(0) { $0 + $1.cells }
      #expect(left == 5 || left == 6)
      let second = await bench.runner(ToyEmbedder()).run(selection) { _ in }
      #expect(second.evaluated == ["Large", "Small", "Pairs"])
      _ = await bench.runner(ToyEmbedder(), in: "plain").run(selection) { _ in }
      #expect(try bench.scores("results") == bench.scores("plain"))
    }
  }

  @Test func `does not hide that it was interrupted`() async throws {
    try await withTemporaryFolder { folder in
      let bench = try Bench(in: folder)
      let far = ContinuousClock.now + .seconds(3600)
      let task = Task {
        withUnsafeCurrentTask { $0?.cancel() }
        return await bench.runner(ToyEmbedder(), until: far)
          .run(Selection(tasks: bench.tasks)) { _ in }
      }
      #expect(await task.value.isInterrupted)
    }
  }
}
