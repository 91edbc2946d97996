// Regular expressions: which are taken, which are refused and how, and what they match.

import Core
import Testing

@testable import Tokenizers

struct PatternTests {
  private func split(_ pattern: String, _ behavior: String = "Isolated") -> String {
    #"{"type": "Split", "behavior": "\#(behavior)", "invert": false, "#
      + #""pattern": {"Regex": \#(JSON.string(pattern).line)}}"#
  }

  private func words(_ pattern: String, _ text: String) throws -> [String] {
    let json = try JSON(parsing: Array(split(pattern).utf8))
    let preTokenizer = try PreTokenizer(FileSection(file: "tokenizer.json", json: json))
    var words = Words()
    words.reset(Array(text.utf8), 0..<text.utf8.count, startsText: true)
    preTokenizer.cut(&words)
    return words.ranges.map { String(decoding: words.bytes[$0], as: UTF8.self) }
  }

  private func refusal(_ pattern: String) throws -> Failure {
    var checkpoint = BPECheckpoint()
    checkpoint.preTokenizer = split(pattern)
    return try checkpoint.refusal()
  }

  @Test(arguments: [
    (#"(\p{L}+"#, "a '(' without its ')'"), (#"a)"#, "a ')' without its '('"),
    ("[a", "a '[' without its ']'"), ("*a", "nothing before a repetition"),
    ("a|+", "nothing before a repetition"), ("a\\", "it ends too early"),
    ("[b-a]", "an empty range"), (#"\p{L"#, "it ends too early"),
  ])
  func `a pattern that is none is malformed`(pattern: String, reason: String) throws {
    let failure = try refusal(pattern)
    #expect(failure.code == .malformed)
    #expect(failure.subject.hasSuffix("tokenizer.json"))
    #expect(failure.message.contains("regex pattern '\(pattern)'"), "\(failure)")
    #expect(failure.message.contains("pre_tokenizer.pattern.Regex"), "\(failure)")
    #expect(failure.message.contains(reason), "\(failure)")
  }

  @Test(arguments: [
    #"(a)\1"#, "(?<=a)b", "(?<n>a)", "(?>a+)b", "(?i)a", #"\bA"#, #"\X"#, "[a&&b]", "[[:alpha:]]",
    #"\p{Greek}"#, #"\pL"#, "(?i:é)", "(?i:ss)", "(?i:[^a])", "(a*)*", "(?=a+)b", "(ab)++", "a{2}?",
    #"\x80"#, "a**?*", "a{2000}", "x{", "(^)*",
  ])
  func `a pattern beyond the syntax that is understood is refused by name`(pattern: String) throws {
    let failure = try refusal(pattern)
    #expect(failure.code == .unsupported, "\(failure)")
    #expect(failure.message.contains("regex pattern '\(pattern)' is not supported"), "\(failure)")
  }

  @Test func `nesting and size have limits`() throws {
    let deep = String(repeating: "(", count: 5000) + "a" + String(repeating: ")", count: 5000)
    #expect(try refusal(deep).code == .unsupported)
    #expect(try refusal(String(repeating: "a?", count: 6000)).code == .unsupported)
    #expect(try refusal("((a{999}){999}){999}").code == .unsupported)
    #expect(try refusal(String(repeating: "a|", count: 4000) + "(").code == .malformed)
  }

  @Test(arguments: [
    // The first alternative that matches wins, not the longest.
    ("a|ab", "abab", ["a", "b", "a", "b"]),
    ("(a|ab)c", "abc", ["abc"]),
    // `{1,2}+` repeats the repetition.
    (#"\d{1,2}+"#, "x12345", ["x", "12345"]),
    (#"\d{1,2}"#, "x12345", ["x", "12", "34", "5"]),
    // Nothing is given back, so the second a never matches.
    ("a++a", "aaa", ["aaa"]), ("a+a", "aaab", ["aaa", "b"]),
    ("(?i:k)", "xK\u{212A}k", ["x", "K", "\u{212A}", "k"]),
    // An empty match cuts, too.
    (#"(?=\p{Lu})"#, "oneTwoThree", ["one", "Two", "Three"]),
    (#"\s+(?!\S)"#, "a   b", ["a", "  ", " b"]),
    ("^b", "a\nb", ["a\n", "b"]), ("a$", "a\na", ["a", "\n", "a"]),
  ])
  func `matches are those of Oniguruma`(pattern: String, text: String, expected: [String]) throws {
    #expect(try words(pattern, text) == expected)
  }

  @Test(arguments: [
    #"(?:\w+)+!"#, "(a|aa)+b", "a+a+a+a+b", "a*a*a*b", "a++b",
    "(a?){30}a{30}b", ".*.*.*b",
  ])
  func `no pattern takes exponential or quadratic time`(pattern: String) throws {
    // 100,000 letters, and no match anywhere.
    if pattern.hasPrefix("(a?)") {
      #expect(try refusal(pattern).code == .unsupported)
    } else {
      let text = String(repeating: "a", count: 100_000)
      #expect(try words(pattern, text) == [text])
    }
  }
}
