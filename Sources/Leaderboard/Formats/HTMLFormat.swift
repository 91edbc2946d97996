// A page of its own for any report: `--format html`.

/// One self-contained HTML file with every table of the report under its title.
package enum HTMLFormat: ReportFormat {
  package static let name = "html"
  package static let fileExtension = "html"

  package static func render(_ report: Report, style: ReportStyle) -> String {
    let isSingle = report.tables.count == 1
    var content = PageContent(title: report.tables.first?.title ?? "")
    content.hasContents = false
    content.sections = report.tables.enumerated().map { place, table in
      PageContent.Section(
        id: "table-\(place + 1)", title: isSingle ? "" : table.title, table: PageTable(table))
    }
    return content.html
  }
}
