// Parquet through DuckDB: exact texts, types, order, faults.

import Core
import Foundation
import Testing

@testable import Datasets

@Suite(.enabled(if: Programs.hasDuckDB, "duckdb is not on PATH"))
struct DuckDBTests {
  let place: Workplace

  init() throws { place = try Workplace() }

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
    let path = try place.write("\(name)/test.parquet", "").path(percentEncoded: false)
    try Programs.sql(
      "COPY (SELECT 1 AS \"a.b\", 2 AS \"it's \"\"x\"\"\", 3 AS \"aXb\") TO "
        + DuckDB.quoted(path) + " (FORMAT parquet)")
    let rows = try await place.folder().rows(["it's \"x\"", "a.b"], configuration: name)
    #expect(rows == [[.integer(2), .integer(1)]])
  }

  private func write(_ path: String, _ select: String, options: String = "") throws -> URL {
    let file = try place.write(path, "")
    try Programs.sql(
      "COPY (\(select)) TO \(DuckDB.quoted(file.path(percentEncoded: false))) "
        + "(FORMAT parquet\(options))")
    return file
  }

  @Test func `a folder named like a partition adds no column`() async throws {
    _ = try write("lang=en/test.parquet", "SELECT 1 AS a")
    let failure = try await place.folder().failure(["lang"], configuration: "lang=en")
    #expect(failure.message == "no column 'lang'" && failure.cause == "there are a")
  }

  @Test func `optional columns, alternatives and no rows at all`() async throws {
    _ = try write("test.parquet", "SELECT 7 AS id, 'x' AS text")
    _ = try write("none.parquet", "SELECT 7 AS id, 'x' AS text LIMIT 0")
    let columns: [Column] = [
      Column("_id", or: ["id"], as: .text), Column("title", isOptional: true), "text",
    ]
    let folder = try place.folder()
    #expect(try await folder.rows(columns) == [[.string("7"), .null, .string("x")]])
    #expect(try await folder.rows(columns, split: "none").isEmpty)
    #expect(try await folder.failure(["txt"], split: "none").message == "no column 'txt'")
  }

  @Test func `a value of the wrong kind is told with its row`() async throws {
    _ = try write("test.parquet", "SELECT unnest([1.5, 2.5]) AS score, ['a'] AS text")
    let failure = try await place.folder().failure([
      Column("score", as: .number), Column("text", as: .text),
    ])
    #expect(failure.subject.hasSuffix("test.parquet, row 1"))
    #expect(failure.message == "'text' is [\"a\"] where a text should be")
  }

  enum Damage: CaseIterable { case noParquet, empty, cutAtEnd, cutAtStart, zeroed }

  @Test(arguments: Damage.allCases)
  func `a damaged file is told with what DuckDB says`(_ damage: Damage) async throws {
    let file = try write(
      "test.parquet", "SELECT i AS a, 'text ' || i * 7919 % 10007 AS b FROM range(20000) t(i)")
    let whole = Array(try Data(contentsOf: file))
    let middle = whole.count / 2
    let bytes: [UInt8] =
      switch damage {
      case .noParquet: Array("this is no Parquet".utf8)
      case .empty: []
      case .cutAtEnd: Array(whole.prefix(middle))
      case .cutAtStart: Array(whole.suffix(middle))
      case .zeroed:
        whole.prefix(4) + [UInt8](repeating: 0, count: middle) + whole.dropFirst(middle + 4)
      }
    try place.write("test.parquet", bytes)
    let failure = try await place.folder().failure(["a", "b"])
    #expect(failure.code == .malformed && failure.message == "cannot be read as Parquet")
    #expect(failure.subject.hasSuffix("test.parquet"))
    #expect((1...300).contains(failure.cause?.count ?? 0), "\(failure)")
  }

  /// DuckDB behind a script that writes a line for every start.
  private func counted() throws -> (duckDB: DuckDB, starts: () throws -> Int) {
    let log = place.root.appending(path: "starts.log")
    let program = try #require(Programs.duckDB).program.path(percentEncoded: false)
    let script = try place.script(
      "counted", "echo x >> '\(log.path(percentEncoded: false))'\nexec '\(program)' \"$@\"\n")
    return (DuckDB(program: script), { try Data(contentsOf: log).count / 2 })
  }

  @Test func `small files that are expected are read with one start`() async throws {
    let names = ["ace", "ban", "ind", "jav"]
    for (number, name) in names.enumerated() {
      _ = try write("\(name)/test.parquet", "SELECT \(number) AS label, '\(name)' AS text")
      _ = try write("\(name)/train.parquet", "SELECT -\(number) AS label, '' AS text LIMIT 0")
    }
    let (duckDB, starts) = try counted()
    let folder = try place.folder(duckDB: duckDB)
    folder.expect(names.map { [DataPart($0, "train"), DataPart($0, "test")] })
    for (number, name) in names.enumerated().reversed() {
      let columns: [Column] = ["text", Column("label", as: .label)]
      #expect(try await folder.rows(columns, configuration: name, split: "train").isEmpty)
      let rows = try await folder.rows(columns, configuration: name)
      #expect(rows == [[.string(name), .integer(number)]])
    }
    #expect(try starts() == 2)
    // Nothing is read ahead that was not announced, and nothing is kept once it has been handed out.
    folder.expect([])
    _ = try await folder.rows(["text"], configuration: "ban")
    _ = try await folder.rows(["text"], configuration: "ban")
    #expect(try starts() == 4)
  }

  @Test func `a hundred small files are read with a few starts`() async throws {
    let names = (0..<100).map { "c\($0)" }
    let first = try write("c0/test.parquet", "SELECT 'text' AS text")
    for name in names.dropFirst() {
      try place.write("\(name)/test.parquet", try Data(contentsOf: first))
    }
    let (duckDB, starts) = try counted()
    let folder = try place.folder(duckDB: duckDB)
    folder.expect(names.map { [DataPart($0, "test")] })
    for name in names {
      #expect(try await folder.rows(["text"], configuration: name) == [[.string("text")]])
    }
    #expect(try starts() == 4)
  }

  @Test func `a damaged file among expected ones is told as when it is read alone`() async throws {
    let names = ["a", "b", "c"]
    for name in names { _ = try write("\(name)/test.parquet", "SELECT '\(name)' AS text") }
    try place.write("b/test.parquet", "this is no Parquet")
    let alone = try await place.folder().failure(["text"], configuration: "b")
    let folder = try place.folder()
    folder.expect(names.map { [DataPart($0, "test")] })
    for name in ["a", "c"] {
      #expect(try await folder.rows(["text"], configuration: name) == [[.string(name)]])
    }
    #expect(try await folder.failure(["text"], configuration: "b") == alone)
    #expect(alone.message == "cannot be read as Parquet")
  }

  @Test func `a file that changes after it was read ahead is read again`() async throws {
    for name in ["a", "b"] { _ = try write("\(name)/test.parquet", "SELECT 'old' AS text") }
    let folder = try place.folder()
    folder.expect([[DataPart("a", "test")], [DataPart("b", "test")]])
    #expect(try await folder.rows(["text"], configuration: "a") == [[.string("old")]])
    _ = try write("b/test.parquet", "SELECT 'newer' AS text")
    #expect(try await folder.rows(["text"], configuration: "b") == [[.string("newer")]])
  }

  @Test func `other columns than those that were read ahead are read again`() async throws {
    for name in ["a", "b"] { _ = try write("\(name)/test.parquet", "SELECT 1 AS x, 2 AS y") }
    let folder = try place.folder()
    folder.expect([[DataPart("a", "test")], [DataPart("b", "test")]])
    #expect(try await folder.rows(["x"], configuration: "a") == [[.integer(1)]])
    #expect(try await folder.rows(["y"], configuration: "b") == [[.integer(2)]])
  }

  @Test func `Parquet within another compression is refused`() async throws {
    try place.write("test.parquet.gz", "")
    let failure = try await place.folder().failure(["a"])
    #expect(failure.code == .unsupported && failure.hint == "decompress the file")
  }
}
