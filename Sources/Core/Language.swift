// Languages as the field writes them: ISO 639-3 with an ISO 15924 script, `eng-Latn`.

/// A language with its script, written `eng-Latn`.
package struct Language: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// ISO 639-3, three lower-case letters.
  package let code: String
  /// ISO 15924, four letters, first upper-case; nil where only the language was named.
  package let script: String?

  /// Reads `eng-Latn`, `eng_Latn` or `eng`; nil for anything else.
  package init?(_ text: String) {
    let parts = text.split(
      maxSplits: 1, omittingEmptySubsequences: false, whereSeparator: { $0 == "-" || $0 == "_" })
    guard let first = parts.first, first.count == 3,
      first.allSatisfy({ $0.isASCII && $0.isLowercase })
    else { return nil }
    code = String(first)
    guard parts.count == 2 else {
      script = nil
      return
    }
    let second = parts[1]
    guard second.count == 4, second.allSatisfy({ $0.isASCII && $0.isLetter }),
      second.first?.isUppercase == true, second.dropFirst().allSatisfy(\.isLowercase)
    else { return nil }
    script = String(second)
  }

  package var description: String {
    if let script { "\(code)-\(script)" } else { code }
  }

  /// Whether a filter such as `eng` or `eng-Latn` selects this language.
  package func matches(_ filter: Language) -> Bool {
    code == filter.code && (filter.script == nil || filter.script == script)
  }

  package static func < (a: Language, b: Language) -> Bool { a.description < b.description }
}
