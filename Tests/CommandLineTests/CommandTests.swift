// The program as a user meets it: run in an empty folder, judged by output, messages and exit code.

import Core
import Foundation
import TestSupport
import Testing

private let verbs = [
  "evaluate", "rank", "report", "tasks", "tasks list", "tasks show", "tasks check", "benchmarks",
  "benchmarks list", "benchmarks show", "models", "models show", "models prompts",
  "models merge", "embed", "serve", "fetch", "doctor", "doctor machine", "doctor parity", "details",
  "compare", "pool", "pool freeze", "pool show", "cache", "cache show", "cache clear", "tasks new",
]

/// A checkpoint-free evaluation of one task, results in the folder.
private func evaluateBaseline(in folder: URL, _ more: [String] = []) async throws -> Finished {
  try await Program.run(
    ["evaluate", "--model", "baseline:hash", "--tasks", "StarterSTS"] + more, in: folder)
}

@Suite struct `Help` {
  @Test func `lists every command and an example first`() async throws {
    try await withTemporaryFolder { folder in
      let help = try await Program.run(["--help"], in: folder)
      #expect(help.status == 0)
      for verb in verbs where !verb.contains(" ") { #expect(help.output.contains("  \(verb) ")) }
      #expect(help.output.contains("borda evaluate --model"))
    }
  }

  @Test(arguments: verbs)
  func `answers for every command`(verb: String) async throws {
    try await withTemporaryFolder { folder in
      let help = try await Program.run(
        verb.split(separator: " ").map(String.init) + ["--help"], in: folder)
      #expect(help.status == 0)
      #expect(help.output.contains("USAGE: borda \(verb)"))
      #expect(help.errors.isEmpty)
    }
  }

  @Test func `is the one that docs/help.md shows`() async throws {
    try await withTemporaryFolder { folder in
      var page = "# Help\n\nWhat `borda <command> --help` prints; a test keeps it true.\n"
      for verb in [""] + verbs {
        let words = verb.split(separator: " ").map(String.init)
        let help = try await Program.run(words + ["--help"], in: folder)
        let name = (["borda"] + words).joined(separator: " ")
        page += "\n## \(name)\n\n```\n\(help.output.trimmingCharacters(in: .newlines))\n```\n"
      }
      let file = Repository.root.appending(path: "docs/help.md")
      if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] != nil {
        try Data(page.utf8).write(to: file)
      }
      #expect(try String(contentsOf: file, encoding: .utf8) == page)
    }
  }
}

@Suite struct `Mistakes on the command line` {
  /// Arguments, exit code, and what standard error must hold.
  @Test(arguments: [
    (["evaluate", "--modl", "x"], 64, "--model"),
    (["evaluate"], 64, "--model"),
    (["evalute"], 64, "evalute"),
    (["evaluate", "--model", "baseline:hash"], 64, "--benchmark Starter"),
    (
      ["evaluate", "--model", "baseline:hash", "--benchmark", "Startr"], 64, "did you mean Starter?"
    ),
    (
      ["evaluate", "--model", "baseline:hash", "--tasks", "StarterST"], 64,
      "did you mean StarterSTS"
    ),
    (["evaluate", "--model", "baseline:hash", "--tasks", "./no.yaml"], 3, "there is no such file"),
    (["evaluate", "--model", "/no/model", "--benchmark", "Starter"], 3, "there is no such folder"),
    (["evaluate", "--model", "telnet:x", "--benchmark", "Starter"], 64, "unknown kind of model"),
    (["evaluate", "--model", "tei:x", "--benchmark", "Starter"], 64, "the address of a server"),
    (
      [
        "evaluate", "--model", "tei:http://localhost:1", "--tasks", "StarterSTS", "--max-tokens",
        "9",
      ],
      64, "--max-tokens"
    ),
    (
      ["evaluate", "--model", "baseline:hash", "--tasks", "StarterSTS", "--api-key-file", "x"], 64,
      "--api-key-file"
    ),
    (
      ["evaluate", "--model", "baseline:hash", "--benchmark", "Starter", "--rerun", "maybe"], 64,
      "maybe"
    ),
    (
      ["evaluate", "--model", "baseline:hash", "--benchmark", "Starter", "--threads", "0"], 64,
      "--threads"
    ),
    (
      ["evaluate", "--model", "baseline:hash", "--benchmark", "Starter", "--max-tokens", "64"], 64,
      "means nothing to baseline:hash"
    ),
    (
      ["evaluate", "--model", "baseline:hash", "--benchmark", "Starter", "--types", "Stss"], 64,
      "did you mean STS?"
    ),
    (
      ["evaluate", "--model", "baseline:hash", "--benchmark", "Starter", "--languages", "xx"], 64,
      "is no language code"
    ),
    (
      ["evaluate", "--model", "baseline:hash", "--benchmark", "Starter", "--languages", "xho"], 64,
      "no task is left"
    ),
    (
      ["evaluate", "--model", "baseline:hash", "--benchmark", "Starter", "--data", "/no"], 3,
      "--data"
    ),
    (
      ["evaluate", "--model", "baseline:hash", "--benchmark", "Starter", "--prompts", "/no"], 3,
      "--prompts"
    ),
    (
      ["evaluate", "--model", "baseline:hash", "--benchmark", "Starter", "--format", "tabel"], 64,
      "did you mean table?"
    ),
    (["rank"], 3, "there is no such results folder"),
    (["rank", "--benchmark", "Starter", "--results", "/no"], 3, "/no"),
    (["tasks", "show", "StarterStS"], 64, "did you mean StarterSTS"),
    (["tasks", "list", "--catalogue", "/no"], 3, "there is no catalogue"),
    (["embed", "baseline:hash"], 64, "holds no text"),
    (["embed", "baseline:hash", "--jsonl"], 64, "holds no text"),
  ])
  func `are answered with what is wrong, what to try and the right exit code`(
    arguments: [String], status: Int, words: String
  ) async throws {
    try await withTemporaryFolder { folder in
      let finished = try await Program.run(arguments, in: folder)
      #expect(finished.status == Int32(status), "\(finished.errors)")
      #expect(finished.errors.contains(words), "\(finished.errors)")
      #expect(finished.output.isEmpty)
      // Nothing half-made is left behind.
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path()).isEmpty)
    }
  }
}

@Suite struct `Evaluate, rank and report` {
  @Test func `lead from nothing to a page, and a second run embeds nothing`() async throws {
    try await withTemporaryFolder { folder in
      let first = try await Program.run(
        ["evaluate", "--model", "baseline:hash", "--benchmark", "Starter"], in: folder)
      #expect(first.status == 0, "\(first.errors)")
      #expect(first.output.contains("StarterRetrieval"))
      let second = try await Program.run(
        ["evaluate", "--model", "baseline:hash", "--benchmark", "Starter"], in: folder)
      #expect(second.errors.contains("StarterSTS: skipped, its result is current"))
      #expect(second.output == first.output)

      let rank = try await Program.run(["rank", "--benchmark", "Starter"], in: folder)
      #expect(rank.status == 0, "\(rank.errors)")
      #expect(rank.output.contains("borda/hash-baseline"))
      #expect(rank.output.contains("1 model"))

      let report = try await Program.run(
        ["report", "--benchmark", "Starter", "--out", "page"], in: folder)
      #expect(report.output == "page/index.html\n")
      let page = try folder.text(of: "page/index.html")
      #expect(page.contains("<small>borda/</small>hash-baseline"))
      // Self-contained: nothing is loaded, from nowhere.
      for mark in ["src=", "href=\"http", "@import", "url("] {
        #expect(!page.contains(mark), "\(mark)")
      }
    }
  }

  @Test func `rank is read by programs: one object with a schema number`() async throws {
    try await withTemporaryFolder { folder in
      _ = try await evaluateBaseline(in: folder)
      let rank = try await Program.run(
        ["rank", "--benchmark", "Starter", "--format", "json"], in: folder)
      let json = try JSON(parsing: rank.output)
      #expect(json["schema"]?.integer == 1)
      let model = try #require(json["models"]?.array?.first)
      #expect(model["model"]?.string == "borda/hash-baseline")
      #expect(model["rank"]?.integer == 1)
      #expect(model["votes"]?.double == 0)
      #expect(model.members?.keys.contains("mean_task") == true)
      #expect(model.members?.keys.contains("mean_task_type") == true)
      #expect(model["types"]?.members != nil)
    }
  }

  @Test(arguments: ["table", "markdown", "csv", "json"])
  func `every format of rank ends with one newline and holds the model`(
    format: String
  ) async throws {
    try await withTemporaryFolder { folder in
      _ = try await evaluateBaseline(in: folder)
      for view in ["ranking", "task", "language", "type", "script", "family", "resource"] {
        let rank = try await Program.run(
          ["rank", "--benchmark", "Starter", "--by", view, "--format", format], in: folder)
        #expect(rank.status == 0, "\(rank.errors)")
        #expect(rank.output.hasSuffix("\n") && !rank.output.hasSuffix("\n\n"))
        #expect(rank.output.contains("hash-baseline"))
        #expect(!rank.output.contains("\u{1B}"))
      }
    }
  }

  @Test func `a dry run says what would be done and leaves nothing`() async throws {
    try await withTemporaryFolder { folder in
      let plan = try await evaluateBaseline(in: folder, ["--dry-run", "--format", "json"])
      #expect(plan.status == 0, "\(plan.errors)")
      let json = try JSON(parsing: plan.output)
      #expect(json["texts"]?.integer == 2 * 24 * 12)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path()).isEmpty)
    }
  }

  @Test func `a failing task leaves the others, exit code 1`() async throws {
    try await withTemporaryFolder { folder in
      try folder.write(
        "Mine.yaml",
        """
        name: Mine
        type: STS
        languages: {default: [eng-Latn]}
        splits: [test]
        main_score: cosine_spearman
        data: {path: nowhere}
        """)
      let finished = try await evaluateBaseline(in: folder, ["./Mine.yaml"])
      #expect(finished.status == 1, "\(finished.errors)")
      #expect(finished.errors.contains("the data of Mine are not there"))
      #expect(finished.output.contains("StarterSTS"))
      let only = try await Program.run(
        ["evaluate", "--model", "baseline:hash", "--tasks", "./Mine.yaml"], in: folder)
      #expect(only.status == 3, "\(only.errors)")
    }
  }

  @Test func `a task of one's own is one YAML file and one data file anywhere`() async throws {
    try await withTemporaryFolder { folder in
      try folder.write(
        "mine/Mine.yaml",
        """
        name: Mine
        type: STS
        languages: {default: [eng-Latn]}
        splits: [test]
        main_score: cosine_spearman
        data: {path: data}
        """)
      let rows = (0..<4).map {
        #"{"sentence1": "a b c", "sentence2": "\#(String(repeating: "a", count: $0 + 1)) b", "score": \#($0)}"#
      }
      try folder.write("mine/data/test.jsonl", rows.joined(separator: "\n"))
      let finished = try await Program.run(
        ["evaluate", "--model", "baseline:hash", "--tasks", "mine/Mine.yaml", "--quiet"],
        in: folder)
      #expect(finished.status == 0, "\(finished.errors)")
      #expect(finished.errors.isEmpty)
      #expect(finished.output.contains("Mine"))
    }
  }

  @Test func `a results folder that cannot be written is refused before any work`() async throws {
    try await withTemporaryFolder { folder in
      // A file in the way stops root too, where permissions would not.
      try folder.write("taken", "")
      let finished = try await evaluateBaseline(in: folder, ["--results", "taken/results"])
      #expect(finished.status == 1)
      #expect(finished.errors.contains("cannot be made"))
      #expect(finished.errors.contains("try: choose a folder you may write to"))
      #expect(!finished.errors.contains("to embed"))
    }
  }

  @Test func `a torn result file is evaluated again`() async throws {
    try await withTemporaryFolder { folder in
      _ = try await evaluateBaseline(in: folder)
      let path = "Reports/results/borda__hash-baseline/1/StarterSTS.json"
      let whole = try folder.text(of: path)
      try folder.write(path, String(whole.prefix(100)))
      let second = try await evaluateBaseline(in: folder)
      #expect(second.status == 0, "\(second.errors)")
      #expect(try folder.text(of: path).count > 1000)
    }
  }
}

@Suite struct `Embed` {
  @Test func `answers a line with a vector`() async throws {
    try await withTemporaryFolder { folder in
      let finished = try await Program.run(
        ["embed", "baseline:hash"], in: folder, input: "one\ntwo\n")
      let lines = finished.output.split(separator: "\n")
      #expect(lines.count == 2)
      #expect(try JSON(parsing: String(lines[0])).array?.count == 512)
    }
  }

  @Test func `reads JSON lines and writes a NumPy file`() async throws {
    try await withTemporaryFolder { folder in
      let finished = try await Program.run(
        ["embed", "baseline:hash", "--jsonl", "--output", "v.npy", "--timings"], in: folder,
        input: "{\"text\": \"a\\nb\"}\n{\"text\": \"c\"}\n")
      #expect(finished.status == 0, "\(finished.errors)")
      let bytes = try Data(contentsOf: folder.appending(path: "v.npy"))
      #expect(bytes.prefix(6) == Data([0x93] + Array("NUMPY".utf8)))
      #expect(try JSON(parsing: finished.errors)["texts"]?.integer == 2)
    }
  }

  @Test func `names the line that is no JSON`() async throws {
    try await withTemporaryFolder { folder in
      let finished = try await Program.run(
        ["embed", "baseline:hash", "--jsonl"], in: folder, input: "{\"text\": \"a\"}\nplain\n")
      #expect(finished.status == 1)
      #expect(finished.errors.contains("standard input, line 2"))
    }
  }
}

@Suite(.enabled(if: MiniLM.isPresent, MiniLM.reason))
struct `An interrupted run` {
  @Test func `keeps what is finished, exits with 130 and goes on where it stopped`() async throws {
    try await withTemporaryFolder { folder in
      let arguments = [
        "evaluate", "--model", MiniLM.folder.path(percentEncoded: false), "--benchmark", "Starter",
        "--threads", "1",
      ]
      let first = try await Program.run(
        arguments, in: folder, interruptAfter: "StarterBitext: ")
      #expect(first.status == 130, "\(first.errors)")
      #expect(first.errors.contains("run the same command again to go on"))
      let second = try await Program.run(arguments, in: folder)
      #expect(second.status == 0, "\(second.errors)")
      #expect(second.errors.contains("StarterSTS: skipped, its result is current"))
    }
  }
}
