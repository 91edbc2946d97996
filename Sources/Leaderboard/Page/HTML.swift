// Pieces of HTML: what is written in the program is markup, what is put in is text and escaped.

/// Markup.
///
/// `"<b>\(name)</b>"` escapes the name; a piece of HTML goes in as it is.
struct HTML: ExpressibleByStringInterpolation, Sendable, Equatable {
  private(set) var markup: String

  init() { markup = "" }

  /// Takes text that is markup already.
  init(markup: String) { self.markup = markup }

  init(stringLiteral value: String) { markup = value }

  init(stringInterpolation: Interpolation) { markup = stringInterpolation.markup }

  struct Interpolation: StringInterpolationProtocol {
    fileprivate var markup = ""

    init(literalCapacity: Int, interpolationCount: Int) {
      markup.reserveCapacity(literalCapacity + 24 * interpolationCount)
    }

    mutating func appendLiteral(_ literal: String) { markup += literal }
    mutating func appendInterpolation(_ text: String) { HTML.escape(text, into: &markup) }
    mutating func appendInterpolation(_ html: HTML) { markup += html.markup }
    mutating func appendInterpolation(_ html: HTML?) { markup += html?.markup ?? "" }
    mutating func appendInterpolation(_ number: Int) { markup += String(number) }
  }

  var isEmpty: Bool { markup.isEmpty }

  static func += (a: inout HTML, b: HTML) { a.markup += b.markup }

  /// Appends text with everything escaped that could start or end markup; what HTML has no character
  /// for (NUL and other controls) becomes the replacement character.
  static func escape(_ text: String, into out: inout String) {
    let isPlain = text.utf8.allSatisfy { byte in
      byte >= 0x20 && byte != 0x26 && byte != 0x3C && byte != 0x3E && byte != 0x22 && byte != 0x27
        && byte != 0x7F && byte != 0xC2
    }
    if isPlain {
      out += text
      return
    }
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": out += "&amp;"
      case "<": out += "&lt;"
      case ">": out += "&gt;"
      case "\"": out += "&quot;"
      case "'": out += "&#39;"
      case "\t", "\n": out.unicodeScalars.append(scalar)
      case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value): out += "\u{FFFD}"
      default: out.unicodeScalars.append(scalar)
      }
    }
  }
}

extension Sequence where Element == HTML {
  func joined(separator: String = "") -> HTML {
    var out = HTML()
    for (place, piece) in enumerated() {
      if place > 0, !separator.isEmpty { out += HTML(markup: separator) }
      out += piece
    }
    return out
  }
}
