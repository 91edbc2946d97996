// Parquet, CSV and TSV through DuckDB: exact texts, types, faults; and the program itself: found,
// absent, failing, cancelled.

import Core
import Foundation
import Testing

@testable import Datasets

@Suite(.enabled(if: Programs.hasDuckDB, "duckdb is not on PATH"))
struct DuckDBTests {
  let place: Workplace

  init() throws { place = try Workplace() }

  struct Table: Sendable, CustomTestStringConvertible {
    let name: String
    let text: String
    let expected: [[String]]
    var testDescription: String { name }
  }

  /// Cells as Python's csv module reads them; columns a and b.
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
      name: "line ends of Windows and a byte order mark", text: "\u{FEFF}a,b\r\n1,2\r\n3,4\r\n",
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
    let rows = try await place.folder().rows(["a", "b"])
    #expect(rows == table.expected.map { $0.map { .string($0) } })
  }

  @Test func `tab-separated tables have quotes, too`() async throws {
    try place.write("test.tsv", "a\tb\n\"x\ty\"\t1,2\n\t\"\"\"q\"\"\"\n")
    let rows = try await place.folder().rows(["a", "b"])
    #expect(
      rows == [[.string("x\ty"), .string("1,2")], [.string(""), .string("\"q\"")]])
  }

  @Test func `compressed tables are read`() async throws {
    let file = try place.write("test.csv", "a,b\n1,x\n")
    try Programs.run("gzip", [file.path(percentEncoded: false)])
    #expect(try await place.folder().rows(["b", "a"]) == [[.string("x"), .string("1")]])
  }

  @Test func `types of Parquet arrive as they are`() async throws {
    let path = place.root.appending(path: "test.parquet").path(percentEncoded: false)
    try Programs.sql(
      """
      COPY (SELECT 9007199254740993 AS i, 0.1::DOUBLE AS d, '2020-01-02' AS t, [1, 2] AS l,
        ['a', NULL] AS s, []::INTEGER[] AS e, NULL::VARCHAR AS n, 'q"''\\' || chr(10) AS q,
        true AS b, 'bytes'::BLOB AS old, {'role': 'user'} AS o)
      TO '\(path)' (FORMAT parquet)
      """)
    let rows = try await place.folder().rows(
      ["i", "d", "t", "l", "s", "e", "n", "q", "b", "old", "o"])
    #expect(
      rows == [
        [
          .integer(9_007_199_254_740_993), .number(0.1), .string("2020-01-02"),
          .array([.integer(1), .integer(2)]), .array([.string("a"), .null]), .array([]), .null,
          .string("q\"'\\\n"), .bool(true), .string("bytes"), .object([("role", .string("user"))]),
        ]
      ])
  }

  @Test func `rows of Parquet keep the order of the file`() async throws {
    let path = place.root.appending(path: "test.parquet").path(percentEncoded: false)
    try Programs.sql(
      "COPY (SELECT (i * 7919) % 50021 AS a FROM range(50000) t(i)) TO '\(path)' "
        + "(FORMAT parquet, ROW_GROUP_SIZE 4096)")
    var next = 0
    var isInOrder = true
    try await place.folder().forEachRow(
      configuration: "default", split: "test", columns: ["a"]
    ) { row in
      isInOrder = isInOrder && row == [.integer((next * 7919) % 50_021)]
      next += 1
    }
    #expect(isInOrder && next == 50_000)
  }

  @Test func `quotes and wildcards in names of folders and columns mean themselves`() async throws {
    let name = "it's [a] *? $x"
    try place.write("\(name)/test.csv", "\"a.b\",\"it's \"\"x\"\"\",aXb\n1,2,3\n")
    let rows = try await place.folder().rows(["it's \"x\"", "a.b"], configuration: name)
    #expect(rows == [[.string("2"), .string("1")]])
  }

  @Test func `a folder named like a partition adds no column`() async throws {
    try place.write("lang=en/test.csv", "a\n1\n")
    let failure = try await place.folder().failure(["lang"], configuration: "lang=en")
    #expect(failure.message == "no column 'lang'")
  }

  @Test(arguments: ["a,b\n1,2\n", "a,b\n"])
  func `a missing column is told even without rows`(_ text: String) async throws {
    try place.write("test.csv", text)
    let failure = try await place.folder().failure(["a", "A"])
    #expect(failure.code == .malformed && failure.message == "no column 'A'")
    #expect(failure.hint?.hasPrefix("did you mean a") == true)
  }

  @Test func `optional columns and alternatives work for tables`() async throws {
    try place.write("test.csv", "id,text\n7,x\n")
    let rows = try await place.folder().rows([
      Column("_id", or: ["id"]), Column("title", isOptional: true), "text",
    ])
    #expect(rows == [[.string("7"), .null, .string("x")]])
  }

  @Test func `numbers of tables are read where numbers are asked for`() async throws {
    try place.write("test.csv", "score,label\n3.25,1\n4,x\n")
    let rows = try await place.folder().rows([
      Column("score", as: .number), Column("label", as: .label),
    ])
    #expect(rows == [[.number(3.25), .integer(1)], [.integer(4), .string("x")]])
    try place.write("test.csv", "score\n1\nhigh\n")
    let failure = try await place.folder().failure([Column("score", as: .number)])
    #expect(failure.subject.hasSuffix("test.csv, row 2"))
  }

  @Test(arguments: [
    ("test.parquet", "this is no Parquet", "cannot be read as Parquet"),
    ("test.csv", "a,b\n1,2\n3\n", "cannot be read as a table"),
    ("test.csv", "a,b\n1,2\n\"x\"y,4\n", "cannot be read as a table"),
    ("test.csv", "a,b\n1,\"open\n", "cannot be read as a table"),
    ("test.csv.gz", "this is no gzip", "cannot be read as a table"),
  ])
  func `a broken file is told with what DuckDB says`(
    _ name: String, _ text: String, _ words: String
  ) async throws {
    try place.write(name, text)
    let failure = try await place.folder().failure(["a"])
    #expect(failure.code == .malformed && failure.message == words)
    #expect(failure.subject.hasSuffix(name))
    #expect((1...300).contains(failure.cause?.count ?? 0), "\(failure)")
  }

  @Test func `bytes that are not UTF-8 are refused`() async throws {
    try place.write("test.csv", Array("a\n".utf8) + [0x78, 0xC3, 0x28, 0x0A])
    let failure = try await place.folder().failure(["a"])
    #expect(failure.code == .malformed)
  }

  @Test func `an empty table is refused`() async throws {
    try place.write("test.csv", "")
    #expect(try await place.folder().failure(["a"]).code == .malformed)
  }
}
