// Budgets, quick looks and partial standings as a user meets them.

import Core
import Foundation
import TestSupport
import Testing

private func borda(_ line: String, in folder: URL) async throws -> Finished {
  try await Program.run(line.split(separator: " ").map(String.init), in: folder)
}

private let evaluate = "evaluate --model baseline:hash"

@Suite struct `A budget` {
  @Test func `that is over ends with exit code 4 and what is left, and more time finishes it`()
    async throws
  {
    try await withTemporaryFolder { folder in
      let tasks = "\(evaluate) --tasks StarterSTS,StarterBitext,StarterClassification"
      // However fast the machine: either something is left, or all is done.
      let first = try await borda("\(tasks) --budget 1s", in: folder)
      if first.status == 4 {
        #expect(first.errors.contains("--budget 1s: the time is over; left: "), "\(first.errors)")
        #expect(first.errors.contains("run the same command again to go on"))
      } else {
        #expect(first.status == 0, "\(first.errors)")
      }
      let whole = try await borda("\(tasks) --budget 2h --quiet --format csv", in: folder)
      #expect(whole.status == 0, "\(whole.errors)")
      #expect(!whole.output.contains("true"))
      let plain = try await borda("\(tasks) --results plain --quiet --format csv", in: folder)
      #expect(plain.output == whole.output)
    }
  }

  @Test(arguments: ["30", "0s", "m", "1m1h", "1h1h", "-5m", "1d", "99999999999s", "1.5h", ""])
  func `that is no time is refused`(text: String) async throws {
    try await withTemporaryFolder { folder in
      let finished = try await Program.run(
        ["evaluate", "--model", "baseline:hash", "--tasks", "StarterSTS", "--budget", text],
        in: folder)
      #expect(finished.status == 64, "\(finished.errors)")
      #expect(finished.errors.contains("--budget"))
    }
  }

  @Test func `orders the plan`() async throws {
    try await withTemporaryFolder { folder in
      func order(_ more: String) async throws -> [Substring] {
        let plan = try await borda(
          "\(evaluate) --benchmark Starter --dry-run --format csv \(more)", in: folder)
        #expect(plan.status == 0, "\(plan.errors)")
        return plan.output.split(separator: "\n").dropFirst().compactMap {
          $0.split(separator: ",").first
        }
      }
      let (plain, ordered) = (try await order(""), try await order("--budget 1h"))
      #expect(plain.first == "StarterSTS")
      #expect(plain != ordered)
      #expect(Set(plain) == Set(ordered))
    }
  }
}

@Suite struct `A quick look with --limit` {
  @Test func `is marked in every format and no result anywhere`() async throws {
    try await withTemporaryFolder { folder in
      let marks = [
        ("table", "partial: quick look, --limit 5"), ("csv", ",5\n"),
        ("json", #""limit": 5"#), ("markdown", "--limit 5"), ("html", "--limit 5"),
        ("latex", "quick look"),
      ]
      for (format, mark) in marks {
        for line in [
          "\(evaluate) --tasks StarterSTS --limit 5 --quiet --format \(format)",
          "rank --limit 5 --format \(format)",
        ] {
          let answer = try await borda(line, in: folder)
          #expect(answer.status == 0, "\(line): \(answer.errors)")
          #expect(answer.output.contains(mark), "\(line): \(answer.output)")
        }
      }
      let rank = try await borda("rank --benchmark Starter", in: folder)
      #expect(rank.status == 3)
      #expect(rank.errors.contains("holds no result file"))
      let other = try await borda("rank --benchmark Starter --limit 6", in: folder)
      #expect(other.status == 3)
      #expect(other.errors.contains("--limit 6"))
      for option in ["--pool Reports/results", "--partial"] {
        let mixed = try await borda("rank --benchmark Starter --limit 5 \(option)", in: folder)
        #expect(mixed.status == 64)
        #expect(mixed.errors.contains("never mixed"))
      }
    }
  }

  @Test(arguments: ["0", "1", "-3", "x"])
  func `of too few items is refused`(limit: String) async throws {
    try await withTemporaryFolder { folder in
      let answer = try await borda("\(evaluate) --tasks StarterSTS --limit=\(limit)", in: folder)
      #expect(answer.status == 64, "\(answer.errors)")
    }
  }
}

@Suite struct `Standings of what is not finished` {
  @Test func `read unfinished tasks when asked to, and say so when there is nothing else`()
    async throws
  {
    try await withTemporaryFolder { folder in
      let result =
        #"{"task_name": "StarterSTS", "dataset_revision": "x", "mteb_version": null, "#
        + #""scores": {"test": [{"main_score": 0.5, "hf_subset": "deu", "languages": ["deu-Latn"]}]}}"#
      for model in ["a", "b"] {
        try folder.write(
          "r/org__\(model)/1/borda/StarterSTS.partial.json",
          #"{"sidecar": {"schema": 1, "inputs": {}}, "rows": \#(result)}"#)
      }
      let plain = try await borda("rank --results r --benchmark Starter", in: folder)
      #expect(plain.status == 3)
      #expect(plain.errors.contains("--partial"))
      let partial = try await borda("rank --results r --benchmark Starter --partial", in: folder)
      #expect(partial.status == 0, "\(partial.errors)")
      #expect(partial.output.contains("partial standings"))
      #expect(partial.output.contains("Left out, as no model has a result: 7 of 8 tasks"))
      let json = try await borda(
        "rank --results r --benchmark Starter --partial --format json", in: folder)
      #expect(json.output.contains(#""partial": true"#))
      let compare = try await borda(
        "compare org/a org/b --results r --benchmark Starter --partial --format json", in: folder)
      #expect(compare.status == 0, "\(compare.errors)")
    }
  }
}
