// Relevance judgements as BEIR writes them: `query-id`, `corpus-id`, `score`, tab-separated, no
// quotes. Every other TSV file is DuckDB's.

import Core
import Foundation

/// Turns blocks of a judgements file into rows.
struct JudgementsReader {
  private static let header = "query-id\tcorpus-id\tscore"
  private static let names = header.split(separator: "\t").map(String.init)

  private let rows: JudgementRows
  private var splitter: LineSplitter

  /// Whether the first line of a file is the header of judgements.
  static func recognises(_ file: URL) throws(Failure) -> Bool {
    do {
      let handle = try FileHandle(forReadingFrom: file)
      defer { try? handle.close() }
      var start = try handle.read(upToCount: header.utf8.count + 5) ?? Data()
      if start.starts(with: [0xEF, 0xBB, 0xBF]) { start = start.dropFirst(3) }
      let line = start.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
      return line.elementsEqual(header.utf8)
    } catch {
      throw FileBlocks.unreadable(file, error)
    }
  }

  init(subject: String, shape: RowShape) throws(Failure) {
    rows = JudgementRows(subject: subject, shape: shape, names: Self.names)
    splitter = LineSplitter(subject: subject)
    try shape.check(header: Self.names, subject: subject)
  }

  mutating func take(_ block: [UInt8], _ body: ([JSON]) throws(Failure) -> Void) throws(Failure) {
    let rows = rows
    try splitter.take(block) { line, number throws(Failure) in try rows.read(line, number, body) }
  }

  mutating func finish(_ body: ([JSON]) throws(Failure) -> Void) throws(Failure) {
    let rows = rows
    try splitter.finish { line, number throws(Failure) in try rows.read(line, number, body) }
  }
}

/// Reads the lines of one file.
private struct JudgementRows {
  let subject: String
  let shape: RowShape
  let names: [String]

  func read(
    _ line: ArraySlice<UInt8>, _ number: Int, _ body: ([JSON]) throws(Failure) -> Void
  ) throws(Failure) {
    guard number > 1, !line.isEmpty else { return }
    let place = "\(subject):\(number)"
    let cells = line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
    guard cells.count == names.count else {
      throw Failure(
        .malformed, place, "\(cells.count) cells where query, document and score should be",
        hint: "separate them by tabs")
    }
    var members = JSON.Members()
    for (name, cell) in zip(names, cells) {
      guard cell.first != UInt8(ascii: "\""), let text = String(validating: cell, as: UTF8.self)
      else {
        throw Failure(.malformed, place, "'\(name)' is in quotes or not UTF-8")
      }
      members[name] = .string(text)
    }
    try body(try shape.row(members, subject: place))
  }
}
