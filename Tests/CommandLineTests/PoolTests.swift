// Pools as a user meets them: frozen, shown, own models placed in them, and results that are not whole.

import Core
import Foundation
import TestSupport
import Testing

/// A catalogue of three tasks, a pool of three models and one own model, in a folder of its own.
private struct Workplace {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    for (task, subsets) in [("One", "default: [eng-Latn]"), ("Two", "default: [deu-Latn]")] {
      try write(task: task, subsets)
    }
    try write(task: "Pair", "en: [eng-Latn], de: [deu-Latn]")
    try folder.write(
      "name: Tiny\ndescription: Three tasks.\ntasks: [One, Two, Pair]\n",
      to: "cat/Benchmarks/Tiny.yaml")
    try folder.write("name: Other\ntasks: [One]\n", to: "cat/Benchmarks/Other.yaml")
    for (model, scores) in [("org__a", (0.9, 0.1)), ("org__b", (0.5, 0.5)), ("org__c", (0.1, 0.3))]
    {
      try result("pool", model, "One", "0.\(Int(scores.0 * 10))")
      try result("pool", model, "Two", "0.\(Int(scores.1 * 10))")
    }
    try result("own", "my__x", "One", "0.6")
    try result("own", "my__x", "Two", "0.2")
  }

  private func write(task: String, _ subsets: String) throws {
    try folder.write(
      """
      name: \(task)
      type: STS
      languages: {\(subsets)}
      splits: [test]
      main_score: cosine_spearman
      data: {path: nowhere}
      """, to: "cat/\(task).yaml")
  }

  func result(
    _ root: String, _ model: String, _ task: String, _ score: String, revision: String = "r",
    subset: String = "default", version: String = "2.1.0"
  ) throws {
    try folder.write(
      """
      {"dataset_revision": "x", "task_name": "\(task)", "mteb_version": "\(version)",
       "scores": {"test": [{"main_score": \(score), "hf_subset": "\(subset)",
       "languages": ["eng-Latn"]}]}}
      """, to: "\(root)/\(model)/\(revision)/\(task).json")
  }

  func run(_ arguments: String...) async throws -> Finished {
    try await Program.run(
      arguments + ["--catalogue", "cat"], in: folder.url,
      environment: ["XDG_CACHE_HOME": folder.url.appending(path: "cache").path()])
  }

  func freeze(_ more: String...) async throws -> Finished {
    try await Program.run(
      ["pool", "freeze", "--results", "pool", "--benchmark", "Tiny", "--out", "tiny.json"] + more
        + ["--catalogue", "cat"], in: folder.url)
  }
}

@Suite struct `A pool on the command line` {
  @Test func `is frozen, shown, and gives the places that its folder gives`() async throws {
    let place = try Workplace()
    let frozen = try await place.freeze()
    #expect(frozen.status == 0, "\(frozen.errors)")
    #expect(frozen.output == "tiny.json\n")
    let show = try await place.run("pool", "show", "tiny.json")
    #expect(show.status == 0, "\(show.errors)")
    #expect(show.output.contains("org/a") && show.output.contains("Fits the catalogue"))
    for format in ["table", "markdown", "csv", "json", "html"] {
      for view in ["ranking", "task", "type"] {
        let options = ["--results", "own", "--by", view, "--format", format]
        let file = try await place.rank(["--pool", "tiny.json"] + options)
        let folder = try await place.rank(["--pool", "pool", "--benchmark", "Tiny"] + options)
        #expect(file.status == 0, "\(file.errors)")
        #expect(file.output == folder.output && !file.output.isEmpty)
      }
    }
    let json = try JSON(
      parsing: try await place.rank(["--pool", "tiny.json", "--results", "own", "--format", "json"])
        .output)
    let placed = try #require(json["placed"]?.array?.first)
    // The first placement of PlacementTests: b 4, a and x 3, c 2; of equal ones the first by name.
    #expect(placed["model"]?.string == "my/x" && placed["votes"]?.integer == 3)
    #expect(placed["rank"]?.integer == 2 && placed["of"]?.integer == 4)
    #expect(placed["above"]?["model"]?.string == "org/b" && placed["above"]?["gap"]?.integer == 1)
    #expect(placed["below"]?["model"]?.string == "org/a" && placed["below"]?["gap"]?.integer == 0)
  }

  @Test func `is refused where it cannot be what was asked for`() async throws {
    let place = try Workplace()
    _ = try await place.freeze()
    try place.result("own", "org__a", "One", "0.7")
    let whole = try place.folder.url.text(of: "tiny.json")
    try place.folder.write(whole.replacing("0.9", with: "0.8"), to: "edited.json")
    try place.folder.write(String(whole.prefix(whole.count / 2)), to: "cut.json")
    let cases: [([String], Int32, String)] = [
      (["--pool", "tiny.json", "--results", "own"], 64, "--replace"),
      (["--pool", "tiny.json", "--results", "own"], 64, "org/a"),
      (
        ["--pool", "tiny.json", "--results", "own", "--by", "language", "--replace"], 64,
        "by language"
      ),
      (["--pool", "tiny.json", "--results", "own", "--benchmark", "Other"], 64, "a pool of Tiny"),
      (["--pool", "tiny.json", "--results", "own", "--rules", "2025-10"], 64, "rules current"),
      (["--pool", "no.json", "--results", "own"], 3, "there is no such pool"),
      (["--pool", "edited.json", "--results", "own"], 1, "edited.json: was damaged or edited"),
      (["--pool", "cut.json", "--results", "own"], 1, "cut.json: is no pool"),
      (["--insert", "together", "--results", "own"], 64, "--pool"),
      (["--pool", "tiny.json", "--insert", "sideways", "--results", "own"], 64, "sideways"),
      (["--rules", "2024-01", "--results", "own"], 64, "2024-01"),
    ]
    for (arguments, status, words) in cases {
      let finished = try await place.rank(arguments)
      #expect(finished.status == status, "\(arguments): \(finished.errors)")
      #expect(finished.errors.contains(words), "\(finished.errors)")
      #expect(finished.output.isEmpty)
    }
    let replaced = try await place.rank(["--pool", "tiny.json", "--results", "own", "--replace"])
    #expect(replaced.status == 0 && replaced.output.contains("In the place of the pool's own"))
    let chosen = try await place.rank(
      ["--pool", "tiny.json", "--results", "own", "--models", "my/x"])
    #expect(chosen.status == 0, "\(chosen.errors)")
    try place.folder.write(
      "name: Tiny\ntasks: [One, Two]\n", to: "cat/Benchmarks/Tiny.yaml")
    let changed = try await place.rank(["--pool", "tiny.json", "--results", "own"])
    #expect(changed.status == 3 && changed.errors.contains("other tasks now: without Pair"))
    let show = try await place.run("pool", "show", "tiny.json")
    #expect(show.status == 0 && show.output.contains("Does not fit the catalogue"))
  }

  @Test func `keeps the rules that it was frozen with, and says them`() async throws {
    let place = try Workplace()
    let frozen = try await place.freeze("--rules", "2025-10")
    #expect(frozen.status == 0, "\(frozen.errors)")
    let rank = try await place.rank(["--pool", "tiny.json", "--results", "own"])
    #expect(rank.output.contains("rules of October 2025"))
    let nameless = try await place.run("pool", "freeze", "--results", "pool", "--out", "x.json")
    #expect(nameless.status == 64 && nameless.errors.contains("--benchmark"))
  }
}

@Suite struct `Results that are not whole` {
  @Test func `are named and counted, the rest is ranked, and the exit code says so`() async throws {
    let place = try Workplace()
    for number in 0..<30 { try place.result("pool", "more__\(number)", "One", "0.25") }
    let path = "pool/org__c/r/Two.json"
    try place.folder.write(String(try place.folder.url.text(of: path).prefix(80)), to: path)
    let rank = try await place.rank(["--results", "pool", "--benchmark", "Tiny"])
    #expect(rank.status == 4)
    #expect(rank.output.contains("org/a") && rank.output.contains("33 models"))
    #expect(rank.errors.contains("skipped \(path)"))
    #expect(rank.errors.contains("1 file could not be read and was left out"))
    let allowed = try await place.rank(
      ["--results", "pool", "--benchmark", "Tiny", "--allow-refused"])
    #expect(allowed.status == 0 && allowed.output == rank.output)
    #expect(allowed.errors.contains("skipped \(path)"))
    let frozen = try await place.freeze()
    #expect(frozen.status == 4 && !exists(place.folder.url.appending(path: "tiny.json")))
    #expect(try await place.freeze("--allow-refused").status == 0)
  }

  @Test func `are told apart by --verbose`() async throws {
    let place = try Workplace()
    try place.result("own", "my__x", "Pair", "0.5", subset: "en")
    try place.result("own", "my__x", "Nothing", "0.5")
    try place.result("own", "my__x", "One", "0.2", revision: "external", version: "2.0.0")
    // The same model under another folder's name, in another root, with a newer result of One.
    try place.result("second", "x_again", "One", "0.9", version: "2.9.0")
    try place.folder.write(
      #"{"name": "my/x", "revision": "r"}"#, to: "second/x_again/r/model_meta.json")
    try place.folder.write(
      #"{"mteb_version": "0.0.2", "test": {"cos_sim": {"spearman": 0.5}}}"#,
      to: "own/my__y/r/Two.json")
    try place.folder.write("{", to: "own/my__y/r/One.json")
    let rank = try await place.rank(
      ["--results", "own", "second", "pool", "--benchmark", "Tiny", "--verbose", "--by", "task"])
    #expect(rank.status == 4, "\(rank.errors)")
    for words in [
      "read 14 result files of 5 models: 1 in the old schema, 2 superseded by a better result of "
        + "the same model and task (2 with other scores), 1 refused",
      "superseded: own/my__x/r/One.json, by second/x_again/r/One.json, with other scores",
      "1 partial", "partial: my/x, Pair: 1 of 2", "1 of unknown tasks", "unknown task: Nothing",
      "skipped own/my__y/r/One.json",
    ] {
      #expect(rank.errors.contains(words), "\(words)\n\(rank.errors)")
    }
    // The better result counts: 0.9 of version 2.9.0.
    #expect(rank.output.contains("90.00"))
  }

  @Test func `are refused when there is nothing to rank`() async throws {
    let place = try Workplace()
    try FileManager.default.createDirectory(
      at: place.folder.url.appending(path: "empty"), withIntermediateDirectories: true)
    let empty = try await place.rank(["--results", "empty", "--benchmark", "Tiny"])
    #expect(empty.status == 3 && empty.errors.contains("empty: holds no result file"))
    try place.result("apart", "a__a", "One", "0.5")
    try place.result("apart", "b__b", "Two", "0.5")
    let apart = try await place.rank(["--results", "apart", "--benchmark", "Tiny"])
    #expect(apart.status == 4 && apart.errors.contains("no task has results of two"))
    try place.result("foreign", "a__a", "Nothing", "0.5")
    let foreign = try await place.rank(["--results", "foreign", "--benchmark", "Tiny"])
    #expect(foreign.status == 4 && foreign.errors.contains("no model has a result"))
    #expect(empty.output.isEmpty && apart.output.isEmpty && foreign.output.isEmpty)
  }
}

extension Workplace {
  fileprivate func rank(_ arguments: [String]) async throws -> Finished {
    try await Program.run(
      ["rank"] + arguments + ["--catalogue", "cat"], in: folder.url,
      environment: ["XDG_CACHE_HOME": folder.url.appending(path: "cache").path()])
  }
}
