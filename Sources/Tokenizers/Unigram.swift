// Stage 3: the Unigram model of SentencePiece. A word becomes the pieces whose scores have the
// largest sum.
// Easy to get wrong: of equal sums the one found first stays; what no piece covers scores 10 below
// the worst piece, and neighbours of that kind become one unknown token, or one token for each byte.

import Core

/// Finds the best path through a word (Viterbi), step for step as the reference library does, so
/// that rounding and ties fall the same way.
struct Unigram: TokenModel {
  /// Highest id + 1, which is how many tokens there are.
  let vocabularySize: Int

  private let pieces: UnigramTrie
  /// Log probabilities by id.
  private let scores: [Double]
  private let unknown: Int32
  private let unknownScore: Double
  /// By byte: the id of `<0x00>` … `<0xFF>`, -1 where there is none; empty without byte fallback.
  private let byteTokens: [Int32]

  /// How far below the worst piece an unknown character scores.
  private static let unknownPenalty = 10.0

  /// What a vocabulary file says, checked by the initializer.
  struct Parts {
    /// The file and the key in it, for messages.
    var place: FileSection
    /// In the order of their ids.
    var tokens: [(text: String, score: Double)]
    var unknown: Int
    /// Whether an unknown character becomes its bytes, where the vocabulary has them.
    var fallsBackToBytes = false
  }

  /// Reads the value of `model` with `type` Unigram.
  init(_ section: FileSection) throws(Failure) {
    let vocabulary = try section.section("vocab")
    guard let entries = vocabulary.json.array else { throw vocabulary.malformed("expected a list") }
    var tokens: [(text: String, score: Double)] = []
    tokens.reserveCapacity(entries.count)
    for (id, entry) in entries.enumerated() {
      guard let pair = entry.array, pair.count == 2, let text = pair[0].string,
        let score = UnigramScore.value(of: pair[1])
      else { throw vocabulary.malformed("entry \(id) is not a pair of a token and its score") }
      tokens.append((text, score))
    }
    let fallsBack = try section.optionalFlag("byte_fallback") ?? false
    // The library loads a model without one, and fails at the first unknown character.
    guard try section.optional("unk_id") != nil else {
      throw section.unsupported("a Unigram model without an 'unk_id' cannot read every text")
    }
    try self.init(
      Parts(
        place: section, tokens: tokens, unknown: try section.count("unk_id"),
        fallsBackToBytes: fallsBack))
  }

  /// Checks the parts, and puts the pieces where they are found fast.
  ///
  /// - Parameter parts: what the file says.
  /// - Throws: `malformed` for an unknown token that is not there and for a score that is not
  ///   finite; `unsupported` for a vocabulary of more than 16 MiB.
  init(_ parts: Parts) throws(Failure) {
    let place = parts.place
    guard parts.tokens.indices.contains(parts.unknown) else {
      throw place.malformed(
        "unk_id is \(parts.unknown), but the vocabulary has \(parts.tokens.count) tokens")
    }
    let byteCount = parts.tokens.reduce(0) { $0 + $1.text.utf8.count }
    guard byteCount < UnigramTrie.byteLimit, parts.tokens.count < Int32.max else {
      throw place.unsupported("the vocabulary has more than \(UnigramTrie.byteLimit) bytes")
    }
    var lowest = Double.infinity
    for (id, token) in parts.tokens.enumerated() {
      guard token.score.isFinite else {
        throw place.malformed("the score of token \(id), '\(token.text)', is \(token.score)")
      }
      lowest = min(lowest, token.score)
    }
    // Of a token that is there twice the last id counts, as in the library. No word is empty, so an
    // empty token is never used.
    pieces = UnigramTrie(parts.tokens.map { Array($0.text.utf8) })
    scores = parts.tokens.map(\.score)
    unknown = Int32(parts.unknown)
    unknownScore = lowest - Self.unknownPenalty
    vocabularySize = parts.tokens.count
    byteTokens = parts.fallsBackToBytes ? Self.byteTokens(in: pieces) : []
  }

  private static func byteTokens(in pieces: UnigramTrie) -> [Int32] {
    (0..<256).map { byte in
      let digits = String(byte, radix: 16, uppercase: true)
      return pieces.value(of: "<0x\(byte < 16 ? "0" : "")\(digits)>".utf8) ?? -1
    }
  }

  /// The id of a token, exactly as it is written.
  func id(of token: String) -> Int32? { pieces.value(of: token.utf8) }

  /// The best way to reach a place in a word.
  private struct Node {
    /// Sum of the scores of the pieces up to here.
    var score: Double
    /// How many bytes the last of them has; 0 where no path arrives.
    var length: Int32
    var id: Int32
  }

  /// Appends the ids of one word, which is not empty: at least one id.
  func append(_ text: [UInt8], _ word: Range<Int>, to ids: inout [Int32]) {
    // One path of nodes per word, on the stack where it is short: no word allocates.
    withUnsafeTemporaryAllocation(of: Node.self, capacity: word.count + 1) { path in
      path.initialize(repeating: Node(score: 0, length: 0, id: 0))
      findBestPath(text, word, path)
      appendPath(text, word, path, to: &ids)
    }
  }

  /// Goes through the word from left to right; from every place that a character starts at, all
  /// pieces that start there are tried, the shortest first.
  private func findBestPath(
    _ text: [UInt8], _ word: Range<Int>, _ path: UnsafeMutableBufferPointer<Node>
  ) {
    var at = word.lowerBound
    while at < word.upperBound {
      let here = path[at - word.lowerBound].score
      let width = UTF8Decoding.width(of: text[at])
      var isCovered = false
      pieces.forEachMatch(in: text, at..<word.upperBound) { end, id in
        isCovered = isCovered || end - at == width
        Self.arrive(&path[end - word.lowerBound], here + scores[Int(id)], end - at, id)
      }
      if !isCovered {
        Self.arrive(&path[at + width - word.lowerBound], here + unknownScore, width, unknown)
      }
      at += width
    }
  }

  @inline(__always)
  private static func arrive(_ node: inout Node, _ score: Double, _ length: Int, _ id: Int32) {
    if node.length == 0 || score > node.score {
      node = Node(score: score, length: Int32(truncatingIfNeeded: length), id: id)
    }
  }

  /// Follows the path back from the end of the word.
  private func appendPath(
    _ text: [UInt8], _ word: Range<Int>, _ path: UnsafeMutableBufferPointer<Node>,
    to ids: inout [Int32]
  ) {
    let first = ids.count
    var end = word.upperBound
    while end > word.lowerBound {
      let node = path[end - word.lowerBound]
      var start = end - Int(node.length)
      if node.id == unknown {
        // Unknown neighbours fuse.
        while start > word.lowerBound {
          let before = path[start - word.lowerBound]
          guard before.id == unknown else { break }
          start -= Int(before.length)
        }
        appendUnknown(text, start..<end, to: &ids)
      } else {
        ids.append(node.id)
      }
      end = start
    }
    ids[first...].reverse()
  }

  /// Appends what a stretch of unknown characters becomes, its last id first.
  ///
  /// The stretch may be a token all the same: the unknown token as it is written, or one that
  /// scores less than its characters one by one.
  private func appendUnknown(_ text: [UInt8], _ stretch: Range<Int>, to ids: inout [Int32]) {
    if let id = pieces.value(of: text[stretch]) {
      ids.append(id)
    } else if !byteTokens.isEmpty, text[stretch].allSatisfy({ byteTokens[Int($0)] >= 0 }) {
      for byte in text[stretch].reversed() { ids.append(byteTokens[Int(byte)]) }
    } else {
      ids.append(unknown)
    }
  }
}
