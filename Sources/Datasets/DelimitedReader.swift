// Tables of texts: CSV and TSV with a header, quoted as RFC 4180 says (BEIR's judgements have no
// quotes, which is the same). Nothing is guessed: every cell is a text, an empty one an empty text.

import Core

/// Turns blocks of a CSV or TSV file into rows.
struct DelimitedReader: RowReader {
  private let table: TextTable
  private var records: RecordSplitter
  private var header: TextTable.Header?

  init(subject: String, shape: RowShape, delimiter: UInt8) {
    table = TextTable(shape: shape, subject: subject, delimiter: delimiter)
    records = RecordSplitter(subject: subject, delimiter: delimiter)
  }

  mutating func take(_ block: [UInt8], _ body: ([JSON]) throws(Failure) -> Void) throws(Failure) {
    let table = table
    var header = header
    try records.take(block) { record throws(Failure) in
      try table.read(record, &header, body)
    }
    self.header = header
  }

  mutating func finish(_ body: ([JSON]) throws(Failure) -> Void) throws(Failure) {
    let table = table
    var header = header
    try records.finish { record throws(Failure) in try table.read(record, &header, body) }
    guard header != nil else {
      throw Failure(
        .malformed, table.subject, "is empty",
        hint: "the first line of a table names its columns; download the file again")
    }
  }
}

/// Reads the records of one file.
private struct TextTable {
  let shape: RowShape
  let subject: String
  let delimiter: UInt8

  struct Header {
    let names: [String]
    /// Where the names of the shape are among the cells; nil for one that the file lacks.
    let places: [Int?]
  }

  func read(
    _ record: RecordSplitter.Record, _ known: inout Header?,
    _ body: ([JSON]) throws(Failure) -> Void
  ) throws(Failure) {
    guard let header = known else {
      var names: [String] = []
      for cell in record.ends.indices { names.append(try text(cell, of: record)) }
      known = try Header(names: names, shape, subject: subject)
      return
    }
    guard record.ends.count == header.names.count else {
      throw Failure(
        .malformed, place(of: record),
        "\(record.ends.count) \(record.ends.count == 1 ? "cell" : "cells") where the header has "
          + "\(header.names.count)",
        hint: "put cells that hold \(delimiter == UInt8(ascii: "\t") ? "tabs" : "commas") into "
          + "quotes")
    }
    try body(
      try shape.row(header: header.names, subject: place(of: record)) { name throws(Failure) in
        guard let cell = header.places[name] else { return nil }
        return .string(try text(cell, of: record))
      })
  }

  private func text(_ cell: Int, of record: RecordSplitter.Record) throws(Failure) -> String {
    guard let text = record.text(cell) else {
      throw Failure(
        .malformed, place(of: record), "not UTF-8", hint: "convert the file to UTF-8")
    }
    return text
  }

  private func place(of record: RecordSplitter.Record) -> String { "\(subject):\(record.line)" }
}

extension TextTable.Header {
  fileprivate init(names: [String], _ shape: RowShape, subject: String) throws(Failure) {
    try shape.check(header: names, subject: subject)
    for name in shape.names where names.count(where: { $0 == name }) > 1 {
      throw Failure(
        .malformed, subject, "two columns are called '\(name)'", hint: "rename one of them")
    }
    self.names = names
    places = shape.names.map(names.firstIndex(of:))
  }
}
