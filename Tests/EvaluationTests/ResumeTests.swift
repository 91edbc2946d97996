// Runs that go on where others stopped: the same scores, the same sums, whatever was finished.

import Core
import Evaluation
import Foundation
import Storage
import TestSupport
import Testing

@Suite struct `A run that goes on` {
  @Test(arguments: ["Clustering", "MultilabelClassification", "STS"])
  func `gives the scores of an undisturbed one, whichever subsets were finished`(
    type: String
  ) async throws {
    try await withTemporaryFolder { folder in
      let bench = try SubsetsBench(type, in: folder)
      let embedder = ToyEmbedder(dimensions: 8)
      let selection = Selection(tasks: bench.tasks)
      _ = await bench.runner(embedder, "whole").run(selection) { _ in }
      let whole = bench.store("whole")
      let result = try ResultStore.read(whole.file(of: "A", model: embedder.model))
      let inputs = try #require(whole.sidecar(of: "A", model: embedder.model)?.inputs)
      let wanted = result.splits
      // Different draws for every subset: what is not passed over as it should be would show.
      if type != "STS" { #expect(Set(wanted[0].rows.compactMap(\.mainScore)).count > 2) }
      for mask in 0..<(1 << SubsetsBench.languages.count) {
        let name = "mask-\(mask)"
        let store = bench.store(name)
        var part = result
        part.splits[0].rows = result.splits[0].rows.enumerated()
          .filter { mask >> $0.offset & 1 == 1 }.map(\.element)
        if mask > 0 {
          try store.keepPartial(part, sidecar: Sidecar(inputs: inputs), model: embedder.model)
        }
        let other = ToyEmbedder(dimensions: 8)
        let summary = await bench.runner(other, name).run(selection) { _ in }
        #expect(summary.evaluated == ["A"], "\(mask)")
        let found = try ResultStore.read(store.file(of: "A", model: embedder.model))
        #expect(found.splits == wanted, "\(mask)")
        // Nothing is embedded for what was finished.
        #expect((other.textCount == 0) == (mask == 15), "\(mask)")
      }
    }
  }

  @Test func `tells what the task cost once, details or not`() async throws {
    try await withTemporaryFolder { folder in
      let bench = try SubsetsBench(in: folder)
      let selection = Selection(tasks: bench.tasks)
      let german = Selection(tasks: bench.tasks, languages: [try #require(Language("deu"))])
      let embedder = ToyEmbedder()
      _ = await bench.runner(embedder, "whole", keepsDetails: true).run(selection) { _ in }
      let wanted = try bench.contents("whole")
      // One subset without details, all of them without, then those that lack them, interrupted.
      _ = await bench.runner(embedder, "steps").run(german) { _ in }
      _ = await bench.runner(ToyEmbedder(failsAt: "A spa 0"), "steps").run(selection) { _ in }
      _ = await bench.runner(embedder, "steps").run(selection) { _ in }
      _ = await bench.runner(embedder, "steps", keepsDetails: true).run(german) { _ in }
      _ = await bench.runner(ToyEmbedder(failsAt: "A spa 0"), "steps", keepsDetails: true)
        .run(selection) { _ in }
      let last = await bench.runner(embedder, "steps", keepsDetails: true).run(selection) { _ in }
      #expect(last.evaluated == ["A"])
      #expect(try bench.contents("steps") == wanted)
      let sidecar = bench.store("steps").sidecar(of: "A", model: embedder.model)
      #expect(sidecar?.cost.texts == 4 * 48)
    }
  }

  @Test func `writes the result where only that was missing`() async throws {
    try await withTemporaryFolder { folder in
      let bench = try SubsetsBench(in: folder)
      let embedder = ToyEmbedder()
      let selection = Selection(tasks: bench.tasks)
      _ = await bench.runner(embedder, "r").run(selection) { _ in }
      let store = bench.store("r")
      let file = store.file(of: "A", model: embedder.model)
      let result = try ResultStore.read(file)
      let sidecar = try #require(store.sidecar(of: "A", model: embedder.model))
      // As after a kill between the last subset and the result.
      try store.keepPartial(result, sidecar: sidecar, model: embedder.model)
      try FileManager.default.removeItem(at: file)
      let other = ToyEmbedder()
      #expect(await bench.runner(other, "r").run(selection) { _ in }.evaluated == ["A"])
      #expect(other.textCount == 0)
      #expect(try ResultStore.read(file).splits == result.splits)
    }
  }

  @Test func `removes what is left beside a finished result, but not what another run needs`()
    async throws
  {
    try await withTemporaryFolder { folder in
      let bench = try SubsetsBench(in: folder)
      let embedder = ToyEmbedder()
      let selection = Selection(tasks: bench.tasks)
      _ = await bench.runner(embedder, "r").run(selection) { _ in }
      let wanted = try bench.contents("r")
      let store = bench.store("r")
      let result = try ResultStore.read(store.file(of: "A", model: embedder.model))
      var sidecar = try #require(store.sidecar(of: "A", model: embedder.model))
      // As after a kill between the result and the end of what was unfinished.
      try store.keepPartial(result, sidecar: sidecar, model: embedder.model)
      #expect(await bench.runner(embedder, "r").run(selection) { _ in }.skipped == ["A"])
      #expect(try bench.contents("r") == wanted)
      sidecar.inputs["prompt_sha256"] = "another"
      try store.keepPartial(result, sidecar: sidecar, model: embedder.model)
      #expect(await bench.runner(embedder, "r").run(selection) { _ in }.skipped == ["A"])
      #expect(try bench.contents("r").count == wanted.count + 1)
    }
  }

  @Test func `takes no result for its own that its sidecar does not tell of`() async throws {
    try await withTemporaryFolder { folder in
      let bench = try SubsetsBench(in: folder)
      let embedder = ToyEmbedder()
      let selection = Selection(tasks: bench.tasks)
      _ = await bench.runner(embedder, "r").run(selection) { _ in }
      let store = bench.store("r")
      let file = store.file(of: "A", model: embedder.model)
      let old = try Data(contentsOf: file)
      // Other data; then a kill between the new sidecar and the new result.
      let row = #"{"sentence1": "x", "sentence2": "y", "score": 1}"#
      try folder.write("A/eng/test.jsonl", [row, row, row].joined(separator: "\n"))
      _ = await bench.runner(embedder, "r").run(selection) { _ in }
      let new = try ResultStore.read(file)
      try old.write(to: file)
      let log = RunLog()
      let summary = await bench.runner(embedder, "r").run(selection) { log.add($0) }
      #expect(summary.evaluated == ["A"])
      #expect(log.complaints == ["its result is not the one that its sidecar tells of"])
      #expect(try ResultStore.read(file).splits == new.splits)
    }
  }

  @Test func `leaves nothing half-scored when it is cancelled while scoring`() async throws {
    try await withTemporaryFolder { folder in
      let bench = try SubsetsBench("Clustering", in: folder)
      let selection = Selection(tasks: bench.tasks)
      let embedder = ToyEmbedder(dimensions: 8)
      _ = await bench.runner(embedder, "whole").run(selection) { _ in }
      let cancelling = FailingEmbedder(dimensions: 8) { request throws(Failure) in
        guard request.texts.contains(where: { $0.contains("fra") }) else { return }
        withUnsafeCurrentTask { $0?.cancel() }
      }
      let task = Task { await bench.runner(cancelling, "r").run(selection) { _ in } }
      let summary = await task.value
      #expect(summary.isInterrupted && summary.failed.isEmpty)
      #expect(summary.unfinished.map(\.finished) == [2])
      #expect(bench.store("r").failure(of: "A", model: embedder.model) == nil)
      _ = await bench.runner(embedder, "r").run(selection) { _ in }
      #expect(try bench.contents("r") == bench.contents("whole"))
    }
  }
}
