// Pipe tables as GitHub reads them: `--format markdown`.

package enum MarkdownFormat: ReportFormat {
  package static let name = "markdown"
  package static let fileExtension = "md"

  package static func render(_ report: Report, style: ReportStyle) -> String {
    report.tables
      .map { table in
        let notes = table.footnotes.map { escaped($0) + "\n" }.joined(separator: "\n")
        return "### \(escaped(table.title))\n\n\(grid(table))" + (notes.isEmpty ? "" : "\n\(notes)")
      }
      .joined(separator: "\n")
  }

  /// The table alone, without title and footnotes.
  static func grid(_ table: TableView) -> String {
    var lines = [
      row(table.columns.map { escaped($0.title) }),
      "|" + table.columns.map { $0.alignment == .leading ? " --- |" : " ---: |" }.joined(),
    ]
    for group in table.groups {
      if let heading = group.heading, let name = heading.first {
        lines.append(row([strong(escaped(name.text))] + heading.dropFirst().map(text(of:))))
      }
      lines += group.rows.map { row($0.map(text(of:))) }
    }
    return lines.map { $0 + "\n" }.joined()
  }

  private static func row(_ cells: [String]) -> String {
    "| " + cells.joined(separator: " | ") + " |"
  }

  private static func text(of cell: TableView.Cell) -> String {
    let text = escaped(cell.text + cell.mark)
    return cell.isBest ? strong(text) : text
  }

  private static func strong(_ text: String) -> String { text.isEmpty ? "" : "**\(text)**" }

  /// The text with every character escaped that could start markup; line breaks become spaces.
  ///
  /// An underscore between letters or digits is no markup and stays readable.
  static func escaped(_ text: String) -> String {
    let characters = Array(text)
    var out = ""
    for (i, character) in characters.enumerated() {
      switch character {
      case "\\", "|", "*", "<", ">", "[", "]", "`", "#", "~":
        out += "\\"
        out.append(character)
      case "_":
        let isInside =
          i > 0 && i + 1 < characters.count && isWord(characters[i - 1])
          && isWord(characters[i + 1])
        out += isInside ? "_" : "\\_"
      case "&": out += "&amp;"
      case let c where c.isNewline: out += " "
      default: out.append(character)
      }
    }
    return out
  }

  private static func isWord(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || character == "_"
  }
}
