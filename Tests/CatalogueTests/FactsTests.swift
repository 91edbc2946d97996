// The task and benchmark files that ship, against the facts they were made from.

import Catalogue
import Core
import Foundation
import TestSupport
import Testing

private let catalogue = Result { () throws(Failure) in try Catalogue(root: Repository.tasks) }

private func facts(_ path: String) throws -> JSON {
  try JSON(parsing: try Data(contentsOf: Shared.url(path)))
}

/// Subsets with their languages, one per line, in order.
private func lines(_ subsets: [Subset]) -> [String] {
  subsets.map { "\($0.name): \($0.languages.map(\.description).joined(separator: " "))" }
}

private func lines(_ subsets: JSON?) -> [String] {
  (subsets?.members?.entries ?? []).map { name, value in
    "\(name): \((value.array ?? []).compactMap(\.string).joined(separator: " "))"
  }
}

@Suite(.enabled(if: Shared.isPresent, Shared.reason))
struct `The tasks of the catalogue` {
  @Test func `expand to the subsets, languages and splits that the facts state`() throws {
    let tasks = try #require(try facts("facts/tasks.json").array)
    #expect(tasks.count == 239)
    for fact in tasks {
      let name = try #require(fact["name"]?.string)
      let task = try catalogue.get().task(name)
      #expect(lines(task.subsets) == lines(fact["eval_langs"]), "\(name)")
      #expect(task.type.rawValue == fact["type"]?.string, "\(name)")
      #expect(task.splits == fact["eval_splits"]?.array?.compactMap(\.string), "\(name)")
      #expect(task.mainScore.rawValue == fact["main_score"]?.string, "\(name)")
      #expect(task.domains == fact["domains"]?.array?.compactMap(\.string), "\(name)")
      #expect((task.licence ?? "not specified") == fact["license"]?.string, "\(name)")
      #expect(task.supersededBy == fact["superseded_by"]?.string, "\(name)")
      #expect(
        task.data
          == .hub(
            repository: fact["dataset_path"]?.string ?? "",
            revision: fact["dataset_revision"]?.string ?? ""), "\(name)")
      for size in task.sizes {
        #expect(size.count == fact["n_samples"]?[size.split]?["num_samples"]?.integer, "\(name)")
      }
      #expect(task.size != nil, "\(name)")
    }
  }

  @Test func `have the parameters that the facts state`() throws {
    for fact in try facts("facts/tasks.json").array ?? [] {
      let task = try catalogue.get().task(fact["name"]?.string ?? "")
      let given = fact["eval_params_non_default"]
      let name = task.name
      #expect(task.samplesPerLabel == given?["samples_per_label"]?.integer, "\(name)")
      #expect(task.experiments == given?["n_experiments"]?.integer, "\(name)")
      #expect(task.ignoresIdenticalIds == (given?["ignore_identical_ids"] != nil), "\(name)")
      #expect(task.isParallel == (given?["parallel_subsets"] != nil), "\(name)")
      #expect(task.averagesPValues == (given?["evaluator"] != nil), "\(name)")
      #expect(task.clustering.maxDepth == given?["max_depth"]?.integer, "\(name)")
      #expect(
        (task.evaluationCap == .unlimited) == (given?["max_eval_samples"] != nil), "\(name)")
      #expect(
        task.clustering.isLegacy == (fact["abstask"]?.string == "AbsTaskClusteringLegacy"),
        "\(name)")
      let range = task.scoreRange
      #expect((given?["min_score"]?.double ?? range?.lowerBound) == range?.lowerBound, "\(name)")
      #expect((given?["max_score"]?.double ?? range?.upperBound) == range?.upperBound, "\(name)")
      let grouped = task.transforms.contains { if case .subset = $0 { true } else { false } }
      #expect(grouped == (given?["fast_loading"] != nil), "\(name)")
      if let embedded = fact["documents_embedded"]?[task.splits[0]]?["default"]?.integer,
        case .count(let count) = task.clustering.documentCap
      {
        #expect(embedded == min(count, task.size ?? 0), "\(name)")
      }
    }
  }

  /// Facts with a note on the loader, whose file says nothing: the loader does nothing special.
  @Test func `say what their loaders do, or that they cannot be loaded yet`() throws {
    let plain = [
      "BiorxivClusteringP2P.v2", "Core17InstructionRetrieval", "News21InstructionRetrieval",
      "Robust04InstructionRetrieval", "ScalaClassification", "DKHateClassification",
    ]
    var unsupported: [String] = []
    for fact in try facts("facts/tasks.json").array ?? [] {
      let task = try catalogue.get().task(fact["name"]?.string ?? "")
      if task.unsupported != nil { unsupported.append(task.name) }
      guard fact["custom_note"]?.string != nil, !plain.contains(task.name) else { continue }
      let says =
        !task.transforms.isEmpty || !task.columns.isEmpty || task.unsupported != nil
        || task.isParallel || task.mergesSubqueries
      #expect(says, "\(task.name)")
    }
    #expect(
      unsupported.sorted() == [
        "DanFeverRetrieval", "GermanQuAD-Retrieval", "NorQuadRetrieval", "SNLRetrieval",
        "SyntecRetrieval", "TV2Nordretrieval",
      ])
  }
}

@Suite(.enabled(if: Shared.isPresent, Shared.reason))
struct `The benchmarks of the catalogue` {
  @Test func `hold the tasks of the facts, narrowed as they say`() throws {
    let benchmarks = try #require(try facts("facts/benchmarks.json").members)
    #expect(benchmarks.entries.count == 8)
    for (name, fact) in benchmarks.entries {
      let benchmark = try catalogue.get().benchmark(name)
      #expect(benchmark.tasks.map(\.name) == fact["tasks"]?.array?.compactMap(\.string), "\(name)")
      #expect(
        benchmark.languageView.map(\.description)
          == (fact["language_view"]?.array ?? []).compactMap(\.string), "\(name)")
      for task in benchmark.tasks {
        let whole = try catalogue.get().task(task.name)
        let left = fact["restrictions"]?[task.name]
        let subsets = left?["subsets"]?.array?.compactMap(\.string)
        let splits = left?["splits"]?.array?.compactMap(\.string)
        #expect(task.subsets.map(\.name) == subsets ?? whole.subsets.map(\.name), "\(task.name)")
        #expect(task.splits == splits ?? whole.splits, "\(task.name)")
      }
      for alias in fact["aliases"]?.array?.compactMap(\.string) ?? [] {
        #expect(try catalogue.get().benchmark(alias).name == name)
      }
    }
  }

  /// The golden tables of the leaderboard were made with these; so the catalogue leads to them.
  @Test func `are those that the reference tables of the leaderboard were made with`() throws {
    let all = try #require(try facts("leaderboard/tasks-meta.json").members)
    #expect(all.entries.count >= 3)
    for (name, fact) in all.entries {
      let benchmark = try catalogue.get().benchmark(name)
      let tasks = fact["tasks"]?.array ?? []
      #expect(benchmark.tasks.map(\.name) == tasks.compactMap { $0["name"]?.string })
      for (task, meta) in zip(benchmark.tasks, tasks) {
        #expect(task.type.rawValue == meta["type"]?.string)
        #expect(task.mainScore.rawValue == meta["main_score"]?.string)
        #expect(task.splits == meta["eval_splits"]?.array?.compactMap(\.string), "\(task.name)")
        // The subsets of FloresBitextMining, which nobody has results of, are not spelled there.
        if meta["hf_subsets"] != nil {
          #expect(lines(task.subsets) == lines(meta["hf_subsets"]), "\(task.name)")
        }
      }
    }
  }
}

@Suite struct `The files of the catalogue` {
  @Test func `can be read by people, and are small together`() throws {
    let root = Repository.tasks
    let paths = try FileManager.default.subpathsOfDirectory(
      atPath: root.path(percentEncoded: false)
    ).filter { $0.hasSuffix(".yaml") }
    var size = 0
    for path in paths {
      let text = try String(contentsOf: root.appending(path: path), encoding: .utf8)
      size += text.utf8.count
      let lines = text.split(separator: "\n")
      #expect(lines.count <= 200, "\(path)")
      for line in lines where !line.contains("https://") {
        #expect(line.count <= 100, "\(path): \(line)")
      }
    }
    #expect(paths.count == 256 && size < 250_000)
  }

  @Test func `stand in the folder of their type`() throws {
    for task in try catalogue.get().tasks where !task.name.hasPrefix("Starter") {
      #expect(task.file.deletingLastPathComponent().lastPathComponent == task.type.rawValue)
    }
  }
}
