// Which results are read for a ranking, and what is said about the files that did not count.

import ArgumentParser
import Catalogue
import Core
import Foundation
import Leaderboard
import Storage

/// Result folders, the benchmark and the models to choose; shared by rankings and `pool freeze`.
struct ScoresToRead: ParsableArguments {
  @OptionGroup var results: ResultsToRead
  @OptionGroup var catalogue: CatalogueOptions

  @Option(
    help: ArgumentHelp(
      "Tasks of this benchmark (default: all tasks that have a result).", valueName: "name"))
  var benchmark: String?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Only these models of --results, org/name; the pool is then these models alone.",
      valueName: "names"))
  var models: [String] = []

  @Option(
    help: ArgumentHelp(
      "Rules of counting: current (mteb 2.26), or 2025-10, under which the votes of October 2025 "
        + "were published.", valueName: "rules"))
  var rules: Rules?

  @Flag(
    name: .customLong("allow-refused"),
    help: "Exit with 0 although files were refused that should be results.")
  var allowsRefused = false

  @Flag(
    name: .customLong("verbose"),
    help: "Say how many files were read, old, partial, unknown, superseded or refused, and why.")
  var isVerbose = false

  /// Reads folders of results; refused files are named on standard error.
  ///
  /// - Parameters:
  ///   - folders: where results lie.
  ///   - unfinished: rows that count where there is no result; nil for none.
  /// - Throws: `.missing` when none of the folders holds a result file.
  /// - Returns: the scores, and what became of the files.
  func scan(
    _ folders: [URL], and unfinished: UnfinishedScan? = nil
  ) throws(Failure) -> ResultScan {
    var scan = try ResultScan(roots: folders, indexFolder: CacheFolder.url)
    if let unfinished { scan.add(unfinished) }
    for failure in scan.refused { Terminal.note("skipped \(failure)") }
    guard scan.counts.files + scan.counts.unfinished > 0 else {
      let isBegun = unfinished == nil && !UnfinishedScan(roots: folders).found.isEmpty
      throw Failure(
        .missing, folders.map(FilePaths.display).joined(separator: ", "),
        "holds no result file",
        hint: isBegun
          ? "there are unfinished tasks: finish them with borda evaluate, or look at them with --partial"
          : "results lie in <folder>/<model>/<revision>/<Task>.json; name the folder that holds "
            + "the models' folders")
    }
    return scan
  }

  /// The models asked for, or all.
  func chosen(of all: PoolScores) throws(Failure) -> PoolScores {
    let wanted = Lists.split(models)
    guard !wanted.isEmpty else { return all }
    let names = all.models.map(\.model)
    for name in wanted where !names.contains(name) {
      throw Failure(
        .usage, name, "no results of such a model",
        hint: Suggest.hint(
          for: name, among: names,
          otherwise: "there are results of \(names.prefix(8).joined(separator: ", "))"))
    }
    var chosen = all
    chosen.models.removeAll { !wanted.contains($0.model) }
    return chosen
  }

  /// The benchmark asked for, or all tasks of the catalogue that have a result.
  func benchmark(of pools: [PoolScores], in catalogue: Catalogue) throws(Failure) -> Benchmark {
    if let benchmark { return try catalogue.benchmark(benchmark) }
    let scored = Set(pools.flatMap(\.models).flatMap(\.tasks).map(\.task))
    let tasks = catalogue.tasks { scored.contains($0) }
    guard !tasks.isEmpty else {
      throw Failure(
        .incomplete, "results", "no result belongs to a task of the catalogue",
        hint: "run borda evaluate first, or name a folder with --results")
    }
    return Benchmark(name: "All tasks with results", tasks: tasks)
  }

  /// Says what became of the files, when asked to; `role` tells several scans apart.
  func describe(
    _ scan: ResultScan, _ benchmark: Benchmark, in catalogue: Catalogue, as role: String? = nil
  ) {
    guard isVerbose else { return }
    if let role { Terminal.note("\(role):") }
    for line in ReadingSummary(scan, benchmark, known: Set(catalogue.taskNames)).lines {
      Terminal.note(line)
    }
  }

  /// - Throws: `.incomplete` when files were refused and that is not allowed.
  func check(refused: Int) throws(Failure) {
    guard refused > 0, !allowsRefused else { return }
    let files = NumberText.count(refused, "file")
    throw Failure(
      .incomplete, "--results",
      "\(files) could not be read and \(refused == 1 ? "was" : "were") "
        + "left out, each named above",
      hint: "repair or delete \(refused == 1 ? "it" : "them"), or accept it with --allow-refused")
  }
}

extension Rules: ExpressibleByArgument {}

/// What became of the files of a scan, in sentences.
struct ReadingSummary {
  private(set) var lines: [String]
  /// Most results of a kind that are named.
  private static let limit = 20

  /// Looks at every result; `known` are the names of all tasks of the catalogue.
  init(_ scan: ResultScan, _ benchmark: Benchmark, known: Set<String>) {
    lines = [scan.summary]
    lines += Self.list(scan.superseded.filter { !$0.isEqual }) {
      "superseded: \($0.dropped), by \($0.kept), with other scores"
    }
    let results = scan.scores.models.flatMap { model in model.tasks.map { (model.model, $0) } }
    let unknown = results.filter { !known.contains($0.1.task) }
    let tasks = Dictionary(
      benchmark.tasks.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let outside = results.count { known.contains($0.1.task) && tasks[$0.1.task] == nil }
    let texts = scan.scores.names.texts
    let partial = results.compactMap { model, scores -> String? in
      guard let task = tasks[scores.task], scores.oldRows.isEmpty else { return nil }
      let all = task.splits.count * task.subsets.count
      let scored = Self.cells(of: scores, task, texts)
      return scored < all ? "\(model), \(task.name): \(scored) of \(all)" : nil
    }
    lines.append(
      "of the results: \(partial.count) partial, with fewer subsets or splits scored than the task "
        + "has; \(unknown.count) of unknown tasks; \(outside) of tasks outside \(benchmark.name)")
    lines += Self.list(Set(unknown.map(\.1.task)).sorted()) { "unknown task: \($0)" }
    lines += Self.list(partial) { "partial: \($0)" }
  }

  private static func list<T>(_ items: [T], _ text: (T) -> String) -> [String] {
    let more = items.count > limit ? ["  and \(items.count - limit) more"] : []
    return items.prefix(limit).map { "  \(text($0))" } + more
  }

  /// Distinct (split, subset) cells of the task's definition with a score.
  private static func cells(
    of scores: TaskScores, _ task: TaskDefinition, _ texts: [String]
  ) -> Int {
    let (splits, subsets) = (Set(task.splits), Set(task.subsets.map(\.name)))
    let cells = scores.cells.filter {
      !$0.score.isNaN && splits.contains(texts[Int($0.split)])
        && subsets.contains(texts[Int($0.subset)])
    }
    return Set(cells.map { [$0.split, $0.subset] }).count
  }
}
