// Against the real Python client: one cache, both directions, and both at once. Needs a Python with
// huggingface_hub: BORDA_PYTHON=/path/to/python.

import Core
import FakeHub
import Foundation
import TestSupport
import Testing

@testable import Hub

private let python = ProcessInfo.processInfo.environment["BORDA_PYTHON"]

@Suite(.enabled(if: python != nil, "set BORDA_PYTHON to a Python with huggingface_hub"))
struct `With Python's client` {
  /// Runs a script with the bench's hub and cache; what it prints, line by line.
  private func run(
    _ script: String, _ bench: Bench, _ more: [String: String] = [:]
  ) async throws -> [String] {
    let process = Process()
    process.executableURL = URL(filePath: python ?? "")
    process.arguments = ["-c", "from huggingface_hub import *\n" + script]
    var environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("HF_") }
    environment["HF_ENDPOINT"] = bench.hub.address
    environment["HF_HUB_CACHE"] = bench.settings.cache.path
    environment["HF_HOME"] = bench.folder.path
    environment["HF_HUB_DISABLE_TELEMETRY"] = "1"
    process.environment = environment.merging(more) { $1 }
    let output = bench.folder.appending(path: UUID().uuidString)
    try Data().write(to: output)
    process.standardOutput = try FileHandle(forWritingTo: output)
    try process.run()
    while process.isRunning { try await Task.sleep(for: .milliseconds(10)) }
    #expect(process.terminationStatus == 0)
    return try String(contentsOf: output, encoding: .utf8).split(separator: "\n").map(String.init)
  }

  /// A bench whose large files lie at another host: Python's client expects that of a hub.
  private func withStore(
    _ body: @Sendable (Bench, _ store: FakeHub) async throws -> Void
  ) async throws {
    try await withBench { bench in
      try await FakeHub.run { store in
        store.add("any", FakeRepository(commit: commit, ["x": .large(bulk)]))
        bench.hub.keepLargeFiles(at: store.address)
        try await body(bench, store)
      }
    }
  }

  private static let paths = ["README.md", "data/empty.txt", "data/test.bin"]

  @Test func `what Borda fetched is found by Python, offline and online`() async throws {
    try await withStore { bench, store in
      let folder = try await bench.open { hub throws(Failure) in
        let listing = try await hub.listing(of: try HubRepository(.dataset, "org/data"))
        return try await hub.fetch(listing.files, of: listing)
      }
      let transfers = bench.transfers.count + store.requests.count
      let script = """
        for path in \(Self.paths):
            print(hf_hub_download("org/data", path, repo_type="dataset"))
        print(snapshot_download("org/data", repo_type="dataset"))
        """
      let expected = Self.paths.map { folder.appending(path: $0).path } + [folder.path]
      #expect(try await run(script, bench, ["HF_HUB_OFFLINE": "1"]) == expected)
      #expect(try await run(script, bench) == expected)
      #expect(bench.transfers.count + store.requests.count == transfers)
    }
  }

  @Test func `what Python fetched is found by Borda, offline and online`() async throws {
    try await withStore { bench, store in
      let lines = try await run(
        """
        print(snapshot_download("org/data", repo_type="dataset"))
        try:
            hf_hub_download("org/data", "none.txt", repo_type="dataset")
        except Exception as error:
            print(type(error).__name__)
        """, bench)
      let folder = bench.cached("snapshots/\(commit)")
      #expect(lines == [folder.path, "RemoteEntryNotFoundError"])
      let transfers = bench.transfers.count + store.requests.count
      var offline = bench
      offline.settings.isOffline = true
      for bench in [offline, bench] {
        for path in Self.paths {
          #expect(try await bench.fetch(path).path == folder.appending(path: path).path)
        }
        #expect(try await bench.listing().files.map(\.path) == Self.paths)
      }
      let repository = try HubRepository(.dataset, "org/data")
      #expect(HubCache(bench.settings).look(for: "none.txt", of: repository) == .absent)
      #expect(bench.transfers.count + store.requests.count == transfers)
    }
  }

  @Test func `both at once fetch a file once`() async throws {
    try await withStore { bench, store in
      // Longer than Python takes to start.
      store.change { _, reply in reply.pause = .seconds(4) }
      async let url = bench.fetch("data/test.bin")
      let lines = try await run(
        "print(hf_hub_download('org/data', 'data/test.bin', repo_type='dataset'))", bench)
      let path = try await url.path
      #expect(lines == [path])
      #expect(store.requests.count == 1)
    }
  }

  @Test func `the list of files is kept as Python keeps it`() async throws {
    try await withStore { bench, _ in
      let listing = try await bench.listing()
      let tree = bench.cached("trees/\(commit).json")
      let ours = try JSON(parsing: Data(contentsOf: tree))
      try FileManager.default.removeItem(at: tree)
      _ = try await run("snapshot_download('org/data', repo_type='dataset')", bench)
      #expect(try JSON(parsing: Data(contentsOf: tree)) == ours)
      #expect(try await bench.listing() == listing)
    }
  }
}
