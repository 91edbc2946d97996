// The sentences below a board's tables: what votes count against, what is missing, what is marked.

import Core

extension Board {
  package var votesNote: String {
    "Votes count against a pool of \(pool.label); \(Pool.shortRules)." + pool.rulesNote
  }

  /// Which models lack what, where a model lacks something; nil when all is complete.
  var incompleteNote: String? {
    let lacking = models.filter { $0.completeTasks < tasks.count }
    guard !lacking.isEmpty else { return nil }
    let list = lacking.map { "\(names[$0.model] ?? $0.model) (\(Self.lack(of: $0)))" }
    return "\(Self.partialRankNote) – A mean needs every task complete. Not all there: "
      + NameList.text(list, most: 12) + "."
  }

  /// What the mark of a rank says, where one is marked.
  var partialRankNote: String? { models.contains(where: \.isPartial) ? Self.partialRankNote : nil }

  static let partialRankNote =
    "* Partial: missing tasks earn 0 votes; borda rank --partial takes them for unknown."

  /// What is not there, `2 missing, 5 partial`.
  static func lack(of model: Standing) -> String {
    let missing = model.entries.count { $0.isMissing }
    let partial = model.entries.count { !$0.isMissing && !$0.isComplete }
    return [(missing, "missing"), (partial, "partial")].filter { $0.0 > 0 }
      .map { "\($0.0) \($0.1)" }.joined(separator: ", ")
  }

  var hiddenNote: String? {
    guard !hidden.isEmpty else { return nil }
    return "Not shown, having no complete task, yet taking part in ranks: "
      + hidden.joined(separator: ", ") + "."
  }

  var unscoredNote: String? {
    guard !unscoredTasks.isEmpty else { return nil }
    let list = NameList.text(unscoredTasks, most: 8)
    let all = NumberText.count(unscoredTasks.count + tasks.count, "task")
    return "Left out, as no model has a result: \(unscoredTasks.count) of \(all) (\(list))."
  }

  static let partialNote =
    "* Partial: not every subset and split is scored. The mean of those that are counts for votes, "
    + "not for means."

  /// Model names without their organisation, where no two would be the same.
  package var names: [String: String] {
    shortNames(of: models.map(\.model) + languages.models.map(\.model))
  }

  /// The same for any names.
  func shortNames(of names: [String]) -> [String: String] {
    let short = Dictionary(grouping: Set(names)) {
      $0.split(separator: "/").last.map(String.init) ?? $0
    }
    return Dictionary(
      uniqueKeysWithValues: short.flatMap { name, models in
        models.map { ($0, models.count == 1 ? name : $0) }
      })
  }
}

extension Pool {
  /// Both rules in the footnote's words.
  package static let shortRules = "\(tieShort); \(missingRule)"
  static let tieShort = "ties share the mean rank"

  /// The rules in words where they are not the current ones, with a blank before; else empty.
  package var rulesNote: String { rules.note.map { " \($0)" } ?? "" }
}

extension Board.Standing {
  /// Stands behind the votes or the rank of a model that lacks something.
  var mark: String { isPartial ? "*" : "" }
}
