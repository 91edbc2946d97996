// What `tokenizer_config.json` says: the length limit, and for checkpoints without a `tokenizer.json`
// how BERT's `vocab.txt` is meant.

import Core
import Foundation

/// The keys of `tokenizer_config.json` that matter here; all have defaults, the file may be absent.
struct TokenizerConfiguration {
  /// `model_max_length`; nil when absent, null, or one of the huge numbers that mean "no limit".
  private(set) var maxTokens: Int?
  /// nil without the file.
  let section: FileSection?

  /// Transformers writes 1e30 for "no limit"; no model has a length beyond a thousand million.
  private static let largestLimit = 1e9

  init(folder: URL) throws(Failure) {
    let url = folder.appending(path: "tokenizer_config.json")
    guard FilePaths.kind(of: url) != nil else {
      section = nil
      return
    }
    let section = try FileSection(parsing: url, leniency: .nonFinite)
    self.section = section
    if let limit = try section.optional("model_max_length") {
      guard let number = limit.json.double, number >= 1 else {
        throw limit.malformed("expected a number, 1 or more")
      }
      if number <= Self.largestLimit {
        guard let whole = Int(exactly: number) else {
          throw limit.malformed("expected a whole number")
        }
        maxTokens = whole
      }
    }
  }

  /// The tokenizer classes whose `vocab.txt` is BERT's, with or without `Fast` behind the name.
  private static let bertClasses = [
    "BertTokenizer", "DistilBertTokenizer", "ElectraTokenizer", "MobileBertTokenizer",
  ]

  /// Throws `unsupported` where `vocab.txt` would have to be read in another way than BERT's.
  func requireBert(_ vocabulary: FileSection) throws(Failure) {
    guard let name = try className() else { return }
    guard Self.bertClasses.contains(where: { name == $0 || name == $0 + "Fast" }) else {
      throw Failure(
        .unsupported, vocabulary.file,
        "without a tokenizer.json, tokenizer class '\(name)' is not supported",
        hint: "use a checkpoint with a tokenizer.json, or one of "
          + Self.bertClasses.joined(separator: ", "))
    }
  }

  /// `do_lower_case`, `strip_accents` and `tokenize_chinese_chars`, with the defaults of
  /// `transformers.BertTokenizer`.
  func normalizer() throws(Failure) -> Normalizer {
    let lowercases = try section?.optionalFlag("do_lower_case") ?? true
    return Normalizer(steps: [
      .bert(
        BertNormalizer(
          cleansText: true,
          separatesChinese: try section?.optionalFlag("tokenize_chinese_chars") ?? true,
          stripsAccents: try section?.optionalFlag("strip_accents") ?? lowercases,
          lowercases: lowercases))
    ])
  }

  /// The value of a key; nil when absent or null.
  func value(_ key: String) throws(Failure) -> FileSection? { try section?.optional(key) }

  /// The text of a special token.
  ///
  /// - Parameters:
  ///   - key: such as `cls_token`; its value is a string, or an object with `content`.
  ///   - standard: what it is when the file does not say.
  /// - Returns: the token as it is written in the vocabulary.
  /// - Throws: `malformed` for a value of another kind.
  func specialToken(_ key: String, standard: String) throws(Failure) -> String {
    guard let token = try section?.optional(key) else { return standard }
    return token.json.members == nil ? try token.text() : try token.text("content")
  }
}
