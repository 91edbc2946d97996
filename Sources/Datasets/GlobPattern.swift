// Path patterns as dataset cards use them: `data/test-*`, `**/*.jsonl`, `en/test.csv`.

/// A pattern over relative paths.
///
/// `*` stands for any text within a name, `?` for one character, `[ab]` and `[a-c]` for one of
/// those listed (`[!ab]` for one not listed), `**` as a whole name for any number of folders.
package struct GlobPattern: Sendable, Hashable {
  private let names: [[Character]]

  package init(_ pattern: String) {
    names = Self.names(pattern)
  }

  /// Names between slashes; `./` at the start says nothing.
  private static func names(_ path: String) -> [[Character]] {
    path.split(separator: "/").filter { $0 != "." }.map(Array.init)
  }

  static func hasWildcards(_ text: String) -> Bool { text.contains { "*?[".contains($0) } }

  package func matches(_ path: String) -> Bool {
    Self.match(names[...], Self.names(path)[...])
  }

  private static func match(
    _ pattern: ArraySlice<[Character]>, _ path: ArraySlice<[Character]>
  ) -> Bool {
    guard let first = pattern.first else { return path.isEmpty }
    if first == ["*", "*"] {
      return (path.startIndex...path.endIndex).contains {
        match(pattern.dropFirst(), path[$0...])
      }
    }
    guard let name = path.first, matchName(first[...], name[...]) else { return false }
    return match(pattern.dropFirst(), path.dropFirst())
  }

  private static func matchName(
    _ pattern: ArraySlice<Character>, _ name: ArraySlice<Character>
  ) -> Bool {
    var pattern = pattern
    var name = name
    // Where the last star stood, and how much of the name it has taken.
    var retry: (pattern: ArraySlice<Character>, name: ArraySlice<Character>)?
    while !name.isEmpty || !pattern.isEmpty {
      if pattern.first == "*" {
        pattern = pattern.dropFirst()
        retry = (pattern, name)
      } else if let first = name.first, let rest = matchOne(pattern, first) {
        pattern = rest
        name = name.dropFirst()
      } else if let last = retry, !last.name.isEmpty {
        retry = (last.pattern, last.name.dropFirst())
        pattern = last.pattern
        name = last.name.dropFirst()
      } else {
        return false
      }
    }
    return true
  }

  /// What is left of the pattern after its first part matched one character; nil if it did not.
  private static func matchOne(
    _ pattern: ArraySlice<Character>, _ character: Character
  ) -> ArraySlice<Character>? {
    guard let first = pattern.first else { return nil }
    if first == "[", let end = pattern.dropFirst(2).firstIndex(of: "]") {
      var set = pattern[(pattern.startIndex + 1)..<end]
      let isNegated = set.first == "!"
      if isNegated { set = set.dropFirst() }
      guard contains(Array(set), character) != isNegated else { return nil }
      return pattern[(end + 1)...]
    }
    return first == "?" || first == character ? pattern.dropFirst() : nil
  }

  private static func contains(_ set: [Character], _ character: Character) -> Bool {
    var i = 0
    while i < set.count {
      if i + 2 < set.count, set[i + 1] == "-" {
        if set[i] <= character, character <= set[i + 2] { return true }
        i += 3
      } else {
        if set[i] == character { return true }
        i += 1
      }
    }
    return false
  }
}
