// Comma-separated records: `--format csv`.

/// RFC 4180 with line feeds: a header of keys, then the records, scores as fractions in full.
package enum CSVFormat: ReportFormat {
  package static let name = "csv"
  package static let fileExtension = "csv"

  package static func render(_ report: Report, style: ReportStyle) -> String {
    let header = report.records.columns.map(\.key)
    let rows = report.records.allRows.map { $0.map(\.data) }
    return ([header] + rows)
      .map { $0.map(quoted).joined(separator: ",") + "\n" }
      .joined()
  }

  /// In quotes where a comma, a quote or a line break asks for it.
  static func quoted(_ field: String) -> String {
    let isPlain = field.unicodeScalars.allSatisfy { !",\"\r\n".unicodeScalars.contains($0) }
    if isPlain { return field }
    var out = "\""
    for scalar in field.unicodeScalars {
      if scalar == "\"" { out += "\"" }
      out.unicodeScalars.append(scalar)
    }
    return out + "\""
  }
}
