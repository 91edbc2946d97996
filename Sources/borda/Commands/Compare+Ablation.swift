// What else `borda compare` answers of its models: ablations as papers print them, votes with something
// left out, and majorities.

import ArgumentParser
import Core
import Leaderboard

struct AblationOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Print votes and means of the models, and what each has more than this one.",
      valueName: "model"))
  var baseline: String?

  @Option(
    help: ArgumentHelp(
      "Print votes and means of the models, and what this one has more than the others' best and "
        + "average.", valueName: "model"))
  var gainOf: String?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "With --baseline or --gain-of: votes, mean, mean-type, types, or types by name (default: "
        + "all).", valueName: "columns"))
  var columns: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "With --baseline or --gain-of: what to call the models, in their order (default: their names "
        + "without the organisation).", valueName: "labels"))
  var labels: [String] = []

  @Option(
    help: ArgumentHelp(
      "Print how votes and ranks move without each task, type or language.", valueName: "unit"))
  var leaveOut: Omissions.Unit?

  @Flag(
    name: .customLong("condorcet"),
    help: "Print how many tasks each model wins against each other one, and who beats all.")
  var isCondorcet = false

  private var isAblation: Bool { baseline != nil || gainOf != nil }

  /// Whether one of these answers is asked for instead of differences.
  var isAsked: Bool { isAblation || leaveOut != nil || isCondorcet }

  /// The option that asks.
  var asked: String {
    if isAblation { return baseline != nil ? "--baseline" : "--gain-of" }
    return leaveOut != nil ? "--leave-out" : "--condorcet"
  }

  func validate() throws {
    let asked = [isAblation, leaveOut != nil, isCondorcet].count { $0 }
    guard asked <= 1 else {
      throw ValidationError(
        "--baseline and --gain-of, --leave-out, and --condorcet are three different answers; ask "
          + "for one.")
    }
    guard isAblation || columns.isEmpty && labels.isEmpty else {
      throw ValidationError("--columns and --labels go with --baseline or --gain-of.")
    }
  }

  /// The answer asked for, about the models named or, of omissions and majorities, all of the board;
  /// nil where none is asked for.
  ///
  /// - Parameters:
  ///   - board: All models together.
  ///   - models: Names of models on the board.
  ///   - inserted: Where models were inserted into a pool one at a time: their places there.
  /// - Throws: `.usage` for models, labels and columns that are not there; `.incomplete` for
  ///   languages of a pool without cells.
  /// - Returns: Tables, records and JSON of one answer.
  func report(
    of board: Board, models: [String], inserted: Ablation.Inserted? = nil
  ) throws(Failure) -> Report? {
    if isAblation {
      return try Ablation(
        board, models: models, labels: Lists.split(labels), columns: Lists.split(columns),
        baseline: baseline, gaining: gainOf, inserted: inserted
      ).report
    }
    if let leaveOut { return try Omissions(board, without: leaveOut, models: models).report }
    return isCondorcet ? try Condorcet(board, models: models).report : nil
  }
}

extension Omissions.Unit: ExpressibleByArgument {}
