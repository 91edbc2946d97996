// Runs that are killed, interrupted, doubled or out of space: nothing is lost, nothing is wrong.

import Core
import Foundation
import TestSupport
import Testing

/// A run that nobody disturbs: its results, and the seconds it took.
private func undisturbed(
  _ bench: SurvivalBench
) async throws -> (contents: [String: String], seconds: Double) {
  let start = ContinuousClock.now
  let finished = try await Program.run(bench.arguments("undisturbed"), in: bench.folder)
  try #require(finished.status == 0, "\(finished.errors)")
  let seconds = Double((ContinuousClock.now - start) / .milliseconds(1)) / 1000
  return (try SurvivalBench.contents(of: bench.folder.appending(path: "undisturbed")), seconds)
}

@Suite struct `A killed run` {
  /// How often in all, by workers that share the processors.
  private static let kills = 100
  private static let workers = 4

  @Test func `goes on and leaves what an undisturbed one leaves, after a hundred kills`()
    async throws
  {
    try await withTemporaryFolder { folder in
      let bench = try SurvivalBench(in: folder)
      let (wanted, seconds) = try await undisturbed(bench)
      #expect(wanted.count > 50)
      let stages = try await withThrowingTaskGroup(of: Set<Int>.self) { group in
        for worker in 0..<Self.workers {
          group.addTask {
            try await killed(
              Self.kills / Self.workers, bench, worker, within: seconds, wanted: wanted)
          }
        }
        return try await group.reduce(into: Set<Int>()) { $0.formUnion($1) }
      }
      // Not all at the same place.
      #expect(stages.count > 5)
    }
  }

  /// Kills runs until there were `count`; every results folder is brought to its end.
  ///
  /// - Returns: how many files there were at the kills.
  private func killed(
    _ count: Int, _ bench: SurvivalBench, _ worker: Int, within seconds: Double,
    wanted: [String: String]
  ) async throws -> Set<Int> {
    var random = SplitMix(state: UInt64(worker))
    var stages: Set<Int> = []
    var (kills, round) = (0, 0)
    // A run takes longer or shorter as the machine has other work.
    var longest = seconds
    while kills < count {
      round += 1
      let name = "killed-\(worker)-\(round)"
      let results = bench.folder.appending(path: name)
      var isDone = false
      while !isDone {
        let delay = Double.random(in: 0..<longest, using: &random)
        let run = try await Program.run(
          bench.arguments(name), in: bench.folder,
          signals: kills < count ? [(delay, SIGKILL)] : nil)
        isDone = run.status == 0
        longest *= isDone ? 0.7 : 1.1
        guard !isDone else { break }
        try #require(run.status == SIGKILL, "\(run.errors)")
        kills += 1
        let path = results.path(percentEncoded: false)
        stages.insert((try? FileManager.default.subpathsOfDirectory(atPath: path))?.count ?? 0)
      }
      expectSame(try SurvivalBench.contents(of: results), wanted, name)
    }
    return stages
  }
}

@Suite struct `A run in company` {
  @Test func `shares the work with another one in the same folder`() async throws {
    try await withTemporaryFolder { folder in
      let bench = try SurvivalBench(in: folder)
      let (wanted, _) = try await undisturbed(bench)
      let runs = try await withThrowingTaskGroup(of: Finished.self) { group in
        for _ in 0..<3 {
          group.addTask { try await Program.run(bench.arguments("shared"), in: folder) }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      for run in runs { #expect(run.status == 0, "\(run.errors)") }
      expectSame(
        try SurvivalBench.contents(of: folder.appending(path: "shared")), wanted, "shared")
      // Every task was evaluated by one of them alone.
      for task in SurvivalBench.tasks {
        let lines = runs.flatMap { $0.errors.split(separator: "\n") }
        #expect(
          lines.count { $0.hasPrefix("\(task): ") && $0.contains(" texts, ") } == 1, "\(task)")
      }
    }
  }
}

@Suite struct `A signal` {
  @Test(arguments: [("INT", SIGINT), ("TERM", SIGTERM), ("USR1", SIGUSR1), ("HUP", SIGHUP)])
  func `at any moment ends a run with what it has, and the next one goes on`(
    name: String, number: Int32
  ) async throws {
    try await withTemporaryFolder { folder in
      let bench = try SurvivalBench(in: folder)
      let (wanted, seconds) = try await undisturbed(bench)
      var random = SplitMix(state: UInt64(number))
      for round in 0..<3 {
        let delay = Double.random(in: 0..<seconds, using: &random)
        let run = try await Program.run(
          bench.arguments("\(name)-\(round)"), in: folder, signals: [(delay, number)])
        // Before the program has begun to listen, the system ends it.
        #expect([0, 130, number].contains(run.status), "\(run.errors)")
        let next = try await Program.run(bench.arguments("\(name)-\(round)"), in: folder)
        #expect(next.status == 0, "\(next.errors)")
        expectSame(
          try SurvivalBench.contents(of: folder.appending(path: "\(name)-\(round)")), wanted, name)
      }
    }
  }

  @Test func `says what is saved and how to go on`() async throws {
    try await withTemporaryFolder { folder in
      let bench = try SurvivalBench(in: folder)
      let run = try await Program.run(
        bench.arguments("r"), in: folder, interruptAfter: "Pairs: 48 texts")
      // A quick machine may be done before the signal is there.
      guard run.status != 0 else { return }
      #expect(run.status == 130, "\(run.errors)")
      #expect(run.errors.contains("was interrupted; saved: "), "\(run.errors)")
      #expect(run.errors.contains("of 4 tasks finished"), "\(run.errors)")
      #expect(run.errors.contains("run the same command again to go on"))
    }
  }

  @Test func `that comes again ends the run at once`() async throws {
    try await withTemporaryFolder { folder in
      // Long enough for two signals.
      let bench = try SurvivalBench(in: folder)
      let rows = (0..<2000).map {
        #"{"sentence1": "text \#($0)", "sentence2": "\#($0)", "score": \#($0 % 5)}"#
      }
      for subset in ["eng", "deu", "fra"] {
        try folder.write("data/Pairs/\(subset)/test.jsonl", rows.joined(separator: "\n"))
      }
      let run = try await Program.run(
        bench.arguments("r"), in: folder, interruptAfter: "to embed",
        signals: [(0, SIGTERM), (0.15, SIGTERM)])
      #expect([0, 130].contains(run.status), "\(run.errors)")
      let next = try await Program.run(bench.arguments("r"), in: folder)
      #expect(next.status == 0, "\(next.errors)")
    }
  }
}

@Suite struct `A disk without room` {
  @Test func `fails the task that needs it, and the next run mends that`() async throws {
    try await withTemporaryFolder { folder in
      let bench = try SurvivalBench(in: folder)
      let (wanted, _) = try await undisturbed(bench)
      // 12 blocks are 6 kB: too little for some outcomes, enough for most files.
      let run = try await Program.run(
        bench.arguments("small", ["--format", "json"]), in: folder, fileBlocks: 12)
      #expect(run.status == 1, "\(run.errors)")
      let report = try JSON(parsing: run.output)
      let failed = report["failed"]?.array ?? []
      #expect(!failed.isEmpty && failed.count < 4, "\(run.errors)")
      for failure in failed {
        let task = try #require(failure["task"]?.string)
        #expect(failure["code"]?.string == "system")
        let record = try JSON(
          parsing: try folder.text(
            of: "small/borda__hash-baseline/1/borda/failures/\(task).json"))
        #expect(record["message"]?.string == failure["message"]?.string)
      }
      let next = try await Program.run(bench.arguments("small"), in: folder)
      #expect(next.status == 0, "\(next.errors)")
      expectSame(
        try SurvivalBench.contents(of: folder.appending(path: "small")), wanted, "small")
    }
  }
}
