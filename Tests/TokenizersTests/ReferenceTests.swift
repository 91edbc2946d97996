// Stages, classes of scalars and ids of real text, held against digests that Fixtures/record.py
// recorded from the reference library.

import Core
import Foundation
import TestSupport
import Testing

@testable import Tokenizers

/// `Fixtures/reference.json`.
private enum Recorded {
  static let file: JSON = {
    let url = Repository.root.appending(path: "Tests/TokenizersTests/Fixtures/reference.json")
    guard let data = try? Data(contentsOf: url) else { return .null }
    return (try? JSON(parsing: Array(data))) ?? .null
  }()
}

/// 64 bits over a sequence of numbers, as record.py has it.
private struct Digest {
  private var state: UInt64 = 0xcbf2_9ce4_8422_2325

  mutating func add(_ number: UInt64) { state = (state ^ number) &* 0x100_0000_01b3 }

  var text: String {
    let digits = String(state, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

struct ScalarClassTests {
  private func digest(where isIn: (UInt32) -> Bool) -> String {
    var digest = Digest()
    for value in UInt32(0)..<0x110000 where !(0xD800...0xDFFF ~= value) && isIn(value) {
      digest.add(UInt64(value))
    }
    return digest.text
  }

  @Test func `the categories are those of the library`() {
    var digest = Digest()
    for value in UInt32(0)..<0x110000 {
      digest.add(UInt64(CategoryTable.shared.category(of: value).trailingZeroBitCount))
    }
    #expect(digest.text == Recorded.file["classes"]?["categories"]?.string)
  }

  @Test(arguments: [#"\w"#, #"[\w]"#, #"\s"#, #"\d"#, #"\p{Han}"#, #"\p{L}"#, #"\p{N}"#])
  func `the classes of patterns are those of the library`(pattern: String) throws {
    let set = try #require(try PatternProgram(pattern).sets.first)
    #expect(digest(where: set.contains) == Recorded.file["classes"]?[pattern]?.string)
  }

  @Test func `the classes of pre-tokenizers without a pattern are those of the library`() {
    let table = CategoryTable.shared
    let classes = Recorded.file["classes"]
    #expect(digest { table[$0].contains(.digit) } == classes?["Digits"]?.string)
    #expect(digest { table[$0].contains(.word) } == classes?["Whitespace"]?.string)
  }
}

struct StageReferenceTests {
  @Test(arguments: [
    ("NFC", NormalizationForm.composed), ("NFD", .decomposed), ("NFKC", .compatiblyComposed),
    ("NFKD", .compatiblyDecomposed),
  ])
  func `the forms of every scalar are those of the library`(
    name: String, form: NormalizationForm
  ) {
    var digest = Digest()
    var out: [UInt8] = []
    for value in Array(UInt32(0)..<0x30000) + Array(UInt32(0xE0000)..<0xE0200) {
      guard let scalar = Unicode.Scalar(value) else { continue }
      // Alone, and with two marks behind it that are not in canonical order.
      let text = Array("\(scalar)xe\(scalar)\u{301}\u{316}\n".utf8)
      out.removeAll(keepingCapacity: true)
      form.append(text, text.indices, to: &out)
      for byte in out { digest.add(UInt64(byte)) }
    }
    #expect(digest.text == Recorded.file["forms"]?[name]?.string)
  }

  @Test func `every stage makes the same words of texts full of traps`() throws {
    let texts = try #require(Recorded.file["texts"]?.array).compactMap(\.string)
    let stages = try #require(Recorded.file["stages"]?.array)
    #expect(texts.count == 400 && stages.count > 80)
    for stage in stages {
      let section = FileSection(file: "reference.json", json: stage)
      let normalizer = try Normalizer(section.optional("normalizer"))
      let preTokenizer = try PreTokenizer(section.optional("pre_tokenizer"))
      var digest = Digest()
      for text in texts {
        var words = Words()
        let bytes = normalizer.normalized(Array(text.utf8))
        words.reset(bytes, bytes.indices, startsText: true)
        preTokenizer.cut(&words)
        for word in words.ranges {
          for byte in words.bytes[word] { digest.add(UInt64(byte)) }
          digest.add(256)
        }
        digest.add(257)
      }
      #expect(digest.text == stage["digest"]?.string, "\(stage.line)")
    }
  }
}

struct RealTextTests {
  /// The parts of the plain files of the data sets, as record.py takes them.
  private func lines() throws -> [String] {
    let files = try #require(Recorded.file["lines"]?["files"]?.array).compactMap(\.string)
    let marks: Set<UInt8> = [UInt8(ascii: "\n"), UInt8(ascii: "\t"), UInt8(ascii: "\"")]
    return try files.flatMap { file in
      try Data(contentsOf: Shared.url(file)).split { marks.contains($0) }
        .filter { $0.count > 2 }.map { String(decoding: $0, as: UTF8.self) }
    }
  }

  private func compare(_ tokenizer: Tokenizer, _ name: String) throws {
    let recorded = try #require(Recorded.file["lines"])
    let block = try #require(recorded["block"]?.integer)
    let lines = try lines()
    #expect(lines.count == recorded["count"]?.integer)
    let expected = try #require(recorded[name]?.array).compactMap(\.string)
    for (i, start) in stride(from: 0, to: lines.count, by: block).enumerated() {
      var digest = Digest()
      for line in lines[start..<min(start + block, lines.count)] {
        for id in tokenizer.tokenize(line, maxTokens: nil).ids { digest.add(UInt64(id)) }
        digest.add(0xFFFF_FFFF)
      }
      #expect(i < expected.count && digest.text == expected[i], "lines \(start) and on")
    }
  }

  @Test(.enabled(if: Shared.isPresent, Shared.reason))
  func `133,447 lines in 20 languages have the ids of the library with SmolLM2`() throws {
    try compare(Tokenizer(folder: Shared.url("models/real/smollm2")), "smollm2")
  }

  @Test(.enabled(if: Shared.isPresent && MiniLM.isPresent, MiniLM.reason))
  func `133,447 lines in 20 languages have the ids of the library with all-MiniLM-L6-v2`() throws {
    try compare(Tokenizer(folder: MiniLM.folder), "minilm")
  }
}
