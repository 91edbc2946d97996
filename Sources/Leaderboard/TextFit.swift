// Texts cut to the columns of a terminal.

package enum TextFit {
  /// Columns of a terminal that a text takes.
  package static func width(of text: String) -> Int { DisplayWidth.of(text) }

  /// The text on one line: white space and control characters become single blanks.
  package static func oneLine(_ text: String) -> String {
    text.split { character in
      character.isWhitespace
        || character.unicodeScalars.allSatisfy { $0.properties.generalCategory == .control }
    }.joined(separator: " ")
  }

  /// The beginning of a text that fits into `columns`, with an ellipsis where something is cut.
  package static func cut(_ text: String, to columns: Int) -> String {
    guard DisplayWidth.of(text) > columns else { return text }
    var used = 1
    var out = ""
    for character in text {
      let width = DisplayWidth.of(String(character))
      guard used + width <= columns else { break }
      used += width
      out.append(character)
    }
    return out + "…"
  }

  /// How many columns each text column gets of those there are: what it needs where that is little,
  /// else an equal share, and never less than `least`.
  package static func shares(of columns: Int, for needs: [Int], least: Int = 12) -> [Int] {
    var shares = needs
    var left = columns
    let order = needs.indices.sorted { needs[$0] < needs[$1] }
    for (place, index) in order.enumerated() {
      shares[index] = min(needs[index], max(least, left / (order.count - place)))
      left -= shares[index]
    }
    return shares
  }
}
