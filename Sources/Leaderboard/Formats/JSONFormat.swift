// The report as one JSON object: `--format json`.

import Core

package enum JSONFormat: ReportFormat {
  package static let name = "json"
  package static let fileExtension = "json"

  package static func render(_ report: Report, style: ReportStyle) -> String {
    report.json.pretty + "\n"
  }
}
