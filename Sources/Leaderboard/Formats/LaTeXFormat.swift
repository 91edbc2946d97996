// Tables for a paper: `--format latex`, ready to \input.

/// Floating `table`s, or `longtable`s where a table would not fit a page, ruled by booktabs.
///
/// Plain ASCII that pdfLaTeX reads whatever its encodings; booktabs, and longtable where used, are
/// the only packages, and the first line names them.
package enum LaTeXFormat: ReportFormat {
  package static let name = "latex"
  package static let fileExtension = "tex"

  package static func render(_ report: Report, style: ReportStyle) -> String {
    let tables = report.tables.map(LaTeXTable.init)
    let packages = tables.contains(where: \.isLong) ? "booktabs,longtable" : "booktabs"
    return "% Needs \\usepackage{\(packages)} in the preamble; then \\input this file.\n"
      + tables.map { "\n" + $0.text }.joined()
  }
}

/// One table with its place on the page.
struct LaTeXTable {
  private let table: TableView
  private let layout: LaTeXLayout
  private let caption: String
  private let label: String

  init(_ table: TableView) {
    self.table = table
    layout = LaTeXLayout(table)
    caption = LaTeXText.escaped(table.title)
    label = Self.label(table.title)
  }

  /// Whether it goes over several pages.
  var isLong: Bool { layout.isLong }

  var text: String { (isLong ? long : short).map { $0 + "\n" }.joined() }

  /// `tab:` and the words of the title.
  private static func label(_ title: String) -> String {
    let words = title.lowercased().split { !$0.isASCII || !($0.isLetter || $0.isNumber) }
    return "tab:" + words.prefix(8).joined(separator: "-")
  }

  private var short: [String] {
    let panels = layout.panels.map { panel in
      ["\\makebox[\\linewidth]{%", "\\begin{tabular}{\(columns(panel))}", "\\toprule"]
        + header(panel) + ["\\midrule"] + rows(panel) + ["\\bottomrule", "\\end{tabular}}"]
    }
    return ["\\begin{table}[htbp]", "\\centering"]
      + ["\\caption{\(caption)}", "\\label{\(label)}"] + type
      + Array(panels.joined(separator: ["\\par\\medskip"]))
      + (notes.isEmpty ? [] : ["\\par\\smallskip", "\\begin{minipage}{\\linewidth}"])
      + notes + (notes.isEmpty ? [] : ["\\end{minipage}"]) + ["\\end{table}"]
  }

  /// A longtable for each panel, all of one number.
  private var long: [String] {
    let panels = layout.panels.enumerated().flatMap { place, panel in
      let part = layout.panels.count > 1 ? ", part \(place + 1) of \(layout.panels.count)" : ""
      let first = place == 0 ? "\\caption{\(caption)\(part)}\\label{\(label)}" : repeated(part)
      let top = ["\\toprule"] + header(panel) + ["\\midrule"]
      return (place == 0 ? [] : ["\\addtocounter{table}{-1}"])
        + ["\\begin{longtable}{\(columns(panel))}", "\(first)\\tabularnewline"] + top
        + ["\\endfirsthead", "\(repeated(part + ", continued"))\\tabularnewline"] + top
        + ["\\endhead", "\\bottomrule", "\\endfoot"] + rows(panel) + ["\\end{longtable}"]
    }
    // Wider than the line, a table reaches into both margins alike.
    let centred = ["\\setlength{\\LTleft}{0pt plus 1fill minus 1fill}", "\\LTright=\\LTleft"]
    return ["\\begingroup"] + type + centred + panels + (notes.isEmpty ? [] : ["\\noindent"])
      + notes
      + ["\\endgroup"]
  }

  /// A caption that stays out of the list of tables.
  private func repeated(_ part: String) -> String { "\\caption[]{\(caption)\(part)}" }

  private var type: [String] {
    [layout.size.command, "\\setlength{\\tabcolsep}{\(LaTeXText.points(layout.size.gap))}"]
  }

  private var notes: [String] {
    guard !table.footnotes.isEmpty else { return [] }
    return ["\\footnotesize\\raggedright"]
      + table.footnotes.map { LaTeXText.escaped($0, breaking: true) + "\\par" }
  }

  private func columns(_ panel: [Int]) -> String {
    let columns = panel.map { column in
      if let width = layout.widths[column] { return "p{\(LaTeXText.points(width))}" }
      return table.columns[column].alignment == .leading ? "l" : "r"
    }
    return "@{}" + columns.joined() + "@{}"
  }

  /// Titles, those of several words stacked.
  private func header(_ panel: [Int]) -> [String] {
    let titles = panel.map { column in
      let lines = layout.titles[column].map { LaTeXText.escaped($0) }
      guard lines.count > 1 else { return lines.first ?? "" }
      let side = table.columns[column].alignment == .leading ? "l" : "r"
      return "\\begin{tabular}[b]{@{}\(side)@{}}\(lines.joined(separator: "\\\\"))\\end{tabular}"
    }
    return [Self.row(titles)]
  }

  private func rows(_ panel: [Int]) -> [String] {
    let groups = table.groups.map { group -> [String] in
      let heading = group.heading.map { [self.heading($0, panel)] } ?? []
      return heading
        + group.rows.map { row in
          Self.row(
            panel.map { column in
              flush(column, isIndented: column == 0 && group.heading != nil)
                + text(of: row[column], in: column)
            })
        }
    }
    return Array(groups.filter { !$0.isEmpty }.joined(separator: ["\\midrule"]))
  }

  /// A row over a group: its name across the table where nothing else stands there.
  private func heading(_ cells: [TableView.Cell], _ panel: [Int]) -> String {
    guard let name = cells.first else { return Self.row([]) }
    if LaTeXLayout.isNameAlone(cells) {
      let text = LaTeXText.escaped(name.text)
      return Self.row(["\\multicolumn{\(panel.count)}{@{}l@{}}{\\textit{\(text)}}"])
    }
    return Self.row(
      panel.map { column in
        let text = text(of: cells[column], in: column)
        return flush(column) + (column == 0 ? "\\textbf{\(text)}" : text)
      })
  }

  /// What a cell begins with: texts over lines keep their words apart as they are, and lines after
  /// the first go in.
  private func flush(_ column: Int, isIndented: Bool = false) -> String {
    let indent = isIndented ? "\\quad " : ""
    guard layout.widths[column] != nil else { return indent }
    return "\\raggedright\\hangindent=\(isIndented ? "1.2" : "0.5")em " + indent
  }

  private func text(of cell: TableView.Cell, in column: Int) -> String {
    let isWrapped = layout.widths[column] != nil
    let text =
      switch cell.value {
      case .text(let text) where table.columns[column].alignment == .leading:
        LaTeXText.escaped(text, breaking: isWrapped)
      default: LaTeXText.number(cell.text)
      }
    let marked = text + (cell.mark.isEmpty ? "" : "\\rlap{\(LaTeXText.escaped(cell.mark))}")
    return cell.isBest ? "\\textbf{\(marked)}" : marked
  }

  private static func row(_ cells: [String]) -> String {
    cells.joined(separator: " & ") + " \\tabularnewline"
  }
}
