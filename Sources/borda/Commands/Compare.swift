// `borda compare`: whether one model really beats another, and what of it is noise.

import ArgumentParser
import Core
import Leaderboard

struct Compare: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say which differences between models are noise.",
    discussion: """
      EXAMPLES:
        borda compare org/mine org/theirs --benchmark Starter
        borda compare org/mine org/theirs org/third --by type
        borda compare org/mine org/theirs --by task
        borda compare org/mine org/theirs --by language --format csv
        borda compare org/mine org/theirs org/third --all-pairs
        borda compare org/mine org/theirs --baseline org/base --format latex
        borda compare org/mine org/theirs --leave-out type
        borda compare --condorcet --benchmark Starter

      Differences are the first model's scores minus the other's, over the tasks
      that both have complete. Intervals are bootstraps over tasks, and with --by
      task and --by item over queries, pairs and texts where both were evaluated
      with --details. p-values are corrected for all rows printed together.
      docs/comparing.md says how to read the tables, docs/ablations.md what
      --baseline, --gain-of, --leave-out and --condorcet answer instead.
      """)

  @Argument(
    help: ArgumentHelp(
      "Models with results, org/name: the first is compared with every other one. --leave-out and "
        + "--condorcet are about all models where none is named.",
      valueName: "model"))
  var names: [String] = []

  @OptionGroup var pool: PoolOptions

  @Flag(help: "Compare every model with every other one.")
  var allPairs = false

  @Option(
    help: ArgumentHelp(
      "What the rows are about: overall, type, language, task or item.", valueName: "view"))
  var by = ComparisonView.overall

  @OptionGroup(title: "Other answers") var ablation: AblationOptions

  @OptionGroup var format: FormatOption

  func validate() throws {
    guard ablation.isAsked else { return }
    if allPairs || by != .overall {
      throw ValidationError(
        "--all-pairs and --by go with differences, not with \(ablation.asked).")
    }
  }

  func run() throws {
    try format.check()
    if ablation.isAsked { return try printAblation() }
    if pool.insert == .oneAtATime {
      throw Failure(
        .usage, "--insert one-at-a-time", "a comparison puts all models into one pool",
        hint: "leave it out")
    }
    let reading = try pool.read()
    if by == .language { try reading.checkLanguages() }
    let pairing = try Pairing(reading.board, models: names, isAllPairs: allPairs)
    let evidence = try ItemReader(pairing, below: reading.roots).evidence
    let comparison = Comparison(pairing, evidence: evidence)
    if by == .item { try requireItems(of: comparison) }
    try format.print(comparison.report(by: by))
    try reading.checkRefused()
  }

  private func printAblation() throws {
    let reading = try pool.read()
    let report = try ablation.report(
      of: reading.board, models: names, inserted: reading.placement?.alone)
    if let report { try format.print(report) }
    try reading.checkRefused()
  }

  private func requireItems(of comparison: Comparison) throws(Failure) {
    guard comparison.evidence.allSatisfy(\.tasks.isEmpty) else { return }
    let reason = comparison.evidence.lazy.flatMap(\.refused).first
    let pair = comparison.pairs[0]
    throw Failure(
      .incomplete, "\(pair.first.model), \(pair.other.model)",
      "no task has details of both that can be compared",
      hint: "evaluate both with --details",
      cause: reason.map { "\($0.task): \($0.reason)" })
  }
}

extension ComparisonView: ExpressibleByArgument {}
