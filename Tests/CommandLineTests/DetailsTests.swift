// Details as a user meets them: kept by evaluate, shown by details, read by trec_eval.

import Core
import Foundation
import TestSupport
import Testing

private let revision = "Reports/results/borda__hash-baseline/1"
private let details = "\(revision)/borda/details"

private func evaluate(
  _ tasks: [String], in folder: URL, _ more: [String] = []
) async throws -> Finished {
  let finished = try await Program.run(
    ["evaluate", "--model", "baseline:hash", "--tasks"] + tasks + more, in: folder)
  try #require(finished.status == 0, "\(finished.errors)")
  return finished
}

private func names(in folder: URL, _ path: String) -> [String] {
  let url = folder.appending(path: path)
  return
    ((try? FileManager.default.contentsOfDirectory(atPath: url.path(percentEncoded: false))) ?? [])
    .sorted()
}

private func lines(_ folder: URL, _ path: String) throws -> [String] {
  try folder.text(of: path).split(separator: "\n").map(String.init)
}

/// The rows of a result file: split, subset, main score, all numbers.
private func rows(
  of task: String, in folder: URL
) throws -> [(cell: String, main: Double, numbers: JSON)] {
  let json = try JSON(parsing: try folder.text(of: "\(revision)/\(task).json"))
  return try (json["scores"]?.members?.entries ?? []).flatMap { split, rows in
    try (rows.array ?? []).map { row in
      let subset = try #require(row["hf_subset"]?.string)
      return ("\(task).\(split).\(subset)", try #require(row["main_score"]?.double), row)
    }
  }
}

/// The result file without what differs from run to run: times.
private func timeless(_ task: String, in folder: URL) throws -> [String] {
  try lines(folder, "\(revision)/\(task).json").filter {
    !$0.hasPrefix("  \"evaluation_time\"") && !$0.hasPrefix("  \"date\"")
  }
}

/// Measures of a run file as trec_eval computes them, written from its definitions alone.
private struct Rescored {
  var ndcg = [Double]()
  var map = [Double]()
  var recall = [Double]()
  var reciprocal = [Double]()

  init(run: [String], qrels: [String], cutoff: Int) throws {
    var grades: [String: [String: Int]] = [:]
    for line in qrels {
      let words = line.split(separator: " ").map(String.init)
      try #require(words.count == 4 && words[1] == "0")
      grades[words[0], default: [:]][words[2]] = Int(words[3])
    }
    var ranked: [String: [(score: Float, id: String)]] = [:]
    for line in run {
      let words = line.split(separator: " ").map(String.init)
      try #require(words.count == 6 && words[1] == "Q0" && words[5] == "borda")
      ranked[words[0], default: []].append((try #require(Float(words[4])), words[2]))
      #expect(ranked[words[0]]?.count == Int(words[3]))
    }
    for (query, judged) in grades {
      let order = (ranked[query] ?? []).sorted(by: Self.precedes)
      let gains: [Int] = order.map { max(0, judged[$0.id] ?? 0) }
      let ideal: [Int] = judged.values.filter { $0 > 0 }.sorted(by: >)
      let best = Self.discounted(ideal, cutoff)
      ndcg.append(best > 0 ? Self.discounted(gains, cutoff) / best : 0)
      let count = Double(max(1, ideal.count))
      let hits: [Int] = gains.indices.filter { gains[$0] > 0 }
      var precisions = 0.0
      for (found, place) in hits.enumerated() {
        precisions += Double(found + 1) / Double(place + 1)
      }
      map.append(precisions / count)
      let early = hits.filter { $0 < cutoff }
      recall.append(Double(early.count) / count)
      reciprocal.append(early.first.map { 1 / Double($0 + 1) } ?? 0)
    }
  }

  private static func precedes(
    _ a: (score: Float, id: String), _ b: (score: Float, id: String)
  ) -> Bool {
    if a.score != b.score { return a.score > b.score }
    return b.id.utf8.lexicographicallyPrecedes(a.id.utf8)
  }

  private static func discounted(_ gains: [Int], _ cutoff: Int) -> Double {
    var sum = 0.0
    for (place, gain) in gains.prefix(cutoff).enumerated() {
      sum += Double(gain) / log2(Double(place + 2))
    }
    return sum
  }

  static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
}

@Suite struct `Details` {
  /// A task, what its items are counted by, and which of their values has the main score as mean.
  @Test(arguments: [
    ("StarterSTS", "cosine_spearman"), ("StarterPairs", "max_ap"), ("StarterBitext", "f1"),
    ("StarterRetrieval", "ndcg_at_10"), ("StarterReranking", "map_at_1000"),
    ("StarterClassification", "accuracy"), ("StarterMultilabel", "accuracy"),
  ])
  func `of single items average to the main score of every subset`(
    task: String, measure: String
  ) async throws {
    try await withTemporaryFolder { folder in
      _ = try await evaluate([task], in: folder, ["--details"])
      for row in try rows(of: task, in: folder) {
        let outcomes = try lines(folder, "\(details)/\(row.cell).jsonl").map {
          try JSON(parsing: $0)
        }
        let values = outcomes.compactMap { $0[measure]?.double }
        // mteb rounds means of rankings to five decimals, and all scores to six in the file.
        let mean = values.reduce(0, +) / Double(values.count)
        #expect(abs(mean - row.main) < 6e-6, "\(row.cell): \(mean) and \(row.main)")
        #expect(task == "StarterPairs" || values.count == outcomes.count)
      }
    }
  }

  @Test func `of clustering tell how often a document lies among its own`() async throws {
    try await withTemporaryFolder { folder in
      _ = try await evaluate(["StarterClustering"], in: folder, ["--details"])
      for line in try lines(folder, "\(details)/StarterClustering.test.eng.jsonl") {
        let outcome = try JSON(parsing: line)
        let drawn = try #require(outcome["drawn"]?.array?.first?.integer)
        let right = try #require(outcome["right"]?.array?.first?.integer)
        #expect((0...drawn).contains(right) && drawn <= 10)
        #expect(outcome["own_majority"]?.double == Double(right) / Double(drawn))
        let isRight = outcome["found"]?.array == outcome["gold"]?.array
        #expect(isRight ? right > 0 : 2 * right < drawn + 1)
      }
    }
  }

  @Test(arguments: ["StarterRetrieval", "StarterReranking"])
  func `hold run files that trec_eval's rules score alike`(task: String) async throws {
    try await withTemporaryFolder { folder in
      _ = try await evaluate([task], in: folder, ["--details"])
      for row in try rows(of: task, in: folder) {
        let scored = try Rescored(
          run: try lines(folder, "\(details)/\(row.cell).run"),
          qrels: try lines(folder, "\(details)/\(row.cell).qrels"), cutoff: 10)
        for (name, values) in [
          ("ndcg_at_10", scored.ndcg), ("map_at_1000", scored.map),
          ("recall_at_10", scored.recall), ("mrr_at_10", scored.reciprocal),
        ] {
          let score = try #require(row.numbers[name]?.double)
          #expect(abs(Rescored.mean(values) - score) < 6e-6, "\(row.cell) \(name)")
        }
      }
    }
  }

  @Test func `change no score, whatever the number of threads`() async throws {
    try await withTemporaryFolder { folder in
      let tasks = [
        "StarterSTS", "StarterPairs", "StarterBitext", "StarterRetrieval", "StarterReranking",
        "StarterClassification", "StarterMultilabel", "StarterClustering",
      ]
      let places = ["plain", "one", "two"].map { folder.appending(path: $0) }
      for (place, more) in zip(
        places, [[], ["--details", "--threads", "1"], ["--details", "--threads", "2"]])
      {
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        _ = try await evaluate(tasks, in: place, more)
      }
      #expect(names(in: places[0], details).isEmpty)
      for task in tasks {
        let scores = try timeless(task, in: places[0])
        #expect(try timeless(task, in: places[1]) == scores)
        #expect(try timeless(task, in: places[2]) == scores)
      }
      let files = names(in: places[1], details)
      // 70 subsets, 16 of them with a run and its judgements; an index and the hashes of each task.
      let expected = 70 + 2 * 16 + 2 * 8
      #expect(files.count == expected)
      #expect(names(in: places[2], details) == files)
      for file in files {
        let text = try places[1].text(of: "\(details)/\(file)")
        #expect(try places[2].text(of: "\(details)/\(file)") == text)
      }
      // mteb reads <model>/<revision>/*.json and nothing deeper.
      #expect(names(in: places[1], revision).count == names(in: places[0], revision).count)
    }
  }

  @Test func `are made once for results that have none, and then skipped`() async throws {
    try await withTemporaryFolder { folder in
      _ = try await evaluate(["StarterSTS"], in: folder)
      let before = try timeless("StarterSTS", in: folder)
      let never = try await evaluate(
        ["StarterSTS"], in: folder, ["--details", "--rerun", "never"])
      #expect(never.errors.contains("StarterSTS: skipped"))
      let plan = try await evaluate(["StarterSTS"], in: folder, ["--details", "--dry-run"])
      #expect(plan.output.contains("its result has no details"))
      let second = try await evaluate(["StarterSTS"], in: folder, ["--details"])
      #expect(!second.errors.contains("skipped"))
      #expect(try timeless("StarterSTS", in: folder) == before)
      let sidecar = try JSON(parsing: try folder.text(of: "\(revision)/borda/StarterSTS.json"))
      // Twelve subsets of 24 pairs.
      #expect(sidecar["texts"]?.integer == 576)
      let third = try await evaluate(["StarterSTS"], in: folder, ["--details"])
      #expect(third.errors.contains("StarterSTS: skipped, its result is current"))
      try FileManager.default.removeItem(
        at: folder.appending(path: "\(details)/StarterSTS.test.deu.jsonl"))
      let fourth = try await evaluate(["StarterSTS"], in: folder, ["--details"])
      #expect(fourth.errors.contains("the details of 1 of its subsets are missing"))
      #expect(fourth.errors.contains("48 texts to embed"))
      // Twelve subsets, the index, the hashes.
      #expect(names(in: folder, details).count == 14)
    }
  }

  @Test func `of an evaluation that is made anew without them are removed`() async throws {
    try await withTemporaryFolder { folder in
      _ = try await evaluate(["StarterSTS"], in: folder, ["--details"])
      _ = try await evaluate(
        ["StarterSTS"], in: folder, ["--rerun", "always", "--languages", "deu"])
      #expect(!names(in: folder, details).contains("StarterSTS.test.deu.jsonl"))
      try folder.write("prompts.json", #"{"STS": "say: "}"#)
      _ = try await evaluate(["StarterSTS"], in: folder, ["--prompts", "prompts.json"])
      #expect(names(in: folder, details).isEmpty)
    }
  }
}

@Suite(.enabled(if: MiniLM.isPresent, MiniLM.reason))
struct `Details of an interrupted run` {
  @Test func `are kept for what is finished, and completed by the next run`() async throws {
    try await withTemporaryFolder { folder in
      let arguments = [
        "evaluate", "--model", MiniLM.folder.path(percentEncoded: false), "--tasks", "StarterSTS",
        "StarterBitext", "--threads", "1", "--details", "--name", "test/model",
      ]
      let first = try await Program.run(arguments, in: folder, interruptAfter: "StarterBitext: ")
      #expect(first.status == 130, "\(first.errors)")
      let shown = try await Program.run(["details", "test/model", "StarterSTS"], in: folder)
      #expect(shown.status == 0, "\(shown.errors)")
      let second = try await Program.run(arguments, in: folder)
      #expect(second.status == 0, "\(second.errors)")
      #expect(second.errors.contains("StarterSTS: skipped, its result is current"))
      let bitext = try await Program.run(["details", "test/model", "StarterBitext"], in: folder)
      #expect(bitext.status == 0, "\(bitext.errors)")
      #expect(bitext.output.contains("of 1,056 sentences"))
    }
  }
}

@Suite struct `The details command` {
  @Test func `shows the worst first, best on request, within the width of a page`() async throws {
    try await withTemporaryFolder { folder in
      _ = try await evaluate(["StarterRetrieval"], in: folder, ["--details"])
      let arguments = ["details", "borda/hash-baseline", "StarterRetrieval", "--subset", "deu"]
      let table = try await Program.run(arguments, in: folder)
      #expect(table.status == 0, "\(table.errors)")
      #expect(table.output.hasPrefix("StarterRetrieval, the 10 worst of"))
      for line in table.output.split(separator: "\n") { #expect(line.count <= 100, "\(line)") }
      for (option, ascends) in [("--worst", true), ("--best", false)] {
        let json = try await Program.run(
          arguments + [option, "5", "--format", "json"], in: folder)
        let values = try JSON(parsing: json.output)["outcomes"]?.array?.compactMap {
          $0["value"]?.double
        }
        #expect(values?.count == 5)
        #expect(values == values?.sorted { ascends ? $0 < $1 : $0 > $1 })
      }
      for format in ["markdown", "csv", "html"] {
        let text = try await Program.run(arguments + ["--format", format], in: folder)
        #expect(text.status == 0, "\(text.errors)")
        #expect(!text.output.contains("…\u{7C}"))
      }
      let place = try await Program.run(
        ["details", revision, "StarterRetrieval", "--subset", "deu"], in: folder)
      #expect(place.output == table.output)
      let sorted = try await Program.run(
        arguments + ["--sort", "recall_at_100", "--format", "json"], in: folder)
      #expect(try JSON(parsing: sorted.output)["measure"]?.string == "recall_at_100")
    }
  }

  @Test func `compares two models item by item, the biggest losses first`() async throws {
    try await withTemporaryFolder { folder in
      _ = try await evaluate(["StarterSTS"], in: folder, ["--details"])
      try folder.write("prompts.json", #"{"STS": "say: "}"#)
      _ = try await evaluate(
        ["StarterSTS"], in: folder,
        ["--details", "--prompts", "prompts.json", "--results", "other"])
      let arguments = [
        "details", "borda/hash-baseline", "StarterSTS", "--against",
        "other/borda__hash-baseline/1", "--format",
      ]
      let json = try JSON(parsing: try await Program.run(arguments + ["json"], in: folder).output)
      let cases = try #require(json["outcomes"]?.array)
      let differences = cases.compactMap { $0["difference"]?.double }
      #expect(differences.count == 10 && differences == differences.sorted())
      for item in cases {
        let value = try #require(item["value"]?.double)
        let other = try #require(item["other_value"]?.double)
        #expect(item["difference"]?.double == value - other)
        #expect(item["outcome"]?["text1"] == item["other_outcome"]?["text1"])
      }
      #expect(json["measured"]?.integer == 288)
      let table = try await Program.run(arguments + ["table"], in: folder)
      #expect(table.output.contains("Difference"))
      #expect(table.output.contains("Better"))
    }
  }

  /// Arguments behind `details`, exit code, and what standard error must hold.
  @Test(arguments: [
    (["borda/hash-baseline", "StarterSTS"], 4, "evaluate again with --details"),
    (["borda/hash-baseline", "StarterStS"], 64, "did you mean StarterSTS"),
    (["borda/hash-baselin", "StarterSTS"], 64, "did you mean borda/hash-baseline?"),
    (["borda/hash-baseline", "StarterBitext", "--subset", "deu_Latn"], 64, "did you mean"),
    (["borda/hash-baseline", "StarterBitext", "--split", "tset"], 64, "did you mean test?"),
    (["borda/hash-baseline", "StarterBitext", "--sort", "f2"], 64, "did you mean f1?"),
    (["borda/hash-baseline", "StarterBitext", "--against", "no/one"], 64, "no results of such"),
    (["borda/hash-baseline", "StarterBitext", "--worst", "0"], 64, "at least 1"),
    (["borda/hash-baseline", "StarterBitext", "--worst", "1", "--best", "1"], 64, "not both"),
    (["borda/hash-baseline", "StarterBitext", "--results", "/no"], 3, "no such results folder"),
    (["borda/hash-baseline"], 64, "task"),
  ])
  func `answers mistakes with what is wrong and what to try`(
    arguments: [String], status: Int, words: String
  ) async throws {
    try await withTemporaryFolder { folder in
      _ = try await evaluate(["StarterSTS"], in: folder, ["--languages", "deu"])
      _ = try await evaluate(["StarterBitext"], in: folder, ["--languages", "deu", "--details"])
      let finished = try await Program.run(["details"] + arguments, in: folder)
      #expect(finished.status == Int32(status), "\(finished.errors)")
      #expect(finished.errors.contains(words), "\(finished.errors)")
      #expect(finished.output.isEmpty)
    }
  }
}
