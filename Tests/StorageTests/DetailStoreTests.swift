// Details on disk: names of files, what outlives what, what is shown of them.

import Core
import Foundation
import Storage
import TestSupport
import Testing

private func index(_ task: String, _ fingerprint: String = "f") -> DetailIndex {
  DetailIndex(
    task: task, type: "STS", mainScore: "m", fingerprint: fingerprint,
    shape: OutcomeShape(
      item: "pair", name: "row", measures: [.init("m"), .init("n", isShare: false)],
      columns: [.init("text", "Text", isText: true)]))
}

private func details(_ values: [Double?]) -> CellDetails {
  CellDetails(
    shape: index("T").shape,
    outcomes: values.enumerated().map { row, value in
      Outcome([
        ("row", .integer(row + 1)), ("text", .string("text \(row)\n\u{2028}")),
        ("m", .optional(value) { .number($0) }), ("n", .integer(-row)),
      ])
    }, attachments: [.init(suffix: "run", pieces: 2) { "line \($0)\n" }])
}

/// A folder of results with a sidecar, and details of two subsets.
private func kept(
  _ values: [String: [Double?]], in folder: URL, dataHash: String = "d"
) throws -> URL {
  let sidecar = Sidecar(inputs: ["data_sha256": dataHash])
  try AtomicFile.write(sidecar.json.pretty, to: folder.appending(path: "borda/T.json"))
  let store = DetailStore(besideResultsIn: folder)
  for (subset, values) in values {
    try store.keep(
      details(values), of: DetailCell(split: "test", subset: subset),
      index: index("T", sidecar.fingerprint))
  }
  return folder
}

private func source(_ folder: URL, _ task: String = "T") throws -> DetailSource {
  try DetailSource(of: task, for: folder.path(percentEncoded: false), below: [])
}

@Suite struct `A folder of details` {
  @Test(arguments: [
    ("T", "test", "default", "T.test.default.jsonl"),
    ("A.v2", "test", "en-de", "A.v2.test.en-de.jsonl"),
    ("T", "a.b", "x/y z", "T.a%2eb.x%2fy%20z.jsonl"), ("T", "test", "%", "T.test.%25.jsonl"),
    ("T", "test", "中文", "T.test.中文.jsonl"),
  ])
  func `names files so that task, split and subset can be told apart`(
    task: String, split: String, subset: String, name: String
  ) async throws {
    try await withTemporaryFolder { folder in
      let store = DetailStore(besideResultsIn: folder)
      let cell = DetailCell(split: split, subset: subset)
      try store.keep(details([1, nil]), of: cell, index: index(task))
      #expect(store.file(of: task, cell).lastPathComponent == name)
      #expect(store.cells(of: task) == [cell])
      #expect(store.cells(of: "A").isEmpty)
      #expect(try store.index(of: task) == index(task))
      #expect(try store.outcomes(of: task, cell) == details([1, nil]).outcomes)
      let run = try String(contentsOf: store.file(of: task, cell, "run"), encoding: .utf8)
      #expect(run == "line 0\nline 1\n")
    }
  }

  @Test func `loses all of a task when its inputs change, and nothing of other tasks`()
    async throws
  {
    try await withTemporaryFolder { folder in
      let store = DetailStore(besideResultsIn: folder)
      let cells = ["a", "b"].map { DetailCell(split: "test", subset: $0) }
      for cell in cells { try store.keep(details([1]), of: cell, index: index("T")) }
      try store.keep(details([1]), of: cells[0], index: index("T.v2"))
      try store.keep(details([1]), of: cells[0], index: index("T", "new"))
      #expect(store.cells(of: "T") == [cells[0]])
      #expect(store.cells(of: "T.v2") == [cells[0]])
      try store.remove(cells[0], of: "T")
      let names = try FileManager.default.contentsOfDirectory(atPath: store.folder.path())
      #expect(
        names.sorted() == [
          "T.json", "T.sha256", "T.v2.json", "T.v2.sha256", "T.v2.test.a.jsonl", "T.v2.test.a.run",
        ])
    }
  }

  @Test func `names the line that is no outcome`() async throws {
    try await withTemporaryFolder { folder in
      let store = DetailStore(besideResultsIn: folder)
      let cell = DetailCell(split: "test", subset: "a")
      try store.keep(details([1]), of: cell, index: index("T"))
      try folder.write("borda/details/T.test.a.jsonl", "{}\n[]\n")
      let failure = #expect(throws: Failure.self) { try store.outcomes(of: "T", cell) }
      #expect(failure?.subject.hasSuffix("T.test.a.jsonl, line 2") == true)
    }
  }
}

@Suite struct `Cases` {
  @Test func `come worst first or best first, over all subsets, ties by the next measure`()
    async throws
  {
    try await withTemporaryFolder { folder in
      let source = try source(try kept(["a": [0.5, 0, nil], "b": [1, 0]], in: folder))
      let worst = try OutcomeCases(
        3, areBest: false, by: "m", of: source, in: source.cells)
      // Both zeros are in row 2, where n is -1.
      #expect(worst.cases.map(\.value) == [0, 0, 0.5])
      #expect(worst.cases.map(\.cell.subset) == ["a", "b", "a"])
      #expect(worst.measured == 4 && worst.unmeasured == 1)
      #expect(worst.mean == 0.375)
      let best = try OutcomeCases(1, areBest: true, by: "m", of: source, in: source.cells)
      #expect(best.cases.map(\.value) == [1])
      let second = try OutcomeCases(2, areBest: false, by: "n", of: source, in: source.cells)
      #expect(second.cases.map(\.value) == [-2, -1])
    }
  }

  @Test func `of two models are matched by name and ordered by what is lost`() async throws {
    try await withTemporaryFolder { folder in
      let one = try source(
        try kept(["a": [0.5, 0.25, nil, 1], "b": [1]], in: folder.appending(path: "one")))
      let two = try source(
        try kept(["a": [0.25, 0.75, 1]], in: folder.appending(path: "two")))
      let found = try OutcomeCases(
        9, areBest: false, by: "m", of: one, against: two, in: one.cells)
      #expect(found.cases.map(\.difference) == [-0.5, 0.25])
      #expect(found.better == 1 && found.worse == 1 && found.mean == -0.125)
      #expect(found.unmeasured == 1 && found.unmatched == 2)
    }
  }

  @Test func `of models evaluated on other data are refused`() async throws {
    try await withTemporaryFolder { folder in
      let one = try source(try kept(["a": [1]], in: folder.appending(path: "one")))
      let two = try source(
        try kept(["a": [1]], in: folder.appending(path: "two"), dataHash: "other"))
      let failure = #expect(throws: Failure.self) {
        try OutcomeCases(9, areBest: false, by: "m", of: one, against: two, in: one.cells)
      }
      #expect(failure?.message.contains("other data") == true)
    }
  }

  @Test func `of details that belong to other scores are refused`() async throws {
    try await withTemporaryFolder { folder in
      _ = try kept(["a": [1]], in: folder)
      let sidecar = Sidecar(inputs: ["data_sha256": "new"])
      try AtomicFile.write(sidecar.json.pretty, to: folder.appending(path: "borda/T.json"))
      let failure = #expect(throws: Failure.self) { try source(folder) }
      #expect(failure?.code == .incomplete)
      #expect(failure?.hint == "evaluate again with --details")
    }
  }
}
