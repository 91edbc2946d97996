// Results on disk: what is kept, what counts as current, what survives faults.

import Core
import Foundation
import Storage
import TestSupport
import Testing

private let model = ModelIdentity(
  name: "org/some model", revision: "r1", dimensions: 2, engine: "toy")

private func result(_ score: Double, date: Double = 1) -> TaskResult {
  TaskResult(
    taskName: "T", datasetRevision: "d", mtebVersion: nil,
    splits: [
      .init(
        name: "test",
        rows: [.init(subset: "a", languages: ["eng-Latn"], mainScore: score, scores: Scores())])
    ], evaluationTime: 1, date: date)
}

@Suite struct `A results folder` {
  @Test func `has mteb's layout, with the sidecar one folder deeper`() async throws {
    try await withTemporaryFolder { folder in
      try ResultStore(root: folder).keep(result(0.5), sidecar: Sidecar(inputs: [:]), model: model)
      let files = try FileManager.default.subpathsOfDirectory(atPath: folder.path())
        .filter { $0.hasSuffix(".json") }
      #expect(
        files.sorted() == [
          "org__some_model/r1/T.json", "org__some_model/r1/borda/T.json",
          "org__some_model/r1/model_meta.json",
        ])
    }
  }

  @Test func `knows what is current, stale, foreign and broken`() async throws {
    try await withTemporaryFolder { folder in
      let store = ResultStore(root: folder)
      #expect(store.state(of: "T", model: model, inputs: ["a": "1"]) == .absent)
      try store.keep(result(0.5), sidecar: Sidecar(inputs: ["a": "1"]), model: model)
      #expect(store.state(of: "T", model: model, inputs: ["a": "1"]) == .current)
      #expect(
        store.state(of: "T", model: model, inputs: ["a": "2", "b": "1"])
          == .stale(changed: ["a", "b"]))
      try FileManager.default.removeItem(
        at: folder.appending(path: "org__some_model/r1/borda/T.json"))
      #expect(store.state(of: "T", model: model, inputs: ["a": "1"]) == .foreign)
      try folder.write("org__some_model/r1/T.json", "{\"task_name\"")
      guard case .broken(let failure) = store.state(of: "T", model: model, inputs: [:]) else {
        Issue.record("a torn file counts as a result")
        return
      }
      #expect(failure.code == .malformed)
    }
  }

  @Test func `keeps unfinished rows with all digits, only for the same inputs`() async throws {
    try await withTemporaryFolder { folder in
      let store = ResultStore(root: folder)
      let third = result(1.0 / 3)
      try store.keepPartial(third, sidecar: Sidecar(inputs: ["a": "1"]), model: model)
      #expect(store.partial(of: "T", model: model, inputs: ["a": "1"])?.result == third)
      #expect(store.partial(of: "T", model: model, inputs: ["a": "2"]) == nil)
      try store.keep(third, sidecar: Sidecar(inputs: ["a": "1"]), model: model)
      #expect(store.partial(of: "T", model: model, inputs: ["a": "1"]) == nil)
    }
  }

  @Test func `is read whole: models united over revisions, the newest result of a task wins`()
    async throws
  {
    try await withTemporaryFolder { folder in
      let store = ResultStore(root: folder)
      var newer = model
      newer.revision = "r0"
      try store.keep(result(0.25, date: 1), sidecar: Sidecar(inputs: [:]), model: model)
      try store.keep(result(0.75, date: 2), sidecar: Sidecar(inputs: [:]), model: newer)
      try folder.write("org__some_model/r1/Torn.json", "{")
      let scan = try ResultScan(roots: [folder])
      #expect(scan.scores.models.map(\.model) == ["org/some model"])
      #expect(scan.scores.models.first?.tasks.first?.cells.map(\.score) == [0.75])
      #expect(scan.counts.files == 3 && scan.counts.superseded == 1)
      #expect(scan.refused.map(\.code) == [.malformed])
      #expect(scan.refused.first?.subject.hasSuffix("Torn.json") == true)
    }
  }

  @Test func `that is not there is an error that names it`() {
    let failure = #expect(throws: Failure.self) {
      try ResultScan(roots: [URL(filePath: "/no/such/results")])
    }
    #expect(failure?.code == .missing)
    #expect(failure?.subject == "/no/such/results")
  }
}

@Suite struct `An atomic file` {
  @Test func `is written whole, over an old one, and leaves nothing else`() async throws {
    try await withTemporaryFolder { folder in
      let file = folder.appending(path: "a/b.txt")
      try AtomicFile.write("old", to: file)
      try AtomicFile.write("new", to: file)
      #expect(try folder.text(of: "a/b.txt") == "new")
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path() + "/a")
      #expect(names == ["b.txt"])
    }
  }

  @Test(.enabled(if: SmallDisk.isPossible, "mounting a small file system needs privileges"))
  func `on a full disk is an error, and the old file stays`() async throws {
    try await withTemporaryFolder { folder in
      try #require(SmallDisk.mount(on: folder))
      defer { SmallDisk.unmount(folder) }
      let file = folder.appending(path: "r.json")
      try AtomicFile.write("old", to: file)
      let large = String(repeating: "x", count: 1 << 20)
      let failure = #expect(throws: Failure.self) { try AtomicFile.write(large, to: file) }
      #expect(failure?.code == .system)
      #expect(failure?.hint?.contains("free some space") == true)
      #expect(try folder.text(of: "r.json") == "old")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path()) == ["r.json"])
    }
  }
}

/// A file system of 64 KiB.
private enum SmallDisk {
  static let isPossible: Bool = {
    guard let folder = try? TemporaryFolder() else { return false }
    defer { unmount(folder.url) }
    return mount(on: folder.url)
  }()

  static func mount(on folder: URL) -> Bool {
    run("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder.path()])
  }

  static func unmount(_ folder: URL) { _ = run("umount", [folder.path()]) }

  private static func run(_ name: String, _ arguments: [String]) -> Bool {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [name] + arguments
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }
}

@Suite struct `Content hashes` {
  // sha256sum of the three bytes "abc": FIPS 180-2, appendix B.1.
  @Test func `are SHA-256`() async throws {
    let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    #expect(ContentHash.of("abc") == abc)
    try await withTemporaryFolder { folder in
      let file = try folder.write("f", "abc")
      #expect(try ContentHash.of(file: file) == abc)
    }
  }

  @Test func `of a folder depend on names and contents, not on place or order`() async throws {
    try await withTemporaryFolder { folder in
      let files = ["x/a", "x/b", "y/a", "y/b", "z/a", "z/c"].map { folder.appending(path: $0) }
      for (i, file) in files.enumerated() {
        try AtomicFile.write(i.isMultiple(of: 2) ? "1" : "2", to: file)
      }
      let hash = { (folderName: String, pair: [URL]) throws in
        try ContentHash.of(files: pair, below: folder.appending(path: folderName))
      }
      let x = try hash("x", [files[0], files[1]])
      #expect(try hash("x", [files[1], files[0]]) == x)
      #expect(try hash("y", [files[2], files[3]]) == x)
      #expect(try hash("z", [files[4], files[5]]) != x)
    }
  }
}
