// Checkpoints without a tokenizer.json: BERT's vocab.txt and what tokenizer_config.json adds.

import Core
import Testing
import Tokenizers

struct VocabularyFileTests {
  private let vocabulary = Checkpoint().tokens.joined(separator: "\n") + "\n"

  private func ids(_ text: String, configuration: String? = nil) throws -> [Int32] {
    var files = ["vocab.txt": vocabulary]
    files["tokenizer_config.json"] = configuration
    return try Checkpoint.tokenizer(of: files).tokenize(text, maxTokens: nil).ids
  }

  @Test func `the number of the line is the id`() throws {
    #expect(try ids("unaffable the [MASK]") == [2, 5, 6, 7, 8, 4, 3])
    let windows = ["vocab.txt": vocabulary.replacing("\n", with: "\r\n")]
    let tokenizer = try Checkpoint.tokenizer(of: windows)
    #expect(tokenizer.tokenize("the man", maxTokens: nil).ids == [2, 8, 9, 3])
    #expect(tokenizer.vocabularySize == 26)
  }

  @Test func `by default accents and case go`() throws {
    #expect(try ids("Café 中文") == [2, 16, 14, 15, 3])
  }

  @Test func `the configuration can keep case, accents and Chinese words`() throws {
    #expect(try ids("café Café", configuration: #"{"do_lower_case": false}"#) == [2, 17, 1, 3])
    #expect(try ids("Café", configuration: #"{"strip_accents": false}"#) == [2, 17, 3])
    #expect(try ids("中文", configuration: #"{"tokenize_chinese_chars": false}"#) == [2, 1, 3])
  }

  @Test func `special tokens can have other names`() throws {
    let configuration = #"""
      {"tokenizer_class": "BertTokenizer", "cls_token": "the",
      "sep_token": {"content": "man", "lstrip": false}, "unk_token": "!"}
      """#
    #expect(try ids("café zzz", configuration: configuration) == [8, 16, 13, 9])
  }

  @Test func `tokenizer.json goes before vocab.txt`() throws {
    var checkpoint = Checkpoint()
    checkpoint.files = ["vocab.txt": "nonsense"]
    #expect(try checkpoint.ids("the") == [2, 8, 3])
  }

  @Test func `the vocabulary of another class is refused`() throws {
    let failure = try #require(throws: Failure.self) {
      try ids("the", configuration: #"{"tokenizer_class": "MPNetTokenizer"}"#)
    }
    #expect(failure.code == .unsupported)
    #expect(failure.message.contains("MPNetTokenizer"))
  }

  @Test(arguments: [
    ("", "empty"), ("[UNK]\n[CLS]\n", "[SEP]"), ("[CLS]\n[SEP]\n", "[UNK]"),
    ("[UNK]\n[CLS]\n[SEP]\na\na\n", "twice"),
  ])
  func `a vocabulary that lacks something is refused`(text: String, mention: String) throws {
    let failure = try #require(throws: Failure.self) {
      try Checkpoint.tokenizer(of: ["vocab.txt": text])
    }
    #expect(failure.code == .malformed)
    #expect(failure.subject.hasSuffix("vocab.txt"))
    #expect(failure.message.contains(mention), "\(failure)")
  }
}
