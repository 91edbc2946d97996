// From words to tokens by merges: the rules of BPE on vocabularies of a dozen tokens. The expected ids
// follow from the ranks given; each was also asked of tokenizers 0.23.3.

import Core
import Testing
import Tokenizers

/// A `tokenizer.json` with a BPE model.
struct BPECheckpoint {
  var vocabulary: [(String, Int)] = [
    ("a", 0), ("b", 1), ("c", 2), ("x", 3), ("ab", 4), ("bc", 5), ("abc", 6), ("<unk>", 7),
  ]
  /// As JSON: `"a b"` or `["a", "b"]`.
  var merges = [#"["b", "c"]"#, #"["a", "b"]"#, #"["a", "bc"]"#]
  /// More members of `model`.
  var options = ""
  var preTokenizer = "null"
  var normalizer = "null"
  var postProcessor = "null"
  var addedTokens: [String] = []

  var json: String {
    let entries = vocabulary.map { "\(JSON.string($0).line): \($1)" }.joined(separator: ", ")
    return """
      {"added_tokens": [\(addedTokens.joined(separator: ", "))], "normalizer": \(normalizer),
      "pre_tokenizer": \(preTokenizer), "post_processor": \(postProcessor),
      "model": {"type": "BPE", "dropout": null, \(options)
      "vocab": {\(entries)}, "merges": [\(merges.joined(separator: ", "))]}}
      """
  }

  func tokenizer() throws -> Tokenizer {
    try Checkpoint.tokenizer(of: ["tokenizer.json": json])
  }

  func ids(_ text: String) throws -> [Int32] {
    try tokenizer().tokenize(text, maxTokens: nil).ids
  }

  func refusal() throws -> Failure { try #require(throws: Failure.self) { try tokenizer() } }
}

struct BPETests {
  private func checkpoint(_ options: String) -> BPECheckpoint {
    var checkpoint = BPECheckpoint()
    checkpoint.options = options
    return checkpoint
  }

  @Test func `the pair of the lowest rank is merged first, then the leftmost`() throws {
    // b c before a b, so a + bc = abc.
    #expect(try BPECheckpoint().ids("abc") == [6])
    #expect(try BPECheckpoint().ids("abab") == [4, 4])
    var checkpoint = BPECheckpoint()
    checkpoint.merges = [#"["a", "b"]"#, #"["b", "c"]"#]
    #expect(try checkpoint.ids("abc") == [4, 2])
    // aaa with a a: the left pair.
    checkpoint.vocabulary = [("a", 0), ("aa", 1)]
    checkpoint.merges = [#"["a", "a"]"#]
    #expect(try checkpoint.ids("aaa") == [1, 0])
  }

  @Test func `merges are pairs, or lines with a space between`() throws {
    var checkpoint = BPECheckpoint()
    checkpoint.merges = [##""#version: 0.2""##, #""b c""#, #""a b""#, #""a bc""#]
    #expect(try checkpoint.ids("abc") == [6])
  }

  @Test func `of two merges of one pair the later one holds`() throws {
    var checkpoint = BPECheckpoint()
    // a b has rank 2, behind b c.
    checkpoint.merges = [#"["a", "b"]"#, #"["b", "c"]"#, #"["a", "b"]"#]
    #expect(try checkpoint.ids("abc") == [0, 5])
  }

  @Test func `a long word gives the same ids as its parts`() throws {
    // 3000 symbols go through the heap, 3 through the list.
    let long = String(repeating: "abcx", count: 750)
    #expect(try BPECheckpoint().ids(long) == (0..<750).flatMap { _ in [6, 3] as [Int32] })
  }

  @Test func `a long word takes no quadratic time`() throws {
    let tokenizer = try BPECheckpoint().tokenizer()
    let long = String(repeating: "abbc", count: 500_000)
    #expect(tokenizer.tokenize(long, maxTokens: nil).ids.count == 1_000_000)
  }

  @Test func `without an unknown token what is unknown vanishes`() throws {
    #expect(try BPECheckpoint().ids("a??c") == [0, 2])
    // What stood apart is merged.
    #expect(try BPECheckpoint().ids("a??b") == [4])
    #expect(try BPECheckpoint().ids("") == [])
  }

  @Test func `unknown characters are fused where the file says so`() throws {
    #expect(try checkpoint(#""unk_token": "<unk>","#).ids("a??b") == [0, 7, 7, 1])
    let fusing = checkpoint(#""unk_token": "<unk>", "fuse_unk": true,"#)
    #expect(try fusing.ids("a??b?") == [0, 7, 1, 7])
  }

  @Test func `an unknown character falls back to its bytes where all of them have tokens`() throws {
    var checkpoint = checkpoint(#""unk_token": "<unk>", "byte_fallback": true,"#)
    checkpoint.vocabulary += [("<0xC3>", 20), ("<0xA9>", 21)]
    #expect(try checkpoint.ids("aé") == [0, 20, 21])
    // è is C3 A8, which has no token.
    #expect(try checkpoint.ids("aè") == [0, 7])
  }

  @Test func `bytes come before an unknown character that waits for a known one`() throws {
    var checkpoint = checkpoint(#""unk_token": "<unk>", "byte_fallback": true,"#)
    checkpoint.vocabulary += [("<0xC3>", 20), ("<0xA9>", 21)]
    #expect(try checkpoint.ids("?éa") == [20, 21, 7, 0])
    #expect(try checkpoint.ids("?é?a") == [20, 21, 7, 7, 0])
    checkpoint.options += #""fuse_unk": true,"#
    #expect(try checkpoint.ids("?é?a") == [20, 21, 7, 0])
  }

  @Test func `whole words go before merges where the file says so`() throws {
    var checkpoint = BPECheckpoint()
    checkpoint.merges = [#"["a", "b"]"#]
    #expect(try checkpoint.ids("abc") == [4, 2])
    checkpoint.options = #""ignore_merges": true,"#
    #expect(try checkpoint.ids("abc") == [6])
    #expect(try checkpoint.ids("abcx") == [4, 2, 3])
  }

  @Test func `prefix and suffix mark the place in the word`() throws {
    var checkpoint = BPECheckpoint()
    checkpoint.vocabulary = [
      ("a", 0), ("##b", 1), ("##c", 2), ("##c</w>", 4), ("ab", 5), ("abc</w>", 6), ("b", 7),
    ]
    checkpoint.merges = [###"["a", "##b"]"###]
    checkpoint.options = ###""continuing_subword_prefix": "##","###
    #expect(try checkpoint.ids("abc") == [5, 2])
    checkpoint.merges.append(###"["ab", "##c</w>"]"###)
    checkpoint.options += #""end_of_word_suffix": "</w>","#
    #expect(try checkpoint.ids("abc") == [6])
    // The c within the word has no suffix, the b at its end has one and is unknown.
    #expect(try checkpoint.ids("acb") == [0, 2])
  }

  @Test func `words are cut before a mark only where no token reaches over it`() throws {
    var checkpoint = BPECheckpoint()
    checkpoint.vocabulary = [("a", 0), ("▁", 1), ("▁a", 2), ("b", 3), ("b▁", 4), ("▁▁", 5)]
    checkpoint.merges = [#"["b", "▁"]"#, #"["▁", "▁"]"#, #"["▁", "a"]"#]
    #expect(try checkpoint.ids("▁a▁a") == [2, 2])
    // b▁ goes before ▁a.
    #expect(try checkpoint.ids("▁ab▁a") == [2, 4, 0])
    #expect(try checkpoint.ids("a▁▁▁a") == [0, 5, 2])
    // Without an unknown token é vanishes, and b meets the mark.
    #expect(try checkpoint.ids("bé▁a") == [4, 0])
    checkpoint.vocabulary.append(("<unk>", 6))
    checkpoint.options = #""unk_token": "<unk>","#
    #expect(try checkpoint.ids("bé▁a▁a") == [3, 6, 2, 2])
  }

  @Test func `byte-level tokens are written in GPT-2's alphabet`() throws {
    var checkpoint = BPECheckpoint()
    // é is C3 A9, in the alphabet Ã and ©; the space is Ġ.
    checkpoint.vocabulary = [("a", 0), ("Ã", 1), ("©", 2), ("Ã©", 3), ("Ġ", 4), ("Ġa", 5)]
    checkpoint.merges = [#"["Ã", "©"]"#, #"["Ġ", "a"]"#]
    checkpoint.preTokenizer =
      #"{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true}"#
    #expect(try checkpoint.ids("a é a") == [0, 4, 3, 5])
    checkpoint.preTokenizer =
      #"{"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true}"#
    #expect(try checkpoint.ids("a a") == [5, 5])
    // The same with the alphabet in the normalizer.
    checkpoint.normalizer = #"{"type": "ByteLevel"}"#
    checkpoint.preTokenizer = "null"
    #expect(try checkpoint.ids("a é a") == [0, 4, 3, 5])
  }

  @Test func `runs of spaces can be tokens of their own`() throws {
    var checkpoint = BPECheckpoint()
    checkpoint.addedTokens = [
      Checkpoint.added(8, "  ", options: ["normalized"], special: false),
      Checkpoint.added(9, "   ", options: ["normalized"], special: false),
    ]
    #expect(try checkpoint.ids("a   b  c     a") == [0, 9, 1, 8, 2, 9, 8, 0])
    // The first takes the white space of the second, and that is all the second has.
    checkpoint.addedTokens = [Checkpoint.added(8, "  ", options: ["lstrip", "rstrip"])]
    #expect(try checkpoint.ids("a    b") == [0, 8, 1])
    checkpoint.addedTokens = [Checkpoint.added(8, "  ", options: ["rstrip"])]
    #expect(try checkpoint.ids("a    b") == [0, 8, 8, 1])
  }
}

struct BPERefusalTests {
  @Test(arguments: [
    (#""a b c""#, "merge 0 'a b c' is not two tokens"), (#""ab""#, "merge 0 'ab'"),
    (#"["a", "b", "c"]"#, "merge 0 is not two tokens"), ("5", "merge 0 is not two tokens"),
    (#"["a", "x"]"#, "merge 0 'a x' needs the token 'ax'"),
    (#"["a", "q"]"#, "merge 0 'a q' needs the token 'q'"),
    (#"["a", ""]"#, "merge 0 'a ' joins nothing"),
  ])
  func `a merge that makes no sense is refused`(merge: String, mention: String) throws {
    var checkpoint = BPECheckpoint()
    checkpoint.merges = [merge]
    let failure = try checkpoint.refusal()
    #expect(failure.code == .malformed)
    #expect(failure.message.contains("model.merges"), "\(failure)")
    #expect(failure.message.contains(mention), "\(failure)")
  }

  @Test(arguments: [
    ([("a", 0), ("b", 0)], "duplicate id 0"), ([("a", -1)], "out of range"),
    ([("a", 2_147_483_647)], "out of range"),
  ])
  func `a vocabulary that makes no sense is refused`(
    vocabulary: [(String, Int)], mention: String
  ) throws {
    var checkpoint = BPECheckpoint()
    checkpoint.vocabulary = vocabulary
    checkpoint.merges = []
    let failure = try checkpoint.refusal()
    #expect(failure.code == .malformed)
    #expect(failure.message.contains("model.vocab"), "\(failure)")
    #expect(failure.message.contains(mention), "\(failure)")
  }

  @Test func `an unknown token must be there, unless every byte is`() throws {
    var checkpoint = BPECheckpoint()
    checkpoint.options = #""unk_token": "<nope>","#
    #expect(try checkpoint.refusal().message.contains("unk_token '<nope>'"))
    checkpoint.vocabulary = byteVocabulary()
    checkpoint.merges = []
    checkpoint.preTokenizer =
      #"{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true}"#
    #expect(try checkpoint.ids("a") == [0x61])
  }

  /// Every byte, with itself as the id.
  private func byteVocabulary() -> [(String, Int)] {
    var next: UInt32 = 0x100
    return (0..<256).map { byte in
      var value = UInt32(byte)
      if !(0x21...0x7E ~= value || 0xA1...0xAC ~= value || value >= 0xAE) {
        value = next
        next += 1
      }
      return (Unicode.Scalar(value).map { String($0) } ?? "", byte)
    }
  }

  @Test func `merges left out at random are refused`() throws {
    var checkpoint = BPECheckpoint()
    let text = checkpoint.json.replacing(#""dropout": null"#, with: #""dropout": 0.1"#)
    let failure = try #require(throws: Failure.self) {
      try Checkpoint.tokenizer(of: ["tokenizer.json": text])
    }
    #expect(failure.code == .unsupported)
    #expect(failure.message.contains("model.dropout"))
    checkpoint.options = #""continuing_subword_prefix": "é","#
    #expect(try checkpoint.refusal().message.contains("continuing_subword_prefix"))
  }

  @Test func `two templates in a row are refused`() throws {
    var checkpoint = BPECheckpoint()
    let one = #"{"type": "BertProcessing", "cls": ["a", 0], "sep": ["b", 1]}"#
    let offsets = #"{"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true}"#
    checkpoint.postProcessor = #"{"type": "Sequence", "processors": [\#(offsets), \#(one)]}"#
    #expect(try checkpoint.ids("x") == [0, 3, 1])
    checkpoint.postProcessor = #"{"type": "Sequence", "processors": [\#(one), \#(one)]}"#
    #expect(try checkpoint.refusal().code == .unsupported)
  }
}
