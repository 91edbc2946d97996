// What the files of a BPE model say, checked before anything is built from it.

import Core

/// The vocabulary, the merges and the options of a BPE model.
struct BPEParts {
  /// The options of the model.
  struct Options: Sendable {
    var unknownToken: String?
    var fusesUnknown = false
    var fallsBackToBytes = false
    var ignoresMerges = false
    /// `continuing_subword_prefix`, printable ASCII, which is the same in GPT-2's alphabet.
    var prefix: [UInt8] = []
    /// `end_of_word_suffix`, printable ASCII, too.
    var suffix: [UInt8] = []

    /// A character as it stands in the vocabulary at its place in a word.
    ///
    /// - Parameters:
    ///   - character: its bytes.
    ///   - isFirst: whether the word begins with it; otherwise the prefix goes before it.
    ///   - isLast: whether the word ends with it; then the suffix goes behind it.
    /// - Returns: the bytes to look up.
    func affixed(_ character: [UInt8], isFirst: Bool, isLast: Bool) -> [UInt8] {
      (isFirst ? [] : prefix) + character + (isLast ? suffix : [])
    }
  }

  /// Where the tokens stand, for messages.
  var vocabulary: FileSection
  /// Where the merges stand, for messages.
  var list: FileSection
  var tokens: [(text: String, id: Int)]
  var merges: [(left: String, right: String)]
  var options = Options()

  init(
    _ vocabulary: FileSection, tokens: [(text: String, id: Int)],
    _ list: FileSection, merges: [(left: String, right: String)]
  ) {
    self.vocabulary = vocabulary
    self.tokens = tokens
    self.list = list
    self.merges = merges
  }

  /// Reads the value of `model`.
  init(_ section: FileSection) throws(Failure) {
    vocabulary = try section.section("vocab")
    list = try section.section("merges")
    tokens = try Self.tokens(vocabulary)
    merges = try Self.merges(list)
    if let dropout = try section.optional("dropout"), dropout.json.double != 0 {
      throw dropout.unsupported("merges are left out at random, so ids would differ every time")
    }
    options.unknownToken = try section.optional("unk_token")?.text()
    options.fusesUnknown = try section.optionalFlag("fuse_unk") ?? false
    options.fallsBackToBytes = try section.optionalFlag("byte_fallback") ?? false
    options.ignoresMerges = try section.optionalFlag("ignore_merges") ?? false
    options.prefix = try Self.affix("continuing_subword_prefix", section)
    options.suffix = try Self.affix("end_of_word_suffix", section)
  }

  /// Reads a vocabulary: an object of tokens and ids.
  static func tokens(_ vocabulary: FileSection) throws(Failure) -> [(text: String, id: Int)] {
    var tokens: [(text: String, id: Int)] = []
    for (text, value) in try vocabulary.entries() {
      guard let id = value.integer else {
        throw vocabulary.malformed("token '\(text)' has no whole number as its id")
      }
      tokens.append((text, id))
    }
    return tokens
  }

  private static func affix(_ key: String, _ section: FileSection) throws(Failure) -> [UInt8] {
    guard let affix = try section.optional(key) else { return [] }
    let text = try affix.text()
    // The reference library cuts off as many bytes as the prefix has characters.
    guard text.utf8.allSatisfy({ 0x21...0x7E ~= $0 }) else {
      throw affix.unsupported("'\(text)' has other than printable ASCII characters")
    }
    return Array(text.utf8)
  }

  /// A merge is `"a b"` in older files and `["a", "b"]` in newer ones.
  private static func merges(
    _ section: FileSection
  ) throws(Failure) -> [(left: String, right: String)] {
    guard let elements = section.json.array else { throw section.malformed("expected a list") }
    var merges: [(left: String, right: String)] = []
    merges.reserveCapacity(elements.count)
    for (i, element) in elements.enumerated() {
      if let line = element.string {
        if line.hasPrefix("#version") { continue }
        guard let merge = merge(line) else {
          throw section.malformed("merge \(i) '\(line)' is not two tokens with a space between")
        }
        merges.append(merge)
      } else if let pair = element.array, pair.count == 2, let left = pair[0].string,
        let right = pair[1].string
      {
        merges.append((left, right))
      } else {
        throw section.malformed("merge \(i) is not two tokens")
      }
    }
    return merges
  }

  /// The two tokens of a line; nil where it has one space too many or too few.
  static func merge(_ line: some StringProtocol) -> (left: String, right: String)? {
    let parts = line.utf8.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    guard parts.count == 2 else { return nil }
    return (String(decoding: parts[0], as: UTF8.self), String(decoding: parts[1], as: UTF8.self))
  }

  /// Throws `malformed` where the unknown token would be needed and is not there.
  func checkUnknown(_ id: Int32?, isNeverNeeded: Bool) throws(Failure) {
    guard let token = options.unknownToken, id == nil, !isNeverNeeded else { return }
    throw vocabulary.malformed("the unk_token '\(token)' is not in the vocabulary")
  }
}

extension BPEParts {
  /// What the model works with.
  struct Tables {
    var texts: TokenTable
    var words: TokenTable
    var merges: BPEMerges
    var vocabularySize: Int
    /// The tokens that can appear in words, as they do.
    var decoded: [(bytes: [UInt8], id: Int32)] = []
  }

  /// Checks tokens and merges, and puts them where they are found fast.
  ///
  /// - Parameter isByteLevel: whether tokens are in GPT-2's alphabet and words are not.
  /// - Returns: the tables.
  /// - Throws: `malformed` for ids that are negative, too large or used twice, and for merges of
  ///   tokens, or into tokens, that are not there.
  func tables(isByteLevel: Bool) throws(Failure) -> Tables {
    let byteCount = tokens.reduce(0) { $0 + $1.text.utf8.count }
    guard byteCount < TokenTable.byteLimit else {
      throw vocabulary.unsupported("the vocabulary has more than \(TokenTable.byteLimit) bytes")
    }
    var byText = TokenTable(count: tokens.count, byteCount: byteCount)
    var tables = Tables(
      texts: TokenTable(count: 0), words: TokenTable(count: tokens.count, byteCount: byteCount),
      merges: BPEMerges(count: merges.count), vocabularySize: 0)
    var others: [(bytes: [UInt8], id: Int32)] = []
    var seen: Set<Int32> = []
    seen.reserveCapacity(tokens.count)
    for (text, number) in tokens {
      guard number >= 0, let id = Int32(exactly: number), id < .max else {
        throw vocabulary.malformed("token '\(text)' has the id \(number), which is out of range")
      }
      guard seen.insert(id).inserted else {
        throw vocabulary.malformed("duplicate id \(id), one of its tokens is '\(text)'")
      }
      let bytes = Array(text.utf8)
      guard byText.insert(bytes, value: id) else {
        throw vocabulary.malformed("token '\(text)' is there twice")
      }
      tables.vocabularySize = max(tables.vocabularySize, number + 1)
      if let word = isByteLevel ? ByteAlphabet.bytes(of: text) : bytes {
        tables.decoded.append((word, id))
        _ = tables.words.insert(word, value: id)
      } else {
        others.append((bytes, id))
      }
    }
    tables.texts = TokenTable(count: others.count)
    for other in others { _ = tables.texts.insert(other.bytes, value: other.id) }
    try addMerges(to: &tables.merges, byText)
    return tables
  }

  private func addMerges(to table: inout BPEMerges, _ ids: TokenTable) throws(Failure) {
    for (rank, merge) in merges.enumerated() {
      func id(_ bytes: [UInt8]) throws(Failure) -> Int32 {
        let id = ids.value(bytes)
        guard id >= 0 else {
          throw list.malformed(
            "merge \(rank) '\(merge.left) \(merge.right)' needs the token "
              + "'\(String(decoding: bytes, as: UTF8.self))', which is not in the vocabulary")
        }
        return id
      }
      let left = Array(merge.left.utf8)
      let right = Array(merge.right.utf8)
      guard !left.isEmpty, right.count > options.prefix.count else {
        throw list.malformed("merge \(rank) '\(merge.left) \(merge.right)' joins nothing")
      }
      let rest = right.dropFirst(options.prefix.count)
      // Whether the right part has the prefix, nobody looks.
      guard let first = rest.first, first & 0xC0 != 0x80 else {
        throw list.malformed(
          "merge \(rank) '\(merge.left) \(merge.right)' has a prefix that ends inside a character")
      }
      table.insert(
        try id(left), try id(right), rank: UInt32(truncatingIfNeeded: rank),
        into: try id(left + rest))
    }
  }
}
