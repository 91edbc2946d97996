// Regular expressions as `tokenizer.json` writes them, in the syntax of Oniguruma: the parts of it
// that such files use, as a tree. What is not understood exactly is refused.

import Core

/// A class of scalars.
struct ScalarClass: Sendable, Equatable {
  enum Item: Sendable, Equatable {
    case range(ClosedRange<UInt32>)
    /// Categories as bits, see `CategoryTable`.
    case categories(UInt32)
    /// One of the kinds; the flag turns it around.
    case kind(UInt8, Bool)
    /// Not these categories.
    case otherCategories(UInt32)
  }

  var items: [Item] = []
  var isNegated = false

  static func scalar(_ value: UInt32) -> ScalarClass { ScalarClass(items: [.range(value...value)]) }

  /// What `.` matches: everything but a line feed.
  static let dot = ScalarClass(items: [.range(10...10)], isNegated: true)

  func contains(_ value: UInt32) -> Bool {
    let table = CategoryTable.shared
    let isIn = items.contains { item in
      switch item {
      case .range(let range): range.contains(value)
      case .categories(let mask): table.category(of: value) & mask != 0
      case .otherCategories(let mask): table.category(of: value) & mask == 0
      case .kind(let kind, let isTurned): (table[value].rawValue & kind != 0) != isTurned
      }
    }
    return isIn != isNegated
  }
}

/// A regular expression as a tree.
indirect enum PatternNode: Sendable, Equatable {
  enum Greed: Sendable, Equatable { case greedy, lazy, possessive }
  enum Anchor: Sendable, Equatable { case lineStart, lineEnd, textStart, textEnd, lastLineEnd }

  case one(ScalarClass)
  case sequence([PatternNode])
  /// The first that leads to a match wins.
  case choice([PatternNode])
  /// `most` is nil where there is no limit.
  case loop(PatternNode, least: Int, most: Int?, Greed)
  /// Looks ahead; the flag demands that there is no match.
  case look(PatternNode, isNegated: Bool)
  case anchor(Anchor)

  /// The fewest and the most scalars that a match can take; nil for no limit.
  var width: (least: Int, most: Int?) {
    switch self {
    case .one: return (1, 1)
    case .look, .anchor: return (0, 0)
    case .sequence(let parts):
      return parts.reduce((0, 0)) { sum, part in
        let width = part.width
        return (
          Self.capped(sum.0 + width.least),
          sum.1.flatMap { a in width.most.map { Self.capped(a + $0) } }
        )
      }
    case .choice(let parts):
      let widths = parts.map(\.width)
      let least = widths.map(\.least).min() ?? 0
      if widths.contains(where: { $0.most == nil }) { return (least, nil) }
      return (least, widths.compactMap(\.most).max() ?? 0)
    case .loop(let body, let least, let most, _):
      let width = body.width
      let longest = most.flatMap { count in width.most.map { Self.capped($0 * count) } }
      return (Self.capped(width.least * least), longest)
    }
  }

  /// Keeps sums and products of nested repetitions from overflowing.
  private static func capped(_ number: Int) -> Int { min(number, 1 << 20) }
}

/// Why a pattern was not taken.
enum PatternFault: Error {
  /// No regular expression at all.
  case malformed(String)
  /// One that Borda does not run.
  case unsupported(String)
}
