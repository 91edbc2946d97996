// `borda fetch` against a hub on this machine.

import Core
import FakeHub
import Foundation
import TestSupport
import Testing

private let commit = String(repeating: "0f1e2d3c", count: 5)

private func withHub(
  _ body: @Sendable (FakeHub, _ folder: URL, _ environment: [String: String]) async throws -> Void
) async throws {
  try await withTemporaryFolder { folder in
    try await FakeHub.run { hub in
      hub.add(
        "datasets/org/data",
        FakeRepository(
          commit: commit,
          [
            "README.md": .small("# Data\n"), "data/test.jsonl": .small("{\"a\": 1}\n"),
            "data/train.bin": .large(Array("train".utf8)),
          ]))
      try await body(
        hub, folder,
        hubEnvironment(hub, folder))
    }
  }
}

@Suite struct `Fetching on the command line` {
  @Test func `says what it would fetch, then fetches it, then finds it`() async throws {
    try await withHub { hub, folder, environment in
      let plan = try await Program.run(
        ["fetch", "org/data", "--dry-run"], in: folder, environment: environment)
      #expect(plan.status == 0, "\(plan.errors)")
      // 7 + 9 + 5 bytes
      #expect(plan.output.contains("To fetch: 3 files, 21 bytes; in all 3 files, 21 bytes."))
      #expect(hub.requests.allSatisfy { $0.path.hasPrefix("/api/") })

      let snapshot = folder.appending(path: "hf/hub/datasets--org--data/snapshots/\(commit)")
      let some = try await Program.run(
        ["fetch", "org/data", "--files", "data/test*", "README.md"], in: folder,
        environment: environment)
      #expect(some.output.contains("Fetched: 2 files, 16 bytes"))
      #expect(some.errors.contains("data/test.jsonl: 9 bytes"))
      #expect(try snapshot.text(of: "data/test.jsonl") == "{\"a\": 1}\n")
      #expect(!exists(snapshot.appending(path: "data/train.bin")))

      _ = try await Program.run(["fetch", "org/data"], in: folder, environment: environment)
      #expect(try snapshot.text(of: "data/train.bin") == "train")
      let again = try await Program.run(
        ["fetch", "org/data", "--format", "json"], in: folder,
        environment: environment.merging(["HF_HUB_OFFLINE": "1"]) { $1 })
      let json = try JSON(parsing: again.output)
      #expect(json["commit"]?.string == commit)
      #expect(json["folder"]?.string == snapshot.path)
      #expect(
        json["files"]?.array?.map { $0["state"]?.string }
          == Array(repeating: "in the cache", count: 3))
    }
  }

  @Test func `ends quietly when nobody reads any more`() async throws {
    try await withHub { _, folder, environment in
      let shell = Process()
      shell.executableURL = URL(filePath: "/bin/sh")
      shell.arguments = [
        "-c", "{ \"$0\" fetch org/data 2>errors; echo $? >status; } | true",
        Repository.program.path,
      ]
      shell.currentDirectoryURL = folder
      shell.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
      try shell.run()
      while shell.isRunning { try await Task.sleep(for: .milliseconds(5)) }
      // 128 and the number of the signal; 0 where everything went into the pipe before it closed.
      let status = try folder.text(of: "status")
      #expect(["141\n", "0\n"].contains(status))
      let errors = try folder.text(of: "errors")
      #expect(!errors.contains("Fatal"))
    }
  }

  /// Arguments, more variables, exit code, and what standard error must hold.
  @Test(
    arguments: [
      (["org/none"], [:], 3, "no such dataset, or a private one"),
      (["org/data@v9"], [:], 3, "the dataset has no revision 'v9'"),
      (["org/data", "--files", "data/tset.jsonl"], [:], 3, "did you mean data/test.jsonl"),
      (["a/b/c"], [:], 64, "not the name of a dataset"),
      (["org/data"], ["HF_ENDPOINT": "nowhere"], 64, "HF_ENDPOINT"),
      (["org/data"], ["HF_HUB_OFFLINE": "1"], 3, "HF_HUB_OFFLINE forbids"),
      (["org/data"], ["HF_TOKEN": "not a token"], 64, "HF_TOKEN"),
    ] as [([String], [String: String], Int32, String)])
  func `ends with the right exit code and a way out`(
    arguments: [String], more: [String: String], status: Int32, words: String
  ) async throws {
    try await withHub { _, folder, environment in
      let end = try await Program.run(
        ["fetch"] + arguments, in: folder, environment: environment.merging(more) { $1 })
      #expect(end.status == status)
      #expect(end.errors.contains(words), "\(end.errors)")
      #expect(end.errors.contains("\n  try: "))
      #expect(!end.errors.contains("not a token"))
      #expect(end.output.isEmpty)
    }
  }
}
