// Dry runs and budgets of memory as a user meets them.

import Core
import Foundation
import TestSupport
import Testing

private func plan(_ more: [String], in folder: URL) async throws -> Finished {
  try await Program.run(
    ["evaluate", "--model", "baseline:hash", "--dry-run"] + more, in: folder)
}

@Suite struct `A dry run` {
  @Test func `gives the same numbers as table, CSV and JSON`() async throws {
    try await withTemporaryFolder { folder in
      let tasks = ["--tasks", "StarterSTS,StarterRetrieval"]
      let json = try await plan(tasks + ["--format", "json"], in: folder)
      #expect(json.status == 0, "\(json.errors)")
      let object = try JSON(parsing: json.output)
      #expect(object["schema"]?.integer == 1)
      let keys = [
        "texts", "memory_bytes", "model_memory_bytes", "memory_budget_bytes", "seconds",
        "processor_seconds", "download_bytes",
      ]
      for key in keys { #expect(object[key]?.double != nil, "\(key)") }
      #expect(object["counted"] == .bool(true))
      // The baseline has no tokens.
      #expect(object["tokens"]?.isNull == true)
      let rows = try #require(object["tasks"]?.array)
      #expect(
        rows.compactMap { $0["task"]?.string } == ["StarterSTS", "StarterRetrieval"])
      let texts = rows.compactMap { $0["texts"]?.integer }
      #expect(texts.reduce(0, +) == object["texts"]?.integer)
      let table = try await plan(tasks, in: folder)
      // 12 · 2 · 24 and 552; lines are wrapped anywhere.
      let words = table.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      #expect(words.contains("In all 1,128 texts, about "), "\(words)")
      #expect(words.contains("nothing to download"))
      let csv = try await plan(tasks + ["--format", "csv"], in: folder)
      #expect(csv.output.hasPrefix("task,type,subsets,texts,tokens,counted,"), "\(csv.output)")
      #expect(csv.output.contains("StarterSTS,STS,12,"))
    }
  }

  @Test func `guesses for data that are not here, and says so`() async throws {
    try await withTemporaryFolder { folder in
      let table = try await plan(["--tasks", "BIOSSES"], in: folder)
      #expect(table.status == 0, "\(table.errors)")
      // 100 pairs by the task's file.
      #expect(table.output.contains("~200"), "\(table.output)")
      #expect(table.output.contains("about 200 texts"), "\(table.output)")
      #expect(table.output.contains("guessed from the sizes"))
    }
  }
}

@Suite struct `The option --memory` {
  @Test(arguments: ["much", "0", "4XB"])
  func `refuses what is no amount`(value: String) async throws {
    try await withTemporaryFolder { folder in
      let finished = try await plan(["--tasks", "StarterSTS", "--memory", value], in: folder)
      #expect(finished.status == 64)
      #expect(finished.errors.contains("--memory 4GB, 4GiB or 512M"), "\(finished.errors)")
    }
  }

  @Test func `refuses a budget that not even the program fits into`() async throws {
    try await withTemporaryFolder { folder in
      let finished = try await plan(["--tasks", "StarterSTS", "--memory", "20MB"], in: folder)
      #expect(finished.status == 64)
      #expect(finished.errors.contains("give it at least"), "\(finished.errors)")
    }
  }

  @Test(.enabled(if: MiniLM.isPresent, MiniLM.reason))
  func `refuses a model whose weights do not fit`() async throws {
    try await withTemporaryFolder { folder in
      let finished = try await Program.run(
        [
          "evaluate", "--model", MiniLM.folder.path(percentEncoded: false), "--tasks",
          "StarterSTS", "--memory", "100MB",
        ], in: folder)
      #expect(finished.status == 64)
      #expect(finished.errors.contains("of weights in float32"), "\(finished.errors)")
    }
  }
}
