// From words to pieces: the rules of WordPiece on a vocabulary of 26 tokens.

import Testing
import Tokenizers

struct WordPieceTests {
  @Test func `a word becomes its longest pieces from left to right`() throws {
    // un + ##aff + ##able
    #expect(try Checkpoint().ids("unaffable") == [2, 5, 6, 7, 3])
  }

  @Test func `a failed word is one unknown token`() throws {
    // un + ##aff is known, ##x is not: nothing of the word stays.
    #expect(try Checkpoint().ids("unaffx man") == [2, 1, 9, 3])
  }

  @Test func `the longest piece is taken even where a shorter one would lead to the end`() throws {
    var checkpoint = Checkpoint()
    checkpoint.tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "ab", "a", "##bc"]
    // ab, then ##c is missing; a + ##bc is not tried.
    #expect(try checkpoint.ids("abc") == [2, 1, 3])
    #expect(try checkpoint.ids("ab a") == [2, 5, 6, 3])
  }

  @Test func `a continuation does not start a word and a start does not continue one`() throws {
    // ##able alone is unknown; man + ##man.
    #expect(try Checkpoint().ids("able manman manthe") == [2, 1, 9, 10, 1, 3])
  }

  @Test func `a word over the character limit is one unknown token`() throws {
    // The limit is 10 characters, not bytes.
    var checkpoint = Checkpoint()
    checkpoint.normalizer = "null"
    checkpoint.tokens += ["é", "##é"]
    let ten = String(repeating: "é", count: 10)
    #expect(try checkpoint.ids(ten) == [2, 26] + Array(repeating: 27, count: 9) + [3])
    #expect(try checkpoint.ids(ten + "é") == [2, 1, 3])
  }

  @Test func `without a pre-tokenizer the whole text is one word`() throws {
    var checkpoint = Checkpoint()
    checkpoint.preTokenizer = "null"
    checkpoint.tokens += ["the man"]
    #expect(try checkpoint.ids("the man") == [2, 26, 3])
    #expect(try checkpoint.ids("the  man") == [2, 1, 3])
    #expect(try checkpoint.ids("") == [2, 3])
  }

  @Test func `another prefix marks the continuations`() throws {
    var checkpoint = Checkpoint()
    checkpoint.model = checkpoint.model.replacing("##", with: "@")
    checkpoint.tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "@b", "##b"]
    #expect(try checkpoint.ids("ab") == [2, 5, 6, 3])
  }

  @Test func `an old file without a model type is recognised by its keys`() throws {
    var checkpoint = Checkpoint()
    checkpoint.model = checkpoint.model.replacing(#""type": "WordPiece", "#, with: "")
    #expect(try checkpoint.ids("unaffable") == [2, 5, 6, 7, 3])
  }

  @Test func `ids need not be in order and may have gaps`() throws {
    var checkpoint = Checkpoint()
    checkpoint.addedTokens = []
    checkpoint.vocabulary = #""[UNK]": 7, "[SEP]": 3, "[CLS]": 2, "man": 90"#
    let tokenizer = try checkpoint.tokenizer()
    #expect(tokenizer.tokenize("man the", maxTokens: nil).ids == [2, 90, 7, 3])
    #expect(tokenizer.vocabularySize == 91)
  }

  @Test func `tokens that are canonically equivalent are different tokens`() throws {
    var checkpoint = Checkpoint()
    checkpoint.normalizer = "null"
    checkpoint.tokens += ["\u{E9}", "e\u{301}"]
    let ids = try checkpoint.ids("\u{E9} e\u{301}")
    #expect(ids == [2, 26, 27, 3])
  }
}
