// Stage 3: a word becomes the longest pieces that the vocabulary has, from left to right.

import Core

/// The WordPiece model of BERT: greedy longest match first.
///
/// A word that cannot be cut into known pieces to its end is one unknown token as a whole, and so is
/// a word of too many characters (scalars).
struct WordPiece: Sendable {
  /// Highest id + 1.
  let vocabularySize: Int
  /// How many tokens there are; smaller than `vocabularySize` where ids have gaps.
  let tokenCount: Int

  private var pieces = ByteTrie(roots: 2)
  private let unknown: Int32
  private let characterLimit: Int

  /// The pieces that start a word: all tokens, as they are written.
  private static let start = 0
  /// The pieces that go on: the tokens with the prefix (`##`), without it.
  private static let continuation = 1

  /// What a vocabulary file says, checked by the initializer.
  struct Parts {
    /// The file and the key in it, for messages.
    var place: FileSection
    var tokens: [(text: String, id: Int)]
    var unknownToken = "[UNK]"
    var prefix = "##"
    var characterLimit = 100
  }

  /// Reads the value of `model` with `type` WordPiece.
  init(_ section: FileSection) throws(Failure) {
    let vocabulary = try section.section("vocab")
    var tokens: [(text: String, id: Int)] = []
    for (text, value) in try vocabulary.entries() {
      guard let id = value.integer else {
        throw vocabulary.malformed("token '\(text)' has no whole number as its id")
      }
      tokens.append((text, id))
    }
    try self.init(
      Parts(
        place: vocabulary, tokens: tokens,
        unknownToken: try section.text("unk_token"),
        prefix: try section.text("continuing_subword_prefix"),
        characterLimit: try section.count("max_input_chars_per_word")))
  }

  /// Checks the parts, and puts the pieces where they are found fast.
  ///
  /// - Parameter parts: what the file says.
  /// - Throws: `malformed` for ids that are negative, too large or used twice, for a token that is
  ///   there twice, and for an unknown token that is not there; `unsupported` for a vocabulary of
  ///   more than 8 MiB.
  init(_ parts: Parts) throws(Failure) {
    let place = parts.place
    // Twice: a token may start a word and continue one.
    let byteCount = parts.tokens.reduce(0) { $0 + $1.text.utf8.count } * 2
    guard byteCount < ByteTrie.byteLimit else {
      throw place.unsupported("the vocabulary has more than \(ByteTrie.byteLimit / 2) bytes")
    }
    var seen: Set<Int32> = []
    seen.reserveCapacity(parts.tokens.count)
    let prefix = Array(parts.prefix.utf8)
    for (text, number) in parts.tokens {
      guard number >= 0, let id = Int32(exactly: number), id < .max else {
        throw place.malformed("token '\(text)' has the id \(number), which is out of range")
      }
      guard seen.insert(id).inserted else {
        throw place.malformed("duplicate id \(id), one of its tokens is '\(text)'")
      }
      // No word is empty, so an empty token is never used; its id is taken all the same.
      if text.isEmpty { continue }
      guard pieces.insert(text.utf8, value: id, root: Self.start) == id else {
        throw place.malformed("token '\(text)' is there twice")
      }
      let rest = text.utf8.dropFirst(prefix.count)
      if text.utf8.starts(with: prefix), !rest.isEmpty {
        pieces.insert(rest, value: id, root: Self.continuation)
      }
    }
    guard let unknown = pieces.value(of: parts.unknownToken.utf8, root: Self.start) else {
      throw place.malformed("the unk_token '\(parts.unknownToken)' is not in the vocabulary")
    }
    self.unknown = unknown
    characterLimit = parts.characterLimit
    tokenCount = parts.tokens.count
    vocabularySize = Int(seen.max() ?? -1) + 1
  }

  /// The id of a token, exactly as it is written.
  func id(of token: String) -> Int32? { pieces.value(of: token.utf8, root: Self.start) }

  /// Appends the ids of one word, which is not empty: at least one id.
  @inline(__always)
  func append(_ bytes: [UInt8], _ word: Range<Int>, to ids: inout [Int32]) {
    if word.count > characterLimit, isTooLong(bytes, word) {
      ids.append(unknown)
      return
    }
    let before = ids.count
    var at = word.lowerBound
    while at < word.upperBound {
      let root = at == word.lowerBound ? Self.start : Self.continuation
      guard let piece = pieces.longestMatch(in: bytes, at..<word.upperBound, root: root) else {
        ids.removeSubrange(before...)
        ids.append(unknown)
        return
      }
      ids.append(piece.value)
      at = piece.end
    }
  }

  private func isTooLong(_ bytes: [UInt8], _ word: Range<Int>) -> Bool {
    var count = 0
    for i in word where bytes[i] & 0xC0 != 0x80 { count += 1 }
    return count > characterLimit
  }
}
