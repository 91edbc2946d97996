// A heat map of tens of thousands of scores: two bytes a score, which a script draws. A table of as
// many cells would take a browser seconds and a reader nowhere; numbers stand on the pages of models.

import Core
import Foundation

/// Models by things (tasks, languages): what the script in Templates/MapScript.swift draws.
struct ScoreMap: Sendable {
  /// Its id on the page.
  let id: String
  /// What is drawn, for a reader of the page aloud.
  let label: String
  /// Names of the columns with the pages they lead to.
  let columns: [(name: String, target: String?)]
  /// Neighbouring columns that belong together, with their number; empty for none.
  let groups: [(name: String, count: Int)]
  /// Scores `[models][columns]`, with whether all is scored.
  let cells: [[(score: Double?, isComplete: Bool)]]

  /// Cells from which on a map takes the place of a table.
  static let least = 4000

  private static let missing: UInt16 = 0x7FFF
  private static let partial: UInt16 = 0x8000

  /// A score in two bytes, to the two decimals of points that are shown elsewhere.
  ///
  /// Hundredths of a point above -100 in fifteen bits, 0x7FFF for none; the highest bit is set for a
  /// partial mean.
  static func code(_ score: Double?, isComplete: Bool) -> UInt16 {
    guard let score, score.isFinite else { return missing }
    let hundredths = Int(((score * 100).rounded(decimals: 2) * 100).rounded()) + 10_000
    return UInt16(max(0, min(20_000, hundredths))) | (isComplete ? 0 : partial)
  }

  /// Row by row, two bytes a score, the lower one first, in base64.
  private var packed: String {
    var bytes = Data(capacity: 2 * cells.count * columns.count)
    for row in cells {
      for cell in row {
        let code = Self.code(cell.score, isComplete: cell.isComplete)
        bytes.append(UInt8(code & 0xFF))
        bytes.append(UInt8(code >> 8))
      }
    }
    return bytes.base64EncodedString()
  }

  private var json: JSON {
    .object([
      ("columns", .strings(columns.map(\.name))),
      ("targets", .array(columns.map { .optional($0.target) { .string($0) } })),
      (
        "groups",
        .array(groups.map { .array([.string($0.name), .integer($0.count)]) })
      ),
      ("scores", .string(packed)),
    ])
  }

  var html: HTML {
    """
    \(ShadeScale.legend(by: "column", isOnMap: true))<p class="map-tools" hidden>\
    <label><input type="checkbox" data-for="\(id)"> shade all columns on one scale</label></p>
    <div class="map" id="\(id)" role="application" tabindex="0" aria-label="\(label)" \
    aria-describedby="\(id)-said"><div><canvas></canvas></div></div>
    <p class="said" id="\(id)-said" aria-live="polite">Point at a cell, or move with the arrow keys; \
    Enter opens the page of the model.</p>
    <noscript><p class="note">The map is drawn by a script; the numbers are in the files below and on \
    the pages of models.</p></noscript>
    \(Self.script(json, id: "\(id)-data"))
    """
  }

  /// JSON inside a page; no `<` of it can end the element.
  static func script(_ json: JSON, id: String) -> HTML {
    let text = json.line.replacing("<", with: "\\u003c")
    return """
      <script type="application/json" id="\(id)">\(HTML(markup: text))</script>

      """
  }
}
