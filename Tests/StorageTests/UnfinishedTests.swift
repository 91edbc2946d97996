// Rows that are no result yet: found beside results, and never in their place.

import Core
import Foundation
import Storage
import TestSupport
import Testing

private let model = ModelIdentity(name: "org/a", revision: "r1", dimensions: 2, engine: "toy")

private func result(_ task: String, _ scores: [Double]) -> TaskResult {
  TaskResult(
    taskName: task, datasetRevision: "d", mtebVersion: nil,
    splits: [
      .init(
        name: "test",
        rows: scores.enumerated().map { place, score in
          .init(
            subset: "s\(place)", languages: ["eng-Latn"], mainScore: score, scores: Scores())
        })
    ], evaluationTime: 1, date: 1)
}

private let sidecar = Sidecar(inputs: ["a": "1"])

@Suite struct `Rows that are no result` {
  @Test func `count beside results and not in their place`() async throws {
    try await withTemporaryFolder { folder in
      let store = ResultStore(root: folder)
      try store.keep(result("Done", [0.5]), sidecar: sidecar, model: model)
      try store.keepPartial(result("Begun", [0.25, 0.75]), sidecar: sidecar, model: model)
      // An unfinished new evaluation of a task that has a result.
      try store.keepPartial(result("Done", [0.1]), sidecar: sidecar, model: model)
      #expect(store.unfinished(of: "Begun", model: model)?.mainScore == 0.5)
      #expect(store.unfinished(of: "Absent", model: model) == nil)
      let plain = try ResultScan(roots: [folder])
      #expect(plain.scores.models.first?.tasks.map(\.task) == ["Done"])
      var scan = plain
      scan.add(UnfinishedScan(roots: [folder]))
      let tasks = try #require(scan.scores.models.first).tasks
      #expect(tasks.map(\.task) == ["Done", "Begun"])
      #expect(tasks.map { $0.cells.map(\.score) } == [[0.5], [0.25, 0.75]])
      #expect(scan.counts.unfinished == 1)
      #expect(scan.summary.contains("1 unfinished tasks"))
    }
  }

  @Test func `of two revisions those with the most rows count`() async throws {
    try await withTemporaryFolder { folder in
      var other = model
      other.revision = "r0"
      try ResultStore(root: folder).keepPartial(result("T", [0.1]), sidecar: sidecar, model: other)
      try ResultStore(root: folder).keepPartial(
        result("T", [0.2, 0.3]), sidecar: sidecar, model: model)
      let scan = ResultScan(unfinished: UnfinishedScan(roots: [folder]))
      #expect(scan.scores.models.map(\.model) == ["org/a"])
      #expect(scan.scores.models[0].revisions == ["r1"])
      #expect(scan.scores.models[0].tasks[0].cells.map(\.score) == [0.2, 0.3])
    }
  }

  @Test func `of quick looks are read for their own limit alone, and stay what they are`()
    async throws
  {
    try await withTemporaryFolder { folder in
      let looks = ResultStore(root: folder, limit: 20)
      try looks.keep(result("T", [0.5]), sidecar: sidecar, model: model)
      #expect(looks.state(of: "T", model: model, inputs: sidecar.inputs) == .absent)
      #expect(
        looks.partial(of: "T", model: model, inputs: sidecar.inputs)?.result.mainScore == 0.5)
      #expect(UnfinishedScan(roots: [folder], limit: 20).found.map(\.result.taskName) == ["T"])
      #expect(UnfinishedScan(roots: [folder], limit: 10).found.isEmpty)
      #expect(UnfinishedScan(roots: [folder]).found.isEmpty)
      #expect(try ResultScan(roots: [folder]).counts.files == 0)
      let paths = try FileManager.default.subpathsOfDirectory(atPath: folder.path())
      #expect(paths.filter { $0.hasSuffix(".json") } == ["org__a/r1/borda/limit-20/T.json"])
    }
  }

  @Test(arguments: [#"{"rows": 1}"#, "not json", "{}", #"{"limit": 3, "rows": {}}"#])
  func `that are broken are no rows`(text: String) async throws {
    try await withTemporaryFolder { folder in
      try folder.write("org__a/r1/borda/T.partial.json", text)
      #expect(UnfinishedScan(roots: [folder]).found.isEmpty)
    }
  }
}
