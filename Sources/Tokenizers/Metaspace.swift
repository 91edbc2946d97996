// Stage 2 of SentencePiece models: spaces become visible (`▁`) and part of the words behind them.
// Easy to get wrong: a mark goes in front of a word only where none is there; with `first` only where
// the text itself begins, not behind a special token.

import Core

/// The pre-tokenizer `Metaspace`.
struct Metaspace: Sendable, Equatable {
  /// Where a mark is put in front.
  enum Scheme: String, Sendable { case always, first, never }

  /// The mark in place of a space: one character, as UTF-8.
  var mark: [UInt8]
  var scheme: Scheme
  /// Whether every mark starts a word of its own.
  var splits: Bool

  static let standardMark = Array("\u{2581}".utf8)

  init(mark: [UInt8] = Self.standardMark, scheme: Scheme = .always, splits: Bool = true) {
    self.mark = mark
    self.scheme = scheme
    self.splits = splits
  }

  /// Reads both forms: `add_prefix_space` of older files, `prepend_scheme` of newer ones.
  init(_ section: FileSection) throws(Failure) {
    let text = try section.text("replacement")
    guard text.unicodeScalars.count == 1 else {
      throw section.malformed("the replacement '\(text)' is not one character")
    }
    mark = Array(text.utf8)
    scheme = .always
    if let named = try section.optional("prepend_scheme") {
      let name = try named.text()
      guard let known = Scheme(rawValue: name) else {
        throw named.malformed("'\(name)' is none of always, first, never")
      }
      scheme = known
    }
    if try section.optionalFlag("add_prefix_space") == false, scheme != .never {
      // The library refuses this, too.
      throw section.malformed(
        "'add_prefix_space' is false, which contradicts the prepend_scheme '\(scheme.rawValue)'",
        hint: "set 'prepend_scheme' to 'never'")
    }
    splits = try section.optionalFlag("split") ?? true
  }

  /// Refuses `first` behind another cut.
  ///
  /// There the library asks whether a word begins at the first byte of the text before normalization,
  /// which is no longer known here.
  ///
  /// - Parameters:
  ///   - steps: all of a pre-tokenizer.
  ///   - section: where it stands.
  /// - Throws: `unsupported`.
  static func check(_ steps: [PreTokenizer.Step], _ section: FileSection) throws(Failure) {
    for step in steps.dropFirst() {
      guard case .metaspace(let metaspace) = step, metaspace.scheme == .first else { continue }
      throw Failure(
        .unsupported, section.file,
        "pre_tokenizer: Metaspace with the prepend_scheme 'first' behind another pre-tokenizer",
        hint: "use a tokenizer whose Metaspace prepends always or never, or comes first")
    }
  }

  func cut(_ words: inout Words) {
    words.rewrite { bytes, range, isFirst, made, ranges in
      append(bytes, range, startsText: isFirst, &made, &ranges)
    }
  }

  private func append(
    _ bytes: [UInt8], _ range: Range<Int>, startsText: Bool, _ made: inout [UInt8],
    _ ranges: inout [Range<Int>]
  ) {
    var start = made.count
    let hasMark =
      bytes[range.lowerBound] == UInt8(ascii: " ") || isMark(bytes, range.lowerBound, range)
    if !hasMark, scheme == .always || scheme == .first && startsText {
      made.append(contentsOf: mark)
    }
    var at = range.lowerBound
    while at < range.upperBound {
      let isSpace = bytes[at] == UInt8(ascii: " ")
      guard isSpace || isMark(bytes, at, range) else {
        made.append(bytes[at])
        at += 1
        continue
      }
      if splits, start < made.count {
        ranges.append(start..<made.count)
        start = made.count
      }
      made.append(contentsOf: mark)
      at += isSpace ? 1 : mark.count
    }
    ranges.append(start..<made.count)
  }

  /// Whether the mark stands at a place.
  @inline(__always)
  private func isMark(_ bytes: [UInt8], _ at: Int, _ range: Range<Int>) -> Bool {
    guard bytes[at] == mark[0], range.upperBound - at >= mark.count else { return false }
    for i in mark.indices where bytes[at + i] != mark[i] { return false }
    return true
  }
}
