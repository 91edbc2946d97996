// Stage 0: finding the added tokens, such as a literal `[SEP]`, in a text before anything else
// happens to it, and in what normalization made of the rest.

import Core

/// The `added_tokens` of a `tokenizer.json`.
struct AddedTokens: Sendable {
  /// One added token, as the file describes it.
  struct Token: Sendable, Equatable {
    var id: Int32
    var content: String
    /// Not where a word character stands beside it.
    var isSingleWord = false
    /// White space to the left belongs to it.
    var stripsLeft = false
    /// White space to the right belongs to it.
    var stripsRight = false
    /// Looked for in the normalized text, and itself normalized for that.
    var isNormalized = false
  }

  /// A stretch of text between added tokens, or one of these.
  enum Piece: Equatable {
    case text(Range<Int>)
    case token(Int32)
  }

  /// What is found in the text as it is.
  private(set) var raw = Finder()
  /// What is found in the normalized text.
  private(set) var normalized = Finder()
  /// Highest id + 1; 0 without tokens.
  private(set) var vocabularySize = 0
  private var ids: [[UInt8]: Int32] = [:]

  /// Reads the tokens, and holds their ids against the vocabulary.
  ///
  /// The reference library does not read the ids: a token of the vocabulary keeps its id, any other
  /// gets the next free number. A file that says otherwise is refused.
  ///
  /// - Parameters:
  ///   - section: the value of `added_tokens`, a list; nil for none.
  ///   - model: the vocabulary that the tokens are added to.
  ///   - normalizer: what the normalized tokens go through.
  /// - Throws: `malformed` for an id that contradicts the vocabulary, a token that is there twice,
  ///   and one that is empty.
  init(
    _ section: FileSection?, model: any TokenModel, normalizer: Normalizer
  ) throws(Failure) {
    var entries: [(token: Token, place: FileSection)] = []
    for entry in try section?.list() ?? [] { entries.append((try Self.token(entry), entry)) }
    try self.init(checking: entries, model: model, normalizer: normalizer)
  }

  /// Takes tokens in the order in which they are added, each with where it stands, for messages.
  init(
    checking entries: [(token: Token, place: FileSection)], model: any TokenModel,
    normalizer: Normalizer
  ) throws(Failure) {
    var next = model.tokenCount
    for (token, place) in entries {
      let number = Int(token.id)
      if let known = model.id(of: token.content) {
        guard number == Int(known) else {
          throw place.malformed(
            "'\(token.content)' has the id \(number) here and \(known) in the vocabulary")
        }
      } else {
        guard number == next else {
          throw place.malformed("'\(token.content)' has the id \(number), expected \(next)")
        }
        next += 1
      }
      guard ids.updateValue(token.id, forKey: Array(token.content.utf8)) == nil else {
        throw place.malformed("'\(token.content)' is there twice")
      }
      if token.isNormalized, normalizer.normalized(Array(token.content.utf8)).isEmpty {
        throw place.malformed("nothing is left of '\(token.content)' after normalization")
      }
    }
    add(entries.map(\.token), normalizer: normalizer)
  }

  /// Takes tokens that are known to be without contradictions; no content is empty.
  init(_ tokens: [Token], normalizer: Normalizer) {
    for token in tokens { ids[Array(token.content.utf8)] = token.id }
    add(tokens, normalizer: normalizer)
  }

  /// Of two tokens that normalization makes equal the first wins; in the reference library it
  /// differs from one loading to the next which does.
  private mutating func add(_ tokens: [Token], normalizer: Normalizer) {
    for token in tokens {
      let content = Array(token.content.utf8)
      if token.isNormalized {
        normalized.add(token, pattern: normalizer.normalized(content))
      } else {
        raw.add(token, pattern: content)
      }
      vocabularySize = max(vocabularySize, Int(token.id) + 1)
    }
  }

  private static func token(_ entry: FileSection) throws(Failure) -> Token {
    let number = try entry.count("id")
    guard let id = Int32(exactly: number), id < .max else {
      throw entry.malformed("the id \(number) is out of range")
    }
    let content = try entry.text("content")
    if content.isEmpty { throw entry.malformed("the content is empty") }
    let token = Token(
      id: id, content: content,
      isSingleWord: try entry.flag("single_word"),
      stripsLeft: try entry.flag("lstrip"),
      stripsRight: try entry.flag("rstrip"),
      isNormalized: try entry.flag("normalized"))
    // Special tokens differ from others in decoding alone, but the key must make sense.
    _ = try entry.flag("special")
    return token
  }

  /// The id of an added token, exactly as it is written.
  func id(of token: String) -> Int32? { ids[Array(token.utf8)] }
}

extension AddedTokens {
  /// Finds tokens in a text: leftmost first, of several at one place the longest.
  struct Finder: Sendable {
    private var tokens: [Token] = []
    /// Pattern to place in `tokens`.
    private var patterns = ByteTrie(roots: 1)
    /// By byte: whether a pattern starts with it.
    private var starts = [Bool](repeating: false, count: 256)

    var isEmpty: Bool { tokens.isEmpty }

    /// Adds a pattern, not empty; where it is there already nothing changes.
    fileprivate mutating func add(_ token: Token, pattern: [UInt8]) {
      let place = Int32(tokens.count)
      if patterns.insert(pattern, value: place, root: 0) == place { tokens.append(token) }
      starts[Int(pattern[0])] = true
    }

    /// Cuts a range of a text at the tokens in it.
    ///
    /// - Parameters:
    ///   - bytes: UTF-8.
    ///   - range: the text; what is outside of it is as if it were not there.
    /// - Returns: the pieces in order, which cover the range; no text piece is empty.
    func pieces(of bytes: [UInt8], _ range: Range<Int>) -> [Piece] {
      if range.isEmpty { return [] }
      if isEmpty { return [.text(range)] }
      var pieces: [Piece] = []
      var done = range.lowerBound
      var at = range.lowerBound
      while at < range.upperBound {
        guard starts[Int(bytes[at])],
          let match = patterns.longestMatch(in: bytes, at..<range.upperBound, root: 0)
        else {
          at += 1
          continue
        }
        let token = tokens[Int(match.value)]
        let found = at..<match.end
        at = match.end
        if token.isSingleWord, Self.isInsideWord(bytes, found, of: range) { continue }
        let start =
          token.stripsLeft ? max(Self.left(of: found, bytes, range), done) : found.lowerBound
        // White space taken from the right may still start the next token, as in the library, unless
        // nothing of that would be left.
        let end = token.stripsRight ? Self.right(of: found, bytes, range) : found.upperBound
        if done < start { pieces.append(.text(done..<start)) }
        if start < end { pieces.append(.token(token.id)) }
        done = end
      }
      if done < range.upperBound { pieces.append(.text(done..<range.upperBound)) }
      return pieces
    }

    private static func isInsideWord(
      _ bytes: [UInt8], _ found: Range<Int>, of range: Range<Int>
    ) -> Bool {
      func isWord(at place: Int) -> Bool {
        let value = UTF8Decoding.scalar(in: bytes, at: place).value
        return CategoryTable.shared[value].contains(.word)
      }
      if found.lowerBound > range.lowerBound,
        isWord(at: UTF8Decoding.start(before: found.lowerBound, in: bytes))
      {
        return true
      }
      return found.upperBound < range.upperBound && isWord(at: found.upperBound)
    }

    /// Where the white space before a place begins.
    private static func left(
      of found: Range<Int>, _ bytes: [UInt8], _ range: Range<Int>
    ) -> Int {
      var place = found.lowerBound
      while place > range.lowerBound {
        let before = UTF8Decoding.start(before: place, in: bytes)
        let value = UTF8Decoding.scalar(in: bytes, at: before).value
        guard ScalarTable.shared[value].contains(.whitespace) else { break }
        place = before
      }
      return place
    }

    /// Where the white space behind a place ends.
    private static func right(
      of found: Range<Int>, _ bytes: [UInt8], _ range: Range<Int>
    ) -> Int {
      var place = found.upperBound
      while place < range.upperBound {
        let (value, length) = UTF8Decoding.scalar(in: bytes, at: place)
        guard ScalarTable.shared[value].contains(.whitespace) else { break }
        place += length
      }
      return place
    }
  }
}
