// Models that fail in the middle of a run: one task, some tasks, for good.

import Core
import Evaluation
import Foundation
import Storage
import TestSupport
import Testing

/// A toy that asks before every request whether it fails.
struct FailingEmbedder: Embedder {
  private let toy: ToyEmbedder
  private let check: @Sendable (EmbedRequest) throws(Failure) -> Void

  init(
    dimensions: Int = 2, _ check: @escaping @Sendable (EmbedRequest) throws(Failure) -> Void
  ) {
    toy = ToyEmbedder(dimensions: dimensions)
    self.check = check
  }

  var model: ModelIdentity { toy.model }

  func embed(_ request: EmbedRequest) async throws(Failure) -> EmbedOutcome {
    try check(request)
    return try await toy.embed(request)
  }
}

private let names = ["A", "B", "C", "D", "E"]

/// Fails in these tasks.
private func failing(
  in tasks: Set<String>, _ code: Failure.Code, isSameEverywhere: Bool = true
) -> FailingEmbedder {
  FailingEmbedder { request throws(Failure) in
    guard let task = request.task?.name, tasks.contains(task) else { return }
    throw Failure(code, "the model", isSameEverywhere ? "is down" : "cannot embed \(task)")
  }
}

@Suite struct `A model that fails` {
  /// Tasks in which it fails, with what, whether in the same words; what fails, is not tried.
  @Test(arguments: [
    ("B", Failure.Code.tryAgain, true, "B", ""),
    ("AB", .tryAgain, true, "AB", ""),
    ("ABDE", .tryAgain, true, "ABDE", ""),
    ("ABCDE", .tryAgain, true, "ABC", "DE"),
    ("BCDE", .tryAgain, false, "BCD", "E"),
    ("ABCDE", .unusable, true, "ABC", "DE"),
    ("ABCDE", .malformed, false, "ABCDE", ""),
  ])
  func `ends a run after three tasks in a row, and not before`(
    tasks: String, code: Failure.Code, isSame: Bool, failed: String, untried: String
  ) async throws {
    try await withTemporaryFolder { folder in
      let bench = try SubsetsBench(tasks: names, in: folder)
      let selection = Selection(tasks: bench.tasks)
      let embedder = failing(in: Set(tasks.map(String.init)), code, isSameEverywhere: isSame)
      let summary = await bench.runner(embedder, "r").run(selection) { _ in }
      #expect(summary.failed.map(\.task).joined() == failed)
      #expect(summary.untried.joined() == untried)
      #expect((summary.gaveUp != nil) == !untried.isEmpty)
      let rest = Set(names).subtracting(tasks.map(String.init))
      #expect(Set(summary.evaluated) == rest)
    }
  }

  @Test func `is recorded with its reason until the task succeeds`() async throws {
    try await withTemporaryFolder { folder in
      let bench = try SubsetsBench(tasks: ["A", "B"], in: folder)
      let selection = Selection(tasks: bench.tasks)
      let embedder = failing(in: ["A"], .tryAgain)
      _ = await bench.runner(embedder, "r").run(selection) { _ in }
      let store = bench.store("r")
      let record = store.failure(of: "A", model: embedder.model)
      #expect(record?.failure == Failure(.tryAgain, "the model", "is down"))
      #expect(store.failure(of: "B", model: embedder.model) == nil)
      let plans = await bench.runner(embedder, "r").plan(selection)
      guard case .open(let reason) = try #require(plans.first).state else {
        Issue.record("the failed task is not open")
        return
      }
      #expect(reason == "failed last time: the model: is down")
      let whole = ToyEmbedder()
      #expect(await bench.runner(whole, "r").run(selection) { _ in }.evaluated == ["A"])
      #expect(store.failure(of: "A", model: whole.model) == nil)
    }
  }

  @Test func `by data that are wrong does not count against the model`() async throws {
    try await withTemporaryFolder { folder in
      let bench = try SubsetsBench(tasks: names, in: folder)
      for name in names.dropLast() { try folder.write("\(name)/eng/test.jsonl", "no json") }
      let summary = await bench.runner(ToyEmbedder(), "r")
        .run(Selection(tasks: bench.tasks)) { _ in }
      #expect(summary.failed.map(\.task).joined() == "ABCD")
      #expect(summary.evaluated == ["E"] && summary.gaveUp == nil)
    }
  }
}

@Suite struct `Two runs in one folder` {
  @Test func `never work on the same task, and both end with all results`() async throws {
    try await withTemporaryFolder { folder in
      let bench = try SubsetsBench(tasks: names, in: folder)
      let selection = Selection(tasks: bench.tasks)
      let embedders = (0..<4).map { _ in ToyEmbedder() }
      let summaries = await withTaskGroup(of: RunSummary.self) { group in
        for embedder in embedders {
          group.addTask {
            await bench.runner(embedder, "r", keepsDetails: true).run(selection) { _ in }
          }
        }
        return await group.reduce(into: []) { $0.append($1) }
      }
      #expect(summaries.flatMap(\.evaluated).sorted() == names)
      #expect(summaries.flatMap(\.skipped).count == 3 * names.count)
      #expect(embedders.reduce(0) { $0 + $1.textCount } == names.count * 4 * 48)
      _ = await bench.runner(ToyEmbedder(), "alone", keepsDetails: true).run(selection) { _ in }
      #expect(try bench.contents("r") == bench.contents("alone"))
    }
  }
}
