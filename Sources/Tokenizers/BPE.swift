// Stage 3, byte pair encoding: a word becomes its characters, or its bytes, and then neighbours are
// merged. `BPEParts` reads and checks the file, `BPEMerges` does the merging.
//
// Easy to get wrong: a character without a token waits as an unknown one until the next known
// character, so byte tokens in between come first; `ignore_merges` takes whole words that no merges
// lead to; the suffix stands on the last character alone, the prefix on all but the first.

import Core

/// The BPE model of GPT-2, Llama, Qwen, Gemma and others.
struct BPE: TokenModel {
  let vocabularySize: Int
  let tokenCount: Int

  /// Tokens as they are written; where words arrive as bytes, those that are no bytes.
  private var texts: TokenTable
  /// Tokens as they appear in words.
  private var words: TokenTable
  /// The words that merging turns into one token.
  private var wholeWords = TokenTable(count: 0)
  private let merges: BPEMerges
  private let options: BPEParts.Options
  /// The id of a byte, or of an ASCII character, by its place in the word; -1 without one.
  private var symbols: [Int32] = []
  /// The token `<0xNN>` of a byte, or -1.
  ///
  /// Empty without byte fallback.
  private var byteTokens: [Int32] = []
  private let unknown: Int32?
  private let isByteLevel: Bool
  /// What no token has before a `▁`; nil where words may not be cut there.
  private var boundary: BPEBoundary?

  /// Longer words are not looked up as a whole.
  private static let wholeWordLimit = 64

  /// Reads the value of `model` with `type` BPE.
  ///
  /// - Parameters:
  ///   - section: the value.
  ///   - isByteLevel: whether words arrive as plain bytes, and the tokens are in GPT-2's alphabet.
  /// - Throws: `malformed` for contradictions, `unsupported` for what Borda does not do.
  init(_ section: FileSection, isByteLevel: Bool) throws(Failure) {
    try self.init(BPEParts(section), isByteLevel: isByteLevel)
  }

  init(_ parts: BPEParts, isByteLevel: Bool) throws(Failure) {
    let built = try parts.tables(isByteLevel: isByteLevel)
    texts = built.texts
    words = built.words
    merges = built.merges
    options = parts.options
    vocabularySize = built.vocabularySize
    tokenCount = parts.tokens.count
    self.isByteLevel = isByteLevel
    unknown = parts.options.unknownToken.flatMap {
      Self.id($0, built.texts, built.words, isByteLevel)
    }
    symbols = (0..<4 * 256).map { place in
      let character = isByteLevel || place & 0xFF < 0x80 ? [UInt8(place & 0xFF)] : []
      return built.words.value(
        parts.options.affixed(
          character, isFirst: place & 0x100 == 0, isLast: place & 0x200 != 0))
    }
    if options.fallsBackToBytes {
      byteTokens = (0..<256).map { byte in
        let digits = String(byte, radix: 16, uppercase: true)
        let name = byte < 16 ? "<0x0\(digits)>" : "<0x\(digits)>"
        return Self.id(name, built.texts, built.words, isByteLevel) ?? -1
      }
    }
    // A character that vanishes brings its neighbours together, whatever lies between.
    if !isByteLevel, unknown != nil || byteTokens.count == 256 && !byteTokens.contains(-1) {
      boundary = BPEBoundary(parts)
    }
    try parts.checkUnknown(
      unknown, isNeverNeeded: isByteLevel && !symbols.contains { $0 < 0 })
    findWholeWords(built.decoded)
  }

  /// Runs every token through the merges once, so that most words of a text take one look.
  private mutating func findWholeWords(_ tokens: [(bytes: [UInt8], id: Int32)]) {
    guard options.prefix.isEmpty, options.suffix.isEmpty, !options.ignoresMerges else { return }
    wholeWords = TokenTable(count: tokens.count)
    var ids: [Int32] = []
    for token in tokens where !token.bytes.isEmpty && token.bytes.count <= Self.wholeWordLimit {
      ids.removeAll(keepingCapacity: true)
      appendMerged(token.bytes, token.bytes.indices, to: &ids)
      if ids == [token.id] { _ = wholeWords.insert(token.bytes, value: token.id) }
    }
  }

  func id(of token: String) -> Int32? { Self.id(token, texts, words, isByteLevel) }

  private static func id(
    _ token: String, _ texts: TokenTable, _ words: TokenTable, _ isByteLevel: Bool
  ) -> Int32? {
    var id = texts.value(Array(token.utf8))
    if id < 0, isByteLevel, let bytes = ByteAlphabet.bytes(of: token) { id = words.value(bytes) }
    if id < 0, !isByteLevel { id = words.value(Array(token.utf8)) }
    return id < 0 ? nil : id
  }

  func append(_ text: [UInt8], _ word: Range<Int>, to ids: inout [Int32]) {
    if let boundary {
      boundary.cut(text, word) { appendPart(text, $0, to: &ids) }
    } else {
      appendPart(text, word, to: &ids)
    }
  }

  @inline(__always)
  private func appendPart(_ text: [UInt8], _ part: Range<Int>, to ids: inout [Int32]) {
    var id: Int32 = -1
    if options.ignoresMerges {
      id = words.value(text, part)
    } else if part.count <= Self.wholeWordLimit {
      id = wholeWords.value(text, part)
    }
    if id >= 0 {
      ids.append(id)
    } else {
      appendMerged(text, part, to: &ids)
    }
  }

  private func appendMerged(_ text: [UInt8], _ word: Range<Int>, to ids: inout [Int32]) {
    let start = ids.count
    if isByteLevel, options.prefix.isEmpty, options.suffix.isEmpty {
      var isComplete = true
      for i in word {
        let id = symbols[Int(text[i])]
        ids.append(id)
        if id < 0 { isComplete = false }
      }
      if isComplete { return merges.apply(to: &ids, from: start) }
      ids.removeSubrange(start...)
    }
    appendSymbols(text, word, to: &ids)
    merges.apply(to: &ids, from: start)
  }

  /// Appends the characters of a word, known and unknown.
  private func appendSymbols(_ text: [UInt8], _ word: Range<Int>, to ids: inout [Int32]) {
    var waitsForKnown = false
    func end() {
      if waitsForKnown, let unknown { ids.append(unknown) }
      waitsForKnown = false
    }
    var at = word.lowerBound
    while at < word.upperBound {
      let length = isByteLevel ? 1 : UTF8Decoding.scalar(in: text, at: at).length
      let isFirst = at == word.lowerBound
      let isLast = at + length == word.upperBound
      let id = symbol(text, at..<at + length, isFirst: isFirst, isLast: isLast)
      if id >= 0 {
        end()
        ids.append(id)
      } else if !appendBytes(text, at..<at + length, isFirst: isFirst, isLast: isLast, to: &ids) {
        if !options.fusesUnknown { end() }
        waitsForKnown = true
      }
      at += length
    }
    end()
  }

  /// The token of one character, or -1.
  @inline(__always)
  private func symbol(
    _ text: [UInt8], _ character: Range<Int>, isFirst: Bool, isLast: Bool
  ) -> Int32 {
    if character.count == 1 {
      return symbols[Int(text[character.lowerBound]) + (isFirst ? 0 : 0x100) + (isLast ? 0x200 : 0)]
    }
    if options.prefix.isEmpty, options.suffix.isEmpty { return words.value(text, character) }
    return words.value(
      options.affixed(Array(text[character]), isFirst: isFirst, isLast: isLast))
  }

  /// Appends a character's bytes, prefix and suffix included; false where one has no token.
  private func appendBytes(
    _ text: [UInt8], _ character: Range<Int>, isFirst: Bool, isLast: Bool, to ids: inout [Int32]
  ) -> Bool {
    if byteTokens.isEmpty { return false }
    var bytes = Array(text[character])
    if isByteLevel {
      var written: [UInt8] = []
      ByteAlphabet.append(bytes, bytes.indices, to: &written)
      bytes = written
    }
    bytes = options.affixed(bytes, isFirst: isFirst, isLast: isLast)
    let start = ids.count
    for byte in bytes {
      guard byteTokens[Int(byte)] >= 0 else {
        ids.removeSubrange(start...)
        return false
      }
      ids.append(byteTokens[Int(byte)])
    }
    return true
  }
}
