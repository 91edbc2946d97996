// Checkpoints without a tokenizer.json: the tokenizer that `transformers` builds from a SentencePiece
// `.model` file, for the class that tokenizer_config.json names.
// Easy to get wrong: XLM-R puts four tokens of its own in front of the fourth piece and the mask
// behind the last; T5 appends its extra ids, the highest first; Llama's merges are not in the file,
// every pair of pieces that makes a piece is one.

import Core
import Foundation

extension Tokenizer.Stages {
  /// Reads the `.model` file of a folder.
  ///
  /// - Parameters:
  ///   - folder: the checkpoint; the class in its configuration decides which file is read.
  ///   - configuration: its `tokenizer_config.json`.
  ///   - lowercasesFirst: whether a lower-casing goes before everything else.
  /// - Returns: nil where the folder has none of the files.
  /// - Throws: `unsupported` without a class that Borda knows, `missing` where its file is not there,
  ///   `malformed` for a file that is damaged or contradicts the configuration.
  static func sentencePiece(
    in folder: URL, _ configuration: TokenizerConfiguration, lowercasesFirst: Bool
  ) throws(Failure) -> Tokenizer.Stages? {
    let present = SentencePieceClass.fileNames.filter {
      FilePaths.kind(of: folder.appending(path: $0)) == .file
    }
    guard let first = present.first else { return nil }
    let place = FilePaths.display(folder.appending(path: first))
    let known = SentencePieceClass.allCases.map(\.rawValue).joined(separator: ", ")
    let name = try configuration.className()
    guard let name, let kind = SentencePieceClass(name: name) else {
      throw Failure(
        .unsupported, place,
        name.map { "without a tokenizer.json, tokenizer class '\($0)' is not supported" }
          ?? "without a tokenizer.json, tokenizer_config.json has to name the tokenizer_class",
        hint: "use a checkpoint with a tokenizer.json, or one of \(known)")
    }
    let file = folder.appending(path: kind.fileName)
    guard present.contains(kind.fileName) else {
      throw Failure(
        .missing, FilePaths.display(file), "\(name) needs this file, or a tokenizer.json")
    }
    let conversion = SentencePieceConversion(
      model: try SentencePieceModel(file: file), kind: kind, configuration: configuration)
    return try Tokenizer.Stages(conversion, lowercasesFirst: lowercasesFirst)
  }

  private init(
    _ conversion: SentencePieceConversion, lowercasesFirst: Bool
  ) throws(Failure) {
    let model = try conversion.tokenModel()
    normalizer = Normalizer(steps: try conversion.normalizerSteps())
    if lowercasesFirst { normalizer.steps.insert(.lowercase, at: 0) }
    preTokenizer = PreTokenizer(steps: try conversion.preTokenizerSteps())
    let added = AddedTokens(try conversion.addedTokens(model), normalizer: normalizer)
    postProcessor = try conversion.postProcessor { added.id(of: $0) ?? model.id(of: $0) }
    self.model = model
    addedTokens = added
  }
}

/// A model on its way into the stages of a tokenizer.
private struct SentencePieceConversion {
  let model: SentencePieceModel
  let kind: SentencePieceClass
  let configuration: TokenizerConfiguration

  func tokenModel() throws(Failure) -> any TokenModel {
    let isUnigram = kind == .xlmRoberta || kind == .t5
    guard model.modelType == (isUnigram ? .unigram : .bpe) else {
      throw model.place.unsupported(
        "a model of type \(model.modelType), but \(kind.rawValue) needs "
          + (isUnigram ? "unigram" : "bpe"))
    }
    guard model.escapesSpaces else {
      throw model.place.unsupported(
        "a model whose pieces have plain spaces, but \(kind.rawValue) writes them as '▁'")
    }
    return isUnigram
      ? try Unigram(unigramParts()) : try BPE(bpeParts(), isByteLevel: false)
  }

  private func special(_ key: String) throws(Failure) -> String {
    let standard = kind.specialTokens.first { $0.key == key }?.standard ?? ""
    return try configuration.specialToken(key, standard: standard)
  }

  // MARK: The vocabulary

  private func unigramParts() throws(Failure) -> Unigram.Parts {
    var tokens = model.pieces.map { (text: $0.text, score: Double($0.score)) }
    // Both classes have the unknown token at a fixed place.
    let place = kind == .t5 ? 2 : 0
    guard model.unknownID == place, tokens.count > 2 else {
      throw model.place.malformed(
        "the unknown piece has the id \(model.unknownID); for \(kind.rawValue) it has to be \(place)"
      )
    }
    if kind == .t5 {
      let count = try configuration.extraIDCount() ?? 100
      tokens += (0..<count).reversed().map { ("<extra_id_\($0)>", 0) }
      return try checked(tokens, unknown: 2)
    }
    let own = ["bos_token", "pad_token", "eos_token", "unk_token"]
    var all: [(text: String, score: Double)] = []
    for key in own { all.append((try special(key), 0)) }
    all += tokens[3...]
    all.append((try special("mask_token"), 0))
    return try checked(all, unknown: 3)
  }

  private func checked(
    _ tokens: [(text: String, score: Double)], unknown: Int
  ) throws(Failure) -> Unigram.Parts {
    var seen: Set<[UInt8]> = []
    seen.reserveCapacity(tokens.count)
    for token in tokens {
      guard seen.insert(Array(token.text.utf8)).inserted else {
        throw model.place.malformed(
          "'\(token.text)' is a piece, and a token that \(kind.rawValue) adds")
      }
    }
    return Unigram.Parts(place: model.place, tokens: tokens, unknown: unknown)
  }

  private func bpeParts() throws(Failure) -> BPEParts {
    var parts = BPEParts(
      model.place, tokens: model.pieces.enumerated().map { ($1.text, $0) },
      model.place, merges: merges())
    parts.options.unknownToken = model.pieces[model.unknownID].text
    parts.options.fusesUnknown = true
    parts.options.fallsBackToBytes = true
    return parts
  }

  /// All pairs of pieces that make a piece: pieces in the order of their ids, of one piece the pair
  /// with the shorter left part first.
  private func merges() -> [(left: String, right: String)] {
    let byteCount = model.pieces.reduce(0) { $0 + $1.text.utf8.count }
    var table = TokenTable(count: model.pieces.count, byteCount: byteCount)
    let pieces = model.pieces.map { Array($0.text.utf8) }
    for (id, piece) in pieces.enumerated() { _ = table.insert(piece, value: Int32(id)) }
    var merges: [(left: String, right: String)] = []
    for piece in pieces {
      for cut in piece.indices.dropFirst() where piece[cut] & 0xC0 != 0x80 {
        if table.value(piece, 0..<cut) >= 0, table.value(piece, cut..<piece.count) >= 0 {
          merges.append(
            (
              String(decoding: piece[..<cut], as: UTF8.self),
              String(decoding: piece[cut...], as: UTF8.self)
            ))
        }
      }
    }
    return merges
  }

  // MARK: The other stages

  func normalizerSteps() throws(Failure) -> [Normalizer.Step] {
    let spaces = Normalizer.Step.replace(SearchPattern(literal: " "), with: Metaspace.standardMark)
    switch kind {
    case .xlmRoberta, .t5:
      if model.charsmap.isEmpty { return [] }
      return [.precompiled(try PrecompiledCharsmap(blob: model.charsmap, model.place))]
    case .gemma:
      try refuseCharsmap()
      return [spaces]
    case .llama:
      try refuseCharsmap()
      guard try isLegacy() else { return [] }
      return try addsPrefix() ? [.prepend(Metaspace.standardMark), spaces] : [spaces]
    }
  }

  /// Their tokenizers normalize nothing, whatever the model says.
  private func refuseCharsmap() throws(Failure) {
    if model.charsmap.isEmpty { return }
    throw model.place.unsupported("a model that normalizes, which \(kind.rawValue) does not do")
  }

  func preTokenizerSteps() throws(Failure) -> [PreTokenizer.Step] {
    switch kind {
    case .xlmRoberta:
      let scheme: Metaspace.Scheme = try addsPrefix() ? .always : .never
      return [.whitespaceSplit, .metaspace(Metaspace(scheme: scheme))]
    case .t5: return [.whitespaceSplit, .metaspace(Metaspace())]
    case .gemma: return []
    case .llama:
      if try isLegacy() { return [] }
      return [.metaspace(Metaspace(scheme: try addsPrefix() ? .first : .never, splits: false))]
    }
  }

  private func addsPrefix() throws(Failure) -> Bool {
    try configuration.flag("add_prefix_space") ?? (kind != .llama || model.addsDummyPrefix)
  }

  /// Whether every stretch between special tokens begins with a mark, rather than the text alone.
  private func isLegacy() throws(Failure) -> Bool {
    guard let isLegacy = try configuration.flag("legacy") else { throw undecided("legacy") }
    return isLegacy
  }

  func postProcessor(_ id: (String) -> Int32?) throws(Failure) -> PostProcessor {
    func ids(_ key: String, _ isThere: Bool) throws(Failure) -> [Int32] {
      guard isThere else { return [] }
      let token = try special(key)
      guard let id = id(token) else {
        throw model.place.malformed("the \(key) '\(token)' is not among the pieces")
      }
      return [id]
    }
    switch kind {
    case .xlmRoberta:
      return PostProcessor(
        opening: try ids("bos_token", true), closing: try ids("eos_token", true))
    case .t5: return PostProcessor(opening: [], closing: try ids("eos_token", true))
    case .llama, .gemma:
      guard let opens = try configuration.flag("add_bos_token") else {
        throw undecided("add_bos_token")
      }
      let closes = try configuration.flag("add_eos_token") ?? false
      return PostProcessor(
        opening: try ids("bos_token", opens), closing: try ids("eos_token", closes))
    }
  }

  /// Versions of `transformers` disagree on what an absent key means.
  private func undecided(_ key: String) -> Failure {
    Failure(
      .malformed, model.place.file,
      "without a tokenizer.json, tokenizer_config.json has to say '\(key)' for \(kind.rawValue)",
      hint: "add the key, or use a checkpoint with a tokenizer.json")
  }

  // MARK: Added tokens

  /// The tokens that are looked for in a text before anything else, in the order of their ids: what
  /// the configuration lists, its special tokens, and the pieces that SentencePiece keeps whole.
  func addedTokens(_ tokenModel: any TokenModel) throws(Failure) -> [AddedTokens.Token] {
    var listed = try configuration.addedTokens()
    var contents = Set(listed.map(\.content))
    var next = Int32(tokenModel.vocabularySize)
    for token in listed {
      let known = tokenModel.id(of: token.content) ?? next
      guard known == token.id else {
        throw model.place.malformed(
          "'\(token.content)' has the id \(token.id) in tokenizer_config.json and \(known) here")
      }
      if known == next { next += 1 }
    }
    var names: [String] = []
    for (key, standard) in kind.specialTokens + [("pad_token", ""), ("mask_token", "")] {
      names.append(try configuration.specialToken(key, standard: standard))
    }
    names += model.pieces.filter { $0.kind == .control || $0.kind == .userDefined }.map(\.text)
    if kind == .t5 {
      names += (0..<(try configuration.extraIDCount() ?? 100)).map { "<extra_id_\($0)>" }
    }
    names += try configuration.furtherSpecialTokens()
    for name in names where !name.isEmpty && contents.insert(name).inserted {
      var id = tokenModel.id(of: name)
      if id == nil {
        id = next
        next += 1
      }
      listed.append(AddedTokens.Token(id: id ?? next, content: name))
    }
    return listed
  }
}
