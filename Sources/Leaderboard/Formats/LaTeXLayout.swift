// How a table fits a page: the size of type, panels of columns, widths of long texts.

/// Sizes of type that LaTeX has, largest first.
enum LaTeXSize: CaseIterable {
  case normal, small, footnote, script

  var command: String {
    switch self {
    case .normal: "\\normalsize"
    case .small: "\\small"
    case .footnote: "\\footnotesize"
    case .script: "\\scriptsize"
    }
  }

  /// Widths relative to ten points; small type is cut wider.
  var scale: Double {
    switch self {
    case .normal: 1
    case .small: 0.925
    case .footnote: 0.85
    case .script: 0.8
    }
  }

  /// Points at either side of a column.
  var gap: Double {
    switch self {
    case .normal: 6
    case .small: 5
    case .footnote: 4
    case .script: 2
    }
  }

  /// Points from line to line.
  var leading: Double {
    switch self {
    case .normal: 12
    case .small: 11
    case .footnote: 9.5
    case .script: 8
    }
  }
}

/// The plan of one table for a page at ten points.
///
/// The largest type in which all columns fit; else long texts in lines of their own; else panels of
/// columns below each other that repeat the names.
struct LaTeXLayout {
  /// Points of a line where there is one column, 5.5 inches.
  ///
  /// The article class has less, but margins of twice the difference, into which a table may reach.
  static let line = 397.0
  /// Points of a page's text, that of the article class.
  static let page = 550.0

  let size: LaTeXSize
  /// Places of columns; more than one panel where the table is too wide.
  let panels: [[Int]]
  /// Points of columns whose texts go over lines, nil for the others, `[columns]`.
  let widths: [Double?]
  /// The lines of each title, `[columns]`.
  let titles: [[String]]
  let isLong: Bool

  init(_ table: TableView) {
    let isIndented = table.groups.contains { $0.heading != nil }
    let widest = table.columns.indices.map { column in
      (Self.bodyRows(table).map { Self.width(of: $0[column]) }.max() ?? 0)
        + (column == 0 && isIndented ? 10 : 0)
    }
    let titles = zip(table.columns, widest).map { Self.lines(of: $0.title, width: $1) }
    let needs = zip(titles, widest).map { lines, cells in
      max(cells, lines.map { Self.width(of: $0) }.max() ?? 0)
    }
    let plan = Self.plan(table, needs)
    size = plan.size
    panels = plan.panels
    widths = plan.widths
    self.titles = titles
    let lines = Self.bodyRows(table).reduce(0.0) { sum, row in
      sum + Self.lines(of: row, plan.widths, scale: plan.size.scale)
    }
    let rules = Double(2 * table.groups.count + 6)
    let height = (lines + rules) * plan.size.leading * Double(plan.panels.count)
    isLong = height + Double(table.footnotes.count + 3) * 12 > Self.page
  }

  private typealias Plan = (size: LaTeXSize, panels: [[Int]], widths: [Double?])

  private static func plan(_ table: TableView, _ needs: [Double]) -> Plan {
    let all = Array(needs.indices)
    let none = [Double?](repeating: nil, count: needs.count)
    for size in LaTeXSize.allCases where width(of: all, needs, size) <= line {
      return (size, [all], none)
    }
    let texts = all.filter { table.columns[$0].kind == .text }
    let numbers = all.filter { table.columns[$0].kind != .text }
    for (size, least) in [(LaTeXSize.footnote, 80.0), (.script, 55)] where !texts.isEmpty {
      let room = line - width(of: numbers, needs, size) - 2 * size.gap * Double(texts.count)
      guard room >= least * Double(texts.count) else { continue }
      return (size, [all], wrapped(texts, needs.map { $0 * size.scale }, room: room, least))
    }
    let size = LaTeXSize.footnote
    let points = needs.map { $0 * size.scale }
    let names = texts.first.map { $0 + 1 } ?? 1
    let widths = all.map { table.columns[$0].kind == .text && points[$0] > 120 ? 120.0 : nil }
    let used = zip(points, widths).map { $1 ?? $0 }
    return (size, panels(used, names: names, gap: 2 * size.gap), widths)
  }

  /// Points of some columns with the space between them.
  private static func width(of columns: [Int], _ needs: [Double], _ size: LaTeXSize) -> Double {
    let gaps = 2 * size.gap * Double(max(0, columns.count - 1))
    return columns.reduce(gaps) { $0 + needs[$1] * size.scale }
  }

  /// Widths for those texts that need more than their share of the room.
  private static func wrapped(
    _ texts: [Int], _ points: [Double], room: Double, _ least: Double
  ) -> [Double?] {
    let needs = texts.map { Int(points[$0].rounded(.up)) }
    let shares = TextFit.shares(of: Int(room), for: needs, least: Int(least))
    var widths = [Double?](repeating: nil, count: points.count)
    for (text, (need, share)) in zip(texts, zip(needs, shares)) where share < need {
      widths[text] = Double(share)
    }
    return widths
  }

  private static func panels(_ widths: [Double], names: Int, gap: Double) -> [[Int]] {
    let fixed = Array(0..<min(names, widths.count))
    let base = fixed.reduce(0) { $0 + widths[$1] + gap }
    var panels = [fixed]
    var used = base
    for column in widths.indices.dropFirst(names) {
      if used + widths[column] > line, panels[panels.count - 1].count > fixed.count {
        panels.append(fixed)
        used = base
      }
      panels[panels.count - 1].append(column)
      used += widths[column] + gap
    }
    return panels
  }

  /// Rows whose cells stand in the columns; a heading that is a name alone goes across.
  private static func bodyRows(_ table: TableView) -> [[TableView.Cell]] {
    table.groups.flatMap { group in
      let heading = group.heading.flatMap { isNameAlone($0) ? nil : [$0] } ?? []
      return heading + group.rows
    }
  }

  static func isNameAlone(_ cells: [TableView.Cell]) -> Bool {
    cells.dropFirst().allSatisfy { $0.text.isEmpty }
  }

  /// The lines of the tallest cell.
  private static func lines(
    of row: [TableView.Cell], _ widths: [Double?], scale: Double
  ) -> Double {
    zip(row, widths).reduce(1) { most, cell in
      guard let points = cell.1 else { return most }
      return max(most, (width(of: cell.0) * scale / points).rounded(.up))
    }
  }

  /// A title in lines no wider than need be, cut at blanks, after hyphens, slashes and underscores,
  /// and before capitals.
  static func lines(of title: String, width: Double) -> [String] {
    var words = [(glue: "", text: "")]
    for character in title {
      let last = words[words.count - 1].text.last
      if character == " " {
        words.append((" ", ""))
        continue
      }
      let isCut = last.map { "-/_".contains($0) } == true
      if isCut || (character.isUppercase && last?.isLowercase == true) { words.append(("", "")) }
      words[words.count - 1].text.append(character)
    }
    words.removeAll { $0.text.isEmpty }
    let most = max(width, words.map { Self.width(of: $0.text) }.max() ?? 0)
    return words.reduce(into: []) { lines, word in
      if let last = lines.last, Self.width(of: last + word.glue + word.text) <= most {
        lines[lines.count - 1] = last + word.glue + word.text
      } else {
        lines.append(word.text)
      }
    }
  }

  private static func width(of cell: TableView.Cell) -> Double {
    width(of: cell.text) * (cell.isBest ? 1.15 : 1)
  }

  /// About the points of a text in Computer Modern at ten points.
  static func width(of text: String) -> Double {
    text.reduce(0) { sum, character in
      switch character {
      case "i", "j", "l", ".", ",", ":", ";", "'", "!", "|", "\u{300}"..."\u{36F}": sum + 2.8
      case "f", "r", "s", "t", "I", "(", ")", "[", "]", "-", " ": sum + 3.95
      case "m", "w", "+", "=", "<", ">", "%", "&", "#": sum + 8.3
      case "M", "W": sum + 10.3
      case "A"..."Z": sum + 7.3
      case "0"..."9": sum + 5
      case _ where !character.isASCII: sum + 5.6 * Double(DisplayWidth.of(String(character)))
      default: sum + 5.4
      }
    }
  }
}
