// A table on a page: cells as every format has them, and what only a page can show beside them.

/// A table with links, a column of small pictures, and rows that the page's filter may hide.
struct PageTable: Sendable {
  var view: TableView
  /// Pictures `[rows]`, in the order of the table's rows without headings.
  var picture: Picture?
  /// Its id; empty for none.
  var id = ""
  /// Whether a row is a model, which the filter of the page hides or shows.
  var isOfModels = false
  /// Places of rows that get a class of their own: a model that is not complete, the model at hand.
  var classes: [Int: String] = [:]
  /// Whether the heads of its columns sort.
  var isSortable = true

  init(_ view: TableView) { self.view = view }

  struct Picture: Sendable {
    var title: String
    /// The column it stands behind.
    var after: Int
    var rows: [HTML]
  }
}

extension PageTable {
  /// The table in a region of its own that scrolls sideways.
  func html(_ links: PageLinks?) -> HTML {
    let writer = TableWriter(table: self, links: links)
    var out: HTML = """
      <div class="scroll" role="region" aria-label="\(view.title)" tabindex="0">
      <table class="\(htmlClass)"\(id.isEmpty ? HTML() : " id=\"\(id)\"")>
      <caption>\(view.title)</caption>
      <thead><tr>\(writer.head)</tr></thead>

      """
    var row = 0
    for group in view.groups {
      out += "<tbody>\n"
      if let heading = group.heading { out += writer.row(heading, class: "group", picture: nil) }
      for cells in group.rows {
        out += writer.row(cells, class: classes[row] ?? "", picture: picture?.rows[row])
        row += 1
      }
      out += "</tbody>\n"
    }
    out += "</table>\n</div>\n"
    return out
  }

  private var htmlClass: String {
    let columns = view.columns
    let isTransposed = columns.first?.kind == .text
    let numbers = columns.count { $0.alignment == .trailing }
    let scores = columns.count { $0.kind == .score }
    let isShaded = view.allRows.contains { $0.contains { $0.shade != nil } }
    let isTall = scores > 10 || (scores > 4 && isTransposed && picture == nil)
    return [
      isSortable ? "sortable" : "", isOfModels ? "models" : "",
      isTransposed ? "wide" : "names",
      isTall ? "tall" : "", isShaded ? "heat" : "",
      numbers == 0 || (columns.count - numbers > 1 && scores == 0) ? "text" : "",
    ].filter { !$0.isEmpty }.joined(separator: " ")
  }
}

/// Writes rows one behind the other: a report has a million cells, too many for a template engine,
/// which takes some eight microseconds for each.
private struct TableWriter {
  let table: PageTable
  let links: PageLinks?
  /// The column whose cells head their rows.
  private let heading: Int
  private let columns: [TableView.Column]

  init(table: PageTable, links: PageLinks?) {
    self.table = table
    self.links = links
    columns = table.view.columns
    heading =
      columns.firstIndex { ["model", "task"].contains($0.key) }
      ?? columns.firstIndex { $0.kind == .text } ?? 0
  }

  var head: HTML {
    var out = HTML()
    for (place, column) in columns.enumerated() {
      let kind = column.kind == .score ? "n s" : column.alignment == .trailing ? "n" : ""
      let title = Self.words(column.title).map { "\($0)" as HTML }.joined(separator: "<wbr>")
      let target = column.kind == .score ? links?.model(column.key) ?? links?.task(column.key) : nil
      let open: HTML = kind.isEmpty ? "<th scope=\"col\">" : "<th scope=\"col\" class=\"\(kind)\">"
      out += "\(open)<span>\(PageLinks.anchor(target, title))</span></th>"
      if let picture = table.picture, picture.after == place {
        out += "<th scope=\"col\" class=\"p\">\(picture.title)</th>"
      }
    }
    return out
  }

  func row(_ cells: [TableView.Cell], class name: String, picture: HTML?) -> HTML {
    var out: HTML = name.isEmpty ? "<tr>" : "<tr class=\"\(name)\">"
    for (place, cell) in cells.enumerated() {
      out += place == heading ? head(of: cell, in: columns[place]) : body(of: cell, place)
      if table.picture?.after == place { out += "<td class=\"p\">\(picture)</td>" }
    }
    out += "</tr>\n"
    return out
  }

  private func head(of cell: TableView.Cell, in column: TableView.Column) -> HTML {
    let text = cell.text
    let inner: HTML
    if column.key == "model" {
      let name = ModelName(text)
      let words = Self.broken(name.name)
      inner = name.organisation.isEmpty ? words : "<small>\(name.organisation)</small>\(words)"
    } else {
      inner = Self.broken(text)
    }
    return "<th scope=\"row\">\(PageLinks.anchor(links?.target(of: text, in: column), inner))</th>"
  }

  private func body(of cell: TableView.Cell, _ place: Int) -> HTML {
    let column = columns[place]
    var classes = column.kind == .text ? "" : "n"
    if cell.isBest { classes += " best" }
    if cell.value == .absent { classes += " none" }
    if let shade = cell.shade { classes += " shade h\(shade)" }
    let mark: HTML = cell.mark.isEmpty ? "" : "<i>\(cell.mark)</i>"
    let text = cell.text
    let target = column.kind == .text ? links?.target(of: text, in: column) : nil
    let inner = PageLinks.anchor(
      target, column.key == "leader" ? "\(ModelName(text).name)" : "\(text)")
    return classes.isEmpty
      ? "<td>\(inner)\(mark)</td>" : "<td class=\"\(HTML(markup: classes))\">\(inner)\(mark)</td>"
  }

  private static func broken(_ text: String) -> HTML {
    words(text).map { "\($0)" as HTML }.joined(separator: "<wbr>")
  }

  /// Where a long name may break: before a capital that follows a small letter, unless it has
  /// hyphens to break at.
  private static func words(_ title: String) -> [String] {
    if title.utf8.contains(0x2D) { return [title] }
    var words: [String] = [""]
    var wasLower = false
    for character in title {
      if wasLower, character.isUppercase { words.append("") }
      wasLower = character.isLowercase
      words[words.count - 1].append(character)
    }
    return words
  }
}
