// Tokenizer files with random damage: refused, or read, but never a stop of the program.

import Core
import Foundation
import TestSupport
import Testing
import Tokenizers

struct HostileTests {
  /// Small tokenizers of every kind.
  private static func files() -> [[UInt8]] {
    var byteLevel = BPECheckpoint()
    byteLevel.preTokenizer = #"""
      {"type": "Sequence", "pretokenizers": [{"type": "Split", "behavior": "Isolated",
      "invert": false, "pattern": {"Regex": "(?i:'s|'t)|[^\\r\\n\\p{L}]?\\p{L}+|\\p{N}{1,3}| +(?!x)"}},
      {"type": "Digits", "individual_digits": true}, {"type": "Punctuation"},
      {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true}]}
      """#
    byteLevel.normalizer = #"""
      {"type": "Sequence", "normalizers": [{"type": "NFKC"}, {"type": "Replace",
      "pattern": {"String": "x"}, "content": "yy"}, {"type": "Strip", "strip_left": true,
      "strip_right": false}]}
      """#
    var fallback = BPECheckpoint()
    fallback.options = #""unk_token": "<unk>", "fuse_unk": true, "byte_fallback": true,"#
    fallback.vocabulary += [("▁", 8), ("▁a", 9), ("<0xC3>", 10), ("<0xA9>", 11)]
    fallback.merges.append(#"["▁", "a"]"#)
    fallback.normalizer = #"{"type": "Prepend", "prepend": "▁"}"#
    fallback.postProcessor = #"{"type": "BertProcessing", "cls": ["a", 0], "sep": ["b", 1]}"#
    return [byteLevel.json, fallback.json, Checkpoint().json].map { Array($0.utf8) }
  }

  private static let texts = [
    "", "a", "abc xé 123 'S ▁▁a", "\u{301}\u{0}\u{10FFFF}", String(repeating: "ab ", count: 50),
  ]

  @Test func `a damaged file never stops the program`() throws {
    let folder = try TemporaryFolder()
    var dice = SplitMix(state: 11)
    var read = 0
    for file in Self.files() {
      for _ in 0..<1500 {
        var bytes = file
        for _ in 0...Int.random(in: 0...2, using: &dice) {
          let place = Int.random(in: 0..<bytes.count, using: &dice)
          switch Int.random(in: 0..<4, using: &dice) {
          case 0: bytes[place] = UInt8.random(in: 0...255, using: &dice)
          case 1: bytes.remove(at: place)
          case 2: bytes.insert(UInt8(ascii: "0") + UInt8(dice.next() % 75), at: place)
          default:
            let end = min(place + Int.random(in: 1...12, using: &dice), bytes.count)
            bytes.replaceSubrange(place..<place, with: bytes[place..<end])
          }
        }
        try folder.write(Data(bytes), to: "tokenizer.json")
        do {
          let tokenizer = try Tokenizer(folder: folder.url)
          read += 1
          for text in Self.texts {
            let ids = tokenizer.tokenize(text, maxTokens: nil).ids
            #expect(ids.allSatisfy { $0 >= 0 && $0 < tokenizer.vocabularySize })
          }
        } catch {
          #expect(error.subject.hasSuffix("tokenizer.json"))
        }
      }
    }
    // Most damage is found, but not all of it matters.
    #expect(read > 100)
  }
}
