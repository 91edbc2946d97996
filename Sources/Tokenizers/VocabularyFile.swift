// BERT's `vocab.txt`, for checkpoints without a `tokenizer.json`: a token a line, the number of the
// line (from 0) is its id.

import Core
import Foundation

extension Tokenizer.Stages {
  /// Builds what `transformers.BertTokenizer` builds from the same files.
  ///
  /// - Parameters:
  ///   - url: the `vocab.txt`.
  ///   - configuration: the `tokenizer_config.json` beside it.
  ///   - lowercasesFirst: whether a lower-casing goes before everything else.
  /// - Throws: `malformed` for a vocabulary without the tokens that the configuration names,
  ///   `unsupported` for a tokenizer class that reads it in another way.
  init(
    vocabulary url: URL, _ configuration: TokenizerConfiguration, lowercasesFirst: Bool
  ) throws(Failure) {
    let place = FileSection(file: FilePaths.display(url), json: .null)
    try configuration.requireBert(place)
    let lines = try Self.lines(of: url, place)
    let unknown = try configuration.specialToken("unk_token", standard: "[UNK]")
    model = try WordPiece(
      WordPiece.Parts(
        place: place, tokens: lines.enumerated().map { ($1, $0) }, unknownToken: unknown))
    normalizer = try configuration.normalizer()
    if lowercasesFirst { normalizer.steps.insert(.lowercase, at: 0) }
    preTokenizer = PreTokenizer(steps: [.bert])

    var specials: [String: Int32] = [:]
    for (key, standard) in [
      ("unk_token", "[UNK]"), ("sep_token", "[SEP]"), ("pad_token", "[PAD]"),
      ("cls_token", "[CLS]"), ("mask_token", "[MASK]"),
    ] {
      let token = try configuration.specialToken(key, standard: standard)
      // A text needs no padding and no mask, so a vocabulary may be without them.
      guard let id = model.id(of: token) else {
        if key == "pad_token" || key == "mask_token" { continue }
        throw place.malformed("the \(key) '\(token)' is not in the vocabulary")
      }
      specials[token] = id
      if key == "cls_token" { postProcessor.opening = [id] }
      if key == "sep_token" { postProcessor.closing = [id] }
    }
    let tokens = specials.sorted { $0.value < $1.value }
      .map { AddedTokens.Token(id: $0.value, content: $0.key) }
    addedTokens = AddedTokens(tokens, normalizer: normalizer)
  }

  private static func lines(of url: URL, _ place: FileSection) throws(Failure) -> [String] {
    var lines = try FileSection.bytes(of: url).split(
      separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    if lines.isEmpty { throw place.malformed("the vocabulary is empty") }
    var texts: [String] = []
    texts.reserveCapacity(lines.count)
    for line in lines {
      let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
      guard let text = String(validating: line, as: UTF8.self) else {
        throw place.malformed("line \(texts.count + 1) is not UTF-8")
      }
      texts.append(text)
    }
    return texts
  }
}
