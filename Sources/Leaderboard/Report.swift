// What a command has to say, in the three shapes that formats ask for.

package import Core

/// One answer: tables for people, records for data frames, JSON for programs.
///
/// All three are built beforehand from the same facts, so that no format computes anything.
package struct Report: Sendable {
  package var tables: [TableView]
  /// One fact per row, scores as full fractions, nothing merged, marked or left out.
  package var records: TableView
  package var json: JSON

  package init(tables: [TableView], records: TableView, json: JSON) {
    self.tables = tables
    self.records = records
    self.json = json
  }
}

/// A way to write a report down.
package protocol ReportFormat: Sendable {
  /// What `--format` calls it.
  static var name: String { get }
  /// Without the dot.
  static var fileExtension: String { get }
  /// The complete text, final newline included.
  static func render(_ report: Report, style: ReportStyle) -> String
}

/// What the place of output allows.
package struct ReportStyle: Sendable {
  /// Whether escape codes for bold text may be written.
  package var allowsColour: Bool
  /// Columns of the terminal; nil for as many as it takes.
  package var width: Int?

  package init(allowsColour: Bool = false, width: Int? = nil) {
    self.allowsColour = allowsColour
    self.width = width
  }

  package static let plain = ReportStyle()
}
