// Literal special tokens in texts, and the special tokens around texts.

import Testing
import Tokenizers

struct AddedTokenTests {
  /// A checkpoint with one more added token, `<x>` with the id 26.
  private func checkpoint(_ options: Set<String> = [], content: String = "<x>") -> Checkpoint {
    var checkpoint = Checkpoint()
    checkpoint.addedTokens.append(Checkpoint.added(26, content, options: options, special: false))
    return checkpoint
  }

  @Test func `a special token inside a text is that token`() throws {
    #expect(try Checkpoint().ids("the[SEP]man [MASK] [CLS]") == [2, 8, 3, 9, 4, 2, 3])
    // Not in another case, as it is looked for before lower-casing.
    #expect(try Checkpoint().ids("[sep]") == [2, 1, 1, 1, 3])
  }

  @Test func `a token outside the vocabulary counts for its size`() throws {
    let tokenizer = try checkpoint().tokenizer()
    #expect(tokenizer.tokenize("un<x>aff", maxTokens: nil).ids == [2, 5, 26, 1, 3])
    #expect(tokenizer.vocabularySize == 27)
  }

  @Test func `of several tokens at one place the longest wins`() throws {
    var checkpoint = checkpoint()
    checkpoint.addedTokens.append(Checkpoint.added(27, "<x><x>"))
    #expect(try checkpoint.ids("<x><x><x>") == [2, 27, 26, 3])
  }

  @Test func `a single word needs an end of the text or no word character on both sides`() throws {
    let checkpoint = checkpoint(["single_word"])
    #expect(try checkpoint.ids("<x> <x>!") == [2, 26, 26, 13, 3])
    // <, x and > are unknown words of their own.
    #expect(try checkpoint.ids("the<x>") == [2, 8, 1, 1, 1, 3])
    #expect(try checkpoint.ids("<x>é") == [2, 1, 1, 1, 11, 3])
    #expect(try checkpoint.ids("中<x>") == [2, 14, 1, 1, 1, 3])
  }

  @Test func `stripping takes the white space beside the token`() throws {
    var checkpoint = checkpoint(["lstrip"])
    checkpoint.preTokenizer = "null"
    checkpoint.normalizer = "null"
    checkpoint.tokens.removeLast(2)
    checkpoint.tokens += ["the\u{2003} ", " man"]
    // Without stripping the piece on the left would be `the` with its spaces.
    #expect(try checkpoint.ids("the\u{2003} <x> man") == [2, 8, 26, 25, 3])
    checkpoint.addedTokens.removeLast()
    checkpoint.addedTokens.append(Checkpoint.added(26, "<x>", options: ["rstrip"]))
    #expect(try checkpoint.ids("the\u{2003} <x> man") == [2, 24, 26, 9, 3])
  }

  @Test func `a normalized token is found in the normalized text`() throws {
    let checkpoint = checkpoint(["normalized"], content: "Straße É")
    #expect(try checkpoint.ids("the STRAßE e man") == [2, 8, 26, 9, 3])
    #expect(try checkpoint.ids("straße\u{A0}é") == [2, 26, 3])
  }

  @Test func `a template puts its tokens before and behind the text`() throws {
    var checkpoint = Checkpoint()
    checkpoint.postProcessor = """
      {"type": "TemplateProcessing", "pair": [],
      "single": [{"SpecialToken": {"id": "a", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
      {"SpecialToken": {"id": "b", "type_id": 0}}, {"SpecialToken": {"id": "a", "type_id": 0}}],
      "special_tokens": {"a": {"id": "a", "ids": [2], "tokens": ["[CLS]"]},
      "b": {"id": "b", "ids": [4, 3], "tokens": ["[MASK]", "[SEP]"]}}}
      """
    let tokenizer = try checkpoint.tokenizer()
    #expect(tokenizer.tokenize("the", maxTokens: nil).ids == [2, 8, 4, 3, 2])
    #expect(tokenizer.specialTokenCount == 4)
  }

  @Test(arguments: ["BertProcessing", "RobertaProcessing"])
  func `the older processors put one token on each side`(type: String) throws {
    var checkpoint = Checkpoint()
    checkpoint.postProcessor =
      #"{"type": "\#(type)", "cls": ["[CLS]", 2], "sep": ["[SEP]", 3], "trim_offsets": true}"#
    #expect(try checkpoint.ids("the") == [2, 8, 3])
  }

  @Test func `without a post-processor there are no special tokens`() throws {
    var checkpoint = Checkpoint()
    checkpoint.postProcessor = "null"
    let tokenizer = try checkpoint.tokenizer()
    #expect(tokenizer.tokenize("the man", maxTokens: nil).ids == [8, 9])
    #expect(tokenizer.tokenize("", maxTokens: nil).ids == [])
    #expect(tokenizer.specialTokenCount == 0)
  }
}

struct TruncationTests {
  @Test func `truncation keeps the closing special token`() throws {
    let tokenizer = try Checkpoint().tokenizer()
    // unaffable the: 5 6 7 8
    let whole = TokenizedText(ids: [2, 5, 6, 7, 8, 3], isTruncated: false)
    #expect(tokenizer.tokenize("unaffable the", maxTokens: nil) == whole)
    #expect(tokenizer.tokenize("unaffable the ", maxTokens: 6) == whole)
    #expect(
      tokenizer.tokenize("unaffable the", maxTokens: 5)
        == TokenizedText(ids: [2, 5, 6, 7, 3], isTruncated: true))
    #expect(
      tokenizer.tokenize("unaffable the", maxTokens: 3)
        == TokenizedText(ids: [2, 5, 3], isTruncated: true))
    #expect(
      tokenizer.tokenize("unaffable the", maxTokens: 2)
        == TokenizedText(ids: [2, 3], isTruncated: true))
    #expect(
      tokenizer.tokenize("", maxTokens: 2) == TokenizedText(ids: [2, 3], isTruncated: false))
  }

  @Test func `a word that fails late is unknown also at the limit`() throws {
    // un + ##aff fit, but the word fails behind them.
    #expect(try Checkpoint().ids("unaffx", maxTokens: 4) == [2, 1, 3])
    #expect(try Checkpoint().ids("the unaffx", maxTokens: 4) == [2, 8, 1, 3])
  }

  @Test func `a limit below the special tokens stops the program`() async {
    await #expect(processExitsWith: .failure) {
      _ = try Checkpoint().tokenizer().tokenize("the", maxTokens: 1)
    }
  }

  @Test func `the length of a prompt counts the opening special tokens only`() throws {
    let tokenizer = try Checkpoint().tokenizer()
    #expect(tokenizer.promptLength("the man! ") == 4)
    #expect(tokenizer.promptLength("") == 1)
  }

  @Test(
    arguments: [
      (#"{"model_max_length": 512}"#, 512), (#"{"model_max_length": 1e3}"#, 1000),
      (#"{"model_max_length": 1000000000000000019884624838656}"#, nil),
      (#"{"model_max_length": Infinity}"#, nil), (#"{"model_max_length": null}"#, nil), ("{}", nil),
    ] as [(String, Int?)])
  func `the declared limit is what the configuration says, unless absurd`(
    text: String, expected: Int?
  ) throws {
    var checkpoint = Checkpoint()
    checkpoint.files = ["tokenizer_config.json": text]
    #expect(try checkpoint.tokenizer().declaredMaxTokens == expected)
  }

  @Test func `truncation and padding inside tokenizer.json are ignored`() throws {
    // The fixture says truncate to 3 and pad to 128.
    #expect(try Checkpoint().ids("the man the") == [2, 8, 9, 8, 3])
    #expect(try Checkpoint().tokenizer().declaredMaxTokens == nil)
  }
}
