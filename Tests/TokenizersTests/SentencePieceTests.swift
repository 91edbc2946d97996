// Checkpoints with a SentencePiece `.model` and no tokenizer.json: the same ids as with one.

import Core
import Foundation
import TestSupport
import Testing
import Tokenizers

struct SentencePieceTests {
  /// Loads a checkpoint of two files.
  private func tokenizer(
    _ name: String, _ model: [UInt8], _ configuration: String
  ) throws -> Tokenizer {
    let folder = try TemporaryFolder()
    try folder.write(Data(model), to: name)
    try folder.write(configuration, to: "tokenizer_config.json")
    return try Tokenizer(folder: folder.url)
  }

  private func ids(_ text: String, _ tokenizer: Tokenizer) -> [Int32] {
    tokenizer.tokenize(text, maxTokens: nil).ids
  }

  @Test(
    .enabled(if: Shared.isPresent, Shared.reason),
    arguments: [
      ("03_xlmr_unigram", "sentencepiece.bpe.model"),
      ("08_mistral_causal_last", "tokenizer.model"), ("12_gemma3_embedding", "tokenizer.model"),
    ])
  func `the model file alone gives the ids of tokenizer.json`(name: String, file: String) throws {
    let folder = Shared.url("models/\(name)")
    let tokenizer = try tokenizer(
      file, Array(Data(contentsOf: folder.appending(path: file))),
      folder.text(of: "tokenizer_config.json"))
    try GoldenIDs(name).expect(of: tokenizer)
  }

  /// T5's own file is not stored, so it is made of the vocabulary that its tokenizer.json has: the
  /// pieces, without the 20 extra ids behind them.
  @Test(.enabled(if: Shared.isPresent, Shared.reason))
  func `a T5 model file gives the ids of tokenizer.json`() throws {
    let file = try Shared.json("models/16_t5_encoder/tokenizer.json")
    let vocabulary = try #require(file["model"]?["vocab"]?.array)
    var model = ModelBytes(pieces: [], unknown: 2)
    for (id, entry) in vocabulary.dropLast(20).enumerated() {
      let text = try #require(entry.array?.first?.string)
      let score = try #require(entry.array?.last?.double)
      model.pieces.append((text, Float(score), id < 2 ? 3 : id == 2 ? 2 : 1))
    }
    let charsmap = try #require(file["normalizer"]?["precompiled_charsmap"]?.string)
    model.charsmap = Array(try #require(Data(base64Encoded: charsmap)))
    let configuration = try Shared.url("models/16_t5_encoder").text(of: "tokenizer_config.json")
    let tokenizer = try tokenizer("spiece.model", model.bytes, configuration)
    #expect(tokenizer.vocabularySize == 2520)
    try GoldenIDs("16_t5_encoder").expect(of: tokenizer)
  }

  private let xlmRoberta = ModelBytes(pieces: [
    ("<unk>", 0, 2), ("<s>", 0, 3), ("</s>", 0, 3),
    ("▁", -3, 1), ("a", -1, 1), ("▁a", -2, 1), ("b", -4, 1), ("<sep>", 0, 4),
  ])

  /// <s> 0, <pad> 1, </s> 2, <unk> 3, then the fourth piece and so on from 4 to 8, <mask> 9.
  @Test func `XLM-R puts its own tokens before the fourth piece, and the mask last`() throws {
    let tokenizer = try tokenizer(
      "sentencepiece.bpe.model", xlmRoberta.bytes,
      #"{"tokenizer_class": "XLMRobertaTokenizerFast"}"#)
    #expect(tokenizer.vocabularySize == 10)
    // ▁a = -2 before ▁ a = -4; ▁ b = -7
    #expect(ids("a b", tokenizer) == [0, 6, 4, 7, 2])
    #expect(ids("é a<mask><pad>", tokenizer) == [0, 4, 3, 6, 9, 1, 2])
    // A piece that is to be kept whole.
    #expect(ids("a<sep>a", tokenizer) == [0, 6, 8, 6, 2])
  }

  @Test func `tokens of the configuration are looked for in texts, as it says`() throws {
    let tokenizer = try tokenizer(
      "sentencepiece.bpe.model", xlmRoberta.bytes,
      """
      {"tokenizer_class": "XLMRobertaTokenizer", "add_prefix_space": false,
      "added_tokens_decoder": {"9": {"content": "<mask>", "lstrip": true, "special": true},
      "10": {"content": "<x>", "special": true}}, "extra_special_tokens": ["<y>"]}
      """)
    #expect(tokenizer.vocabularySize == 12)
    // Without a mark in front: a; the space before the mask belongs to it.
    #expect(ids("a <mask><x><y>", tokenizer) == [0, 5, 9, 10, 11, 2])
  }

  /// Merges, of pieces and pairs that make them: ▁a = ▁ + a, ab = a + b, ▁ab = ▁ + ab or ▁a + b.
  private let llama = ModelBytes(
    pieces: [
      ("<unk>", 0, 2), ("<s>", 0, 3), ("</s>", 0, 3), ("<0x0A>", 0, 6), ("▁a", -1, 1),
      ("ab", -2, 1), ("▁ab", -3, 1), ("▁", -4, 1), ("a", -5, 1), ("b", -6, 1),
    ], modelType: 2)

  private let llamaConfiguration =
    #"{"tokenizer_class": "LlamaTokenizer", "add_bos_token": true, "legacy": true}"#

  @Test func `the merges of a BPE model are its pieces, the lower id first`() throws {
    let tokenizer = try tokenizer("tokenizer.model", llama.bytes, llamaConfiguration)
    // ▁ a b: ▁ + a is the first merge, then ▁a + b.
    #expect(ids("ab", tokenizer) == [1, 6])
    // ▁ b ▁ a b
    #expect(ids("b ab", tokenizer) == [1, 7, 9, 6])
    #expect(ids(" a\n", tokenizer) == [1, 7, 4, 3])
    // Behind a special token a stretch gets a mark as well; é has no tokens for its bytes.
    #expect(ids("a<s>éb", tokenizer) == [1, 4, 1, 7, 0, 9])
  }

  @Test func `without the legacy ways a mark goes in front of the text alone`() throws {
    let tokenizer = try tokenizer(
      "tokenizer.model", llama.bytes,
      """
      {"tokenizer_class": "LlamaTokenizer", "add_bos_token": false, "add_eos_token": true,
      "legacy": false}
      """)
    #expect(ids("a<s>b", tokenizer) == [4, 1, 9, 2])
    #expect(ids(" a b", tokenizer) == [4, 7, 9, 2])
  }

  @Test(arguments: [
    (#"{}"#, Failure.Code.unsupported, "has to name the tokenizer_class"),
    (#"{"tokenizer_class": "MBartTokenizer"}"#, .unsupported, "'MBartTokenizer'"),
    (#"{"tokenizer_class": "T5Tokenizer"}"#, .missing, "T5Tokenizer needs this file"),
    (
      #"{"tokenizer_class": "XLMRobertaTokenizer", "pad_token": "a"}"#, .malformed,
      "'a' is a piece, and a token that"
    ),
    (
      #"{"tokenizer_class": "XLMRobertaTokenizer", "added_tokens_decoder": {"3": {"content": "a"}}}"#,
      .malformed, "'a' has the id 3 in tokenizer_config.json and 5 here"
    ),
    (
      #"{"tokenizer_class": "XLMRobertaTokenizer", "added_tokens_decoder": {"x": {"content": "a"}}}"#,
      .malformed, "'x' is no id"
    ),
  ])
  func `a configuration that does not fit is refused`(
    configuration: String, code: Failure.Code, mention: String
  ) throws {
    let failure = try #require(throws: Failure.self) {
      try tokenizer("sentencepiece.bpe.model", xlmRoberta.bytes, configuration)
    }
    #expect(failure.code == code)
    #expect("\(failure)".contains(mention), "\(failure)")
  }

  @Test(arguments: ["add_bos_token", "legacy"])
  func `what versions of the reference disagree on has to be said`(key: String) throws {
    let configuration = llamaConfiguration.replacing("\"\(key)\"", with: "\"other\"")
    let failure = try #require(throws: Failure.self) {
      try tokenizer("tokenizer.model", llama.bytes, configuration)
    }
    #expect(failure.message.contains("has to say '\(key)'"), "\(failure)")
  }

  @Test func `a class and a type of model that do not go together are refused`() throws {
    let unigram = try #require(throws: Failure.self) {
      try tokenizer("tokenizer.model", xlmRoberta.bytes, llamaConfiguration)
    }
    #expect(unigram.message.contains("needs bpe"))
    let bpe = try #require(throws: Failure.self) {
      try tokenizer(
        "sentencepiece.bpe.model", llama.bytes, #"{"tokenizer_class": "XLMRobertaTokenizer"}"#)
    }
    #expect(bpe.message.contains("needs unigram"))
    let shifted = try #require(throws: Failure.self) {
      try tokenizer("spiece.model", xlmRoberta.bytes, #"{"tokenizer_class": "T5Tokenizer"}"#)
    }
    #expect(shifted.message.contains("has the id 0"), "\(shifted)")
    var plain = xlmRoberta
    plain.escapesSpaces = false
    let spaces = try #require(throws: Failure.self) {
      try tokenizer(
        "sentencepiece.bpe.model", plain.bytes, #"{"tokenizer_class": "XLMRobertaTokenizer"}"#)
    }
    #expect(spaces.message.contains("plain spaces"), "\(spaces)")
  }
}
