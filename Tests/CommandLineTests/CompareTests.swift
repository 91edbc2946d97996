// `borda compare` as a user meets it: on result files written here, and on evaluated details.

import Core
import Foundation
import TestSupport
import Testing

/// Writes a result file with one score for each task; Starter tasks, of which one subset is there.
private func write(_ model: String, _ scores: [(String, Double)], in folder: URL) throws {
  let place = "Reports/results/\(model.replacing("/", with: "__"))/1"
  try folder.write("\(place)/model_meta.json", #"{"name": "\#(model)", "revision": "1"}"#)
  for (task, score) in scores {
    let row = #"{"main_score": \#(score), "hf_subset": "eng", "languages": ["eng-Latn"]}"#
    try folder.write(
      "\(place)/\(task).json",
      #"{"task_name": "\#(task)", "mteb_version": "2.1.0", "scores": {"test": [\#(row)]}}"#)
  }
}

private let tasks = [
  "StarterSTS", "StarterPairs", "StarterRetrieval", "StarterReranking", "StarterClassification",
  "StarterMultilabel", "StarterClustering",
]

/// Evaluates the baseline with prompts that change its scores, under another name.
private func evaluate(
  _ names: [String], as model: String, prompt: String, in folder: URL, details: Bool = true,
  more: [String] = []
) async throws {
  try folder.write("prompts.json", #"{"STS": "\#(prompt)", "BitextMining": "\#(prompt)"}"#)
  let run = try await Program.run(
    ["evaluate", "--model", "baseline:hash", "--prompts", "prompts.json", "--results", "new"]
      + (details ? ["--details"] : []) + more + ["--tasks"] + names, in: folder)
  try #require(run.status == 0, "\(run.errors)")
  let from = folder.appending(path: "new/borda__hash-baseline")
  let file = "new/borda__hash-baseline/1/model_meta.json"
  try folder.write(
    file, try folder.text(of: file).replacing("borda/hash-baseline", with: model))
  let target = folder.appending(path: "Reports/results/\(model.replacing("/", with: "__"))")
  try FileManager.default.createDirectory(
    at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
  try FileManager.default.moveItem(at: from, to: target)
}

@Suite struct `The compare command` {
  @Test func `says who is ahead and what is noise`() async throws {
    try await withTemporaryFolder { folder in
      try write("org/a", tasks.map { ($0, 0.8) }, in: folder)
      try write("org/b", tasks.enumerated().map { ($1, 0.7 - Double($0) / 100) }, in: folder)
      try write("org/c", [("StarterSTS", 0.9), ("StarterPairs", 0.4)], in: folder)
      let table = try await Program.run(["compare", "org/a", "org/b", "org/c"], in: folder)
      #expect(table.status == 0, "\(table.errors)")
      // Differences 0.10, 0.11 … 0.16: mean 0.13; p = 2 / 2^7 = 0.015625, doubled by Holm.
      let words = table.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      #expect(words.contains("a is ahead of b by 13.00 points of Mean (Task)"))
      #expect(words.contains("p = 0.031, corrected for 2 pairs."))
      #expect(words.contains("a and c cannot be told apart by Mean (Task)"))
      #expect(words.contains("c (5 missing)"))
      let json = try await Program.run(
        ["compare", "org/b", "org/a", "--by", "task", "--format", "json"], in: folder)
      let pair = try #require(try JSON(parsing: json.output)["pairs"]?.array?.first)
      #expect(pair["verdict"]?.string == "behind")
      #expect(pair["mean_task"]?["p"]?.double == 0.015625)
      #expect(pair["rows"]?.array?.count == 7)
      let csv = try await Program.run(
        ["compare", "org/a", "org/b", "org/c", "--all-pairs", "--format", "csv"], in: folder)
      // A header, and three rows for each of three pairs.
      #expect(csv.output.split(separator: "\n").count == 10)
      let html = try await Program.run(
        ["compare", "org/a", "org/b", "--by", "type", "--format", "html"], in: folder)
      #expect(html.output.lowercased().hasPrefix("<!doctype html>"))
    }
  }

  @Test func `takes the noise of a task from the details of both`() async throws {
    try await withTemporaryFolder { folder in
      try await evaluate(["StarterSTS", "StarterBitext"], as: "org/a", prompt: "", in: folder)
      try await evaluate(["StarterSTS", "StarterBitext"], as: "org/b", prompt: "say: ", in: folder)
      try await evaluate(["StarterSTS"], as: "org/c", prompt: "so: ", in: folder, details: false)
      let json = try await Program.run(
        ["compare", "org/a", "org/b", "--by", "task", "--format", "json"], in: folder)
      let rows = try #require(try JSON(parsing: json.output)["pairs"]?.array?.first?["rows"]?.array)
      for row in rows {
        let items = try await Program.run(
          [
            "details", "org/a", try #require(row["task"]?.string), "--against", "org/b", "--format",
            "json",
          ], in: folder)
        let details = try JSON(parsing: items.output)
        // Subsets have equally many items, so that their plain mean is the mean of all items.
        let mean = try #require(details["mean"]?.double)
        let difference = try #require(row["difference"]?.double)
        #expect(abs(mean - difference) < 1e-5)
        #expect(row["units"] == details["measured"])
        #expect(row["wins"] == details["better"])
        #expect(row["losses"] == details["worse"])
        let ends = row["interval"]?.array?.compactMap(\.double) ?? []
        try #require(ends.count == 2)
        #expect(ends[0] < mean && mean < ends[1])
      }
      let cells = try await Program.run(
        ["compare", "org/a", "org/b", "--by", "item", "--format", "csv"], in: folder)
      // A header, 12 subsets of STS, 22 of bitext mining.
      #expect(cells.output.split(separator: "\n").count == 35)
      let none = try await Program.run(["compare", "org/a", "org/c", "--by", "item"], in: folder)
      #expect(none.status == 4)
      #expect(none.errors.contains("evaluate both with --details"))
      let table = try await Program.run(["compare", "org/a", "org/c", "--by", "task"], in: folder)
      #expect(table.output.contains("Tasks with details: 1 of a, 0 of c."))
    }
  }

  @Test func `uses no details that belong to other data, items or scores`() async throws {
    try await withTemporaryFolder { folder in
      try await evaluate(["StarterSTS"], as: "org/a", prompt: "", in: folder)
      try await evaluate(["StarterSTS"], as: "org/b", prompt: "say: ", in: folder)
      let file = "Reports/results/org__b/1/borda/details/StarterSTS.test.deu.jsonl"
      let index = "Reports/results/org__b/1/borda/details/StarterSTS.json"
      let (outcomes, facts) = (try folder.text(of: file), try folder.text(of: index))
      let lines = outcomes.split(separator: "\n")
      let shorter = lines.dropFirst().joined(separator: "\n") + "\n"
      let other = outcomes.replacing("\"cosine_spearman\": 0.", with: "\"cosine_spearman\": 0.0")
      let cases = [
        (file, shorter, "different items"), (file, other, "the mean of its items is"),
        (file, "{", "is no JSON object"),
        (
          index, facts.replacing("\"fingerprint\": \"", with: "\"fingerprint\": \"f"),
          "belong to another"
        ),
      ]
      for (name, text, words) in cases {
        try folder.write(file, outcomes)
        try folder.write(index, facts)
        try folder.write(name, text)
        let run = try await Program.run(["compare", "org/a", "org/b", "--by", "item"], in: folder)
        #expect(run.status == 4 && run.errors.contains(words), "\(run.errors)")
        let whole = try await Program.run(
          ["compare", "org/a", "org/b", "--by", "task"], in: folder)
        #expect(whole.status == 0 && whole.output.contains("Details not used: StarterSTS"))
      }
      // The same task with other data.
      let catalogue = folder.appending(path: "tasks")
      try FileManager.default.copyItem(at: Repository.tasks, to: catalogue)
      let data = "tasks/Starter/StarterSTS/deu/test.jsonl"
      let rows = try folder.text(of: data).split(separator: "\n")
      try folder.write(data, rows.reversed().joined(separator: "\n") + "\n")
      try folder.write(file, outcomes)
      try folder.write(index, facts)
      try await evaluate(
        ["StarterSTS"], as: "org/c", prompt: "", in: folder,
        more: ["--catalogue", catalogue.path()])
      let run = try await Program.run(["compare", "org/a", "org/c", "--by", "item"], in: folder)
      #expect(
        run.status == 4 && run.errors.contains("was evaluated on other data"), "\(run.errors)")
    }
  }

  /// Arguments behind `compare`, exit code, and what standard error must hold.
  @Test(arguments: [
    ([], 64, "model"), (["org/a"], 64, "at least two models"),
    (["org/a", "org/a"], 64, "is named twice"), (["org/a", "org/bb"], 64, "did you mean org/b"),
    (["org/a", "org/d"], 4, "no task of All tasks with results is complete for these two models"),
    (["org/a", "org/b", "--by", "tasks"], 64, "tasks"),
    (["org/a", "org/b", "--format", "tabel"], 64, "did you mean table?"),
    (["org/a", "org/b", "--results", "/no"], 3, "/no"),
    (["org/a", "org/b", "--benchmark", "Startr"], 64, "did you mean Starter?"),
    (["org/a", "org/b", "--by", "item"], 4, "evaluate both with --details"),
    (["org/a", "org/b", "--models", "org/a"], 64, "org/b"),
    (["org/a", "org/b", "--pool", ".", "--insert", "one-at-a-time"], 64, "one pool"),
  ])
  func `answers mistakes with what is wrong and what to try`(
    arguments: [String], status: Int, words: String
  ) async throws {
    try await withTemporaryFolder { folder in
      try write("org/a", [("StarterSTS", 0.5)], in: folder)
      try write("org/b", [("StarterSTS", 0.5), ("StarterPairs", 0.1)], in: folder)
      try write("org/d", [("StarterPairs", 0.5)], in: folder)
      let run = try await Program.run(["compare"] + arguments, in: folder)
      #expect(run.status == Int32(status), "\(run.errors)")
      #expect(run.errors.contains(words), "\(run.errors)")
      #expect(run.output.isEmpty)
    }
  }

  @Test func `and rank print intervals of ranks`() async throws {
    try await withTemporaryFolder { folder in
      try write("org/a", tasks.map { ($0, 0.8) }, in: folder)
      try write("org/b", tasks.map { ($0, 0.7) }, in: folder)
      let table = try await Program.run(["rank", "--intervals"], in: folder)
      #expect(table.status == 0 && table.output.contains("95 % interval"), "\(table.errors)")
      let json = try await Program.run(["rank", "--intervals", "--format", "json"], in: folder)
      let first = try JSON(parsing: json.output)["models"]?.array?.first
      #expect(first?["votes_interval"]?.array?.count == 2)
      let wrong = try await Program.run(["rank", "--intervals", "--by", "task"], in: folder)
      #expect(wrong.status == 64 && wrong.errors.contains("--intervals"))
    }
  }

  @Test(.enabled(if: exists(URL(filePath: "/dev/full")), "there is no /dev/full"))
  func `says so when its output cannot be written`() async throws {
    let process = Process()
    let messages = Pipe()
    process.executableURL = Repository.program
    process.arguments = ["benchmarks", "list"]
    process.standardOutput = FileHandle(forWritingAtPath: "/dev/full")
    process.standardError = messages
    try process.run()
    process.waitUntilExit()
    let errors = String(
      decoding: messages.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    #expect(process.terminationStatus == 1)
    #expect(errors.contains("standard output: cannot be written"), "\(errors)")
  }
}
