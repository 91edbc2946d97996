// `borda details`: the single queries, pairs and texts behind a score.

import ArgumentParser
import Core
import Leaderboard
import Storage

struct Details: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the worst or best single results of a task.",
    discussion: """
      EXAMPLES:
        borda details borda/hash-baseline StarterRetrieval --subset deu
        borda details Reports/results/borda__hash-baseline/1 StarterSTS --best 5
        borda details borda/hash-baseline StarterBitext --against org/other --worst 20

      Only results evaluated with --details have any; docs/details.md says what they hold.
      """)

  @Argument(help: "A model with results, org/name, or the folder of its results.")
  var model: String

  @Argument(help: "Name of a task.") var task: String

  @OptionGroup var results: ResultsToRead

  @Option(help: ArgumentHelp("Only this subset (default: all).", valueName: "name"))
  var subset: String?

  @Option(help: ArgumentHelp("Only this split (default: all).", valueName: "name"))
  var split: String?

  @Option(help: ArgumentHelp("How many of the worst to show (default: 10).", valueName: "n"))
  var worst: Int?

  @Option(help: ArgumentHelp("How many of the best to show instead.", valueName: "n"))
  var best: Int?

  @Option(
    help: ArgumentHelp(
      "What to order by (default: the task's main score or what comes closest to it).",
      valueName: "measure"))
  var sort: String?

  @Option(
    help: ArgumentHelp(
      "Another model or folder: show where the first loses most against it.", valueName: "model"))
  var against: String?

  @OptionGroup var format: FormatOption

  func validate() throws {
    if worst != nil, best != nil { throw ValidationError("Use --worst or --best, not both.") }
    if let count = worst ?? best, count < 1 {
      throw ValidationError("--worst and --best must be at least 1.")
    }
  }

  func run() throws {
    try format.check()
    let source = try DetailSource(of: task, for: model, below: results.folders)
    let other = try against.map { name throws(Failure) in
      try DetailSource(of: task, for: name, below: results.folders)
    }
    let cells = try source.cells(split: split, subset: subset)
    let measure = try source.measure(sort)
    let found = try OutcomeCases(
      worst ?? best ?? 10, areBest: best != nil, by: measure.key, of: source, against: other,
      in: cells)
    // Other formats are for files and programs, which have no edge to cut at.
    let width = format.format == TerminalFormat.name ? Terminal.style.width ?? 100 : nil
    try format.print(
      DetailsReport(
        source: source, other: other, found: found, measure: measure, areBest: best != nil,
        width: width
      ).report)
  }
}
