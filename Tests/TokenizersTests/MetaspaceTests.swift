// The pre-tokenizer Metaspace: where marks go, in both forms that files have. The words are those that
// tokenizers 0.23.3 gives for the same configurations.

import Core
import Testing

@testable import Tokenizers

struct MetaspaceTests {
  private static let texts = ["ab c", " a", "▁a b", "a  b ", "a▁b", "  "]

  private func preTokenizer(_ json: String) throws -> PreTokenizer {
    try PreTokenizer(FileSection(file: "tokenizer.json", json: JSON(parsing: json)))
  }

  private func words(_ text: String, _ preTokenizer: PreTokenizer) -> [String] {
    let bytes = Array(text.utf8)
    var words = Words()
    words.reset(bytes, bytes.indices, startsText: true)
    preTokenizer.cut(&words)
    return words.ranges.map { String(decoding: words.bytes[$0], as: UTF8.self) }
  }

  @Test(arguments: [
    (
      #""prepend_scheme": "always""#,
      ["▁ab ▁c", "▁a", "▁a ▁b", "▁a ▁ ▁b ▁", "▁a ▁b", "▁ ▁"]
    ),
    (#""add_prefix_space": true"#, ["▁ab ▁c", "▁a", "▁a ▁b", "▁a ▁ ▁b ▁", "▁a ▁b", "▁ ▁"]),
    (#""str_rep": "x""#, ["▁ab ▁c", "▁a", "▁a ▁b", "▁a ▁ ▁b ▁", "▁a ▁b", "▁ ▁"]),
    (
      #""prepend_scheme": "first""#,
      ["▁ab ▁c", "▁a", "▁a ▁b", "▁a ▁ ▁b ▁", "▁a ▁b", "▁ ▁"]
    ),
    (#""prepend_scheme": "never""#, ["ab ▁c", "▁a", "▁a ▁b", "a ▁ ▁b ▁", "a ▁b", "▁ ▁"]),
    (
      #""add_prefix_space": false, "prepend_scheme": "never""#,
      ["ab ▁c", "▁a", "▁a ▁b", "a ▁ ▁b ▁", "a ▁b", "▁ ▁"]
    ),
    (#""split": false"#, ["▁ab▁c", "▁a", "▁a▁b", "▁a▁▁b▁", "▁a▁b", "▁▁"]),
  ])
  func `spaces become marks, and marks begin words`(options: String, expected: [String]) throws {
    let preTokenizer = try preTokenizer(
      #"{"type": "Metaspace", "replacement": "▁", \#(options)}"#)
    for (text, words) in zip(Self.texts, expected) {
      #expect(self.words(text, preTokenizer).joined(separator: " ") == words)
    }
  }

  private func behindWhitespace(_ scheme: String) throws -> PreTokenizer {
    try preTokenizer(
      #"{"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, "#
        + #"{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "\#(scheme)"}]}"#)
  }

  @Test func `after a cut at white space every word gets a mark`() throws {
    let preTokenizer = try behindWhitespace("always")
    let expected = ["▁ab ▁c", "▁a", "▁a ▁b", "▁a ▁b", "▁a ▁b", ""]
    for (text, words) in zip(Self.texts, expected) {
      #expect(self.words(text, preTokenizer).joined(separator: " ") == words)
    }
  }

  @Test func `which word is the first of a text is not known after a cut`() throws {
    let failure = try #require(throws: Failure.self) { try behindWhitespace("first") }
    #expect(failure.code == .unsupported)
    #expect(failure.message.contains("'first' behind another pre-tokenizer"))
  }

  @Test(arguments: [
    ("first", [[4, 1], [4, 1, 6, 2], [6, 2], [6, 4, 2, 4, 3]]),
    ("always", [[4, 1], [4, 1, 6, 4, 2], [6, 4, 2], [6, 4, 2, 4, 3]]),
    ("never", [[1], [1, 6, 2], [6, 2], [6, 4, 2, 4, 3]]),
  ])
  func `what stands behind a special token does not begin the text`(
    scheme: String, expected: [[Int32]]
  ) throws {
    let vocabulary = ["<unk>", "a", "b", "c", "▁", " "].map { "[\"\($0)\", -1]" }
    let tokenizer = try Checkpoint.tokenizer(of: [
      "tokenizer.json": """
      {"added_tokens": [\(Checkpoint.added(6, "<s>"))],
      "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "\(scheme)"},
      "model": {"type": "Unigram", "unk_id": 0, "vocab": [\(vocabulary.joined(separator: ", "))]}}
      """
    ])
    for (text, ids) in zip(["a", "a<s>b", "<s>b", "<s> b c"], expected) {
      #expect(tokenizer.tokenize(text, maxTokens: nil).ids == ids, "\(text)")
    }
  }

  @Test(arguments: [
    (#""replacement": "▁▁""#, "not one character"), (#""replacement": """#, "not one character"),
    (#""split": true"#, "'replacement' is missing"),
    (#""replacement": "▁", "prepend_scheme": "twice""#, "'twice' is none of always, first, never"),
    (#""replacement": "▁", "add_prefix_space": false"#, "contradicts the prepend_scheme 'always'"),
    (#""replacement": "▁", "add_prefix_space": 1"#, "expected true or false"),
  ])
  func `a configuration that makes no sense is refused`(options: String, mention: String) throws {
    let failure = try #require(throws: Failure.self) {
      try preTokenizer(#"{"type": "Metaspace", \#(options)}"#)
    }
    #expect(failure.code == .malformed)
    #expect(failure.message.contains(mention), "\(failure)")
  }
}
