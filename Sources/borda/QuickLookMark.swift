// The mark of a quick look, the same on every report.

import Core
import Leaderboard

extension Report {
  /// The same report with the mark of a quick look in every format: beside the title of tables, as
  /// columns of records, as members of the JSON.
  func markedAsQuickLook(limit: Int) -> Report {
    var marked = self
    for place in marked.tables.indices {
      marked.tables[place].title += " – partial: quick look, --limit \(limit)"
      marked.tables[place].footnotes.insert(Self.quickLookNote(limit), at: 0)
    }
    marked.records = marked.records.marking("partial", .flag(true))
      .marking("limit", .integer(limit))
    if case .object(var members) = marked.json.partial {
      members["partial"] = .bool(true)
      members["limit"] = .integer(limit)
      marked.json = .object(members)
    }
    return marked
  }

  private static func quickLookNote(_ limit: Int) -> String {
    "Partial: a quick look at \(NumberText.grouped(limit)) items of each subset at most (pairs, rows, "
      + "documents, queries). Such scores compare with nothing but quick looks of the same limit; "
      + "those of search and clustering are too high."
  }
}

extension TableView {
  /// The same with one value in a column of every row, which is added where it is new.
  fileprivate func marking(_ key: String, _ cell: Cell) -> TableView {
    var marked = self
    let place = columns.firstIndex { $0.key == key } ?? columns.count
    if place == columns.count { marked.columns.append(.init(key, "", .text)) }
    for group in groups.indices {
      for row in groups[group].rows.indices {
        if place < groups[group].rows[row].count {
          marked.groups[group].rows[row][place] = cell
        } else {
          marked.groups[group].rows[row].append(cell)
        }
      }
    }
    return marked
  }
}

extension JSON {
  /// The same with every member `partial`, however deep, true.
  fileprivate var partial: JSON {
    switch self {
    case .array(let elements): .array(elements.map(\.partial))
    case .object(let members):
      .object(
        members.entries.map { ($0.key, $0.key == "partial" ? .bool(true) : $0.value.partial) })
    default: self
    }
  }
}
