// The ways to look at a board, `--by`, each made into a report.

/// What the rows and columns of a table of a board are about.
package enum BoardView: String, CaseIterable, Sendable {
  /// One row per model: rank, votes, means.
  case ranking
  case task, type, language, script, family, resource

  /// What languages are put together by; nil where a view is not about them.
  package var grouping: LanguageGrouping? { LanguageGrouping(rawValue: rawValue) }
}

extension Board {
  /// Most groups and models that a table by language shows, unless all are asked for; records and
  /// JSON have all.
  static let languageLimit = 50
  static let languageModelLimit = 30

  /// The report of one view; `languages` is for those by language, script, family and resource.
  package func report(
    by view: BoardView = .ranking, languages: LanguageView = LanguageView()
  ) -> Report {
    if let grouping = view.grouping { return report(by: grouping, languages) }
    let table =
      switch view {
      case .task: taskTable()
      case .type: typeTable
      default: rankingTable
      }
    return Report(
      tables: [table], records: view == .task ? taskRecords : rankingRecords, json: json(view))
  }

  private func report(by grouping: LanguageGrouping, _ view: LanguageView) -> Report {
    let board = languageBoard(by: grouping, view)
    let table = table(
      of: board, limit: view.showsAll ? nil : Self.languageLimit,
      modelLimit: view.showsAll ? nil : Self.languageModelLimit)
    return Report(tables: [table], records: board.records, json: json(board))
  }
}
