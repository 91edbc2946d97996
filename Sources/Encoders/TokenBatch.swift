// Token ids on their way to the model: the tokens of all texts of a request, how they are cut into
// batches, and one batch end to end, without padding.

import Core
import Synchronization
import Tokenizers

/// The texts of one forward pass, end to end: a ragged batch.
struct TokenBatch: Sendable {
  /// The tokens of all texts, [tokens].
  private(set) var ids: [Int32] = []
  /// Each token's place in its own text, from 0, [tokens].
  private(set) var positions: [Int32] = []
  /// Where each text ends in `ids`, [texts].
  private var ends: [Int] = []

  /// Reserves the memory for a batch of at most `capacity` tokens.
  init(capacity: Int) {
    ids.reserveCapacity(capacity)
    positions.reserveCapacity(capacity)
    ends.reserveCapacity(capacity)
  }

  /// How many texts.
  var count: Int { ends.count }

  /// The rows of text number `text`.
  func tokens(of text: Int) -> Range<Int> {
    (text == 0 ? 0 : ends[text - 1])..<ends[text]
  }

  /// Adds a text.
  mutating func append(_ tokens: some Collection<Int32>) {
    ids.append(contentsOf: tokens)
    positions.append(contentsOf: 0..<Int32(tokens.count))
    ends.append(ids.count)
  }

  /// Makes room for the next batch and keeps the memory.
  mutating func removeAll() {
    ids.removeAll(keepingCapacity: true)
    positions.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
  }
}

/// The tokens of many texts, in pieces as the workers produced them.
struct TokenizedTexts: Sendable {
  /// Texts in each piece but the last.
  private let pieceSize: Int
  private var pieces: [Piece]
  /// Tokens of each text.
  private(set) var lengths: [Int] = []
  /// Whether each text lost its end.
  private(set) var isTruncated: [Bool] = []

  private struct Piece: Sendable {
    var ids: [Int32] = []
    var ends: [Int] = []
    var isTruncated: [Bool] = []
  }

  /// Most tokens of one text.
  var longest: Int { lengths.max() ?? 0 }

  /// Tokens of all texts.
  var tokens: Int { pieces.reduce(0) { $0 + $1.ids.count } }

  /// Tokenises `prompt` + text for every text, in several threads; nil for `maxTokens` cuts none.
  ///
  /// - Returns: nil when the task is cancelled before the end.
  static func tokenize(
    _ texts: [String], prompt: String, with tokenizer: Tokenizer, maxTokens: Int?, threads: Int
  ) async -> TokenizedTexts? {
    // Pieces small enough to share the work, large enough to cost nothing by themselves.
    let pieceSize = min(256, max(1, texts.count / (4 * threads)))
    let count = (texts.count + pieceSize - 1) / pieceSize
    let pieces = PieceStore(count: count)
    let failure: Never? = await inParallel(count, threads: threads) { next in
      while let number = await next() {
        var piece = Piece()
        for text in texts[number * pieceSize..<min((number + 1) * pieceSize, texts.count)] {
          let tokens = tokenizer.tokenize(
            prompt.isEmpty ? text : prompt + text, maxTokens: maxTokens)
          piece.ids.append(contentsOf: tokens.ids)
          piece.ends.append(piece.ids.count)
          piece.isTruncated.append(tokens.isTruncated)
        }
        pieces.put(piece, at: number)
      }
    }
    assert(failure == nil)
    return pieces.all().map { TokenizedTexts(pieceSize: pieceSize, pieces: $0) }
  }

  private init(pieceSize: Int, pieces: [Piece]) {
    self.pieceSize = pieceSize
    self.pieces = pieces
    for piece in pieces {
      var start = 0
      for end in piece.ends {
        lengths.append(end - start)
        start = end
      }
      isTruncated += piece.isTruncated
    }
  }

  /// What each text is to the model.
  var costs: [TextCost] {
    zip(lengths, isTruncated).map { TextCost(tokens: $0, isTruncated: $1) }
  }

  /// The token ids of one text.
  func ids(of text: Int) -> ArraySlice<Int32> {
    let piece = pieces[text / pieceSize]
    let place = text % pieceSize
    return piece.ids[(place == 0 ? 0 : piece.ends[place - 1])..<piece.ends[place]]
  }

  private final class PieceStore: Sendable {
    private let pieces: Mutex<[Piece?]>
    init(count: Int) { pieces = Mutex(Array(repeating: nil, count: count)) }

    func put(_ piece: Piece, at number: Int) { pieces.withLock { $0[number] = piece } }

    /// All pieces, or nil where one is missing.
    func all() -> [Piece]? {
      pieces.withLock { pieces in
        let present = pieces.compactMap { $0 }
        return present.count == pieces.count ? present : nil
      }
    }
  }
}

/// Which texts go through the model together.
struct BatchPlan: Sendable {
  /// Every text once, longest first, so that the last batches are short and workers end together.
  let order: [Int]
  /// Ranges of `order`.
  let batches: [Range<Int>]

  /// Fills batches up to `budget` tokens; a longer text is a batch of its own.
  ///
  /// A text without tokens counts as one: no batch holds more texts than tokens are allowed.
  init(lengths: [Int], budget: Int) {
    let lengths = lengths.map { max($0, 1) }
    order = lengths.indices.sorted { (lengths[$1], $0) < (lengths[$0], $1) }
    var batches: [Range<Int>] = []
    var start = 0
    var tokens = 0
    for (place, text) in order.enumerated() {
      if place > start, tokens + lengths[text] > budget {
        batches.append(start..<place)
        start = place
        tokens = 0
      }
      tokens += lengths[text]
    }
    if start < order.count { batches.append(start..<order.count) }
    self.batches = batches
  }
}
