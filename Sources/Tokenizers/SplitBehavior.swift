// What becomes of the matches when a word is cut at them.

import Core

/// The `behavior` of a splitting pre-tokenizer.
enum SplitBehavior: String, Sendable, CaseIterable {
  /// Matches vanish.
  case removed = "Removed"
  /// Each match is a word of its own.
  case isolated = "Isolated"
  /// A match goes to the word before it, unless that is a match, too.
  case mergedWithPrevious = "MergedWithPrevious"
  /// A match goes to the word behind it, unless that is a match, too.
  case mergedWithNext = "MergedWithNext"
  /// Adjacent matches are one word, and so is what lies between matches.
  case contiguous = "Contiguous"

  init(_ section: FileSection) throws(Failure) {
    let name = try section.text()
    guard let behavior = Self(rawValue: name) else {
      throw section.malformed(
        "'\(name)' is none of \(Self.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    self = behavior
  }

  /// Cuts a word at matches, and appends what becomes of it.
  ///
  /// - Parameters:
  ///   - word: the word.
  ///   - behavior: what to do with the matches.
  ///   - inverted: whether what is reported counts as the text between the matches.
  ///   - words: where the new ones go.
  ///   - find: reports matches within the word in order, which do not overlap but may be empty.
  @inline(__always)
  static func cut(
    _ word: Range<Int>, _ behavior: SplitBehavior, inverted: Bool = false,
    into words: inout [Range<Int>], _ find: ((Range<Int>) -> Void) -> Void
  ) {
    var cutter = Cutter(behavior: behavior, done: word.lowerBound)
    find { match in
      if cutter.done < match.lowerBound {
        cutter.add(cutter.done..<match.lowerBound, isMatch: inverted, to: &words)
      }
      cutter.add(match, isMatch: !inverted, to: &words)
    }
    if cutter.done < word.upperBound {
      cutter.add(cutter.done..<word.upperBound, isMatch: inverted, to: &words)
    }
    cutter.finish(&words)
  }
}

/// Takes the parts of one word, matches and what lies between, in order.
private struct Cutter {
  let behavior: SplitBehavior
  /// Where the last part ended.
  var done: Int
  /// What may still grow, for the behaviours that merge.
  private var open: Range<Int>?
  private var wasMatch = false

  init(behavior: SplitBehavior, done: Int) {
    self.behavior = behavior
    self.done = done
  }

  @inline(__always)
  mutating func add(_ part: Range<Int>, isMatch: Bool, to words: inout [Range<Int>]) {
    done = part.upperBound
    switch behavior {
    case .isolated: if !part.isEmpty { words.append(part) }
    case .removed: if !isMatch, !part.isEmpty { words.append(part) }
    case .contiguous: merge(part, isMatch == wasMatch, &words)
    case .mergedWithPrevious: merge(part, isMatch && !wasMatch, &words)
    // Seen from behind: a part joins the match before it, unless another match follows that.
    case .mergedWithNext: merge(part, wasMatch && !isMatch, &words)
    }
    wasMatch = isMatch
  }

  private mutating func merge(_ part: Range<Int>, _ joins: Bool, _ words: inout [Range<Int>]) {
    if joins, let open {
      self.open = open.lowerBound..<part.upperBound
    } else {
      finish(&words)
      open = part
    }
  }

  mutating func finish(_ words: inout [Range<Int>]) {
    if let open, !open.isEmpty { words.append(open) }
    open = nil
  }
}
