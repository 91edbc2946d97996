// Prompts, dimensions and facts of models on the command line, with reference checkpoints.

import Core
import Foundation
import TestSupport
import Testing

private func checkpoint(_ name: String) -> String {
  Shared.url("models/\(name)").path(percentEncoded: false)
}

private func lines(_ arguments: [String], in folder: URL) async throws -> [JSON] {
  let listing = try await Program.run(
    ["models", "prompts"] + arguments + ["--format", "json"], in: folder)
  #expect(listing.status == 0, "\(listing.errors)")
  return try JSON(parsing: listing.output)["prompts"]?.array ?? []
}

@Suite struct `Prompts on the command line` {
  @Test func `are listed for every task and side, with where they come from`() async throws {
    try await withTemporaryFolder { folder in
      let listing = try await Program.run(
        [
          "models", "prompts", "baseline:hash", "--prompts", "qwen3-embedding", "--benchmark",
          "Starter", "--format", "csv",
        ], in: folder)
      #expect(listing.status == 0, "\(listing.errors)")
      #expect(listing.output.contains("StarterRetrieval,Retrieval,documents,none,none,none"))
      #expect(listing.output.contains(#"\nQuery:"#))
      #expect(listing.output.contains("fallback (STS)"))
      // Eight tasks, two of which have two sides.
      #expect(listing.output.split(separator: "\n").count == 1 + 10)
    }
  }

  @Test(arguments: ["table", "markdown", "json", "html"])
  func `are listed in every format`(format: String) async throws {
    try await withTemporaryFolder { folder in
      let listing = try await Program.run(
        ["models", "prompts", "baseline:hash", "--prompts", "e5", "--format", format], in: folder)
      #expect(listing.status == 0 && listing.output.contains("passage: "), "\(listing.errors)")
    }
  }

  @Test func `come from a file, the task's file or a name`() async throws {
    try await withTemporaryFolder { folder in
      try folder.write(
        "p.yaml", "template: 'I: {instruction} T: {text}'\ninstructions: {StarterSTS: mine}\n")
      try folder.write(
        "Mine.yaml",
        """
        name: Mine
        type: STS
        prompt: of the task
        languages: {default: [eng-Latn]}
        splits: [test]
        main_score: cosine_spearman
        data: {path: nowhere}
        """)
      let tasks = ["--tasks", "StarterSTS", "./Mine.yaml", "StarterPairs"]
      let found = try await lines(["baseline:hash", "--prompts", "p.yaml"] + tasks, in: folder)
      #expect(found.map { $0["source"]?.string } == ["task name", "task file", "fallback"])
      #expect(found[0]["prompt"]?.string == "I: mine T: ")
      #expect(found[1]["prompt"]?.string == "I: of the task T: ")
      #expect(found[2]["prompt_sha256"]?.string?.count == 64)
      let none = try await lines(["baseline:hash", "--prompts", "none"] + tasks, in: folder)
      #expect(none.allSatisfy { $0["prompt"]?.string == "" && $0["source"]?.string == "none" })
    }
  }

  @Test(arguments: [
    (["--prompts", "e6"], 64, "did you mean e5"),
    (["--prompts", "zzz"], 64, "llama-embed-nemotron"),
    (["--prompts", "./zzz.json"], 3, "--prompts"),
    (["--prompts", "bad.json"], 1, "did you mean query?"),
    (["--prompts", "bad.yaml"], 1, "did you mean template?"),
    (["--dimensions", "0"], 64, "--dimensions"),
    (["--dimensions", "8"], 64, "means nothing to baseline:hash"),
    (["--normalize"], 64, "means nothing to baseline:hash"),
  ])
  func `that are wrong are refused with what to try`(
    arguments: [String], status: Int, words: String
  ) async throws {
    try await withTemporaryFolder { folder in
      try folder.write("bad.json", #"{"querry": "q"}"#)
      try folder.write("bad.yaml", "templat: x\ninstructions: {}\n")
      let finished = try await Program.run(
        ["models", "prompts", "baseline:hash"] + arguments, in: folder)
      #expect(finished.status == Int32(status), "\(finished.errors)")
      #expect(finished.errors.contains(words), "\(finished.errors)")
    }
  }

  @Test func `decide what is evaluated again: equal prompts are current, others are not`()
    async throws
  {
    try await withTemporaryFolder { folder in
      try folder.write("q.json", #"{"STS": "q: "}"#)
      try folder.write("same.yaml", #"StarterSTS: "q: ""#)
      try folder.write("other.json", #"{"STS": "other: "}"#)
      func evaluate(_ prompts: String) async throws -> String {
        let run = try await Program.run(
          [
            "evaluate", "--model", "baseline:hash", "--tasks", "StarterSTS", "--prompts", prompts,
          ], in: folder)
        #expect(run.status == 0, "\(run.errors)")
        return run.errors
      }
      _ = try await evaluate("q.json")
      #expect(try await evaluate("same.yaml").contains("StarterSTS: skipped"))
      #expect(try await !evaluate("other.json").contains("StarterSTS: skipped"))
    }
  }
}

@Suite(.enabled(if: Shared.isPresent, Shared.reason))
struct `Models on the command line` {
  @Test(arguments: [
    ("01_bert_wordpiece", ["bert", "WordPiece", "F32", "mean, normalize"]),
    ("14_bert_fp16", ["bert", "F16"]),
    ("13b_model2vec", ["static table of token vectors", "no limit", "F16"]),
    (
      "07_llama_bidirectional",
      ["llama_bidirec", "BF16", "family llama-embed-nemotron", "Template"]
    ),
    ("09_qwen3_last", ["qwen3", "lasttoken, normalize", "the checkpoint's own"]),
  ])
  func `are shown with architecture, tokenizer, modules and prompts`(
    name: String, words: [String]
  ) async throws {
    try await withTemporaryFolder { folder in
      let shown = try await Program.run(["models", "show", checkpoint(name)], in: folder)
      #expect(shown.status == 0, "\(shown.errors)")
      for word in words { #expect(shown.output.contains(word), "\(word): \(shown.output)") }
      let json = try await Program.run(
        ["models", "show", checkpoint(name), "--format", "json"], in: folder)
      #expect(try JSON(parsing: json.output)["architecture"]?.string != nil)
    }
  }

  @Test func `whose prompts are one instruction are shown with the way to more`() async throws {
    try await withTemporaryFolder { folder in
      let listing = try await Program.run(
        ["models", "prompts", checkpoint("09_qwen3_last"), "--tasks", "StarterSTS"], in: folder)
      #expect(listing.errors.contains("--prompts qwen3-embedding"), "\(listing.errors)")
    }
  }

  @Test func `of a known name have the prompts of their family`() async throws {
    try await withTemporaryFolder { folder in
      let arguments = [checkpoint("09_qwen3_last"), "--tasks", "StarterRetrieval"]
      let found = try await lines(arguments + ["--name", "Qwen/Qwen3-Embedding-0.6B"], in: folder)
      #expect(found[0]["prompt"]?.string?.hasPrefix("Instruct: ") == true)
      #expect(found[0]["source"]?.string == "fallback")
      #expect(found[1]["prompt"]?.string == "")
      let own = try await lines(
        arguments + ["--name", "Qwen/Qwen3-Embedding-0.6B", "--prompts", "checkpoint"], in: folder)
      #expect(own[0]["source"]?.string == "role")
    }
  }

  @Test func `keep as many dimensions as are asked for`() async throws {
    try await withTemporaryFolder { folder in
      let path = checkpoint("15_pool_concat_matryoshka")
      let run = try await Program.run(
        ["embed", path, "--dimensions", "40", "--normalize"], in: folder, input: "a text\n")
      let numbers = try JSON(parsing: run.output).array?.compactMap(\.double) ?? []
      #expect(numbers.count == 40)
      #expect(abs(numbers.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
      let tooMany = try await Program.run(
        ["embed", path, "--dimensions", "65"], in: folder, input: "a text\n")
      #expect(tooMany.status == 64 && tooMany.errors.contains("ask for 1 to 64"))
      let shown = try await Program.run(
        ["models", "show", path, "--dimensions", "40", "--normalize", "--format", "json"],
        in: folder)
      let json = try JSON(parsing: shown.output)
      #expect(json["dimensions"]?.integer == 40)
      #expect(
        json["settings"]?["modules"]?.string
          == "max+weightedmean without prompt, normalize at the end")
    }
  }

  /// The cases of `malformed/expected.json`, the sound ones apart.
  static let broken: [(name: String, isRefused: Bool)] = {
    let file = Shared.url("models/malformed/expected.json")
    let json = (try? Data(contentsOf: file)).flatMap { try? JSON(parsing: Array($0)) }
    return (json?["cases"]?.array ?? []).compactMap { entry in
      guard let name = entry["case"]?.string, !name.hasPrefix("(") else { return nil }
      return (name, entry["expect"]?.string != "accept")
    }
  }()

  @Test func `that are broken are refused with exit code 3 and a message of few lines`()
    async throws
  {
    #expect(Self.broken.count == 88)
    try await withTemporaryFolder { folder in
      for (name, isRefused) in Self.broken {
        let run = try await Program.run(
          ["embed", checkpoint("malformed/\(name)")], in: folder, input: "a text\n")
        #expect(run.status == (isRefused ? 3 : 0), "\(name): \(run.errors)")
        guard isRefused else { continue }
        #expect(run.output.isEmpty && run.errors.hasPrefix("error: "), "\(name)")
        #expect(run.errors.split(separator: "\n").count <= 3, "\(name): \(run.errors)")
      }
    }
  }

  @Test func `of an unknown architecture are answered with the list`() async throws {
    try await withTemporaryFolder { folder in
      let shown = try await Program.run(
        ["models", "show", checkpoint("malformed/cf_unsupported_arch")], in: folder)
      for word in ["mamba9", "bert", "qwen3"] { #expect(shown.errors.contains(word)) }
    }
  }
}
