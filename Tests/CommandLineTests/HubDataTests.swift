// Evaluating tasks whose data are on a hub.

import Core
import FakeHub
import Foundation
import TestSupport
import Testing

@Suite struct `Evaluating with data of a hub` {
  @Test func `fetches what the tasks read, says so first, and fetches nothing again`() async throws
  {
    try await DataHub.run { bench in
      let first = try await bench.evaluate(["--benchmark", "Toy", "--format", "json"])
      #expect(first.status == 0, "\(first.errors)")
      #expect(first.errors.hasPrefix("data: asking the hub about 2 data sets\ndata: fetching "))
      // 207 + 42 + 44 + 37 + 33 bytes; README.md came with the list of files.
      let bytes = 207 + 42 + 44 + 37 + 33
      #expect(
        first.errors.contains("data: fetching 5 files, \(bytes) bytes, of 2 data sets into "),
        "\(first.errors)")
      let commit = hubCommit.prefix(12)
      #expect(
        first.errors.contains(
          "  org/pairs @ \(commit): 1 file, 207 bytes, licence mit, for Pairs, MorePairs\n"))
      #expect(
        first.errors.contains(
          "  org/search @ \(commit): 4 files, 156 bytes, licence unknown, for Search\n"))
      #expect(try bench.snapshot("org--pairs") == ["test.jsonl"])
      #expect(
        try bench.snapshot("org--search") == [
          "README.md", "parts/corpus-00000-of-00002.jsonl", "parts/corpus-00001-of-00002.jsonl",
          "qrels/test.tsv", "queries.jsonl",
        ])
      let scores = try JSON(parsing: first.output)["tasks"]?.array ?? []
      #expect(scores.count == 3 && scores.allSatisfy { $0["score"]?.double != nil })
      let results = bench.folder.appending(path: "results/borda__hash-baseline")
      let paths = try FileManager.default.subpathsOfDirectory(atPath: results.path)
      let sidecar = try #require(paths.first { $0.hasSuffix("/borda/Pairs.json") })
      #expect(try results.text(of: sidecar).contains("\"hub:org/pairs@\(hubCommit)\""))

      let asked = bench.hub.requests.count
      let second = try await bench.evaluate(
        ["--benchmark", "Toy", "--format", "json", "--rerun", "always"])
      #expect(second.status == 0 && second.output == first.output, "\(second.errors)")
      #expect(!second.errors.contains("data:"))
      #expect(bench.hub.requests.count == asked)
      let third = try await bench.evaluate(
        ["--benchmark", "Toy", "--rerun", "always", "--offline"],
        ["HF_ENDPOINT": "http://hub.invalid"])
      #expect(third.status == 0, "\(third.errors)")
    }
  }

  @Test func `needs no data for tasks whose results are current`() async throws {
    try await DataHub.run { bench in
      _ = try await bench.evaluate(["--tasks", "Pairs"])
      try FileManager.default.removeItem(at: bench.folder.appending(path: "hf"))
      let asked = bench.hub.requests.count
      let again = try await bench.evaluate(["--tasks", "Pairs", "--offline"])
      #expect(again.status == 0, "\(again.errors)")
      #expect(again.errors.contains("Pairs: skipped, its result is current"))
      #expect(bench.hub.requests.count == asked)
    }
  }

  @Test func `plans without fetching data`() async throws {
    try await DataHub.run { bench in
      let plan = try await bench.evaluate(["--benchmark", "Toy", "--dry-run"])
      #expect(plan.status == 0, "\(plan.errors)")
      #expect(plan.output.contains("363 bytes to download"), "\(plan.output)")
      #expect(plan.output.contains("to do"))
      #expect(try bench.snapshot("org--pairs").isEmpty)
      #expect(try bench.snapshot("org--search") == ["README.md"])
    }
  }

  @Test func `says no more than the sums when it is to be quiet`() async throws {
    try await DataHub.run { bench in
      let run = try await bench.evaluate(["--tasks", "Pairs", "--quiet"])
      #expect(run.status == 0)
      #expect(run.errors.hasPrefix("data: fetching 1 file, 207 bytes, of 1 data set into "))
      #expect(run.errors.split(separator: "\n").count == 1)
    }
  }

  @Test func `gives the scores that the same data give in a folder`() async throws {
    try await withTemporaryFolder { folder in
      try await FakeHub.run { hub in
        let names = [
          "STS", "Pairs", "Bitext", "Retrieval", "Reranking", "Classification", "Multilabel",
          "Clustering",
        ].map { "Starter\($0)" }
        for name in names {
          let place = Repository.tasks.appending(path: "Starter/\(name)")
          var files: [String: FakeFile] = ["never-read.bin": .small("x")]
          for path in try FileManager.default.subpathsOfDirectory(atPath: place.path)
          where path.hasSuffix(".jsonl") {
            files[path] = .small(try place.text(of: path))
          }
          hub.add("datasets/org/\(name)", FakeRepository(commit: hubCommit, files))
          let task = try Repository.tasks.text(of: "Starter/\(name).yaml").replacing(
            "data: {path: \(name)}", with: "data: {hub: org/\(name), revision: \(hubCommit)}")
          try folder.write("cat/Starter/\(name).yaml", task)
        }
        let arguments =
          [
            "evaluate", "--model", "baseline:hash", "--languages", "eng", "--format", "csv",
            "--threads", "2", "--tasks",
          ] + names
        let own = try await Program.run(arguments + ["--results", "own"], in: folder)
        let fetched = try await Program.run(
          arguments + ["--results", "hub", "--catalogue", "cat"], in: folder,
          environment: hubEnvironment(hub, folder))
        #expect(own.status == 0, "\(own.errors)")
        #expect(fetched.status == 0, "\(fetched.errors)")
        #expect(fetched.output == own.output)
        #expect(own.output.split(separator: "\n").count == 1 + names.count)
        #expect(!hub.requests.contains { $0.path.hasSuffix("never-read.bin") })
        // Other languages are not fetched, but where draws go on from one to the next.
        #expect(
          !hub.requests.contains { $0.path.contains("StarterSTS") && $0.path.contains("deu/") })
        #expect(
          hub.requests.contains {
            $0.path.contains("StarterClustering") && $0.path.contains("fra/")
          })
      }
    }
  }
}

@Suite struct `Data of a hub that are not to be had` {
  @Test func `fail their tasks by name when offline, and no others`() async throws {
    try await DataHub.run { bench in
      let nowhere = ["HF_ENDPOINT": "http://hub.invalid"]
      let none = try await bench.evaluate(["--benchmark", "Toy", "--offline"], nowhere)
      #expect(none.status == 3)
      for name in ["Pairs", "MorePairs", "Search"] {
        #expect(none.errors.contains("error: \(name): its data, org/"), "\(none.errors)")
        #expect(none.errors.contains("try: run borda fetch --tasks \(name) where"))
      }
      #expect(bench.hub.requests.isEmpty)

      _ = try await bench.borda(["fetch", "--tasks", "Search"])
      let some = try await bench.evaluate(["--benchmark", "Toy"], ["HF_HUB_OFFLINE": "1"])
      #expect(some.status == 1)
      #expect(some.errors.contains("failed: Pairs, MorePairs\n"))
      #expect(some.errors.contains("Search: 100.00"), "\(some.errors)")
    }
  }

  @Test func `fail their tasks where the hub has them no more`() async throws {
    try await DataHub.run { bench in
      try bench.write("Gone", type: "STS", score: "cosine_spearman", "org/gone")
      let run = try await bench.evaluate(["--tasks", "Gone", "Pairs"])
      #expect(run.status == 1)
      #expect(run.errors.contains("error: org/gone: no such dataset, or a private one"))
      #expect(run.errors.contains("failed: Gone\n"))
      #expect(run.output.contains("Pairs"))
      let only = try await bench.evaluate(["--tasks", "Gone"])
      #expect(only.status == 3)
    }
  }

  @Test func `fail a task that wants a configuration which is not there`() async throws {
    try await DataHub.run { bench in
      try bench.write("Odd", type: "STS", score: "cosine_spearman", "org/search")
      let run = try await bench.evaluate(["--tasks", "Odd", "Search"])
      #expect(run.status == 1)
      #expect(run.errors.contains("no data file") || run.errors.contains("failed: Odd\n"))
      #expect(run.errors.contains("Search: 100.00"), "\(run.errors)")
    }
  }

  @Test func `go on where a transfer broke`() async throws {
    try await DataHub.run { bench in
      bench.hub.change { request, reply in
        if request.path.hasPrefix("/store/"), request.headers["range"] == nil {
          reply.end = .cut(100)
        }
      }
      let run = try await bench.evaluate(["--tasks", "Pairs"])
      #expect(run.status == 0, "\(run.errors)")
      #expect(run.errors.contains("; again in "))
      #expect(run.errors.contains("data: org/pairs is there"))
      let ranges = bench.hub.requests.compactMap { $0.headers["range"] }
      // What of the first hundred bytes came is not asked for again, if any came.
      #expect(ranges.allSatisfy { $0.hasPrefix("bytes=") })
    }
  }

  @Test func `count what came of them before`() async throws {
    try await DataHub.run { bench in
      let file = FakeFile.large(Array(DataHub.pairs.utf8))
      try bench.folder.write(
        "hf/hub/datasets--org--pairs/blobs/\(file.sha256).incomplete",
        String(DataHub.pairs.prefix(100)))
      let run = try await bench.evaluate(["--tasks", "Pairs"])
      #expect(run.status == 0, "\(run.errors)")
      #expect(run.errors.contains("fetching 1 file, 207 bytes, 100 bytes of it there already, of"))
      // To the hub, and to the store that it leads to.
      let ranges = bench.hub.requests.compactMap { $0.headers["range"] }
      #expect(ranges == ["bytes=100-", "bytes=100-"])
    }
  }

  @Test func `show nothing of a file whose bytes are wrong`() async throws {
    try await DataHub.run { bench in
      bench.hub.change { request, reply in
        if request.path.hasPrefix("/store/") { reply.body = reply.body.reversed() }
      }
      let run = try await bench.evaluate(["--tasks", "Pairs", "Search"])
      #expect(run.status == 1)
      #expect(run.errors.contains("the bytes that came are not those whose SHA-256 the hub gives"))
      #expect(run.errors.contains("failed: Pairs\n"))
      #expect(try bench.snapshot("org--pairs").isEmpty)
      let blobs = try bench.blobs("org--pairs")
      #expect(blobs.allSatisfy { $0.hasSuffix(".incomplete") })
    }
  }

  @Test func `are not read in part where Python's client left only some files`() async throws {
    try await DataHub.run { bench in
      _ = try await bench.borda(["fetch", "--tasks", "Search"])
      let place = bench.folder.appending(path: "hf/hub/datasets--org--search")
      try FileManager.default.removeItem(at: place.appending(path: "trees"))
      let whole = try await bench.evaluate(["--tasks", "Search", "--offline"])
      #expect(whole.status == 0, "\(whole.errors)")
      try FileManager.default.removeItem(
        at: place.appending(path: "snapshots/\(hubCommit)/parts/corpus-00001-of-00002.jsonl"))
      let half = try await bench.evaluate(["--tasks", "Search", "--offline", "--rerun", "always"])
      #expect(half.status == 3)
      #expect(half.errors.contains("only some of the parts of parts/corpus-of-00002"))
    }
  }

  @Test func `never print the token`() async throws {
    try await DataHub.run { bench in
      var hidden = FakeRepository(commit: hubCommit, ["test.jsonl": .small(DataHub.pairs)])
      hidden.access = .hidden
      bench.hub.add("datasets/org/hidden", hidden)
      try bench.write("Hidden", type: "STS", score: "cosine_spearman", "org/hidden")
      let token = ["HF_TOKEN": FakeHub.token]
      bench.hub.change { request, reply in
        if !request.isHead, request.path.hasSuffix("test.jsonl") {
          reply = FakeReply(403, ["X-Error-Message": "\(FakeHub.token) may not read it"])
        }
      }
      let refused = try await bench.evaluate(["--tasks", "Hidden"], token)
      bench.hub.change { _, _ in }
      let fetched = try await bench.evaluate(["--tasks", "Hidden"], token)
      #expect(refused.status == 3 && fetched.status == 0, "\(refused.errors)\(fetched.errors)")
      for run in [refused, fetched] {
        #expect(!run.errors.contains(FakeHub.token) && !run.output.contains(FakeHub.token))
      }
    }
  }
}
