// From texts to words: cleaning, Chinese, accents, lower case, white space, punctuation.

import Testing

@testable import Tokenizers

struct NormalizationTests {
  private func normalized(_ text: String, _ step: Normalizer.Step) -> String {
    String(decoding: Normalizer(steps: [step]).normalized(Array(text.utf8)), as: UTF8.self)
  }

  private func bert(
    _ text: String, clean: Bool = false, chinese: Bool = false, strip: Bool = false,
    lower: Bool = false
  ) -> [Unicode.Scalar] {
    let step = Normalizer.Step.bert(
      BertNormalizer(
        cleansText: clean, separatesChinese: chinese, stripsAccents: strip, lowercases: lower))
    return Array(normalized(text, step).unicodeScalars)
  }

  private func scalars(_ text: String) -> [Unicode.Scalar] { Array(text.unicodeScalars) }

  @Test func `cleaning drops controls and formats and makes white space a space`() {
    #expect(bert("a\u{0}b\u{7F}c\u{200B}d\u{FEFF}e", clean: true) == scalars("abcde"))
    #expect(bert("a\tb\nc\rd\u{A0}e\u{3000}f\u{2028}g", clean: true) == scalars("a b c d e f g"))
    // Controls that are white space are controls first.
    #expect(bert("a\u{B}b\u{C}c\u{85}d", clean: true) == scalars("abcd"))
    #expect(bert("a\u{E000}b\u{FFFD}c", clean: true) == scalars("abc"))
  }

  @Test func `cleaning keeps unassigned scalars`() {
    #expect(bert("a\u{378}b", clean: true) == scalars("a\u{378}b"))
  }

  @Test func `cleaning knows the formats of Unicode 8 only`() {
    // U+08E2 became a format character in Unicode 9.
    #expect(bert("a\u{8E2}b\u{61C}c", clean: true) == scalars("a\u{8E2}bc"))
  }

  @Test func `Chinese gets spaces around it, kana and Hangul do not`() {
    #expect(bert("中文かなa한", chinese: true) == scalars(" 中  文 かなa한"))
    // U+2B820, extension E, is missing in the original list.
    #expect(bert("\u{2B820}\u{2B81F}", chinese: true) == scalars("\u{2B820} \u{2B81F} "))
  }

  @Test func `stripping decomposes and drops nonspacing marks`() {
    #expect(bert("É\u{1E69}", strip: true) == scalars("Es"))
    // Hangul decomposes too and stays decomposed; Ł has no decomposition.
    #expect(bert("한Ł", strip: true) == scalars("\u{1112}\u{1161}\u{11AB}Ł"))
    // A spacing mark stays: Devanagari vowel sign AA.
    #expect(bert("क\u{93E}\u{901}", strip: true) == scalars("क\u{93E}"))
  }

  @Test func `stripping knows the marks of Unicode 8 only`() {
    // U+1DF6 became a mark in Unicode 10.
    #expect(bert("a\u{1DF6}\u{1DC0}", strip: true) == scalars("a\u{1DF6}"))
  }

  @Test func `marks that stay are in canonical order`() {
    // Hangul tone mark (class 224) before the musical stem (216), both spacing; a letter is a wall.
    #expect(bert("a\u{302E}\u{1D165}", strip: true) == scalars("a\u{1D165}\u{302E}"))
    #expect(bert("\u{302E}b\u{1D165}", strip: true) == scalars("\u{302E}b\u{1D165}"))
    // What cleaning drops is no wall.
    #expect(
      bert("\u{302E}\u{200B}\u{7}\u{1D165}", clean: true, strip: true)
        == scalars("\u{1D165}\u{302E}"))
  }

  @Test func `many marks on one letter take no quadratic time`() {
    let marks = String(repeating: "\u{302E}\u{1D165}", count: 100_000)
    #expect(bert("a" + marks, strip: true).count == 200_001)
  }

  @Test func `lower-casing goes scalar by scalar`() {
    #expect(bert("AZ\u{C9}ΣΑΣ", lower: true) == scalars("az\u{E9}σασ"))
    #expect(bert("İI", lower: true) == scalars("i\u{307}i"))
    #expect(bert("\u{1E9E}\u{10400}", lower: true) == scalars("ß\u{10428}"))
    #expect(normalized("Ⱥ!", .lowercase) == "ⱥ!")
  }

  @Test func `accents go before lower-casing`() {
    // İ loses its dot as a mark; lower-cased first it would keep it.
    #expect(bert("İ", strip: true, lower: true) == scalars("i"))
  }

  @Test func `null strip_accents follows lower-casing`() throws {
    var checkpoint = Checkpoint()
    #expect(try checkpoint.ids("Café") == [2, 16, 3])
    checkpoint.normalizer = Checkpoint.bert(clean: true, chinese: true, strip: nil, lower: false)
    #expect(try checkpoint.ids("café Café") == [2, 17, 1, 3])
    checkpoint.normalizer = Checkpoint.bert(clean: true, chinese: true, strip: false, lower: true)
    #expect(try checkpoint.ids("Café cafe") == [2, 17, 16, 3])
  }

  @Test func `a sequence of normalizers runs in its order`() throws {
    var checkpoint = Checkpoint()
    let strip = Checkpoint.bert(clean: false, chinese: false, strip: true, lower: false)
    checkpoint.tokens += ["i\u{307}"]
    checkpoint.normalizer =
      #"{"type": "Sequence", "normalizers": [{"type": "Lowercase"}, \#(strip)]}"#
    #expect(try checkpoint.ids("CAFÉ İ") == [2, 16, 18, 3])
    checkpoint.normalizer = #"{"type": "Sequence", "normalizers": []}"#
    #expect(try checkpoint.ids("CAFÉ café") == [2, 1, 17, 3])
  }

  @Test func `a lower-casing can be put in front`() throws {
    var checkpoint = Checkpoint()
    checkpoint.normalizer = Checkpoint.bert(clean: true, chinese: true, strip: false, lower: false)
    let tokenizer = try checkpoint.tokenizer(lowercasesFirst: true)
    // Special tokens are found before any normalization.
    #expect(tokenizer.tokenize("CAFÉ [SEP] [sep]", maxTokens: nil).ids == [2, 17, 3, 1, 1, 1, 3])
  }

  @Test func `white space separates and every punctuation mark is a word`() throws {
    #expect(try Checkpoint().ids(" the!!man\u{3000}the ") == [2, 8, 13, 13, 9, 8, 3])
    // ASCII symbols count as punctuation, other symbols do not: $ splits, € does not.
    #expect(try Checkpoint().ids("the$man the€man") == [2, 8, 1, 9, 1, 3])
    #expect(try Checkpoint().ids("中文man") == [2, 14, 15, 9, 3])
  }

  @Test func `a text of nothing but white space has no tokens of its own`() throws {
    for text in ["", " ", "\t \n\r\n ", "\u{0}", "\u{301}"] {
      #expect(try Checkpoint().ids(text) == [2, 3])
    }
  }
}
