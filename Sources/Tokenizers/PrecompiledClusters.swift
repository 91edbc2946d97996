// Grapheme clusters (UAX #29, extended) of Unicode 17.0, the version that the reference library cuts
// texts with before it looks clusters up in a charsmap.

/// Where clusters end, from the classes in `ClusterFacts`, spread out once per process.
struct ClusterTable: Sendable {
  /// What matters of a scalar; those of the last three classes never begin a cluster but at the start
  /// of a text or behind a control character.
  enum Class: UInt8 {
    case other, carriageReturn, lineFeed, control, prepend
    case leading, vowel, trailing, syllable, closedSyllable
    case regionalIndicator, pictograph, consonant
    case spacingMark, joiner
    /// Extends a cluster; the second links two consonants, the third keeps them apart.
    case extend, linker, separator

    var extends: Bool { rawValue >= Class.spacingMark.rawValue }
  }

  static let shared = ClusterTable()

  /// Classes by scalar value, below `limit`.
  private var classes: [Class]

  /// From here on there are ideographs, tags and variation selectors alone.
  private static let limit: UInt32 = 0x20000

  private init() {
    classes = Array(repeating: .other, count: Int(Self.limit))
    let runs: [([UInt32], Class)] = [
      (ClusterFacts.control, .control), (ClusterFacts.prepend, .prepend),
      (ClusterFacts.pictograph, .pictograph), (ClusterFacts.consonant, .consonant),
      (ClusterFacts.spacingMark, .spacingMark), (ClusterFacts.extend, .extend),
      (ClusterFacts.linker, .linker), ([0x200C, 0x200C], .separator), ([0x200D, 0x200D], .joiner),
      ([0x0A, 0x0A], .lineFeed), ([0x0D, 0x0D], .carriageReturn),
      ([0x1F1E6, 0x1F1FF], .regionalIndicator), ([0xAC00, 0xD7A3], .closedSyllable),
      ([0x1100, 0x115F, 0xA960, 0xA97C], .leading),
      ([0x1160, 0x11A7, 0xD7B0, 0xD7C6, 0x16D63, 0x16D63, 0x16D67, 0x16D6A], .vowel),
      ([0x11A8, 0x11FF, 0xD7CB, 0xD7FB], .trailing),
    ]
    for (ranges, kind) in runs {
      for pair in stride(from: 0, to: ranges.count, by: 2) {
        for value in ranges[pair]...ranges[pair + 1] { classes[Int(value)] = kind }
      }
    }
    for value in stride(from: 0xAC00, through: 0xD7A3, by: 28) { classes[value] = .syllable }
  }

  @inline(__always)
  subscript(value: UInt32) -> Class {
    value < Self.limit ? classes[Int(value)] : Self.farClass(value)
  }

  private static func farClass(_ value: UInt32) -> Class {
    switch value {
    case 0xE0020...0xE007F, 0xE0100...0xE01EF: .extend
    case 0xE0000...0xE0FFF: .control
    default: .other
    }
  }

  /// Where the cluster ends that starts at a place.
  ///
  /// - Parameters:
  ///   - start: before `end`, at a scalar.
  ///   - bytes: UTF-8.
  ///   - end: the end of the text.
  /// - Returns: a place behind `start`, at a scalar or at `end`.
  @inline(__always)
  func end(ofClusterAt start: Int, in bytes: [UInt8], to end: Int) -> Int {
    let (first, width) = UTF8Decoding.scalar(in: bytes, at: start)
    var at = start + width
    guard at < end else { return end }
    let kind = self[first]
    var next = UTF8Decoding.scalar(in: bytes, at: at)
    // Most texts: letters, none of which has a mark.
    if kind == .other, !self[next.value].extends { return at }
    var state = State(kind)
    while state.goesOn(with: self[next.value]) {
      at += next.length
      guard at < end else { return end }
      next = UTF8Decoding.scalar(in: bytes, at: at)
    }
    return at
  }

  /// What has to be known of a cluster's scalars so far to tell whether one more belongs to it.
  private struct State {
    private var last: Class
    /// Whether the last regional indicator is the first of a pair.
    private var isHalfFlag: Bool
    /// A pictograph, extended by what may stand before a joiner.
    private var isPictograph: Bool
    /// The joiner behind that.
    private var joinsPictographs = false
    /// A consonant, extended by what may stand before and behind a linker.
    private var isConsonant: Bool
    /// The linker behind that.
    private var linksConsonants = false

    init(_ first: Class) {
      last = first
      isHalfFlag = first == .regionalIndicator
      isPictograph = first == .pictograph
      isConsonant = first == .consonant
    }

    mutating func goesOn(with next: Class) -> Bool {
      guard belongs(next) else { return false }
      joinsPictographs = isPictograph && next == .joiner
      linksConsonants =
        isConsonant && (next == .linker || linksConsonants && next.isLinkable)
      isPictograph = next == .pictograph || isPictograph && next.extendsPictograph
      isConsonant = next == .consonant || isConsonant && next.isLinkable
      isHalfFlag = next == .regionalIndicator && !isHalfFlag
      last = next
      return true
    }

    private func belongs(_ next: Class) -> Bool {
      switch (last, next) {
      case (.carriageReturn, _): return next == .lineFeed
      case (.lineFeed, _), (.control, _): return false
      case (_, .carriageReturn), (_, .lineFeed), (_, .control): return false
      case (_, _) where next.extends: return true
      case (.prepend, _): return true
      case (.leading, .leading), (.leading, .vowel), (.leading, .syllable),
        (.leading, .closedSyllable), (.syllable, .vowel), (.syllable, .trailing),
        (.vowel, .vowel), (.vowel, .trailing), (.closedSyllable, .trailing),
        (.trailing, .trailing):
        return true
      case (_, .regionalIndicator): return isHalfFlag
      case (_, .pictograph): return joinsPictographs
      case (_, .consonant): return linksConsonants
      default: return false
      }
    }
  }
}

extension ClusterTable.Class {
  /// Stands between a consonant and a linker without parting them.
  fileprivate var isLinkable: Bool { self == .extend || self == .joiner || self == .linker }

  /// Stands between a pictograph and a joiner without parting them.
  fileprivate var extendsPictograph: Bool {
    self == .extend || self == .linker || self == .separator
  }
}
