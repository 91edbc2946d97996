// The ways to look at a board, `--by`, each made into a report.

/// What the rows and columns of a table of a board are about.
package enum BoardView: String, CaseIterable, Sendable {
  /// One row per model: rank, votes, means.
  case ranking
  case task, language, type
}

extension Board {
  package func report(by view: BoardView = .ranking) -> Report {
    let table =
      switch view {
      case .ranking: rankingTable
      case .type: typeTable
      case .task: taskTable()
      case .language: languageTable()
      }
    let records =
      switch view {
      case .ranking, .type: rankingRecords
      case .task: taskRecords
      case .language: languageRecords
      }
    return Report(tables: [table], records: records, json: json(view))
  }
}
