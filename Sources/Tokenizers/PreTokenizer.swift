// Stage 2: cutting a normalized text into words.

import Core

/// The `pre_tokenizer` of a `tokenizer.json`.
enum PreTokenizer: Sendable {
  /// Cut at white space, which vanishes; each punctuation character is a word of its own.
  case bert
  /// The whole text is one word.
  case none

  static let supported = ["BertPreTokenizer", "Sequence", "null"]

  /// Reads the value of `pre_tokenizer`; nil for null or absent.
  init(_ section: FileSection?) throws(Failure) {
    guard let section else {
      self = .none
      return
    }
    let type = try section.text("type")
    switch type {
    case "BertPreTokenizer": self = .bert
    case "Sequence":
      // Cutting twice in the same way changes nothing, so a sequence is one of the two, too.
      self = .none
      for part in try section.list("pretokenizers") {
        if case .bert = try PreTokenizer(part) { self = .bert }
      }
    default: throw section.unsupported("pre_tokenizer", type, Self.supported)
    }
  }

  /// The next word from a place on.
  ///
  /// - Parameters:
  ///   - bytes: UTF-8.
  ///   - place: where to look from; afterwards the end of the word, or of the text.
  ///   - end: where the text ends.
  ///   - table: `ScalarTable.shared`, fetched once per text.
  /// - Returns: a word that is not empty; nil after the last one.
  @inline(__always)
  func nextWord(
    in bytes: [UInt8], from place: inout Int, to end: Int, _ table: ScalarTable
  ) -> Range<Int>? {
    guard place < end else { return nil }
    guard case .bert = self else {
      defer { place = end }
      return place..<end
    }
    var start = place
    while place < end {
      let (value, length) = UTF8Decoding.scalar(in: bytes, at: place)
      let facts = table[value]
      if facts.isDisjoint(with: [.whitespace, .punctuation]) {
        place += length
      } else if start < place {
        return start..<place
      } else {
        place += length
        if facts.contains(.punctuation) { return start..<place }
        start = place
      }
    }
    return start < place ? start..<place : nil
  }
}
