// The report formats: one line each. A format is one file in Formats/ and one line here.

package import Core

package enum ReportFormats {
  package static let all: [any ReportFormat.Type] = [
    TerminalFormat.self,
    MarkdownFormat.self,
    CSVFormat.self,
    JSONFormat.self,
    HTMLFormat.self,
    LaTeXFormat.self,
  ]

  package static var names: [String] { all.map { $0.name } }

  /// - Throws: `.usage`, with the nearest names.
  package static func named(_ name: String) throws(Failure) -> any ReportFormat.Type {
    if let format = all.first(where: { $0.name == name }) { return format }
    throw Failure(
      .usage, name, "no such format",
      hint: Suggest.hint(
        for: name, among: names, otherwise: "use one of \(names.joined(separator: ", "))"))
  }
}
