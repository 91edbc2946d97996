// JSON as result files and model files need it read and written.

import Core
import Foundation
import TestSupport
import Testing

@Suite struct `JSON texts` {
  private static let valid: [(text: String, value: JSON)] = [
    ("null", .null), ("true", .bool(true)), (" [ ] ", .array([])), ("{}", .object([])),
    ("-12", .integer(-12)), ("1.5e3", .number(1500)), ("0.1", .number(0.1)),
    ("123456789012345678901234567890", .number(1.2345678901234568e29)),
    (#""a\n\"\\\/\u00e9\ud83d\ude00""#, .string("a\n\"\\/é😀")),
    (
      #"{"b": 1, "a": [2, {"c": null}]}"#,
      .object([("b", .integer(1)), ("a", .array([.integer(2), .object([("c", .null)])]))])
    ),
  ]

  @Test(arguments: valid)
  func `reads what the standard allows`(text: String, value: JSON) throws {
    #expect(try JSON(parsing: text) == value)
  }

  @Test(arguments: [
    "", " ", "nul", "[1,]", "[1 2]", "{\"a\" 1}", "{a: 1}", "01", "1.", ".5", "+1", "1e", "--1",
    "\"a", "\"\\x\"", "\"\\u12g4\"", "\"\u{1}\"", "[1] 2", "NaN", "-Infinity", "{\"a\":1,\"a\":2}",
  ])
  func `refuses what it does not`(text: String) {
    #expect(throws: JSON.SyntaxError.self) { try JSON(parsing: text) }
  }

  private static let document = #"""
    {"_id": "d\u00e91", "text": "a \"quoted\" text, \\ and 東京 to the end of it", "n": -1.5e3,
     "skip": {"x": [1, "]}\"", {"y": null}], "text": 2}, "flags": [true, false, null], "e": ""}
    """#

  /// Keys wanted, and the values there; nil for one that is not there.
  @Test(
    arguments: [
      (
        ["e", "n", "text"],
        [.string(""), .number(-1500), .string("a \"quoted\" text, \\ and 東京 to the end of it")]
      ),
      (
        ["flags", "no", "_id"], [.array([.bool(true), .bool(false), .null]), nil, .string("dé1")]
      ),
      (["x", "y", ""], [nil, nil, nil]), ([], []),
    ] as [([String], [JSON?])])
  func `some members are read without the others`(keys: [String], values: [JSON?]) throws {
    #expect(try JSON.values(of: keys, in: Array(Self.document.utf8)[...]) == values)
  }

  @Test func `of what is no object there are no members, and an escaped key is a key`() throws {
    for text in ["[1, {\"a\": 2}]", "\"a\"", " 12 ", "null"] {
      #expect(try JSON.values(of: ["a"], in: Array(text.utf8)[...]) == nil)
    }
    let escaped = #"{"\u0061": 1, "b": 2}"#
    #expect(
      try JSON.values(of: ["a", "b"], in: Array(escaped.utf8)[...]) == [.integer(1), .integer(2)])
  }

  @Test(arguments: [
    "", "{", "{\"a\": 1", "{\"a\": 1}}", "{\"a\": 1, \"a\": 2}", "{\"a\": 1,}", "{\"b\": [1,]}",
    "{\"b\": {1}}", "{\"b\": \"x}", "{\"b\": \"\\", "{\"b\" 1}", "{\"b\": [1}}",
    "{\"b\": \"\u{1}\"}",
    "{\"b\": tru}", "{\"b\": 01}", "[1", "{\"b\": " + String(repeating: "[", count: 300),
  ])
  func `members of a broken text are refused`(text: String) {
    #expect(throws: JSON.SyntaxError.self) { try JSON.values(of: ["a"], in: Array(text.utf8)[...]) }
  }

  /// Whatever can be parsed whole has the same members read alone.
  @Test func `members read alone are those of the whole, for damaged texts too`() throws {
    var parsed = 0
    for seed in 0..<3000 as Range<UInt64> {
      var mutation = Mutation(seed: seed)
      let bytes = Array(mutation.damaged(Data(Self.document.utf8), name: "x.json"))
      guard let whole = try? JSON(parsing: bytes) else { continue }
      parsed += 1
      let keys = ["text", "_id", "n", "flags"]
      #expect(
        try JSON.values(of: keys, in: bytes[...]) == whole.members.map { m in keys.map { m[$0] } })
    }
    #expect(parsed > 1000)
  }

  @Test func `bare NaN and Infinity are read only when asked for`() throws {
    let value = try JSON(parsing: "[NaN, Infinity, -Infinity]", leniency: .nonFinite)
    #expect(value.array?[0].double?.isNaN == true)
    #expect(value.array?[1].double == .infinity)
    #expect(value.array?[2].double == -.infinity)
  }

  @Test func `of a repeated key the last one holds when repetition is allowed`() throws {
    let value = try JSON(parsing: #"{"a": 1, "b": 2, "a": 3}"#, leniency: .duplicateKeys)
    #expect(value == .object([("a", .integer(3)), ("b", .integer(2))]))
  }

  @Test func `nesting without end is an error and no crash`() {
    let text = String(repeating: "[", count: 1_000_000)
    #expect(throws: JSON.SyntaxError.self) { try JSON(parsing: text) }
  }

  @Test func `bytes that are not UTF-8 are refused inside strings`() {
    #expect(throws: JSON.SyntaxError.self) { try JSON(parsing: [0x22, 0xFF, 0x22]) }
  }

  @Test func `a lone surrogate becomes the replacement character`() throws {
    #expect(try JSON(parsing: #""\ud800x""#) == .string("\u{FFFD}x"))
  }

  @Test func `writes and reads back the same value`() throws {
    let value = JSON.object([
      ("text", .string("tab\t quote\" zero\u{0} é 😀")), ("list", .array([.integer(1), .null])),
      ("tiny", .number(1e-300)), ("third", .number(1.0 / 3)), ("empty", .object([])),
    ])
    #expect(try JSON(parsing: value.pretty) == value)
    #expect(try JSON(parsing: value.line) == value)
  }

  @Test func `is indented by two as mteb writes it`() {
    let value = JSON.object([("a", .array([.integer(1), .number(0.5)])), ("b", .array([]))])
    #expect(value.pretty == "{\n  \"a\": [\n    1,\n    0.5\n  ],\n  \"b\": []\n}")
    #expect(value.line == #"{"a": [1, 0.5], "b": []}"#)
  }
}
