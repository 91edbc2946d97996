// JSON lines, plain and compressed: exact values, and every fault with its place.

import Core
import Foundation
import Testing

@testable import Datasets

struct JSONLinesTests {
  let place: Workplace

  init() throws { place = try Workplace() }

  @Test func `values arrive untouched, in the order of the columns asked for`() async throws {
    try place.write(
      "test.jsonl",
      #"""
      {"text": "  2020-01-02 ", "score": 1, "labels": ["a", "b"], "other": {"x": 1}}
      {"labels": [], "score": 0.5, "text": "1e5"}
      {"score": null, "text": "line\u2028one\ntwo \ud83d\ude00", "labels": null}

      """#)
    let rows = try await place.folder().rows(["score", "text", "labels"])
    #expect(
      rows == [
        [.integer(1), .string("  2020-01-02 "), .strings(["a", "b"])],
        [.number(0.5), .string("1e5"), .array([])],
        [.null, .string("line\u{2028}one\ntwo 😀"), .null],
      ])
  }

  @Test(arguments: [
    ("a byte order mark", "\u{FEFF}{\"a\": 1}\n{\"a\": 2}\n"),
    ("line ends of Windows", "{\"a\": 1}\r\n{\"a\": 2}\r\n"),
    ("blank lines", "\n  \t\n{\"a\": 1}\n\n\r\n{\"a\": 2}\n\n"),
    ("no last line end", "{\"a\": 1}\n{\"a\": 2}"),
  ])
  func `a file is read in spite of`(_ name: String, _ text: String) async throws {
    try place.write("test.jsonl", text)
    #expect(try await place.folder().rows(["a"]) == [[.integer(1)], [.integer(2)]])
  }

  @Test func `an empty file has no rows`() async throws {
    try place.write("test.jsonl", "")
    #expect(try await place.folder().rows(["a"]).isEmpty)
  }

  @Test func `shards are read one after the other`() async throws {
    for shard in [2, 0, 1] {
      try place.write("en/test-0000\(shard)-of-00003.jsonl", "{\"a\": \(shard)}\n")
    }
    let rows = try await place.folder().rows(["a"], configuration: "en")
    #expect(rows == [[.integer(0)], [.integer(1)], [.integer(2)]])
  }

  @Test func `rows longer than a block of reading are put together`() async throws {
    let long = String(repeating: "é", count: 400_000)
    try place.write("test.jsonl", "{\"a\": \"x\"}\n{\"a\": \"\(long)\"}\n{\"a\": \"y\"}\n")
    let rows = try await place.folder().rows(["a"])
    #expect(rows == [[.string("x")], [.string(long)], [.string("y")]])
  }

  struct Fault: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]
    let place: String
    let words: String
    var testDescription: String { name }
    init(_ name: String, _ text: String, place: String, words: String) {
      (self.name, bytes, self.place, self.words) = (name, Array(text.utf8), place, words)
    }
    init(_ name: String, bytes: [UInt8], place: String, words: String) {
      (self.name, self.bytes, self.place, self.words) = (name, bytes, place, words)
    }
  }

  static let faults = [
    Fault(
      "a broken line", "{\"text\": \"x\"}\n\n{\"text\": \n", place: "test.jsonl:3",
      words: "not JSON"),
    Fault("two values", "{\"text\": \"x\"} {}\n", place: "test.jsonl:1", words: "not JSON"),
    Fault("no object", "[1]\n", place: "test.jsonl:1", words: "not a JSON object"),
    Fault("NaN", "{\"text\": NaN}\n", place: "test.jsonl:1", words: "not JSON"),
    Fault(
      "no such column", "{\"text\": \"x\"}\n{\"txt\": \"y\"}\n", place: "test.jsonl:2",
      words: "no column 'text'"),
    Fault(
      "bytes that are not UTF-8",
      bytes: Array("{\"text\": \"".utf8) + [0xC3, 0x28] + Array("\"}".utf8),
      place: "test.jsonl:1", words: "not UTF-8"),
    Fault(
      "UTF-16", bytes: [0xFF, 0xFE, 0x7B, 0x00, 0x7D, 0x00], place: "test.jsonl:1",
      words: "not UTF-8"),
    Fault(
      "a wanted key twice", #"{"text": "x", "text": "y"}"#, place: "test.jsonl:1", words: "not JSON"
    ),
  ]

  @Test(arguments: faults)
  func `a fault is told with its line`(_ fault: Fault) async throws {
    try place.write("test.jsonl", fault.bytes)
    let failure = try await place.folder().failure(["text"])
    #expect(failure.code == .malformed)
    #expect(failure.subject.hasSuffix(fault.place) && failure.message.contains(fault.words))
  }

  @Test func `a missing column suggests the nearest one`() async throws {
    try place.write("test.jsonl", "{\"sentence_1\": \"x\", \"sentence2\": \"y\"}\n")
    let failure = try await place.folder().failure(["sentence1"])
    #expect(failure.hint?.contains("sentence_1") == true)
  }

  @Test func `optional columns may be absent, and a name may have alternatives`() async throws {
    try place.write(
      "test.jsonl", "{\"id\": 7, \"text\": \"x\"}\n{\"_id\": \"8\", \"title\": \"t\"}\n")
    let rows = try await place.folder().rows([
      Column("_id", or: ["id"], as: .text), Column("title", isOptional: true),
    ])
    #expect(rows == [[.string("7"), .null], [.string("8"), .string("t")]])
    let failure = try await place.folder().failure([Column("key", or: ["number"])])
    #expect(failure.message == "no column 'key' or 'number'")
  }

  struct Wish: Sendable {
    let kind: Column.Kind
    let typed: [(JSON, JSON?)]
    let untyped: [(String, JSON?)]
  }

  @Test(arguments: [
    Wish(
      kind: .any, typed: [(.bool(true), .bool(true)), (.null, .null)],
      untyped: [("1", .string("1"))]),
    Wish(
      kind: .text,
      typed: [(.string("1"), .string("1")), (.integer(7), .string("7")), (.number(0.5), nil)],
      untyped: [("1234", .string("1234")), ("true", .string("true")), ("", .string(""))]),
    Wish(
      kind: .number,
      typed: [(.integer(2), .integer(2)), (.number(0.5), .number(0.5)), (.string("2"), nil)],
      untyped: [("2", .integer(2)), ("2.5", .number(2.5)), ("x", nil), ("nan", nil), ("", nil)]),
    Wish(
      kind: .integer,
      typed: [(.integer(2), .integer(2)), (.number(2), .integer(2)), (.number(2.5), nil)],
      untyped: [("2", .integer(2)), ("2.0", .integer(2)), ("2.5", nil)]),
    Wish(
      kind: .label,
      typed: [(.integer(2), .integer(2)), (.string("2"), .string("2")), (.array([]), nil)],
      untyped: [("2", .integer(2)), ("02", .string("02")), ("card", .string("card"))]),
  ])
  func `values are what the kind of their column says`(_ wish: Wish) {
    let column = Column("x", as: wish.kind)
    for (value, expected) in wish.typed {
      #expect(column.convert(value, isTyped: true) == expected)
    }
    for (text, expected) in wish.untyped {
      #expect(column.convert(.string(text), isTyped: false) == expected)
    }
  }

  @Test func `a value of the wrong kind is told with its line`() async throws {
    try place.write("test.jsonl", "{\"score\": 1}\n{\"score\": \"high\"}\n")
    let failure = try await place.folder().failure([Column("score", as: .number)])
    #expect(failure.subject.hasSuffix("test.jsonl:2"))
    #expect(failure.message == "'score' is \"high\" where a number should be")
  }

  @Test func `a json file may be one list or lines`() async throws {
    try place.write("test.json", "\u{FEFF} [\n{\"a\": 1},\n{\"a\": 2}]\n")
    try place.write("dev.json", "{\"a\": 3}\n{\"a\": 4}\n")
    let folder = try place.folder()
    #expect(try await folder.rows(["a"]) == [[.integer(1)], [.integer(2)]])
    #expect(try await folder.rows(["a"], split: "dev") == [[.integer(3)], [.integer(4)]])
  }

  static let lists: [(String, String?)] = [
    ("[{\"a\": 1}] x", "something follows the list"),
    ("[{\"a\": 1}", "the text ends inside the list"),
    ("[{\"a\": 1},]", "the text ends where a value should be at byte 0"), ("[}]", "a brace closes"),
    ("[{\"a\": \"]", "the text ends inside the list"), ("[", "the text ends inside the list"),
    ("[{\"a\": 1} {\"a\": 2}]", "something follows the value"),
    ("[,{\"a\": 1}]", "the text ends where"),
  ]

  @Test(arguments: lists)
  func `a broken list is told`(_ text: String, _ cause: String?) async throws {
    try place.write("test.json", text)
    let failure = try await place.folder().failure(["a"])
    #expect(failure.code == .malformed && failure.message == "not JSON")
    #expect(failure.cause?.hasPrefix(cause ?? "") == true, "\(failure)")
  }

  @Test(arguments: 1...5)
  func `elements of a list do not depend on the blocks of reading`(_ size: Int) throws {
    let text = "\u{FEFF}\n [ {\"a\": \"x,]}\\\"[\\\\\"} ,\n{\"b\":[[],{}],\"a\": 2}\t]\n"
    var reader = JSONLinesReader(
      subject: "x", shape: RowShape(columns: ["a"], isTyped: true), mayBeList: true)
    var rows: [[JSON]] = []
    var rest = Array(text.utf8)[...]
    // The byte order mark and what comes first arrive together from any file.
    for length in [6] + [Int](repeating: size, count: rest.count) {
      try reader.take(Array(rest.prefix(length))) { rows.append($0) }
      rest = rest.dropFirst(length)
    }
    try reader.finish { rows.append($0) }
    #expect(rows == [[.string("x,]}\"[\\")], [.integer(2)]])
  }

  @Test func `an element beyond all measure is refused`() throws {
    var splitter = JSONListSplitter(subject: "x.json", longest: 8)
    let failure = try #require(
      #expect(throws: Failure.self) {
        try splitter.take(Array("[1, 123456789".utf8)) { (_, _) throws(Failure) in }
      })
    #expect(failure.cause == "element 2 is longer than 8 bytes")
  }

  @Test func `a line beyond all measure is refused`() throws {
    for blocks in [["12345678", "9"], ["12345", "6789\n1"], ["123456789\n"]] {
      var splitter = LineSplitter(subject: "x.jsonl", longest: 8)
      let failure = try #require(
        #expect(throws: Failure.self) {
          for block in blocks {
            try splitter.take(Array(block.utf8)) { (_, _) throws(Failure) in }
          }
        })
      #expect(failure.subject == "x.jsonl:1" && failure.message == "a line longer than 8 bytes")
    }
  }

  @Test(.enabled(if: Programs.hasGzip, "gzip is not installed"))
  func `compressed lines are read`() async throws {
    let text = (0..<20_000).map { "{\"a\": \($0)}\n" }.joined()
    let file = try place.write("test.jsonl", text)
    try Programs.run("gzip", [file.path(percentEncoded: false)])
    let rows = try await place.folder(duckDB: nil).rows(["a"])
    #expect(rows.count == 20_000 && rows.last == [.integer(19_999)])
  }

  @Test(.enabled(if: Programs.hasZstd, "zstd is not installed"))
  func `lines compressed with zstd are read`() async throws {
    let file = try place.write("test.jsonl", "{\"a\": 1}\n")
    try Programs.run("zstd", ["-q", "--rm", file.path(percentEncoded: false)])
    #expect(try await place.folder(duckDB: nil).rows(["a"]) == [[.integer(1)]])
  }

  @Test(.enabled(if: Programs.hasGzip, "gzip is not installed"))
  func `corrupt compression is told with what the program says`() async throws {
    try place.write("test.jsonl.gz", "this is no gzip")
    let failure = try await place.folder().failure(["a"])
    #expect(failure.code == .malformed && failure.message == "cannot be decompressed")
    #expect(failure.cause?.contains("gzip") == true)
  }

  @Test(.enabled(if: Programs.hasGzip, "gzip is not installed"))
  func `a compressed file cut short is told`() async throws {
    let text = (0..<20_000).map { "{\"a\": \($0)}\n" }.joined()
    let file = try place.write("test.jsonl", text)
    try Programs.run("gzip", [file.path(percentEncoded: false)])
    let whole = try Data(contentsOf: place.root.appending(path: "test.jsonl.gz"))
    try place.write("test.jsonl.gz", whole.prefix(whole.count / 2))
    let failure = try await place.folder().failure(["a"])
    #expect(failure.code == .malformed)
  }

  @Test func `what the taker of rows throws comes out, and no more rows come`() async throws {
    try place.write("test.jsonl", "{\"a\": 1}\n{\"a\": 2}\n{\"a\": 3}\n")
    var count = 0
    let failure = await #expect(throws: Failure.self) {
      try await place.folder().forEachRow(
        configuration: "default", split: "test", columns: ["a"]
      ) { _ throws(Failure) in
        count += 1
        if count == 2 { throw Failure(.usage, "enough", "stop") }
      }
    }
    #expect(failure?.subject == "enough" && count == 2)
  }

  @Test func `cancelling the task interrupts the reading`() async throws {
    try place.write("test.jsonl", String(repeating: "{\"a\": 1}\n", count: 200_000))
    let folder = try place.folder()
    let failure = await Task { () -> Failure? in
      do throws(Failure) {
        try await folder.forEachRow(
          configuration: "default", split: "test", columns: ["a"]
        ) { _ in withUnsafeCurrentTask { $0?.cancel() } }
        return nil
      } catch {
        return error
      }
    }.value
    #expect(failure?.code == .interrupted)
  }
}
