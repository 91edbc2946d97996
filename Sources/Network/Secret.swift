// A user's secret, such as a token or a key, and what keeps it, and addresses that are signed for one
// reader, out of every message.

package import Core

/// A secret that prints as dots.
package struct Secret: Sendable, Hashable {
  /// Read where the header is made, nowhere else.
  package let secret: String

  /// nil for an empty text; white space around it, as a file of one line has, is taken away.
  ///
  /// - Throws: `.usage` for characters that no token has, without showing it.
  package init?(_ text: String, from source: String) throws(Failure) {
    let trimmed = text.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed()
    guard !trimmed.isEmpty else { return nil }
    guard trimmed.allSatisfy({ $0.isASCII && !$0.isWhitespace && !$0.isControl }) else {
      throw Failure(
        .usage, source, "does not hold a token: it has blanks or special characters inside",
        hint: "copy the token again; it is one word of letters, digits and '_'")
    }
    secret = String(trimmed)
  }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  package var description: String { "…" }
  package var debugDescription: String { "…" }
  package var customMirror: Mirror { Mirror(self, children: []) }
}

/// Makes a server's words fit for a message.
package struct Scrubber: Sendable {
  private let token: Secret?

  package init(token: Secret?) { self.token = token }

  /// One line of at most 200 characters without the token, without the query of any address (which
  /// is where signatures are) and without control characters; nil when nothing is left.
  package func clean(_ text: String?) -> String? {
    guard let text else { return nil }
    var words = text
    if let token { words = words.replacing(token.secret, with: "…") }
    var line = ""
    var isInQuery = false
    for character in words.prefix(4096) {
      if character.isWhitespace || character.isControl {
        isInQuery = false
        if line.last != " " { line.append(" ") }
      } else if character == "?" || isInQuery {
        if !isInQuery { line += "?…" }
        isInQuery = true
      } else {
        line.append(character)
      }
    }
    let short = line.count > 200 ? line.prefix(199) + "…" : line
    return short.allSatisfy(\.isWhitespace) ? nil : short
  }
}

extension Character {
  /// Whether a terminal might obey it instead of showing it.
  package var isControl: Bool {
    unicodeScalars.contains { $0.properties.generalCategory == .control }
  }
}
