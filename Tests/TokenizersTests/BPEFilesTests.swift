// Checkpoints without a tokenizer.json: vocab.json, merges.txt and what stands beside them.

import Core
import Foundation
import TestSupport
import Testing
import Tokenizers

struct BPEFilesTests {
  private let vocabulary = #"""
    {"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "<mask>": 4, "a": 5, "b": 6, "Ġ": 7, "Ġa": 8,
    "ab": 9, "é": 10}
    """#

  private func tokenizer(
    _ configuration: String?, merges: String = "#version: 0.2\nĠ a\r\na b\n",
    more: [String: String] = [:]
  ) throws -> Tokenizer {
    var files = ["vocab.json": vocabulary, "merges.txt": merges]
    files["tokenizer_config.json"] = configuration
    return try Checkpoint.tokenizer(of: files.merging(more) { $1 })
  }

  private func ids(
    _ text: String, _ configuration: String, more: [String: String] = [:]
  ) throws -> [Int32] {
    try tokenizer(configuration, more: more).tokenize(text, maxTokens: nil).ids
  }

  @Test(arguments: ["RobertaTokenizer", "RobertaTokenizerFast"])
  func `RoBERTa's puts its tokens around the text`(name: String) throws {
    #expect(try ids("ab a<mask>", #"{"tokenizer_class": "\#(name)"}"#) == [0, 9, 8, 4, 2])
    let spaced = #"{"tokenizer_class": "\#(name)", "add_prefix_space": true}"#
    #expect(try ids("a", spaced) == [0, 8, 2])
  }

  @Test func `a mask that takes the space before it is described in either file`() throws {
    let mask = #"{"content": "<mask>", "lstrip": true}"#
    let name = #""tokenizer_class": "RobertaTokenizer""#
    #expect(try ids("a <mask>", "{\(name)}") == [0, 5, 7, 4, 2])
    #expect(try ids("a <mask>", "{\(name), \"mask_token\": \(mask)}") == [0, 5, 4, 2])
    let map = ["special_tokens_map.json": "{\"mask_token\": \(mask)}"]
    #expect(try ids("a <mask>", "{\(name)}", more: map) == [0, 5, 4, 2])
    let listed = "{\(name), \"added_tokens_decoder\": {\"4\": \(mask)}}"
    #expect(try ids("a <mask>", listed) == [0, 5, 4, 2])
  }

  @Test func `GPT-2's puts nothing around the text unless it is told to`() throws {
    let name = #""tokenizer_class": "GPT2Tokenizer""#
    // <|endoftext|> is not in the vocabulary, so it is added behind its 11 tokens.
    #expect(try ids("a<|endoftext|>", "{\(name)}") == [5, 11])
    let around = #", "add_bos_token": true, "add_eos_token": true, "bos_token": "<s>""#
    #expect(try ids("a", "{\(name)\(around)}") == [0, 5, 11])
  }

  @Test func `Qwen's composes first and takes one digit at a time`() throws {
    let name = #"{"tokenizer_class": "Qwen2Tokenizer"}"#
    // é is no token of the alphabet here: its bytes are Ã and ©, which the vocabulary lacks.
    #expect(try ids("ab\ta", name) == [9, 5])
  }

  @Test func `config.json can say whose files they are`() throws {
    let files = ["config.json": #"{"model_type": "roberta"}"#]
    let tokenizer = try tokenizer(nil, more: files)
    #expect(tokenizer.tokenize("a", maxTokens: nil).ids == [0, 5, 2])
  }

  @Test func `files of another class, or of none, are refused`() throws {
    for configuration in [#"{"tokenizer_class": "CodeGenTokenizer"}"#, "{}"] {
      let failure = try #require(throws: Failure.self) { try tokenizer(configuration) }
      #expect(failure.code == .unsupported)
      #expect(failure.subject.hasSuffix("vocab.json"))
    }
    let failure = try #require(throws: Failure.self) {
      try tokenizer(
        #"{"tokenizer_class": "GPT2Tokenizer"}"#, more: ["added_tokens.json": #"{"<x>": 11}"#])
    }
    #expect(failure.subject.hasSuffix("added_tokens.json"))
  }

  @Test(arguments: [("a\n", "merge 'a'"), ("a b c\n", "merge 'a b c'"), ("a q\n", "token 'q'")])
  func `merges that make no sense are refused with their file`(
    merges: String, mention: String
  ) throws {
    let failure = try #require(throws: Failure.self) {
      try tokenizer(#"{"tokenizer_class": "GPT2Tokenizer"}"#, merges: merges)
    }
    #expect(failure.code == .malformed)
    #expect(failure.subject.hasSuffix("merges.txt"))
    #expect(failure.message.contains(mention), "\(failure)")
  }

  @Test(.enabled(if: Shared.isPresent, Shared.reason))
  func `the tiny RoBERTa's files give the same ids as its tokenizer.json`() throws {
    let golden = try Shared.json("models/04_roberta_bbpe/golden.json")
    var files: [String: String] = [:]
    for name in ["vocab.json", "merges.txt", "tokenizer_config.json", "special_tokens_map.json"] {
      files[name] = try Shared.url("models/04_roberta_bbpe").text(of: name)
    }
    let tokenizer = try Checkpoint.tokenizer(of: files)
    let limit = try #require(golden["max_seq_length"]?.integer)
    let texts = try #require(golden["texts"]?.array).compactMap(\.string)
    for (text, ids) in zip(texts, try #require(golden["input_ids"]?.array)) {
      let expected = try #require(ids.array).map(\.integer)
      #expect(tokenizer.tokenize(text, maxTokens: limit).ids.map { Int($0) } == expected)
    }
  }
}
