// Relevance judgements in BEIR's form.

import Core
import Testing

@testable import Datasets

struct JudgementsTests {
  static let columns: [Column] = [
    Column("query-id", as: .text), Column("corpus-id", as: .text), Column("score", as: .integer),
  ]
  let place: Workplace

  init() throws { place = try Workplace() }

  @Test(arguments: ["\n", "\r\n"])
  func `judgements need no program`(_ end: String) async throws {
    let lines = ["query-id\tcorpus-id\tscore", "1\t0012\t2", "é \td,1\t0", "1\t\t1"]
    try place.write("test.tsv", "\u{FEFF}" + lines.joined(separator: end) + end)
    let rows = try await place.folder(duckDB: nil).rows(Self.columns)
    #expect(
      rows == [
        [.string("1"), .string("0012"), .integer(2)],
        [.string("é "), .string("d,1"), .integer(0)],
        [.string("1"), .string(""), .integer(1)],
      ])
  }

  @Test func `columns may be asked for in any order`() async throws {
    try place.write("test.tsv", "query-id\tcorpus-id\tscore\nq\td\t1")
    let rows = try await place.folder(duckDB: nil).rows(["score", "query-id"])
    #expect(rows == [[.string("1"), .string("q")]])
  }

  @Test(arguments: [
    ("q\td\n", ":2", "2 cells"), ("q\td\t1\t2\n", ":2", "4 cells"),
    ("q\td\t1\nq\td\tx\n", ":3", "'score'"), ("\"q\"\td\t1\n", ":2", "quotes"),
  ])
  func `a fault is told with its line`(_ text: String, _ line: String, _ words: String) async throws
  {
    try place.write("test.tsv", "query-id\tcorpus-id\tscore\n" + text)
    let failure = try await place.folder(duckDB: nil).failure(Self.columns)
    #expect(failure.code == .malformed && failure.subject.hasSuffix("test.tsv" + line))
    #expect(failure.message.contains(words))
  }

  @Test func `a column that judgements do not have is told before any row`() async throws {
    try place.write("test.tsv", "query-id\tcorpus-id\tscore\n")
    let failure = try await place.folder(duckDB: nil).failure(["corpus_id"])
    #expect(failure.message == "no column 'corpus_id'")
    #expect(failure.hint == "did you mean corpus-id?")
  }

  @Test func `any other header makes it a table for DuckDB`() async throws {
    try place.write("test.tsv", "query_id\tcorpus_id\tscore\n")
    let failure = try await place.folder(duckDB: nil).failure(["score"])
    #expect(failure.code == .missing && failure.subject == "duckdb")
  }
}
