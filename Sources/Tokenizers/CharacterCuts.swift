// Cutting a word where the class of its characters says so: the pre-tokenizers without a pattern.

/// Functions that take bytes of UTF-8 and a word, and append the words that it becomes.
enum CharacterCuts {
  /// White space vanishes, each punctuation character is a word of its own.
  static func bert(_ bytes: [UInt8], _ word: Range<Int>, into words: inout [Range<Int>]) {
    let table = ScalarTable.shared
    var start = word.lowerBound
    var place = start
    while place < word.upperBound {
      let (value, length) = UTF8Decoding.scalar(in: bytes, at: place)
      let facts = table[value]
      let end = place + length
      if !facts.isDisjoint(with: [.whitespace, .punctuation]) {
        if start < place { words.append(start..<place) }
        if facts.contains(.punctuation) { words.append(place..<end) }
        start = end
      }
      place = end
    }
    if start < place { words.append(start..<place) }
  }

  /// Runs of word characters and runs of what is neither those nor white space, which vanishes.
  static func whitespace(_ bytes: [UInt8], _ word: Range<Int>, into words: inout [Range<Int>]) {
    let table = CategoryTable.shared
    runs(bytes, word, into: &words) { value in
      let kinds = table[value]
      return kinds.contains(.word) ? 1 : kinds.contains(.space) ? nil : 2
    }
  }

  static func whitespaceSplit(
    _ bytes: [UInt8], _ word: Range<Int>, into words: inout [Range<Int>]
  ) {
    let table = CategoryTable.shared
    runs(bytes, word, into: &words) { table[$0].contains(.space) ? nil : 1 }
  }

  static func delimiter(
    _ bytes: [UInt8], _ word: Range<Int>, _ delimiter: UInt32, into words: inout [Range<Int>]
  ) {
    runs(bytes, word, into: &words) { $0 == delimiter ? nil : 1 }
  }

  static func digits(
    _ bytes: [UInt8], _ word: Range<Int>, individual: Bool, into words: inout [Range<Int>]
  ) {
    let table = CategoryTable.shared
    SplitBehavior.cut(word, individual ? .isolated : .contiguous, into: &words) { report in
      scalars(bytes, word) { if table[$0].contains(.digit) { report($1) } }
    }
  }

  static func punctuation(
    _ bytes: [UInt8], _ word: Range<Int>, _ behavior: SplitBehavior,
    into words: inout [Range<Int>]
  ) {
    let table = ScalarTable.shared
    SplitBehavior.cut(word, behavior, into: &words) { report in
      scalars(bytes, word) { if table[$0].contains(.punctuation) { report($1) } }
    }
  }

  @inline(__always)
  private static func scalars(
    _ bytes: [UInt8], _ word: Range<Int>, _ body: (UInt32, Range<Int>) -> Void
  ) {
    var place = word.lowerBound
    while place < word.upperBound {
      let (value, length) = UTF8Decoding.scalar(in: bytes, at: place)
      body(value, place..<place + length)
      place += length
    }
  }

  /// Appends the runs of scalars of one class; what has none vanishes.
  @inline(__always)
  private static func runs(
    _ bytes: [UInt8], _ word: Range<Int>, into words: inout [Range<Int>],
    class classOf: (UInt32) -> Int?
  ) {
    var start = word.lowerBound
    var current: Int?
    scalars(bytes, word) { value, range in
      let next = classOf(value)
      if next != current {
        if current != nil { words.append(start..<range.lowerBound) }
        start = range.lowerBound
        current = next
      }
    }
    if current != nil { words.append(start..<word.upperBound) }
  }
}
