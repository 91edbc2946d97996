// Checkpoints without a `tokenizer.json` whose tokenizer is byte-level BPE: `vocab.json`, `merges.txt`
// and what `tokenizer_config.json` says of special tokens.
//
// Easy to get wrong: GPT-2 and Qwen put nothing around a text unless `add_bos_token` or
// `add_eos_token` says so, RoBERTa always does; a special token that the vocabulary does not have is
// added behind it.

import Core
import Foundation

/// The tokenizer classes that read these two files.
private enum BPEClass {
  case gpt2, roberta, qwen2

  /// By `tokenizer_class`, with or without `Fast` behind it.
  static let names: [String: BPEClass] = [
    "GPT2Tokenizer": .gpt2, "RobertaTokenizer": .roberta, "Qwen2Tokenizer": .qwen2,
  ]
  /// By `model_type` of `config.json`, where there is no `tokenizer_class`.
  static let modelTypes: [String: BPEClass] = [
    "gpt2": .gpt2, "roberta": .roberta, "qwen2": .qwen2, "qwen3": .qwen2,
  ]

  /// The special tokens in the order in which they are added, and what they are when no file says.
  var specialTokens: [(key: String, standard: String?)] {
    let end = "<|endoftext|>"
    switch self {
    case .gpt2:
      return [("bos_token", end), ("eos_token", end), ("unk_token", end), ("pad_token", nil)]
    case .roberta:
      return [
        ("bos_token", "<s>"), ("eos_token", "</s>"), ("unk_token", "<unk>"),
        ("sep_token", "</s>"), ("pad_token", "<pad>"), ("cls_token", "<s>"),
        ("mask_token", "<mask>"),
      ]
    case .qwen2:
      return [("bos_token", nil), ("eos_token", end), ("unk_token", end), ("pad_token", end)]
    }
  }
}

extension Tokenizer.Stages {
  /// Builds what the `transformers` class of the checkpoint builds from the same files.
  ///
  /// - Parameters:
  ///   - folder: the checkpoint, with a `vocab.json` and a `merges.txt`.
  ///   - configuration: the `tokenizer_config.json`.
  ///   - lowercasesFirst: whether a lower-casing goes before everything else.
  /// - Throws: `malformed` for files that contradict themselves or each other, `unsupported` for a
  ///   tokenizer class that reads them in another way.
  init(
    bpe folder: URL, _ configuration: TokenizerConfiguration, lowercasesFirst: Bool
  ) throws(Failure) {
    let vocabulary = try FileSection(parsing: folder.appending(path: "vocab.json"))
    let kind = try Self.bpeClass(folder, configuration, vocabulary)
    let list = FileSection(
      file: FilePaths.display(folder.appending(path: "merges.txt")), json: .null)
    let parts = BPEParts(
      vocabulary, tokens: try BPEParts.tokens(vocabulary),
      list, merges: try Self.merges(of: folder.appending(path: "merges.txt"), list))
    model = try BPE(parts, isByteLevel: true)

    var byteLevel = ByteLevel(
      addsPrefixSpace: try configuration.flag("add_prefix_space") ?? false,
      usesPattern: kind != .qwen2)
    byteLevel.translates = false
    preTokenizer = PreTokenizer(steps: [.byteLevel(byteLevel)])
    normalizer = Normalizer(steps: [])
    if kind == .qwen2 {
      normalizer.steps = [.form(.composed)]
      preTokenizer.steps.insert(.words(WordPatterns.qwen2), at: 0)
    }
    if lowercasesFirst { normalizer.steps.insert(.lowercase, at: 0) }

    let specials = try SpecialTokens(folder, configuration)
    let tokens = try specials.tokens(kind.specialTokens, model: model)
    addedTokens = try AddedTokens(checking: tokens, model: model, normalizer: normalizer)
    func ids(_ key: String, _ wanted: Bool) throws(Failure) -> [Int32] {
      let standard = kind.specialTokens.first { $0.key == key }?.standard
      guard wanted, let name = try specials.text(key) ?? standard else { return [] }
      guard let id = addedTokens.id(of: name) ?? model.id(of: name) else {
        throw vocabulary.malformed("the \(key) '\(name)' is not in the vocabulary")
      }
      return [id]
    }
    if kind == .roberta {
      postProcessor.opening = try ids("cls_token", true)
      postProcessor.closing = try ids("sep_token", true)
    } else {
      postProcessor.opening = try ids("bos_token", configuration.flag("add_bos_token") ?? false)
      postProcessor.closing = try ids("eos_token", configuration.flag("add_eos_token") ?? false)
    }
  }

  private static func bpeClass(
    _ folder: URL, _ configuration: TokenizerConfiguration, _ vocabulary: FileSection
  ) throws(Failure) -> BPEClass {
    var name = try configuration.className()
    var known = name.flatMap { BPEClass.names[$0.hasSuffix("Fast") ? String($0.dropLast(4)) : $0] }
    let config = folder.appending(path: "config.json")
    if name == nil, FilePaths.kind(of: config) != nil {
      let section = try FileSection(parsing: config, leniency: .nonFinite)
      name = try section.optional("model_type")?.text()
      known = name.flatMap { BPEClass.modelTypes[$0] }
    }
    guard let known else {
      let problem = name.map { "tokenizer class '\($0)' is not supported" }
      throw Failure(
        .unsupported, vocabulary.file,
        "without a tokenizer.json, " + (problem ?? "a tokenizer_class is needed"),
        hint: "use a checkpoint with a tokenizer.json, or one of "
          + BPEClass.names.keys.sorted().joined(separator: ", "))
    }
    return known
  }

  /// A merge a line; the first line may name the format's version.
  private static func merges(
    of url: URL, _ place: FileSection
  ) throws(Failure) -> [(left: String, right: String)] {
    guard let text = String(validating: try FileSection.bytes(of: url), as: UTF8.self) else {
      throw place.malformed("not UTF-8")
    }
    var merges: [(left: String, right: String)] = []
    // By scalars: a carriage return and a line feed are one character.
    for (i, line) in text.unicodeScalars.split(separator: "\n").enumerated() {
      if i == 0, String(line).hasPrefix("#version") { continue }
      let line = line.last == "\r" ? line.dropLast() : line
      guard let merge = BPEParts.merge(String(line)) else {
        throw place.malformed("merge '\(String(line))' is not two tokens with a space between")
      }
      merges.append(merge)
    }
    return merges
  }
}
