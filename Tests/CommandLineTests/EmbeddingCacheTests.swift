// The embedding cache as a user meets it: reruns that embed nothing, several runs at once, the folder.

import Core
import Foundation
import TestSupport
import Testing

private func evaluate(
  in folder: URL, _ more: [String] = [], results: String = "results", tasks: [String] = [],
  environment: [String: String] = [:]
) async throws -> Finished {
  try await Program.run(
    ["evaluate", "--model", "tiny", "--results", results, "--format", "json"]
      + (tasks.isEmpty ? ["--benchmark", "Starter"] : ["--tasks"] + tasks) + more, in: folder,
    environment: environment)
}

/// The facts of a run that a cache must not change, by task.
private func sidecars(_ folder: URL, _ results: String) throws -> [String: JSON] {
  let root = folder.appending(path: results)
  let names = try FileManager.default.subpathsOfDirectory(atPath: root.path(percentEncoded: false))
  var facts: [String: JSON] = [:]
  for name in names where name.hasSuffix(".json") && name.contains("/borda/") {
    let json = try JSON(parsing: root.text(of: name))
    let kept = [
      "fingerprint", "inputs", "texts", "tokens", "truncated_texts", "empty_texts", "notes",
    ]
    facts[name] = .object(kept.map { ($0, json[$0] ?? .null) })
  }
  return facts
}

private func scores(_ finished: Finished) throws -> [JSON?] {
  try JSON(parsing: finished.output)["tasks"]?.array?.map { $0["score"] } ?? []
}

private func show(_ folder: URL, _ more: [String] = []) async throws -> JSON {
  let shown = try await Program.run(["cache", "show", "--format", "json"] + more, in: folder)
  #expect(shown.status == 0, "\(shown.errors)")
  return try JSON(parsing: shown.output)
}

@Suite struct `The embedding cache on the command line` {
  @Test func `makes a second run embed nothing, with the same scores and facts`() async throws {
    try await withTemporaryFolder { folder in
      try TinyBert.write(to: folder.appending(path: "tiny"))
      let first = try await evaluate(in: folder)
      #expect(first.status == 0, "\(first.errors)")
      let again = try await evaluate(in: folder, ["--rerun", "always"], results: "again")
      #expect(again.status == 0, "\(again.errors)")
      #expect(again.errors.contains("cached 3,100 of 3,100 texts"), "\(again.errors)")
      #expect(again.errors.contains("(576 texts, 576 cached, "), "\(again.errors)")
      let bare = try await evaluate(in: folder, ["--no-cache"], results: "bare")
      #expect(!bare.errors.contains("cached"), "\(bare.errors)")
      let found = try scores(first)
      #expect(try scores(again) == found)
      #expect(try scores(bare) == found)
      let facts = try sidecars(folder, "results")
      #expect(facts.count == 8)
      #expect(try sidecars(folder, "again") == facts)
      #expect(try sidecars(folder, "bare") == facts)
      // Starter repeats some texts; equal ones are kept once.
      let texts = try #require(try await show(folder)["texts"]?.integer)
      #expect((1...3100).contains(texts))
    }
  }

  @Test func `is shared by four runs at once`() async throws {
    try await withTemporaryFolder { folder in
      try TinyBert.write(to: folder.appending(path: "tiny"))
      let runs = try await withThrowingTaskGroup(of: Finished.self) { group in
        for number in 0..<4 {
          group.addTask { try await evaluate(in: folder, results: "results-\(number)") }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      for run in runs {
        #expect(
          run.status == 0 && !run.errors.contains("note: the embedding cache"), "\(run.errors)")
        #expect(try scores(run) == scores(runs[0]))
      }
      for number in 1..<4 {
        #expect(try sidecars(folder, "results-\(number)") == sidecars(folder, "results-0"))
      }
      let again = try await evaluate(in: folder, results: "again")
      #expect(again.errors.contains("cached 3,100 of 3,100 texts"), "\(again.errors)")
      #expect(try await show(folder)["models"]?.array?.count == 1)
    }
  }

  @Test func `is one for each model and for each way to run it`() async throws {
    try await withTemporaryFolder { folder in
      try TinyBert.write(to: folder.appending(path: "tiny"))
      _ = try await evaluate(in: folder, tasks: ["StarterSTS"])
      _ = try await evaluate(
        in: folder, ["--max-tokens", "9"], results: "r2", tasks: ["StarterSTS"])
      let other = try await evaluate(
        in: folder, ["--name", "my/tiny"], results: "r3", tasks: ["StarterSTS"])
      // Another name is the same model.
      #expect(other.errors.contains("cached 576 of 576 texts"), "\(other.errors)")
      try TinyBert.write(to: folder.appending(path: "tiny"), seed: 2)
      _ = try await evaluate(in: folder, results: "r4", tasks: ["StarterSTS"])
      let models = try #require(try await show(folder)["models"]?.array)
      #expect(models.count == 3 && models.allSatisfy { $0["model"]?.string == "local/tiny" })
    }
  }

  @Test func `that is damaged or in the way costs one note and no run`() async throws {
    try await withTemporaryFolder { folder in
      try TinyBert.write(to: folder.appending(path: "tiny"))
      let first = try await evaluate(in: folder, tasks: ["StarterSTS"])
      let cache = folder.appending(path: ".cache/embeddings")
      let names = try FileManager.default.contentsOfDirectory(
        atPath: cache.path(percentEncoded: false))
      let name = try #require(names.first { $0.hasSuffix(".sqlite") })
      try cache.write(name, String(repeating: "garbage ", count: 999))
      let damaged = try await show(folder)
      #expect(damaged["models"]?.array?.first?["problem"]?.string != nil)
      let second = try await evaluate(in: folder, results: "r2", tasks: ["StarterSTS"])
      #expect(second.status == 0 && second.errors.contains("was damaged and begins anew"))
      try folder.write("file", "x")
      let third = try await evaluate(
        in: folder, results: "r3", tasks: ["StarterSTS"],
        environment: ["BORDA_CACHE": folder.appending(path: "file/x").path(percentEncoded: false)])
      #expect(third.status == 0 && third.errors.contains("cannot be used"), "\(third.errors)")
      let quiet = try await evaluate(
        in: folder, ["--quiet"], results: "r4", tasks: ["StarterSTS"],
        environment: ["BORDA_CACHE": folder.appending(path: "file/x").path(percentEncoded: false)])
      #expect(quiet.status == 0 && quiet.errors.isEmpty, "\(quiet.errors)")
      for run in [second, third, quiet] { #expect(try scores(run) == scores(first)) }
    }
  }

  @Test func `is shown in tables and removed by name or as a whole`() async throws {
    try await withTemporaryFolder { folder in
      let empty = try await Program.run(["cache", "show"], in: folder)
      #expect(empty.status == 0 && empty.output.contains("holds nothing"))
      try TinyBert.write(to: folder.appending(path: "tiny"))
      _ = try await evaluate(in: folder, ["--cache", "mine"], tasks: ["StarterSTS"])
      #expect(try await show(folder)["models"]?.array?.isEmpty == true)
      for format in ["table", "csv", "markdown", "latex", "html"] {
        let shown = try await Program.run(
          ["cache", "show", "--cache", "mine", "--format", format], in: folder)
        #expect(shown.status == 0 && shown.output.contains("tiny"), "\(shown.errors)")
      }
      let mistyped = try await Program.run(
        ["cache", "clear", "--cache", "mine", "--model", "local/tyni"], in: folder)
      #expect(mistyped.status == 64 && mistyped.errors.contains("did you mean local/tiny?"))
      let cleared = try await Program.run(
        ["cache", "clear", "--cache", "mine", "--model", "local/tiny"], in: folder)
      #expect(cleared.status == 0 && cleared.output.hasPrefix("removed 1 file, "))
      let nothing = try await Program.run(["cache", "clear", "--cache", "mine"], in: folder)
      #expect(nothing.status == 0 && nothing.output == "removed 0 files, 0 bytes\n")
    }
  }

  @Test(arguments: [
    (["--cache-size", "10 giga"], 64, "'10 giga' is no amount"),
    (["--cache-size", "1GB", "--no-cache"], 64, "--no-cache leaves nothing"),
    (["--cache", "tiny/config.json"], 64, "is a file, not a folder"),
    (["--cache", "c", "--model", "baseline:hash"], 64, "means nothing to baseline:hash"),
    (["--no-cache", "--model", "baseline:hash"], 0, ""),
  ])
  func `refuses options that make no sense`(
    arguments: [String], status: Int, words: String
  ) async throws {
    try await withTemporaryFolder { folder in
      try TinyBert.write(to: folder.appending(path: "tiny"))
      let run = try await evaluate(in: folder, arguments + ["--dry-run"], tasks: ["StarterSTS"])
      #expect(
        run.status == Int32(status) && (words.isEmpty || run.errors.contains(words)),
        "\(run.errors)")
      // A dry run makes nothing.
      #expect(!exists(folder.appending(path: ".cache/embeddings")))
    }
  }

  @Test func `of the user is left alone by tests`() async throws {
    try await withTemporaryFolder { folder in
      try TinyBert.write(to: folder.appending(path: "tiny"))
      let run = try await evaluate(in: folder, tasks: ["StarterSTS"])
      #expect(run.status == 0)
      #expect(exists(folder.appending(path: ".cache/embeddings")))
      let shown = try await show(folder)
      #expect(shown["folder"]?.string == ".cache/embeddings")
    }
  }
}
