// What holds for every text, tried on random ones that are the same in every run.

import TestSupport
import Testing

@testable import Tokenizers

struct InvariantTests {
  private static let parts = [
    "the", "man", "un", "able", " ", "  ", "\n", "\t", "!", ",", "[SEP]", "[MASK]", "[CLS", "]",
    "<x>", "中", "文", "한국", "é", "e\u{301}", "İ", "Σ", "ﬁ", "\u{200B}", "\u{0}", "\u{FFFD}", "👩‍👩‍👧",
    "🇩🇪",
    "\u{302E}", "\u{1D165}", "\u{10FFFF}", "क\u{93E}", "นี่", "אָ", "aaaaaaaaaaaa",
  ]

  private static func text(_ dice: inout SplitMix) -> String {
    (0..<Int.random(in: 0...12, using: &dice)).map { _ in
      if Int.random(in: 0..<4, using: &dice) == 0,
        let scalar = Unicode.Scalar(UInt32.random(in: 0...0x10FFFF, using: &dice))
      {
        return String(scalar)
      }
      return parts[Int.random(in: 0..<parts.count, using: &dice)]
    }.joined()
  }

  @Test func `any limit gives a prefix and the closing token, and the same ids every time`() throws
  {
    var checkpoint = Checkpoint()
    checkpoint.addedTokens.append(Checkpoint.added(26, "<x>", options: ["lstrip", "normalized"]))
    let tokenizer = try checkpoint.tokenizer()
    var dice = SplitMix(state: 1)
    for _ in 0..<2000 {
      let text = Self.text(&dice)
      let whole = tokenizer.tokenize(text, maxTokens: nil)
      #expect(!whole.isTruncated)
      #expect(whole.ids.first == 2 && whole.ids.last == 3)
      #expect(whole.ids.allSatisfy { $0 >= 0 && $0 < tokenizer.vocabularySize })
      #expect(tokenizer.tokenize(text, maxTokens: nil) == whole)
      for limit in 2...whole.ids.count + 1 {
        let part = tokenizer.tokenize(text, maxTokens: limit)
        #expect(part.ids.count == min(limit, whole.ids.count))
        #expect(part.isTruncated == (limit < whole.ids.count))
        #expect(part.ids == whole.ids.prefix(part.ids.count - 1) + [3])
      }
    }
  }

  @Test func `normalizing twice changes nothing`() {
    let normalizer = Normalizer(steps: [
      .bert(
        BertNormalizer(
          cleansText: true, separatesChinese: false, stripsAccents: true, lowercases: true))
    ])
    var dice = SplitMix(state: 2)
    for _ in 0..<2000 {
      let once = normalizer.normalized(Array(Self.text(&dice).utf8))
      #expect(String(validating: once, as: UTF8.self) != nil)
      #expect(normalizer.normalized(once) == once)
    }
  }

  @Test func `the tables are ranges in order`() {
    for table in [
      ScalarFacts.other, ScalarFacts.whitespace, ScalarFacts.chinese, ScalarFacts.punctuation,
      ScalarFacts.nonspacing, ScalarFacts.reordering, ScalarFacts.decomposing,
    ] {
      #expect(table.count.isMultiple(of: 2))
      // A first may equal its last, but never the last before it.
      for i in table.indices.dropFirst() {
        #expect(i.isMultiple(of: 2) ? table[i] > table[i - 1] : table[i] >= table[i - 1])
      }
    }
  }

  /// Lower-casing comes from a table; the standard library must agree on what it knows.
  @Test func `lower-casing is that of the standard library`() {
    for value in UInt32(0)...0x1FFFF {
      guard let scalar = Unicode.Scalar(value), let age = scalar.properties.age, age.major <= 16
      else { continue }
      let isLowercasing = ScalarTable.shared[value].contains(.lowercasing)
      let expected = scalar.properties.lowercaseMapping
      guard value != Lowercase.dottedI else { continue }
      let own = isLowercasing ? Lowercase.of(value) : value
      if expected.unicodeScalars.map(\.value) != [own] {
        Issue.record("U+\(String(value, radix: 16)) becomes U+\(String(own, radix: 16))")
      }
    }
  }
}
