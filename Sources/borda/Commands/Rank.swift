// `borda rank`: results in, Borda votes out.

import ArgumentParser
import Catalogue
import Core
import Foundation
import Leaderboard
import Storage

struct Rank: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Rank models by Borda votes over the tasks of a benchmark.",
    discussion: """
      EXAMPLES:
        borda rank --benchmark Starter
        borda rank --benchmark Starter --by language --format markdown
        borda rank --results Reports/results ../colleague/results --format json

      Votes depend on the pool: every table says how many models took part.
      """)

  @OptionGroup var pool: PoolOptions

  @Option(
    help: ArgumentHelp(
      "What the rows are about: ranking, task, language or type.",
      valueName: "view"))
  var by = BoardView.ranking

  @OptionGroup var format: FormatOption

  func run() throws {
    try format.check()
    try format.print(try pool.board().report(by: by))
  }
}

extension BoardView: ExpressibleByArgument {}

/// The models and tasks that a board is made of; shared by `rank` and `report`.
struct PoolOptions: ParsableArguments {
  @OptionGroup var results: ResultsToRead
  @OptionGroup var catalogue: CatalogueOptions

  @Option(
    help: ArgumentHelp(
      "Tasks of this benchmark (default: all tasks that have a result).", valueName: "name"))
  var benchmark: String?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Only these models, org/name; the pool is then these models alone.", valueName: "names"))
  var models: [String] = []

  @Flag(name: .customLong("verbose"), help: "Say how many files were read, old, or refused.")
  var isVerbose = false

  func board() throws(Failure) -> Board {
    let catalogue = try self.catalogue.open()
    let scan = try ResultScan(roots: results.folders, indexFolder: CacheFolder.url)
    if isVerbose { Terminal.note(scan.summary) }
    for failure in scan.refused { Terminal.note("skipped \(failure)") }
    let pool = try chosen(of: scan.scores)
    let benchmark = try self.benchmark(of: pool, in: catalogue)
    let board = Board(pool: pool, benchmark: benchmark) { ContentHash.of($0) }
    guard !board.models.isEmpty else {
      throw Failure(
        .incomplete, benchmark.name, "no model has a result for any of its tasks",
        hint: "run borda evaluate --benchmark \(benchmark.name), or name a folder with --results")
    }
    return board
  }

  private func chosen(of all: PoolScores) throws(Failure) -> PoolScores {
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

  private func benchmark(
    of pool: PoolScores, in catalogue: Catalogue
  ) throws(Failure) -> Benchmark {
    if let benchmark { return try catalogue.benchmark(benchmark) }
    let scored = Set(pool.models.flatMap(\.tasks).map(\.task))
    let tasks = catalogue.tasks.filter { scored.contains($0.name) }
    guard !tasks.isEmpty else {
      throw Failure(
        .incomplete, "results", "no result belongs to a task of the catalogue",
        hint: "run borda evaluate first, or name a folder with --results")
    }
    return Benchmark(name: "All tasks with results", tasks: tasks)
  }
}
