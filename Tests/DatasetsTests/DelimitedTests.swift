// CSV and TSV: cells exactly as Python's csv module reads them, and every fault with its line.

import Core
import Foundation
import Testing

@testable import Datasets

struct DelimitedTests {
  let place: Workplace

  init() throws { place = try Workplace() }

  private func folder() throws -> DataFolder { try place.folder(duckDB: nil) }

  struct Table: Sendable, CustomTestStringConvertible {
    let name: String
    let text: String
    let expected: [[String]]
    var testDescription: String { name }
  }

  /// Columns a and b.
  static let tables = [
    Table(
      name: "numbers, dates and words of logic stay texts",
      text: "a,b\n1234,true\n2020-01-02,1e5\n007, x \nNULL,NaN\nNone,N/A\n",
      expected: [
        ["1234", "true"], ["2020-01-02", "1e5"], ["007", " x "], ["NULL", "NaN"], ["None", "N/A"],
      ]),
    Table(
      name: "empty cells are empty texts", text: "a,b\n\"\",x\n,y\n,\n",
      expected: [["", "x"], ["", "y"], ["", ""]]),
    Table(
      name: "quotes",
      text: "a,b\n\"x, \"\"y\"\"\",\"two\nlines\r\n\nof text\"\nsaid \"hi\" to,'q\n",
      expected: [["x, \"y\"", "two\nlines\r\n\nof text"], ["said \"hi\" to", "'q"]]),
    Table(
      name: "nothing but quotes", text: "a,b\n\"\"\"\",\"\"\"\"\"\"\n\"a\"\"\",\"\"\"b\"\n",
      expected: [["\"", "\"\""], ["a\"", "\"b"]]),
    Table(
      name: "line ends of Windows and a byte order mark", text: "\u{FEFF}a,b\r\n1,2\r\n3,4\r\n",
      expected: [["1", "2"], ["3", "4"]]),
    Table(
      name: "a byte order mark before a quote", text: "\u{FEFF}\"a\",b\n1,2",
      expected: [["1", "2"]]),
    Table(name: "line ends of old", text: "a,b\r1,2\r\r3,4", expected: [["1", "2"], ["3", "4"]]),
    Table(
      name: "blank lines", text: "\na,b\n\n1,2\r\n\r\n3,4\n\n",
      expected: [["1", "2"], ["3", "4"]]),
    Table(
      name: "no comments, no escapes", text: "a,b\n#1,\\\n#2,x\\n\n",
      expected: [["#1", "\\"], ["#2", "x\\n"]]),
    Table(
      name: "scripts and unusual spaces", text: "a,b\nአማርኛ,\u{A0}日本\u{2028}語\u{200F}\n",
      expected: [["አማርኛ", "\u{A0}日本\u{2028}語\u{200F}"]]),
    Table(
      name: "the unusual after twenty thousand ordinary rows",
      text: "a,b\n" + String(repeating: "1,2\n", count: 20_500) + "\"x,1\",\"\"\n",
      expected: [[String]](repeating: ["1", "2"], count: 20_500) + [["x,1", ""]]),
    Table(name: "only a header", text: "a,b\n", expected: []),
  ]

  @Test(arguments: tables)
  func `cells of comma-separated tables arrive exactly`(_ table: Table) async throws {
    try place.write("test.csv", table.text)
    let rows = try await folder().rows(["a", "b"])
    #expect(rows == table.expected.map { $0.map { .string($0) } })
  }

  /// The same, whatever the blocks in which a file arrives.
  @Test(arguments: tables.filter { $0.text.utf8.count < 1000 }, 1...4)
  func `cells do not depend on the blocks of reading`(_ table: Table, _ size: Int) throws {
    var reader = DelimitedReader(
      subject: "x", shape: RowShape(columns: ["a", "b"], isTyped: false), delimiter: 0x2C)
    var rows: [[JSON]] = []
    var rest = Array(table.text.utf8)[...]
    while !rest.isEmpty {
      try reader.take(Array(rest.prefix(size))) { rows.append($0) }
      rest = rest.dropFirst(size)
    }
    try reader.finish { rows.append($0) }
    #expect(rows == table.expected.map { $0.map { .string($0) } })
  }

  @Test func `tab-separated tables have quotes, too`() async throws {
    try place.write("test.tsv", "a\tb\n\"x\ty\"\t1,2\n\t\"\"\"q\"\"\"\n")
    let rows = try await folder().rows(["a", "b"])
    #expect(
      rows == [[.string("x\ty"), .string("1,2")], [.string(""), .string("\"q\"")]])
  }

  @Test(.enabled(if: Programs.hasGzip, "gzip is not installed"))
  func `compressed tables are read`() async throws {
    let file = try place.write("test.csv", "a,b\n1,x\n")
    try Programs.run("gzip", [file.path(percentEncoded: false)])
    #expect(try await folder().rows(["b", "a"]) == [[.string("x"), .string("1")]])
  }

  @Test func `names of columns mean themselves`() async throws {
    let name = "it's [a] *? $x"
    try place.write("\(name)/test.csv", "\"a.b\",\"it's \"\"x\"\"\",aXb\n1,2,3\n")
    let rows = try await folder().rows(["it's \"x\"", "a.b"], configuration: name)
    #expect(rows == [[.string("2"), .string("1")]])
  }

  @Test(arguments: ["a,b\n1,2\n", "a,b\n"])
  func `a missing column is told even without rows, with those there are`(
    _ text: String
  ) async throws {
    try place.write("test.csv", text)
    let failure = try await folder().failure(["a", "A"])
    #expect(failure.code == .malformed && failure.message == "no column 'A'")
    #expect(failure.hint?.hasPrefix("did you mean a") == true)
    #expect(failure.cause == "there are a, b")
  }

  @Test func `optional columns and alternatives work for tables`() async throws {
    try place.write("test.csv", "id,text\n7,x\n")
    let rows = try await folder().rows([
      Column("_id", or: ["id"]), Column("title", isOptional: true), "text",
    ])
    #expect(rows == [[.string("7"), .null, .string("x")]])
  }

  @Test func `numbers of tables are read where numbers are asked for`() async throws {
    try place.write("test.csv", "score,label\n3.25,1\n4,x\n")
    let rows = try await folder().rows([
      Column("score", as: .number), Column("label", as: .label),
    ])
    #expect(rows == [[.number(3.25), .integer(1)], [.integer(4), .string("x")]])
    try place.write("test.csv", "score\n1\nhigh\n")
    let failure = try await folder().failure([Column("score", as: .number)])
    #expect(failure.subject.hasSuffix("test.csv:3"))
    #expect(failure.message == "'score' is \"high\" where a number should be")
  }

  /// Text, the line told, what is told.
  @Test(arguments: [
    ("a,b\n1,2\n3\n", ":3", "1 cell where the header has 2"),
    ("a,b\n1,\"2\n2\"\n3,4,5\n", ":4", "3 cells where the header has 2"),
    ("a,b\n1,2\n\"x\"y,4\n", ":3", "text follows a closing quote"),
    ("a,b\n1,2\n1,\"open\n\nto the end\n", ":3", "a quote is opened that is never closed"),
    ("a,b\r\n1,2\r\n3\r\n", ":3", "1 cell where the header has 2"),
    ("a,b,a\n1,2,3\n", "test.csv", "two columns are called 'a'"),
    ("", "test.csv", "is empty"), ("\n\n", "test.csv", "is empty"),
  ])
  func `a broken table is told with its line`(
    _ text: String, _ line: String, _ words: String
  ) async throws {
    try place.write("test.csv", text)
    let failure = try await folder().failure(["a"])
    #expect(failure.code == .malformed && failure.message == words)
    #expect(failure.subject.hasSuffix(line), "\(failure)")
    #expect(failure.hint != nil)
  }

  @Test func `bytes that are not UTF-8 are refused with their line`() async throws {
    try place.write("test.csv", Array("a,b\nx,y\n".utf8) + [0x78, 0xC3, 0x28, 0x2C, 0x0A])
    let failure = try await folder().failure(["a"])
    #expect(failure.subject.hasSuffix("test.csv:3") && failure.message == "not UTF-8")
    // A column that nobody asked for is not read.
    #expect(try await folder().rows(["b"]) == [[.string("y")], [.string("")]])
  }

  @Test func `a row beyond all measure is refused`() throws {
    for blocks in [["\"345678", "90"], ["1234", "56789"]] {
      var splitter = RecordSplitter(subject: "x.csv", delimiter: 0x2C, longest: 8)
      let failure = try #require(
        #expect(throws: Failure.self) {
          for block in blocks { try splitter.take(Array(block.utf8)) { _ throws(Failure) in } }
          try splitter.finish { _ throws(Failure) in }
        })
      #expect(failure.subject == "x.csv:1" && failure.message == "a row longer than 8 bytes")
    }
  }

  // MARK: Judgements as BEIR writes them

  static let judgements: [Column] = [
    Column("query-id", as: .text), Column("corpus-id", as: .text), Column("score", as: .integer),
  ]

  @Test(arguments: ["\n", "\r\n"])
  func `judgements arrive exactly`(_ end: String) async throws {
    let lines = ["query-id\tcorpus-id\tscore", "1\t0012\t2", "é \td,1\t0", "1\t\t1"]
    try place.write("test.tsv", "\u{FEFF}" + lines.joined(separator: end) + end)
    let rows = try await folder().rows(Self.judgements)
    #expect(
      rows == [
        [.string("1"), .string("0012"), .integer(2)],
        [.string("é "), .string("d,1"), .integer(0)],
        [.string("1"), .string(""), .integer(1)],
      ])
    #expect(try await folder().rows(["score", "query-id"])[0] == [.string("2"), .string("1")])
  }

  @Test(arguments: [
    ("q\td\n", ":2", "2 cells"), ("q\td\t1\t2\n", ":2", "4 cells"),
    ("q\td\t1\nq\td\tx\n", ":3", "'score'"),
  ])
  func `a fault in judgements is told with its line`(
    _ text: String, _ line: String, _ words: String
  ) async throws {
    try place.write("test.tsv", "query-id\tcorpus-id\tscore\n" + text)
    let failure = try await folder().failure(Self.judgements)
    #expect(failure.code == .malformed && failure.subject.hasSuffix("test.tsv" + line))
    #expect(failure.message.contains(words))
  }
}
