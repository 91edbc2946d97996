// The sentences below tables by language: how a score is made, what is marked, what is unknown.

import Core

extension Board {
  static func scoreNote(_ board: LanguageBoard) -> String {
    let mean =
      switch (board.grouping, board.weight) {
      case (.language, .cell):
        "over all scored cells that list it, of incomplete tasks too; it weighs cells, not tasks. A "
          + "cell counts for each entry of its list: a pair for both languages."
      case (.language, .task):
        "over tasks, incomplete ones too, of the mean of the task's cells that list it; it weighs "
          + "tasks, not cells. A pair counts for both languages."
      case (_, .cell):
        "over all scored cells that list one of its languages, each once, of incomplete tasks too; it "
          + "weighs cells, not tasks. A pair counts for the groups of both languages."
      case (_, .task):
        "over tasks, incomplete ones too, of the mean of the task's cells that list one of its "
          + "languages; it weighs tasks, not cells. A pair counts for the groups of both languages."
      }
    return "The score of a \(board.grouping.noun) is the mean \(mean)"
  }

  /// What the votes count: the pool is the board's, less models without a score here.
  func languageVotesNote(_ board: LanguageBoard) -> String {
    "Ranks and votes here take the \(board.grouping.count(board.groups.count)) as ballots, against the "
      + "\(NumberText.count(board.models.count, "model")) of pool \(pool.hash) with a score for one of "
      + "them; \(Pool.tieShort); a missing \(board.grouping.noun) earns 0.\(pool.rulesNote)"
  }

  static func chosenNote(_ board: LanguageBoard) -> String? {
    guard !board.chosen.isEmpty else { return nil }
    let count = board.groups.reduce(0) { $0 + $1.languages }
    return
      "Chosen: \(board.chosen.joined(separator: ", ")), \(NumberText.count(count, "language"))."
  }

  /// Where families and classes come from, and how many languages have none.
  static func factsNote(_ board: LanguageBoard) -> String? {
    let source: String
    switch board.grouping {
    case .language, .script: return nil
    case .family: source = "Families are the top level of Glottolog's trees"
    case .resource:
      source = "Resource classes 0 (least) to 5 (most) are those of Joshi et al. (2020)"
    }
    let unknown = board.groups.first { $0.key == LanguageGroups.unknown }?.languages ?? 0
    return unknown == 0
      ? source + "." : source + "; \(NumberText.count(unknown, "language")) unknown there."
  }

  /// Which models lack how much, where one does.
  func coverageNote(_ board: LanguageBoard) -> String? {
    let lacking = board.models.filter { board.completeGroups($0) < board.groups.count }
    guard !lacking.isEmpty else { return nil }
    let total = board.groups.reduce(0) { $0 + $1.all.cells }
    let list = lacking.map { model in
      let cells = model.coverage.reduce(0) { $0 + $1.cells }
      let share = Double(cells) / Double(max(1, total))
      return "\(names[model.model] ?? model.model) (has \(Self.percent(share)) of the cells)"
    }
    return
      "* Some tasks or cells are not scored; the mean is over those that are. – None is. Not all "
      + "there: " + NameList.text(list, most: 12) + "."
  }

  /// `99.9 %`, never rounded up to all.
  private static func percent(_ share: Double) -> String {
    let tenths = min(999, Int((share * 1000).rounded()))
    return "\(tenths / 10).\(tenths % 10) %"
  }
}
