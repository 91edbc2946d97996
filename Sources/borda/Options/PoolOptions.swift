// The models and tasks that a ranking is made of, shared by rank, report and compare: own results
// alone, or own results placed in a pool of others.

import ArgumentParser
import Catalogue
import Core
import Foundation
import Leaderboard
import Storage

struct PoolOptions: ParsableArguments {
  @OptionGroup var scores: ScoresToRead

  @Option(
    help: ArgumentHelp(
      "Place the models of --results in this pool: a folder of results, or a file of borda pool "
        + "freeze.", valueName: "dir|file"))
  var pool: String?

  @Option(
    help: ArgumentHelp(
      "How several own models come into the pool: one-at-a-time or together (default: "
        + "one-at-a-time).", valueName: "how"))
  var insert: Insertion?

  @Flag(
    name: .customLong("replace"),
    help: "Put own results in the place of the pool's where it has the same model.")
  var isReplacing = false

  @Flag(
    name: .customLong("partial"),
    help: "Read the finished subsets of unfinished tasks of --results too, marked as partial.")
  var readsUnfinished = false

  func validate() throws {
    if pool == nil, insert != nil || isReplacing {
      throw ValidationError("--insert and --replace go with --pool.")
    }
  }

  /// Scans, chooses models, finds the benchmark, builds the board and the placement.
  ///
  /// - Parameter quickLook: the limit of the quick looks to read in the place of results; nil for
  ///   results.
  /// - Throws: `.usage` for a pool of another benchmark or other rules, or for models of the pool
  ///   and of the own results; `.incomplete` when there is nothing to rank; what reading throws.
  /// - Returns: what a ranking is made of.
  func read(quickLook: Int? = nil) throws(Failure) -> PoolReading {
    let catalogue = try scores.catalogue.open()
    let frozen = try frozenPool()
    let scan = try ownScan(quickLook)
    var poolScan: ResultScan?
    if let folder = try poolFolder() { poolScan = try scores.scan([folder]) }
    let own = try scores.chosen(of: scan.scores)
    var benchmark: Benchmark
    var rules = scores.rules ?? .current
    var poolFrame: Frame?
    if let frozen {
      benchmark = try frozen.benchmark(in: catalogue, asked: scores.benchmark)
      rules = try frozen.rules(asked: scores.rules)
      poolFrame = try frozen.frame(of: benchmark)
    } else {
      benchmark = try scores.benchmark(
        of: [own, poolScan?.scores ?? PoolScores()], in: catalogue)
      // Another name is another pool, whose votes nobody takes for those of results.
      if let quickLook { benchmark.name += ", quick look at \(quickLook)" }
      poolFrame = poolScan.map { Frame(pool: $0.scores, benchmark: benchmark) }
    }
    scores.describe(scan, benchmark, in: catalogue, as: pool == nil ? nil : "own results")
    if let poolScan { scores.describe(poolScan, benchmark, in: catalogue, as: "pool") }
    let ownFrame = Frame(pool: own, benchmark: benchmark)
    var placement: Placement?
    if let poolFrame {
      placement = try self.placement(of: ownFrame, in: poolFrame, benchmark, rules)
    }
    let frame = poolFrame.map { pool in
      let names = Set(ownFrame.models.map(\.name))
      return pool.keeping { !names.contains($0) }.adding(ownFrame)
    }
    let board = Board(frame: frame ?? ownFrame, benchmark: benchmark, rules: rules) {
      ContentHash.of($0)
    }
    try check(board)
    return PoolReading(
      board: board, benchmark: benchmark, rules: rules, placement: placement,
      roots: scores.results.folders, refused: scan.refused.count + (poolScan?.refused.count ?? 0),
      scores: scores)
  }

  /// Own results, perhaps with what is not finished, or quick looks alone.
  private func ownScan(_ quickLook: Int?) throws(Failure) -> ResultScan {
    let folders = scores.results.folders
    if let quickLook {
      guard pool == nil, !readsUnfinished else {
        throw Failure(
          .usage, "--limit", "quick looks are never mixed with results",
          hint: "leave out \(pool == nil ? "--partial" : "--pool")")
      }
      let scan = ResultScan(unfinished: UnfinishedScan(roots: folders, limit: quickLook))
      guard !scan.scores.models.isEmpty else {
        throw Failure(
          .missing, folders.map(FilePaths.display).joined(separator: ", "),
          "holds no quick look at \(quickLook) items",
          hint: "run borda evaluate --limit \(quickLook) first")
      }
      return scan
    }
    let unfinished = readsUnfinished ? UnfinishedScan(roots: folders) : nil
    return try scores.scan(folders, and: unfinished)
  }

  private func frozenPool() throws(Failure) -> PoolFile? {
    guard let pool else { return nil }
    let place = ResultsFolder.url(pool)
    return FilePaths.kind(of: place) == .file ? try PoolFile(reading: place) : nil
  }

  private func poolFolder() throws(Failure) -> URL? {
    guard let pool else { return nil }
    let place = ResultsFolder.url(pool)
    switch FilePaths.kind(of: place) {
    case .folder: return place
    case .file: return nil
    case nil:
      throw Failure(
        .missing, pool, "there is no such pool",
        hint: "name a folder of results, or a file that borda pool freeze wrote")
    }
  }

  private func placement(
    of own: Frame, in pool: Frame, _ benchmark: Benchmark, _ rules: Rules
  ) throws(Failure) -> Placement {
    guard !own.models.isEmpty else {
      throw Failure(
        .incomplete, "--results", "no own model has a result for a task of \(benchmark.name)",
        hint: "run borda evaluate --benchmark '\(benchmark.name)' first")
    }
    return try Placement(
      of: own, in: pool, benchmark: benchmark, rules: rules, insertion: insert ?? .oneAtATime,
      replacing: isReplacing, hash: ContentHash.of)
  }

  /// Refuses what cannot be ranked.
  private func check(_ board: Board) throws(Failure) {
    let everyone = board.everyone
    guard !everyone.isEmpty else {
      throw Failure(
        .incomplete, board.benchmark, "no model has a result for any of its tasks",
        hint: "run borda evaluate --benchmark '\(board.benchmark)', or name a folder with --results"
      )
    }
    let isShared = board.tasks.indices.contains { task in
      everyone.count { !$0.entries[task].isMissing } > 1
    }
    guard everyone.count == 1 || isShared else {
      throw Failure(
        .incomplete, board.benchmark,
        "no task has results of two of the \(everyone.count) models: nothing can be compared",
        hint: "evaluate them on the same tasks, or look at one alone with --models")
    }
    guard !board.models.isEmpty else {
      throw Failure(
        .incomplete, board.benchmark,
        "none of the \(everyone.count) models has all subsets and splits of any task",
        hint: "finish the evaluation of one, or count what there is with --rules 2025-10")
    }
  }
}

extension Insertion: ExpressibleByArgument {}

/// What a ranking is made of.
struct PoolReading {
  /// Everything together: the own models, and those of the pool when `--pool` is given.
  let board: Board
  let benchmark: Benchmark
  let rules: Rules
  /// Own models in the pool when `--pool` is given; their votes are counted as `--insert` says.
  let placement: Placement?
  /// Folders of own results.
  let roots: [URL]
  /// Files that should be results and could not be read.
  let refused: Int
  fileprivate let scores: ScoresToRead

  /// Whether there are scores by language: a frozen pool has none.
  var hasLanguages: Bool { board.frame.hasCells }

  /// To be called once the output is written: what was left out is a failure all the same.
  ///
  /// - Throws: `.incomplete` when files were refused, unless `--allow-refused`.
  func checkRefused() throws(Failure) { try scores.check(refused: refused) }

  /// - Throws: `.usage` when a frozen pool is asked for languages.
  func checkLanguages() throws(Failure) {
    guard !hasLanguages else { return }
    throw Failure(
      .usage, "--by", "a frozen pool holds no scores by language, only means of tasks",
      hint: "name the folder of results that it was frozen from with --pool")
  }
}
