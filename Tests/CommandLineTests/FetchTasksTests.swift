// `borda fetch --benchmark` and `--tasks`.

import Core
import FakeHub
import Foundation
import TestSupport
import Testing

@Suite struct `Fetching the data of tasks` {
  @Test func `tells what it would fetch, fetches it, and finds it`() async throws {
    try await DataHub.run { bench in
      let plan = try await bench.borda(["fetch", "--benchmark", "Toy", "--dry-run"])
      #expect(plan.status == 0, "\(plan.errors)")
      #expect(plan.output.contains("To fetch: 5 files, 363 bytes; in all 5 files, 363 bytes."))
      #expect(plan.output.contains("Pairs, MorePairs") && plan.output.contains("missing"))
      #expect(try bench.snapshot("org--pairs").isEmpty)

      let fetched = try await bench.borda(["fetch", "--benchmark", "Toy", "--format", "json"])
      #expect(fetched.status == 0, "\(fetched.errors)")
      #expect(fetched.errors.contains("data: fetching 5 files, 363 bytes, of 2 data sets"))
      #expect(fetched.errors.contains("org/pairs: fetched 207 bytes"))
      let sets = try JSON(parsing: fetched.output)["datasets"]?.array ?? []
      #expect(sets.map { $0["state"]?.string } == ["fetched", "fetched"])
      #expect(sets.map { $0["commit"]?.string } == [hubCommit, hubCommit])
      #expect(sets.first?["licences"]?.array?.map(\.string) == ["mit"])
      #expect(sets.first?["files"]?.integer == 1)

      let asked = bench.hub.requests.count
      let again = try await bench.borda(["fetch", "--benchmark", "Toy", "--offline"])
      #expect(again.status == 0 && again.output.contains("cached"), "\(again.errors)")
      #expect(again.output.contains("Fetched: 0 files, 0 bytes"))
      #expect(bench.hub.requests.count == asked)
    }
  }

  @Test func `narrows by language, and says which tasks need nothing of a hub`() async throws {
    try await DataHub.run { bench in
      try bench.folder.write(
        "cat/STS/Own.yaml",
        """
        name: Own
        type: STS
        languages: {default: [deu-Latn]}
        splits: [test]
        main_score: cosine_spearman
        data: {path: own}
        """)
      let own = try await bench.borda(["fetch", "--tasks", "Own", "Pairs", "--dry-run"])
      #expect(own.output.contains("1 task with data in a folder of their own."), "\(own.output)")
      let none = try await bench.borda(
        ["fetch", "--tasks", "Own", "Pairs", "--languages", "deu", "--dry-run"])
      #expect(none.status == 0 && none.output.contains("0 data sets"), "\(none.errors)")
    }
  }

  /// How the hub answers for one of two data sets, the exit code, and what standard error holds.
  @Test(arguments: [
    (FakeReply(403, ["X-Error-Code": "GatedRepo"]), Int32(1), "the dataset is gated"),
    // A longer pause than anybody waits for.
    (FakeReply(429, ["Retry-After": "400"]), Int32(75), "asks to be left alone for 400 s"),
  ])
  func `goes on with the others and lists what failed`(
    reply: FakeReply, status: Int32, words: String
  ) async throws {
    try await DataHub.run { bench in
      bench.hub.change { request, answer in
        if request.path.contains("/pairs/resolve/") { answer = reply }
      }
      let run = try await bench.borda(["fetch", "--benchmark", "Toy"])
      #expect(run.status == status, "\(run.errors)")
      #expect(run.errors.contains(words))
      #expect(run.errors.contains("\nfailed: org/pairs\n"))
      #expect(run.output.contains("fetched") && run.output.contains("failed: "))
      #expect(try bench.snapshot("org--search").count == 5)
      bench.hub.change { _, _ in }
      let again = try await bench.borda(["fetch", "--benchmark", "Toy"])
      #expect(again.status == 0, "\(again.errors)")
    }
  }

  @Test func `ends with 3 offline where everything is missing`() async throws {
    try await DataHub.run { bench in
      let run = try await bench.borda(
        ["fetch", "--benchmark", "Toy", "--offline"], ["HF_ENDPOINT": "http://hub.invalid"])
      #expect(run.status == 3, "\(run.errors)")
      #expect(run.errors.contains("error: Pairs: its data, org/pairs at "))
      #expect(run.errors.contains("\n  the same: MorePairs, Search\n"))
      #expect(run.output.contains("Not counted: 2 data sets whose files are unknown."))
      #expect(bench.hub.requests.isEmpty)
    }
  }

  @Test func `goes through a proxy and never shows its password`() async throws {
    try await DataHub.run { bench in
      try await FakeProxy.run(to: bench.hub.port) { proxy in
        bench.hub.keepLargeFiles(at: "http://store.invalid")
        let through = [
          "HF_ENDPOINT": "http://hub.invalid", "http_proxy": "http://u:secretWord@\(proxy.address)",
        ]
        let run = try await bench.borda(["fetch", "--benchmark", "Toy"], through)
        #expect(run.status == 0, "\(run.errors)")
        #expect(proxy.heads.contains { $0.hasPrefix("CONNECT store.invalid:80 ") })
        #expect(!(run.errors + run.output).contains("secretWord"))
      }
    }
  }

  @Test(arguments: [
    ["fetch"], ["fetch", "org/data", "--tasks", "Pairs"], ["fetch", "--tasks", "Pairs", "--model"],
    ["fetch", "--benchmark", "Toy", "--files", "x"], ["fetch", "org/data", "--languages", "deu"],
  ])
  func `refuses what does not go together`(arguments: [String]) async throws {
    try await DataHub.run { bench in
      let run = try await bench.borda(arguments)
      #expect(run.status == 64)
      #expect(bench.hub.requests.isEmpty)
    }
  }
}
