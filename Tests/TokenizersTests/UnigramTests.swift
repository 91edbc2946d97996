// The Unigram model: best paths worked out by hand, and what the reference library (tokenizers 0.23.3)
// does where scores alone do not decide.

import Core
import Foundation
import TestSupport
import Testing
import Tokenizers

struct UnigramTests {
  /// A tokenizer with this vocabulary and nothing else; scores as they would stand in a file.
  private func tokenizer(
    _ vocabulary: [(String, String)], unknown: String = "0", fallsBack: Bool = false
  ) throws -> Tokenizer {
    let entries = vocabulary.map { "[\(JSON.string($0).line), \($1)]" }.joined(separator: ", ")
    return try Checkpoint.tokenizer(of: [
      "tokenizer.json": """
      {"model": {"type": "Unigram", "unk_id": \(unknown), "byte_fallback": \(fallsBack),
      "vocab": [\(entries)]}}
      """
    ])
  }

  private func ids(
    _ text: String, _ vocabulary: [(String, String)], fallsBack: Bool = false
  ) throws -> [Int32] {
    try tokenizer(vocabulary, fallsBack: fallsBack).tokenize(text, maxTokens: nil).ids
  }

  @Test(arguments: [
    // a b = -1 - 2 = -3, ab = -2.5
    ("ab", [3]),
    // a b c = -1 - 2 - 3 = -6, ab c = -2.5 - 3 = -5.5, a bc = -1 - 1 = -2
    ("abc", [1, 4]),
    // c a b = -6, c ab = -5.5
    ("cab", [5, 3]),
    ("", []),
  ])
  func `the path with the largest sum of scores wins`(text: String, expected: [Int32]) throws {
    let vocabulary = [
      ("<unk>", "0"), ("a", "-1"), ("b", "-2"), ("ab", "-2.5"), ("bc", "-1"), ("c", "-3"),
    ]
    #expect(try ids(text, vocabulary) == expected)
  }

  @Test(arguments: [
    // ab = -3 = a b. The end is reached by ab first, from the start of the word.
    ("ab", [3]),
    // x xx = -2 - 3 = -5 = xx x. The end is reached from place 1 before place 2.
    ("xxx", [4, 5]),
    // xx xx = -6; x xx x = -7
    ("xxxx", [5, 5]),
    // x xx xx = xx x xx = xx xx x = -8. The end is reached from place 3 first, which is best reached
    // by x xx.
    ("xxxxx", [4, 5, 5]),
  ])
  func `of equal sums the path that arrives first stays`(text: String, expected: [Int32]) throws {
    let vocabulary = [
      ("<unk>", "0"), ("a", "-1"), ("b", "-2"), ("ab", "-3"), ("x", "-2"), ("xx", "-3"),
    ]
    #expect(try ids(text, vocabulary) == expected)
  }

  /// The library's JSON parser rounds twice.
  ///
  /// -15.774467468261719 = -8 - 7.774467468261719 without rounding. The parser makes
  /// 15774467468261719 a `Double` first, which is 15774467468261720, as odd numbers of that size are
  /// not representable. Divided by 1e15 that is 15.77446746826172, one step further from 0.
  @Test func `a score is read as the library reads it, not as it is written`() throws {
    let vocabulary = [
      ("<unk>", "0"), ("x", "-8.0"), ("y", "-7.774467468261719"), ("xy", "-15.774467468261719"),
    ]
    #expect(try ids("xy", vocabulary) == [1, 2])
  }

  @Test(arguments: [
    // The worst piece has -30, so unknown is -40: xa b = -30 - 20 = -50, ? ab = -40 - 1 = -41.
    ("xab", [0, 4]),
    // Two unknown characters between known ones: one token.
    ("axya", [1, 0, 1]), ("xyz", [0]), ("éa", [0, 1]), ("aéèa", [1, 0, 1]),
  ])
  func `an unknown character scores 10 below the worst piece, neighbours fuse`(
    text: String, expected: [Int32]
  ) throws {
    let vocabulary = [("<unk>", "0"), ("a", "-1"), ("b", "-20"), ("xa", "-30"), ("ab", "-1")]
    #expect(try ids(text, vocabulary) == expected)
  }

  @Test(arguments: [
    // The worst piece has 20, so unknown is 10: three of them, 30, beat xyz with 25; fused they are
    // xyz all the same.
    ("xyz", [1]), ("xyzw", [0]),
    ("<unk>", [0]), ("<unk>q", [0]), ("q<unk>", [0]), ("a<unk>a", [2, 0, 2]),
  ])
  func `fused characters that are a token become it`(text: String, expected: [Int32]) throws {
    #expect(try ids(text, [("<unk>", "30"), ("xyz", "25"), ("a", "20")]) == expected)
  }

  @Test(arguments: [
    ("axa", [1, 2, 1]), ("é", [3, 4]), ("éx", [3, 4, 2]),
    // è is C3 A8, and there is no token for A8.
    ("èa", [0, 1]), ("ay", [1, 0]),
    // As it is written it is a token; with something beside it, it is unknown bytes.
    ("<unk>", [0]), ("<unk>x", [0]),
  ])
  func `with byte fallback unknown characters are bytes, if all have tokens`(
    text: String, expected: [Int32]
  ) throws {
    let vocabulary = [
      ("<unk>", "0"), ("a", "-1"), ("<0x78>", "-5"), ("<0xC3>", "-5"), ("<0xA9>", "-5"),
    ]
    #expect(try ids(text, vocabulary, fallsBack: true) == expected)
    #expect(try ids("axa", vocabulary) == [1, 0, 1])
  }

  @Test func `of a token that is there twice the last id and score count`() throws {
    let vocabulary = [("<unk>", "0"), ("a", "-1"), ("a", "-9"), ("b", "-3"), ("ab", "-5")]
    #expect(try ids("a", vocabulary) == [2])
    // a b = -9 - 3 = -12, ab = -5
    #expect(try ids("ab", vocabulary) == [4])
  }

  @Test func `an empty token is never used, but counts as the worst`() throws {
    let vocabulary = [("<unk>", "0"), ("", "-100"), ("a", "-1"), ("xa", "-90"), ("b", "-50")]
    // Unknown is -110: xa b = -140, ? a b = -161.
    #expect(try ids("xab", vocabulary) == [3, 4])
    #expect(try ids("xb", vocabulary) == [0, 4])
  }

  @Test func `a word of a hundred thousand characters is no trouble`() throws {
    let vocabulary = [("<unk>", "0"), ("a", "-2"), ("aa", "-3")]
    let text = String(repeating: "a", count: 100_001)
    // The odd one is the first, as in `xxxxx` above.
    #expect(try ids(text, vocabulary) == [1] + Array(repeating: 2, count: 50_000))
  }

  @Test(arguments: [
    (#"{"type": "Unigram", "unk_id": 2, "vocab": [["a", -1], ["b", -1]]}"#, "unk_id is 2"),
    (#"{"type": "Unigram", "unk_id": 0, "vocab": []}"#, "unk_id is 0"),
    (#"{"type": "Unigram", "unk_id": -1, "vocab": [["a", -1]]}"#, "unk_id: expected a whole"),
    (#"{"type": "Unigram", "unk_id": null, "vocab": [["a", -1]]}"#, "'unk_id'"),
    (#"{"type": "Unigram", "unk_id": 0, "vocab": [["a", -1], ["b"]]}"#, "entry 1"),
    (#"{"type": "Unigram", "unk_id": 0, "vocab": [["a", "-1"]]}"#, "entry 0"),
    (#"{"type": "Unigram", "unk_id": 0, "vocab": [["a", -1, 0]]}"#, "entry 0"),
    (#"{"type": "Unigram", "unk_id": 0, "vocab": [["a", 1e999]]}"#, "score of token 0"),
    (#"{"type": "Unigram", "unk_id": 0, "vocab": {"a": -1}}"#, "expected a list"),
    (#"{"type": "Unigram", "unk_id": 0}"#, "'vocab' is missing"),
  ])
  func `a model that makes no sense is refused`(model: String, mention: String) throws {
    let failure = try #require(throws: Failure.self) {
      try Checkpoint.tokenizer(of: ["tokenizer.json": #"{"model": \#(model)}"#])
    }
    #expect("\(failure)".contains(mention), "\(failure)")
  }

  @Test(
    .enabled(if: Shared.isPresent, Shared.reason), arguments: ["03_xlmr_unigram", "16_t5_encoder"])
  func `the ids of a stored checkpoint are those of the library`(name: String) throws {
    try GoldenIDs(name).expect(of: Tokenizer(folder: Shared.url("models/\(name)")))
  }
}
