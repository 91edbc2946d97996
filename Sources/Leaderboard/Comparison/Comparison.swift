// Pairs of models compared: differences by task, type, language and cell, with what is noise.

import Core

/// What a comparison's rows are about, `--by`.
package enum ComparisonView: String, CaseIterable, Sendable {
  case overall, type, language, task, item
}

/// Paired differences of models on one board.
package struct Comparison: Sendable {
  package let pairing: Pairing
  package let resampling: Resampling
  /// What is known of single items, `[pairs]`.
  package let evidence: [ItemEvidence]
  /// Mean (Task) over the common tasks, `[pairs]`, chance drawing tasks.
  package let taskMeans: [Row]
  /// Mean (TaskType) over them, `[pairs]`, chance drawing tasks within their type.
  package let typeMeans: [Row]
  /// Borda votes from all tasks of the board, `[pairs]`, chance drawing tasks; votes, not fractions.
  package let votes: [Row]
  /// The common tasks, `[pairs][tasks]`, chance drawing items where there are details.
  package let tasks: [[Row]]

  package var board: Board { pairing.board }
  package var pairs: [Pairing.Pair] { pairing.pairs }

  /// Two scores, their difference, and how sure it is.
  package struct Row: Sendable, Equatable {
    /// The task, type, language or subset.
    package let name: String
    /// The task's type, or the cell's task; empty elsewhere.
    package var parent = ""
    /// Of a cell; empty elsewhere.
    package var split = ""
    package let first: Double
    package let other: Double
    package let tally: Tally
    package var estimate: DifferenceEstimate
  }

  /// How many units the first model wins, ties exactly and loses.
  package struct Tally: Sendable, Equatable {
    package let wins: Int
    package let ties: Int
    package let losses: Int

    init(_ differences: some Sequence<Double>) {
      var (wins, ties, losses) = (0, 0, 0)
      for difference in differences {
        if difference > 0 { wins += 1 } else if difference < 0 { losses += 1 } else { ties += 1 }
      }
      (self.wins, self.ties, self.losses) = (wins, ties, losses)
    }
  }

  /// Compares the pairs; `evidence`, one for each pair, may be empty.
  package init(
    _ pairing: Pairing, evidence: [ItemEvidence] = [], resampling: Resampling = Resampling()
  ) {
    let board = pairing.board
    let none = pairing.pairs.map { _ in ItemEvidence() }
    let checked = zip(pairing.pairs, evidence.isEmpty ? none : evidence)
      .map { $1.checked(for: $0, on: board) }
    self.pairing = pairing
    self.resampling = resampling
    self.evidence = checked
    let scores = pairing.pairs.map { PairedScores($0, on: board) }
    let family = { (drafts: [Draft]) in
      Self.rows(drafts.map { [$0] }, resampling).flatMap(\.self)
    }
    taskMeans = family(scores.map { $0.draft("Mean (Task)", [Array($0.tasks.indices)]) })
    typeMeans = family(scores.map { $0.draft("Mean (TaskType)", $0.types.map(\.tasks)) })
    votes = family(pairing.pairs.map { Self.votes(of: $0, on: board) })
    tasks = Self.rows(
      zip(scores, checked).map { scores, evidence in
        scores.tasks.map { scores.draft($0, evidence) }
      }, resampling)
  }

  /// The types of the common tasks, `[pairs][types]`, chance drawing tasks.
  package var types: [[Row]] {
    Self.rows(
      pairs.map { pair in
        let scores = PairedScores(pair, on: board)
        return scores.types.map { scores.draft($0.type.rawValue, [$0.tasks]) }
      }, resampling)
  }

  /// Languages of the board's table, `[pairs][languages]`, those without a common task left out;
  /// chance draws tasks.
  package var languages: [[Row]] {
    let models = LanguageScores(board, of: pairing.models.map(\.model))
    return Self.rows(
      pairs.map { pair in
        board.languages.languages.compactMap { language in
          let scores = models.paired(pair, in: language)
          return scores.isEmpty
            ? nil : Draft(language, first: scores.map(\.first), other: scores.map(\.other))
        }
      }, resampling)
  }

  /// Cells with details of both, `[pairs][cells]`, chance drawing items.
  package var cells: [[Row]] {
    Self.rows(
      evidence.map { evidence in
        evidence.tasks.flatMap { items in
          items.cells.map { cell in
            Draft(
              name: cell.subset, parent: items.task, split: cell.split, first: cell.first,
              other: cell.other, difference: nil, groups: [cell.differences])
          }
        }
      }, resampling)
  }

  /// A missing task earns 0 and an incomplete one counts with what it has, as votes are counted.
  private static func votes(of pair: Pairing.Pair, on board: Board) -> Draft {
    let ballots = board.ballots
    let columns = [pair.first, pair.other].map { ballots.models.firstIndex(of: $0.model) ?? 0 }
    let count = Double(ballots.points.count)
    return Draft(
      name: "Borda votes", first: pair.first.votes, other: pair.other.votes,
      difference: pair.first.votes - pair.other.votes,
      groups: [ballots.points.map { ($0[columns[0]] - $0[columns[1]]) * count }])
  }

  /// Rows from all drafts that are printed together, `[pairs][rows]`, their p-values corrected.
  private static func rows(_ drafts: [[Draft]], _ resampling: Resampling) -> [[Row]] {
    let count = drafts.joined().count { !$0.groups.isEmpty }
    var estimates = drafts.joined().map { $0.estimate(rows: count, resampling) }
    DifferenceEstimate.correct(&estimates)
    var rest = estimates[...]
    return drafts.map { drafts in
      drafts.map { Row($0, rest.removeFirst()) }
    }
  }
}

/// A row before chance is asked.
private struct Draft {
  var name: String
  var parent = ""
  var split = ""
  let first: Double
  let other: Double
  /// Where it is not to be the mean of the groups' means: means of rounded scores differ a little.
  let difference: Double?
  /// Differences `[groups][units]`; empty where no units are known.
  let groups: [[Double]]
  /// What is won and lost, where it is not the units.
  var parts: [Double]?

  func estimate(rows: Int, _ resampling: Resampling) -> DifferenceEstimate {
    guard !groups.isEmpty else { return DifferenceEstimate(alone: difference ?? 0) }
    let estimate = DifferenceEstimate(groups: groups, rows: rows, resampling)
    return difference.map { estimate.reporting($0) } ?? estimate
  }
}

extension Draft {
  /// Of the means over units of one weight.
  init(_ name: String, first: [Double], other: [Double]) {
    self.init(
      name: name, first: ExactSum.mean(of: first) ?? 0, other: ExactSum.mean(of: other) ?? 0,
      difference: nil, groups: [zip(first, other).map { $0 - $1 }])
  }
}

extension Comparison.Row {
  fileprivate init(_ draft: Draft, _ estimate: DifferenceEstimate) {
    self.init(
      name: draft.name, parent: draft.parent, split: draft.split, first: draft.first,
      other: draft.other,
      tally: Comparison.Tally(draft.parts ?? draft.groups.flatMap(\.self)), estimate: estimate)
  }
}

/// The scores of a pair on its common tasks.
private struct PairedScores {
  let tasks: [Task]
  /// Types, sorted, with places in `tasks`.
  let types: [(type: TaskType, tasks: [Int])]

  struct Task {
    let name: String
    let type: TaskType
    let first: Double
    let other: Double

    var difference: Double { first - other }
  }

  init(_ pair: Pairing.Pair, on board: Board) {
    let tasks = pair.tasks.compactMap { place in
      let (first, other) = (pair.first.entries[place].mean, pair.other.entries[place].mean)
      let task = board.tasks[place]
      return first.flatMap { first in
        other.map { Task(name: task.name, type: task.type, first: first, other: $0) }
      }
    }
    self.tasks = tasks
    types = board.types.compactMap { type in
      let members = tasks.indices.filter { tasks[$0].type == type }
      return members.isEmpty ? nil : (type, members)
    }
  }

  /// The mean of the means over groups of tasks; where they are several, groups are won and lost.
  func draft(_ name: String, _ groups: [[Int]]) -> Draft {
    let mean = { (score: (Task) -> Double) in
      ExactSum.mean(of: groups.compactMap { ExactSum.mean(of: $0.map { score(tasks[$0]) }) }) ?? 0
    }
    let differences = groups.map { $0.map { tasks[$0].difference } }
    return Draft(
      name: name, first: mean(\.first), other: mean(\.other), difference: nil,
      groups: differences,
      parts: groups.count == 1 ? nil : differences.compactMap { ExactSum.mean(of: $0) })
  }

  /// A task, with its items where they are known.
  func draft(_ task: Task, _ evidence: ItemEvidence) -> Draft {
    let items = evidence.tasks.first { $0.task == task.name }
    return Draft(
      name: task.name, parent: task.type.rawValue, first: task.first, other: task.other,
      difference: task.difference, groups: items?.cells.map(\.differences) ?? [])
  }
}
