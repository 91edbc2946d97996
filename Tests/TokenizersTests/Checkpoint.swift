// Tiny tokenizers for the tests: the files of a checkpoint, written into a temporary folder.

import Core
import Foundation
import Tokenizers

/// What goes into a `tokenizer.json`; a test changes what it is about.
struct Checkpoint {
  /// Tokens in the order of their ids.
  var tokens = [
    "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]",  // 0…4
    "un", "##aff", "##able", "the", "man", "##man", "e", "##e", "!",  // 5…13
    "中", "文", "cafe", "café", "i", "##i", "s", "##s", "n", "##n", "ς", "σ",  // 14…25
  ]
  var normalizer = bert(clean: true, chinese: true, strip: nil, lower: true)
  var preTokenizer = #"{"type": "BertPreTokenizer"}"#
  var postProcessor = #"{"type": "BertProcessing", "cls": ["[CLS]", 2], "sep": ["[SEP]", 3]}"#
  var addedTokens = [
    added(0, "[PAD]"), added(1, "[UNK]"), added(2, "[CLS]"), added(3, "[SEP]"), added(4, "[MASK]"),
  ]
  /// Everything in `model` but the vocabulary.
  var model =
    #""type": "WordPiece", "unk_token": "[UNK]", "max_input_chars_per_word": 10, "#
    + "\"continuing_subword_prefix\": \"##\""
  /// In place of the tokens: the members of `vocab`.
  var vocabulary: String?
  /// More files by name.
  var files: [String: String] = [:]

  /// A normalizer of type BertNormalizer.
  static func bert(clean: Bool, chinese: Bool, strip: Bool?, lower: Bool) -> String {
    #"{"type": "BertNormalizer", "clean_text": \#(clean), "handle_chinese_chars": \#(chinese), "#
      + #""strip_accents": \#(strip.map { "\($0)" } ?? "null"), "lowercase": \#(lower)}"#
  }

  /// An entry of `added_tokens`.
  static func added(
    _ id: Int, _ content: String, options: Set<String> = [], special: Bool = true
  ) -> String {
    func flag(_ name: String) -> String { "\"\(name)\": \(options.contains(name))" }
    let flags = ["single_word", "lstrip", "rstrip", "normalized"].map(flag).joined(separator: ", ")
    return #"{"id": \#(id), "content": \#(JSON.string(content).line), "special": \#(special), "#
      + flags + "}"
  }

  var json: String {
    let entries = tokens.enumerated().map { "\(JSON.string($1).line): \($0)" }
    return """
      {"version": "1.0", "truncation": {"max_length": 3}, "padding": {"length": 128},
      "added_tokens": [\(addedTokens.joined(separator: ", "))],
      "normalizer": \(normalizer), "pre_tokenizer": \(preTokenizer),
      "post_processor": \(postProcessor),
      "model": {\(model), "vocab": {\(vocabulary ?? entries.joined(separator: ", "))}}}
      """
  }

  func tokenizer(lowercasesFirst: Bool = false) throws -> Tokenizer {
    try Self.tokenizer(
      of: files.merging(["tokenizer.json": json]) { given, _ in given },
      lowercasesFirst: lowercasesFirst)
  }

  func ids(_ text: String, maxTokens: Int? = nil) throws -> [Int32] {
    try tokenizer().tokenize(text, maxTokens: maxTokens).ids
  }

  /// Loads a tokenizer from these files, which are gone afterwards.
  static func tokenizer(
    of files: [String: String], lowercasesFirst: Bool = false
  ) throws -> Tokenizer {
    let folder = FileManager.default.temporaryDirectory.appending(path: "borda-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for (name, text) in files {
      try Data(text.utf8).write(to: folder.appending(path: name))
    }
    return try Tokenizer(folder: folder, lowercasesFirst: lowercasesFirst)
  }
}
