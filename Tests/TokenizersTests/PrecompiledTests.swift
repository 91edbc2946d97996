// The charsmap normalizer: clusters, the first entry that fits, and blobs that are not to be trusted.

import Core
import Foundation
import TestSupport
import Testing

@testable import Tokenizers

struct PrecompiledTests {
  private static let place = FileSection(file: "tokenizer.json", json: .null)

  /// A blob with these entries: every node of the trie has a block of its own, so nothing collides.
  private func blob(_ entries: [(String, String)]) -> [UInt8] {
    var children: [[UInt8: Int]] = [[:]]
    var values: [Int?] = [nil]
    var replacements: [UInt8] = []
    for (key, value) in entries {
      var node = 0
      for byte in key.utf8 {
        if let next = children[node][byte] {
          node = next
        } else {
          children[node][byte] = children.count
          node = children.count
          children.append([:])
          values.append(nil)
        }
      }
      values[node] = replacements.count
      replacements += Array(value.utf8) + [0]
    }
    // Node n has the block from 256 (n + 1) on; block 0 holds the root's unit alone.
    var units = [UInt32](repeating: 0x8000_0000, count: 256 * (children.count + 1))
    units[0] = 256 << 10
    for (node, edges) in children.enumerated() {
      let base = 256 * (node + 1)
      if let value = values[node] { units[base] = 0x8000_0000 | UInt32(value) }
      for (byte, child) in edges {
        let place = base ^ Int(byte)
        let ends: UInt32 = values[child] == nil ? 0 : 0x100
        units[place] = UInt32(place ^ (256 * (child + 1))) << 10 | ends | UInt32(byte)
      }
    }
    let size = UInt32(units.count * 4)
    return ([size] + units).flatMap { unit in (0..<4).map { UInt8(unit >> (8 * $0) & 0xFF) } }
      + replacements
  }

  private func normalize(_ text: String, _ entries: [(String, String)]) throws -> String {
    let charsmap = try PrecompiledCharsmap(blob: blob(entries), Self.place)
    var out: [UInt8] = []
    charsmap.append(
      Array(text.utf8), text.utf8.indices.isEmpty ? 0..<0 : 0..<text.utf8.count, to: &out)
    return String(decoding: out, as: UTF8.self)
  }

  @Test(arguments: [
    ("abc", "Abc"), ("", ""), ("xyx", "y"), ("\0a", "\0A"),
    // Three bytes: looked up as a whole, and the entry `a` is met first.
    ("a\u{301}b", "Ab"),
    // Seven bytes: character by character.
    ("a\u{301}\u{302}\u{303}", "A\u{301}\u{302}\u{303}"),
    // Only the whole is an entry.
    ("e\u{301}", "é"), ("e\u{302}", "e\u{302}"), ("e", "e"),
    // `e´` with one mark more, five bytes: the entry is met before the end.
    ("e\u{301}\u{302}", "é"),
    // Seven bytes again: no single character is an entry.
    ("e\u{301}\u{302}\u{303}", "e\u{301}\u{302}\u{303}"),
    // Return and newline are one cluster, newline alone is no entry.
    ("\r\n", " "), ("\r\r\n", "  "), ("\n\r", "\n "),
    // The longer of two entries is out of reach behind the shorter.
    ("lm", "Lm"),
    ("ａ", "a"), ("日本", "日本"), ("\u{10FFFD}\u{10FFFC}", "z\u{10FFFC}"),
  ])
  func `clusters of less than six bytes are looked up whole, and the first entry counts`(
    text: String, expected: String
  ) throws {
    let entries = [
      ("a", "A"), ("x", ""), ("e\u{301}", "é"), ("\r", " "), ("l", "L"), ("lm", "!"), ("ａ", "a"),
      ("\u{10FFFD}", "z"),
    ]
    let result = try normalize(text, entries)
    #expect(Array(result.utf8) == Array(expected.utf8), "\(result.debugDescription)")
  }

  /// Expected numbers of clusters by the rules of UAX #29, Unicode 17.0.
  ///
  /// Every character is an entry, so a cluster below six bytes gives one `y`, in a longer one every
  /// character does.
  @Test(arguments: [
    ("\u{1F1E6}\u{1F1E7}", 2), ("a\u{200D}", 1), ("a\u{903}", 1), ("\u{600}a", 1),
    ("\u{301}\u{302}", 1), ("\u{1}\u{301}", 2), ("a\n", 2), ("\u{915}\u{301}", 1),
    // ☐ + joiner + © + mark: the joiner binds pictographs, seven bytes and more, not © and mark alone.
    ("\u{A9}\u{200D}\u{A9}\u{301}", 4), ("a\u{200D}\u{A9}\u{301}", 2),
    // Consonant, linker, consonant and mark belong together; without the linker they do not.
    ("\u{915}\u{94D}\u{915}\u{301}", 4), ("\u{915}\u{93C}\u{915}\u{301}", 3),
    // Jamo: a syllable without and with a final consonant.
    ("\u{AC00}\u{11A8}\u{301}", 3), ("\u{AC01}\u{1161}\u{301}", 2),
  ])
  func `clusters end where Unicode says`(text: String, count: Int) throws {
    let entries = Set(text.unicodeScalars.map { String($0) }).map { ($0, "y") }
    #expect(try normalize(text, entries) == String(repeating: "y", count: count))
  }

  /// Every scalar between two clusters, with a mark of its own; the sum (FNV-1a) over what tokenizers
  /// 0.23.3 makes of them with the same charsmap (nmt_nfkc).
  @Test(.enabled(if: Shared.isPresent, Shared.reason))
  func `the charsmap of SentencePiece does with every scalar what the library does`() throws {
    let charsmap = try storedCharsmap()
    var text: [UInt8] = []
    var out: [UInt8] = []
    var sum: UInt64 = 0xcbf2_9ce4_8422_2325
    var count = 0
    for value in UInt32(0)..<0x110000 where !(0xD800..<0xE000).contains(value) {
      text.removeAll(keepingCapacity: true)
      for part in [0x78, 0x301, value, 0x301, 0x79, 0xA0] { UTF8Decoding.append(part, to: &text) }
      out.removeAll(keepingCapacity: true)
      charsmap.append(text, text.indices, to: &out)
      for byte in out { sum = (sum ^ UInt64(byte)) &* 0x100_0000_01b3 }
      count += out.count
    }
    #expect(count == 12_158_118)
    #expect(sum == 0x0139_bdfb_b7c1_4ea2)
  }

  private func storedBlob() throws -> [UInt8] {
    let file = try Shared.json("models/03_xlmr_unigram/tokenizer.json")
    let text = try #require(file["normalizer"]?["precompiled_charsmap"]?.string)
    return Array(try #require(Data(base64Encoded: text)))
  }

  private func storedCharsmap() throws -> PrecompiledCharsmap {
    try PrecompiledCharsmap(blob: storedBlob(), Self.place)
  }

  @Test(arguments: [
    ("@@@@", "not base64"), ("", "0 bytes"), ("AAAA", "3 bytes"), ("AAAAAA==", "a trie of 0 bytes"),
    // A trie of 4 bytes, less than a block; one of 0x40000000 bytes.
    ("BAAAAAAAAAA=", "a trie of 4 bytes"), ("AAAAQAAAAAA=", "a trie of 1073741824 bytes"),
  ])
  func `a blob that is none is refused`(text: String, mention: String) throws {
    let failure = try #require(throws: Failure.self) {
      try Normalizer(
        FileSection(
          file: "tokenizer.json",
          json: JSON(parsing: #"{"type": "Precompiled", "precompiled_charsmap": "\#(text)"}"#)))
    }
    #expect(failure.code == .malformed)
    #expect(failure.message.contains("precompiled"), "\(failure)")
    #expect(failure.message.contains(mention), "\(failure)")
  }

  @Test(arguments: [
    // The unit of `a` (block 1, place 256 + 0x61): out of the trie, then to a value that is not there.
    (256 + 0x61, UInt32(0x1F_FFFF << 10 | 0x61), "points out of its trie"),
    (512, UInt32(0x8000_1000), "points out of its replacements"),
    (512, UInt32(0x8000_0001), "into the middle of a character"),
  ])
  func `a trie that leads out of itself is refused`(
    place: Int, unit: UInt32, mention: String
  ) throws {
    var blob = blob([("a", "é")])
    for i in 0..<4 { blob[4 + 4 * place + i] = UInt8(unit >> (8 * UInt32(i)) & 0xFF) }
    let failure = try #require(throws: Failure.self) {
      try PrecompiledCharsmap(blob: blob, Self.place)
    }
    #expect(failure.message.contains(mention), "\(failure)")
  }

  @Test func `replacements that are not UTF-8 are refused`() throws {
    #expect(throws: Failure.self) {
      try PrecompiledCharsmap(blob: blob([("a", "b")]) + [0xC3], Self.place)
    }
  }

  @Test(.enabled(if: Shared.isPresent, Shared.reason))
  func `a damaged blob is refused, or stays within itself`() throws {
    let whole = try storedBlob()
    var random = SplitMix(state: 5)
    let text = Array("Ａ e\u{301}\u{301} ﬁ ½ \r\n \u{AC00}\u{11A8} कि 日本 \u{1F469}\u{200D}".utf8)
    var refused = 0
    for _ in 0..<100 {
      var blob = whole
      for _ in 0..<Int.random(in: 1...20, using: &random) {
        blob[Int.random(in: 4..<180_000, using: &random)] = UInt8.random(
          in: 0...255, using: &random)
      }
      if let charsmap = try? PrecompiledCharsmap(blob: blob, Self.place) {
        var out: [UInt8] = []
        charsmap.append(text, text.indices, to: &out)
        #expect(String(validating: out, as: UTF8.self) != nil)
      } else {
        refused += 1
      }
    }
    #expect(refused > 0)
  }
}
