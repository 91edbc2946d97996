// Which tokenizer classes of `transformers` keep their vocabulary in a SentencePiece `.model` file, under
// which name, and what tokenizer_config.json adds to it.

import Core
import Foundation

/// The tokenizer classes whose `.model` file Borda reads.
enum SentencePieceClass: String, CaseIterable {
  case xlmRoberta = "XLMRobertaTokenizer"
  case t5 = "T5Tokenizer"
  case llama = "LlamaTokenizer"
  case gemma = "GemmaTokenizer"

  /// What the class calls its file.
  var fileName: String {
    switch self {
    case .xlmRoberta: "sentencepiece.bpe.model"
    case .t5: "spiece.model"
    case .llama, .gemma: "tokenizer.model"
    }
  }

  /// The special tokens that a class has where the configuration does not name them.
  var specialTokens: [(key: String, standard: String)] {
    switch self {
    case .xlmRoberta:
      [
        ("bos_token", "<s>"), ("eos_token", "</s>"), ("unk_token", "<unk>"),
        ("sep_token", "</s>"), ("pad_token", "<pad>"), ("cls_token", "<s>"),
        ("mask_token", "<mask>"),
      ]
    case .t5: [("eos_token", "</s>"), ("unk_token", "<unk>"), ("pad_token", "<pad>")]
    case .llama: [("bos_token", "<s>"), ("eos_token", "</s>"), ("unk_token", "<unk>")]
    case .gemma:
      [
        ("bos_token", "<bos>"), ("eos_token", "<eos>"), ("unk_token", "<unk>"),
        ("pad_token", "<pad>"), ("mask_token", "<mask>"),
      ]
    }
  }

  static let fileNames = Set(allCases.map(\.fileName)).sorted()

  /// The class with or without `Fast` behind its name; nil for any other.
  init?(name: String) {
    let plain = name.hasSuffix("Fast") ? String(name.dropLast(4)) : name
    guard let known = SentencePieceClass(rawValue: plain) else { return nil }
    self = known
  }
}

extension TokenizerConfiguration {
  /// `tokenizer_class`; nil when absent.
  func className() throws(Failure) -> String? {
    try section?.optional("tokenizer_class")?.text()
  }

  func flag(_ key: String) throws(Failure) -> Bool? { try section?.optionalFlag(key) }

  /// `extra_ids` of T5.
  func extraIDCount() throws(Failure) -> Int? {
    guard let section, let value = try section.optional("extra_ids") else { return nil }
    let count = try section.count("extra_ids")
    guard count <= 100_000 else { throw value.malformed("\(count) extra ids, expected 100 or so") }
    return count
  }

  /// `added_tokens_decoder`, in the order of the ids.
  func addedTokens() throws(Failure) -> [AddedTokens.Token] {
    guard let decoder = try section?.optional("added_tokens_decoder") else { return [] }
    var tokens: [AddedTokens.Token] = []
    for (number, _) in try decoder.entries() {
      let entry = try decoder.section(number)
      guard let id = Int32(number), id >= 0, id < .max else {
        throw decoder.malformed("'\(number)' is no id")
      }
      let content = try entry.text("content")
      if content.isEmpty { throw entry.malformed("the content is empty") }
      tokens.append(
        AddedTokens.Token(
          id: id, content: content,
          isSingleWord: try entry.optionalFlag("single_word") ?? false,
          stripsLeft: try entry.optionalFlag("lstrip") ?? false,
          stripsRight: try entry.optionalFlag("rstrip") ?? false,
          isNormalized: try entry.optionalFlag("normalized") ?? false))
    }
    return tokens.sorted { $0.id < $1.id }
  }

  /// `additional_special_tokens`, or `extra_special_tokens` as it is called now.
  func furtherSpecialTokens() throws(Failure) -> [String] {
    var names: [String] = []
    for key in ["additional_special_tokens", "extra_special_tokens"] {
      guard let list = try section?.optional(key), list.json.array != nil else { continue }
      for entry in try list.list() {
        names.append(
          entry.json.members == nil ? try entry.text() : try entry.text("content"))
      }
    }
    return names
  }
}
