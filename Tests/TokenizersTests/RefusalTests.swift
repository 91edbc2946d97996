// Files that contradict themselves, or ask for another kind of tokenizer: refused with the file and
// the key, never loaded by guesswork.

import Core
import Foundation
import TestSupport
import Testing
import Tokenizers

struct RefusalTests {
  private func refusal(_ change: (inout Checkpoint) -> Void) throws -> Failure {
    var checkpoint = Checkpoint()
    change(&checkpoint)
    return try #require(throws: Failure.self) { try checkpoint.tokenizer() }
  }

  @Test func `a folder without a tokenizer is missing one`() throws {
    let failure = try #require(throws: Failure.self) { try Checkpoint.tokenizer(of: [:]) }
    #expect(failure.code == .missing)
    #expect(failure.message.contains("tokenizer.json"))
  }

  @Test(arguments: ["WordLevel", "QuantumPiece"])
  func `another model is unsupported`(type: String) throws {
    let failure = try refusal { $0.model.replace("WordPiece", with: type) }
    #expect(failure.code == .unsupported)
    #expect(failure.subject.hasSuffix("tokenizer.json"))
    #expect(failure.message == "tokenizer model '\(type)' is not supported")
    #expect(failure.hint == "use a tokenizer with one of BPE, Unigram, WordPiece")
  }

  @Test func `another normalizer, pre-tokenizer or post-processor is unsupported`() throws {
    let nested = #"{"type": "Sequence", "normalizers": [{"type": "Bogus"}]}"#
    for failure in [
      try refusal { $0.normalizer = nested },
      try refusal { $0.preTokenizer = #"{"type": "Bogus"}"# },
      try refusal { $0.preTokenizer = #"{"type": "UnicodeScripts"}"# },
      try refusal { $0.postProcessor = #"{"type": "Bogus"}"# },
    ] {
      #expect(failure.code == .unsupported)
      #expect(failure.message.contains("'Bogus'") || failure.message.contains("'UnicodeScripts'"))
    }
  }

  @Test(arguments: [
    (#""[UNK]": -1"#, "out of range"), (#""[UNK]": 4294967296"#, "out of range"),
    (#""[UNK]": 2147483647"#, "out of range"),
    (#""[UNK]": 1.5"#, "whole number"), (#""[UNK]": "1""#, "whole number"),
    (#""[UNK]": 1, "a": 1"#, "duplicate id 1"), (#""a": 1"#, "unk_token '[UNK]'"),
  ])
  func `a vocabulary with bad ids is refused`(vocabulary: String, mention: String) throws {
    let failure = try refusal {
      $0.vocabulary = vocabulary
      $0.addedTokens = []
    }
    #expect(failure.code == .malformed)
    #expect(failure.message.contains("model.vocab"), "\(failure)")
    #expect(failure.message.contains(mention), "\(failure)")
  }

  @Test func `a token that is there twice is refused`() throws {
    let failure = try refusal { $0.vocabulary = #""[UNK]": 1, "a": 2, "a": 3"# }
    #expect(failure.code == .malformed)
    #expect(failure.cause?.contains("duplicate key 'a'") == true)
  }

  @Test(arguments: ["unk_token", "continuing_subword_prefix", "max_input_chars_per_word"])
  func `a missing key of the model is named`(key: String) throws {
    let failure = try refusal { $0.model.replace("\"\(key)\"", with: "\"other\"") }
    #expect(failure.code == .malformed)
    #expect(failure.message == "model: the key '\(key)' is missing")
  }

  @Test(arguments: [
    (Checkpoint.added(3, "[CLS]"), "'[CLS]' has the id 3 here and 2 in the vocabulary"),
    (Checkpoint.added(40, "<x>"), "'<x>' has the id 40, expected 26"),
    (Checkpoint.added(26, ""), "the content is empty"),
    (Checkpoint.added(26, "\u{301}", options: ["normalized"]), "nothing is left"),
    (#"{"id": 26, "content": "<x>"}"#, "the key 'single_word' is missing"),
    ("7", "expected an object"),
  ])
  func `an added token that makes no sense is refused`(entry: String, mention: String) throws {
    let failure = try refusal { $0.addedTokens = [entry] }
    #expect(failure.code == .malformed)
    #expect(failure.message.contains("added_tokens[0]"), "\(failure)")
    #expect(failure.message.contains(mention), "\(failure)")
  }

  @Test func `an added token that is there twice is refused`() throws {
    let failure = try refusal { $0.addedTokens.append(Checkpoint.added(2, "[CLS]")) }
    #expect(failure.message == "added_tokens[5]: '[CLS]' is there twice")
  }

  @Test(arguments: [
    (#"{"type": "BertProcessing", "cls": ["[CLS]", 2]}"#, "the key 'sep' is missing"),
    (#"{"type": "BertProcessing", "cls": ["[CLS]", 3], "sep": ["[SEP]", 3]}"#, "the id 3 here"),
    (#"{"type": "BertProcessing", "cls": ["[C]", 2], "sep": ["[SEP]", 3]}"#, "'[C]' is not in"),
    (#"{"type": "TemplateProcessing", "single": [], "special_tokens": {}}"#, "the text 0 times"),
    (
      #"{"type": "TemplateProcessing", "single": [{"Sequence": {"id": "B"}}], "special_tokens": {}}"#,
      "sequence 'B'"
    ),
    (
      #"{"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "[X]"}}], "special_tokens": {}}"#,
      "special token '[X]'"
    ),
    (
      #"{"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "x"}}], "special_tokens": {"x": {"ids": [2, 3], "tokens": ["[CLS]"]}}}"#,
      "2 ids for 1 tokens"
    ),
  ])
  func `a post-processor that makes no sense is refused`(json: String, mention: String) throws {
    let failure = try refusal { $0.postProcessor = json }
    #expect(failure.code == .malformed)
    #expect(failure.message.contains("post_processor"), "\(failure)")
    #expect(failure.message.contains(mention), "\(failure)")
  }

  @Test(arguments: ["", "[]", "{", "nonsense", #"{"model": 5}"#, "{}"])
  func `a file that is no tokenizer is refused`(text: String) throws {
    let failure = try #require(throws: Failure.self) {
      try Checkpoint.tokenizer(of: ["tokenizer.json": text])
    }
    #expect(failure.code == .malformed)
    #expect(failure.subject.hasSuffix("tokenizer.json"))
  }

  @Test(arguments: [#"{"model_max_length": 0}"#, #"{"model_max_length": "x"}"#, "[]", ""])
  func `a configuration that makes no sense is refused`(text: String) throws {
    let failure = try refusal { $0.files = ["tokenizer_config.json": text] }
    #expect(failure.code == .malformed)
    #expect(failure.subject.hasSuffix("tokenizer_config.json"))
  }

  /// The tokenizer cases of the collection of broken checkpoints.
  @Test(.enabled(if: Shared.isPresent, Shared.reason))
  func `every broken tokenizer of the collection is refused in useful words`() throws {
    let cases = try #require(Shared.json("models/malformed/expected.json")["cases"]?.array)
    var count = 0
    for entry in cases {
      guard let name = entry["case"]?.string, name.hasPrefix("tk_") else { continue }
      count += 1
      let folder = Shared.url("models/malformed/\(name)")
      let failure = try #require(throws: Failure.self, "\(name)") { try Tokenizer(folder: folder) }
      let mentions = entry["error_should_mention"]?.array?.compactMap(\.string) ?? []
      for mention in mentions {
        let isThere = mention.split(separator: "|").contains { failure.description.contains($0) }
        #expect(isThere, "\(name): \(failure)")
      }
    }
    #expect(count > 10)
  }
}
