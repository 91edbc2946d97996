// The pre-tokenizer `Split`, and the patterns that it and the normalizer `Replace` look for.

import Core

/// The value of `pattern`: a text to be found as it is, or a regular expression.
struct SearchPattern: Sendable {
  enum Kind: Sendable {
    /// Not empty.
    case literal([UInt8])
    case expression(PatternProgram)
  }

  let kind: Kind
  /// As the file writes it.
  let text: String

  /// A text, not empty, that stands for itself.
  init(literal: String) {
    text = literal
    kind = .literal(Array(literal.utf8))
  }

  /// Reads `{"String": …}` or `{"Regex": …}`.
  init(_ section: FileSection) throws(Failure) {
    if let literal = try section.optional("String") {
      text = try literal.text()
      if text.isEmpty { throw literal.malformed("the pattern is empty") }
      kind = .literal(Array(text.utf8))
    } else {
      let expression = try section.section("Regex")
      text = try expression.text()
      kind = .expression(try PatternProgram(text, expression))
    }
  }

  /// Reports the matches within a range in order; what is outside is as if it were not there.
  @inline(__always)
  func forEachMatch(
    in bytes: [UInt8], _ range: Range<Int>, _ body: (Range<Int>) -> Void
  ) {
    switch kind {
    case .literal(let literal):
      Self.forEach(literal, in: bytes, range, body)
    case .expression(let program):
      var matcher = PatternMatcher(program, bytes, range)
      while let match = matcher.next() { body(match) }
    }
  }

  private static func forEach(
    _ literal: [UInt8], in bytes: [UInt8], _ range: Range<Int>, _ body: (Range<Int>) -> Void
  ) {
    let first = literal[0]
    let last = range.upperBound - literal.count
    var at = range.lowerBound
    while at <= last {
      if bytes[at] == first,
        literal.count == 1 || bytes[at..<at + literal.count].elementsEqual(literal)
      {
        body(at..<at + literal.count)
        at += literal.count
      } else {
        at += 1
      }
    }
  }
}

/// `Split`: cut at the matches of a pattern.
struct PatternSplit: Sendable {
  let pattern: SearchPattern
  let behavior: SplitBehavior
  let isInverted: Bool

  init(_ section: FileSection) throws(Failure) {
    pattern = try SearchPattern(section.section("pattern"))
    behavior = try SplitBehavior(section.section("behavior"))
    isInverted = try section.flag("invert")
  }

  /// A scanner that gives the same words, where there is one.
  ///
  /// The known patterns match everywhere, so there is nothing between the matches.
  var scanner: WordPatterns.Scanner? {
    guard case .expression = pattern.kind, isInverted ? behavior == .removed : behavior == .isolated
    else { return nil }
    return WordPatterns.scanners[pattern.text]
  }

  func cut(_ bytes: [UInt8], _ word: Range<Int>, into words: inout [Range<Int>]) {
    SplitBehavior.cut(word, behavior, inverted: isInverted, into: &words) { report in
      pattern.forEachMatch(in: bytes, word, report)
    }
  }
}
