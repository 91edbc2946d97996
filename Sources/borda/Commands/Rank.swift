// `borda rank`: results in, Borda votes out.

import ArgumentParser
import Core
import Leaderboard

struct Rank: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Rank models by Borda votes over the tasks of a benchmark.",
    discussion: """
      EXAMPLES:
        borda rank --benchmark Starter
        borda rank --benchmark Starter --by language --format markdown
        borda rank --benchmark Starter --by family --weigh task
        borda rank --benchmark Starter --intervals
        borda rank --results Reports/results ../colleague/results --format json
        borda rank --benchmark Starter --partial
        borda rank --benchmark Starter --limit 50
        borda rank --pool pool.json --results Reports/results
        borda rank --pool ../results --benchmark Starter --insert together

      Votes depend on the pool: every table says how many models took part.
      With --pool the models of --results are placed in a pool of others, each
      alone with it unless --insert says otherwise. With --partial a missing
      task is unknown rather than worth 0, and ranks have intervals;
      docs/anytime.md.
      """)

  @OptionGroup var pool: PoolOptions

  @Option(
    help: ArgumentHelp(
      "What the rows are about: ranking, task, type, language, script, family or resource (classes "
        + "of Joshi et al. 2020).",
      valueName: "view"))
  var by = BoardView.ranking

  @OptionGroup var languages: LanguageViewOptions

  @Flag(
    help: ArgumentHelp(
      "Intervals of votes and ranks over the choice of tasks, and groups of models that cannot be "
        + "told apart."))
  var intervals = false

  @Option(
    help: ArgumentHelp(
      "Rank the quick looks of evaluate --limit n in the place of results.", valueName: "n"))
  var limit: Int?

  @OptionGroup var format: FormatOption

  func validate() throws {
    if intervals, by != .ranking {
      throw ValidationError("--intervals goes with the ranking, not with --by \(by.rawValue).")
    }
  }

  func run() throws {
    try format.check()
    try languages.check(by)
    let reading = try pool.read(quickLook: limit)
    if by.grouping != nil { try reading.checkLanguages() }
    let view = try languages.view(of: reading.board, by: by, pool.scores.catalogue)
    let report =
      if pool.readsUnfinished, by == .ranking {
        try reading.partialReport()
      } else if intervals {
        try reading.intervalReport()
      } else {
        reading.report(by: by, languages: view)
      }
    try format.print(limit.map { report.markedAsQuickLook(limit: $0) } ?? report)
    try reading.checkRefused()
  }
}

extension BoardView: ExpressibleByArgument {}

extension PoolReading {
  /// The ranking with intervals, over everything together.
  ///
  /// - Throws: `.usage` where several own models are placed in the pool one at a time: they are in as
  ///   many pools.
  func intervalReport() throws(Failure) -> Report {
    try requireOneRanking("--intervals")
    let resampling = Resampling()
    let intervals = RankIntervals(
      board.ballots, shown: board.models.map(\.model), resampling)
    return board.intervalReport(intervals, level: resampling.level)
  }

  /// The ranking with what is missing taken for unknown, over everything together.
  ///
  /// - Throws: as `intervalReport`.
  func partialReport() throws(Failure) -> Report {
    try requireOneRanking("--partial")
    return PartialStandings(board).report
  }

  private func requireOneRanking(_ option: String) throws(Failure) {
    if let placement, placement.insertion == .oneAtATime, placement.placed.count > 1 {
      throw Failure(
        .usage, option, "models that are placed one at a time have no ranking together",
        hint: "add --insert together, or choose one with --models")
    }
  }
}

extension PoolReading {
  /// The board by a view, or the own models' places in the pool.
  func report(by view: BoardView, languages: LanguageView) -> Report {
    placement?.report(by: view, everything: board, languages: languages)
      ?? board.report(by: view, languages: languages)
  }
}
