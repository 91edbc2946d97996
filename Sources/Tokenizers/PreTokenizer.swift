// Stage 2: cutting a normalized text into words. The cuts by pattern are in `PatternSplit`, those by
// class of character in `CharacterCuts`.

import Core

/// A text on its way into words: bytes of UTF-8, and the words as ranges of them, in order.
struct Words {
  var bytes: [UInt8] = []
  /// Not empty, between whole scalars, ascending; what lies between two is gone.
  var ranges: [Range<Int>] = []
  /// Whether the first word stands at the very beginning of the text that is tokenized.
  var startsText = true

  private var before: [Range<Int>] = []

  /// Starts again with one word.
  mutating func reset(_ bytes: [UInt8], _ range: Range<Int>, startsText: Bool) {
    self.bytes = bytes
    self.startsText = startsText
    ranges.removeAll(keepingCapacity: true)
    if !range.isEmpty { ranges.append(range) }
  }

  /// Replaces each word by what `cut` appends for it.
  mutating func cut(_ cut: ([UInt8], Range<Int>, inout [Range<Int>]) -> Void) {
    swap(&before, &ranges)
    ranges.removeAll(keepingCapacity: true)
    for range in before { cut(bytes, range, &ranges) }
  }

  /// Replaces each word by the words that `write` makes of it, with other bytes.
  ///
  /// - Parameter write: gets the bytes, the word, whether it begins the text, the new bytes to
  ///   append to, and the new words to append to, as ranges of the new bytes.
  mutating func rewrite(
    _ write: ([UInt8], Range<Int>, Bool, inout [UInt8], inout [Range<Int>]) -> Void
  ) {
    var made: [UInt8] = []
    // A piece of a long text may be short.
    let count = (ranges.last?.upperBound ?? 0) - (ranges.first?.lowerBound ?? 0)
    made.reserveCapacity(count + count / 2 + 8)
    swap(&before, &ranges)
    ranges.removeAll(keepingCapacity: true)
    for (i, range) in before.enumerated() {
      write(bytes, range, startsText && i == 0, &made, &ranges)
    }
    bytes = made
  }
}

/// The `pre_tokenizer` of a `tokenizer.json`: steps, one after the other; without any the whole text
/// is one word.
struct PreTokenizer: Sendable {
  enum Step: Sendable {
    /// Cut at white space, which vanishes; each punctuation character is a word of its own.
    case bert
    /// Words are runs of word characters, and runs of what is neither those nor white space.
    case whitespace
    /// Cut at white space, which vanishes.
    case whitespaceSplit
    /// Numbers apart from the rest, each digit by itself or whole runs.
    case digits(individual: Bool)
    case punctuation(SplitBehavior)
    /// Cut at one scalar, which vanishes.
    case delimiter(UInt32)
    case split(PatternSplit)
    /// One of the patterns that have a scanner of their own.
    case words(WordPatterns.Scanner)
    case byteLevel(ByteLevel)
    case metaspace(Metaspace)
  }

  var steps: [Step]

  /// The names that `type` may have, for the message about another one.
  static let supported = [
    "BertPreTokenizer", "ByteLevel", "CharDelimiterSplit", "Digits", "Metaspace", "Punctuation",
    "Split",
    "Whitespace", "WhitespaceSplit", "Sequence", "null",
  ]

  init(steps: [Step]) { self.steps = steps }

  /// Reads the value of `pre_tokenizer`; nil for null or absent.
  init(_ section: FileSection?) throws(Failure) {
    steps = try section.map(Self.steps) ?? []
    if let section { try Metaspace.check(steps, section) }
  }

  private static func steps(_ section: FileSection) throws(Failure) -> [Step] {
    let type = try section.text("type")
    switch type {
    case "BertPreTokenizer": return [.bert]
    case "ByteLevel": return [.byteLevel(try ByteLevel(section))]
    case "CharDelimiterSplit": return [.delimiter(try delimiter(section))]
    case "Digits": return [.digits(individual: try section.flag("individual_digits"))]
    case "Metaspace": return [.metaspace(try Metaspace(section))]
    case "Punctuation":
      let behavior = try section.optional("behavior")
      return [.punctuation(try behavior.map(SplitBehavior.init) ?? .isolated)]
    case "Split":
      let split = try PatternSplit(section)
      return [split.scanner.map(Step.words) ?? .split(split)]
    case "Whitespace": return [.whitespace]
    case "WhitespaceSplit": return [.whitespaceSplit]
    case "Sequence":
      var steps: [Step] = []
      for part in try section.list("pretokenizers") { steps += try Self.steps(part) }
      return steps
    default: throw section.unsupported("pre_tokenizer", type, supported)
    }
  }

  private static func delimiter(_ section: FileSection) throws(Failure) -> UInt32 {
    let text = try section.text("delimiter")
    guard let scalar = text.unicodeScalars.first, text.unicodeScalars.count == 1 else {
      throw section.malformed("the delimiter '\(text)' is not one character")
    }
    return scalar.value
  }

  /// Cuts each word into words.
  func cut(_ words: inout Words) {
    for step in steps {
      switch step {
      case .bert: words.cut(CharacterCuts.bert)
      case .whitespace: words.cut(CharacterCuts.whitespace)
      case .whitespaceSplit: words.cut(CharacterCuts.whitespaceSplit)
      case .digits(let individual):
        words.cut { CharacterCuts.digits($0, $1, individual: individual, into: &$2) }
      case .punctuation(let behavior):
        words.cut { CharacterCuts.punctuation($0, $1, behavior, into: &$2) }
      case .delimiter(let scalar):
        words.cut { CharacterCuts.delimiter($0, $1, scalar, into: &$2) }
      case .split(let split): words.cut(split.cut)
      case .words(let scanner): words.cut(scanner)
      case .byteLevel(let byteLevel): byteLevel.cut(&words)
      case .metaspace(let metaspace): metaspace.cut(&words)
      }
    }
  }
}

extension PreTokenizer {
  /// Takes the translation into GPT-2's byte alphabet out of the last step, where there is one.
  ///
  /// - Returns: whether there was; then the model has to be told.
  mutating func leavesBytesToModel() -> Bool {
    guard case .byteLevel(var last) = steps.last, last.translates else { return false }
    last.translates = false
    steps[steps.count - 1] = .byteLevel(last)
    return true
  }
}
