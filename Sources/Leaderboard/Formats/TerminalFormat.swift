// Aligned columns for a terminal: `--format table`.

/// Plain text, numbers right, names left; the header bold where colour is allowed.
///
/// A table wider than the terminal is cut into panels that repeat its first column.
package enum TerminalFormat: ReportFormat {
  package static let name = "table"
  package static let fileExtension = "txt"

  package static func render(_ report: Report, style: ReportStyle) -> String {
    report.tables.map { render($0, style: style) }.joined(separator: "\n")
  }

  private static let gap = "  "

  private static func render(_ table: TableView, style: ReportStyle) -> String {
    let rows = rows(of: table)
    let columns = table.columns.indices.map { LaidColumn(table, $0, rows.compactMap(\.self)) }
    var out = bold(table.title, style) + "\n"
    for panel in panels(columns, width: style.width) {
      out += "\n" + bold(line(panel.map { $0.padded($0.title, mark: "") }), style) + "\n"
      out += String(repeating: "─", count: panel.reduce(-2) { $0 + $1.width + 2 }) + "\n"
      for row in rows {
        out += row.map { row in line(panel.map { $0.cell(of: row) }) } ?? ""
        out += "\n"
      }
    }
    if !table.footnotes.isEmpty { out += "\n" }
    for note in table.footnotes {
      out += wrapped(note, width: style.width).map { $0 + "\n" }.joined()
    }
    return out
  }

  /// The rows below each other, nil for a gap between groups; rows under a heading are indented.
  private static func rows(of table: TableView) -> [[TableView.Cell]?] {
    let groups = table.groups.map { group -> [[TableView.Cell]?] in
      guard let heading = group.heading else { return group.rows }
      return [heading]
        + group.rows.map { row in
          guard let name = row.first else { return row }
          return [.text("  " + name.text)] + row.dropFirst()
        }
    }
    return Array(groups.filter { !$0.isEmpty }.joined(separator: [nil]))
  }

  private static func bold(_ text: String, _ style: ReportStyle) -> String {
    style.allowsColour ? "\u{1B}[1m\(text)\u{1B}[0m" : text
  }

  private static func line(_ cells: [String]) -> String {
    let line = cells.joined(separator: gap)
    return String(line.reversed().drop { $0 == " " }.reversed())
  }

  /// Columns that fit the width together; names at the left start every panel.
  private static func panels(_ columns: [LaidColumn], width: Int?) -> [[LaidColumn]] {
    let names = columns.firstIndex { $0.isName }.map { $0 + 1 } ?? 1
    let fixed = Array(columns.prefix(names))
    guard let width, columns.count > names else { return [columns] }
    let base = fixed.reduce(-2) { $0 + $1.width + 2 }
    var panels = [fixed]
    var used = base
    for column in columns.dropFirst(names) {
      let isAlone = panels[panels.count - 1].count == names
      if used + 2 + column.width > width, !isAlone {
        panels.append(fixed)
        used = base
      }
      panels[panels.count - 1].append(column)
      used += 2 + column.width
    }
    return panels
  }

  private static func wrapped(_ text: String, width: Int?) -> [String] {
    let width = max(40, min(width ?? 100, 100))
    var lines = [""]
    var used = 0
    for word in text.split(separator: " ") {
      let length = DisplayWidth.of(String(word))
      if used > 0, used + 1 + length > width {
        lines.append("  ")
        used = 2
      } else if used > 0 {
        lines[lines.count - 1] += " "
        used += 1
      }
      lines[lines.count - 1] += word
      used += length
    }
    return lines
  }
}

/// A column with the width that its widest cell needs.
private struct LaidColumn {
  let index: Int
  let title: String
  let alignment: TableView.Alignment
  let isName: Bool
  let width: Int
  /// Columns kept free for marks behind numbers, so that digits stay below each other.
  let markWidth: Int

  init(_ table: TableView, _ index: Int, _ rows: [[TableView.Cell]]) {
    let column = table.columns[index]
    let cells = rows.map { $0[index] }
    self.index = index
    title = column.title
    alignment = column.alignment
    isName = column.kind == .text
    markWidth = cells.map(\.mark.count).max() ?? 0
    let widest = cells.map { DisplayWidth.of($0.text) }.max() ?? 0
    width = max(widest + markWidth, DisplayWidth.of(title))
  }

  func cell(of row: [TableView.Cell]) -> String {
    let cell = row[index]
    let filler = String(repeating: " ", count: markWidth - cell.mark.count)
    return padded(cell.text, mark: cell.mark + filler)
  }

  func padded(_ text: String, mark: String) -> String {
    let text = text + mark
    let space = String(repeating: " ", count: max(0, width - DisplayWidth.of(text)))
    return alignment == .leading ? text + space : space + text
  }
}
