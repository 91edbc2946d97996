// The key that clients must show, where the server has one.

package import Core

/// A key that prints as dots.
package struct ServingKey: Sendable {
  private let bytes: [UInt8]

  /// Takes a key; white space around it, as a file of one line has, is taken away.
  ///
  /// - Parameters:
  ///   - text: the key.
  ///   - source: the variable or file it comes from, for messages.
  /// - Throws: `.usage` for an empty key or one with blanks or special characters inside, without
  ///   showing it.
  package init(_ text: String, from source: String) throws(Failure) {
    let trimmed = text.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed()
    let key = Array(String(trimmed).utf8)
    guard !key.isEmpty, key.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw Failure(
        .usage, source,
        key.isEmpty ? "holds no key" : "does not hold a key: it has blanks or special characters",
        hint: "a key is one word of letters, digits and signs")
    }
    bytes = key
  }

  /// Whether an `Authorization` header shows this key.
  ///
  /// Takes the same time wherever the first difference is.
  func opens(_ authorization: String?) -> Bool {
    let scheme = "bearer "
    guard let authorization, authorization.lowercased().hasPrefix(scheme) else { return false }
    let shown = Array(authorization.utf8.dropFirst(scheme.utf8.count))
    var difference = UInt8(shown.count == bytes.count ? 0 : 1)
    for place in shown.indices { difference |= shown[place] ^ bytes[place % bytes.count] }
    return difference == 0
  }
}

extension ServingKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  package var description: String { "…" }
  package var debugDescription: String { "…" }
  package var customMirror: Mirror { Mirror(self, children: []) }
}
