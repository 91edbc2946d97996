// SentencePiece-like BPE gets a whole text as one word. No merge reaches across a place that lies
// inside no token, so the text may be cut there, and most cuts lie before a `▁`.

/// Where a word may be cut without changing the merges: before a `▁` behind most characters.
struct BPEBoundary: Sendable {
  /// `▁`, U+2581.
  private static let mark: [UInt8] = [0xE2, 0x96, 0x81]

  /// The last bytes of characters that stand before a `▁` in a token, by byte.
  private var joins = [Bool](repeating: false, count: 256)

  /// nil where tokens do not tell where merges end: with a prefix or a suffix, where whole words go
  /// before merges, where unknown and byte tokens are merged, and where the mark itself is unknown.
  init?(_ parts: BPEParts) {
    let options = parts.options
    guard options.prefix.isEmpty, options.suffix.isEmpty, !options.ignoresMerges else { return nil }
    for merge in parts.merges {
      for token in [merge.left, merge.right]
      where token == options.unknownToken || token.hasPrefix("<0x") {
        return nil
      }
    }
    var isUseful = false
    for token in parts.tokens {
      let bytes = Array(token.text.utf8)
      for i in bytes.indices.dropLast(2)
      where bytes[i] == Self.mark[0] && bytes[i + 1] == Self.mark[1] && bytes[i + 2] == Self.mark[2]
      {
        if bytes.count == 3 { isUseful = true }
        if i > 0 { joins[Int(bytes[i - 1])] = true }
      }
    }
    guard isUseful else { return nil }
  }

  /// Calls `body` with the parts of a word, in order.
  @inline(__always)
  func cut(_ text: [UInt8], _ word: Range<Int>, _ body: (Range<Int>) -> Void) {
    var start = word.lowerBound
    var at = start + 1
    while at + 3 <= word.upperBound {
      if text[at] == Self.mark[0], text[at + 1] == Self.mark[1], text[at + 2] == Self.mark[2],
        !joins[Int(text[at - 1])]
      {
        body(start..<at)
        start = at
        at += 3
      } else {
        at += 1
      }
    }
    body(start..<word.upperBound)
  }
}
