// From blocks of a CSV or TSV file to its records: a line each, or several where a quoted cell has
// line ends of its own.

import Core

/// Cuts blocks into records at each line end that is not in quotes.
///
/// Quotes count where a cell begins with one; a quote anywhere else is a character like others.
struct RecordSplitter {
  /// A record without its line end.
  struct Record {
    let bytes: ArraySlice<UInt8>
    let hasQuotes: Bool
    /// The number of its first line, from 1.
    let line: Int
  }

  private enum Place { case cellStart, inCell, inQuotes, behindQuote }

  static let quote = UInt8(ascii: "\"")
  private let subject: String
  private let delimiter: UInt8
  private let longest: Int
  private var pending: [UInt8] = []
  private var place = Place.cellStart
  private var hasQuotes = false
  private var isAtStart = true
  /// A line feed that comes now belongs to the carriage return before it.
  private var passesLineFeed = false
  private var line = 1
  /// Where the record at hand begins.
  private var firstLine = 1

  init(subject: String, delimiter: UInt8, longest: Int = LineSplitter.longest) {
    self.subject = subject
    self.delimiter = delimiter
    self.longest = longest
  }

  typealias Body = (Record) throws(Failure) -> Void

  mutating func take(_ block: [UInt8], _ body: Body) throws(Failure) {
    var start = 0
    for i in block.indices {
      let byte = block[i]
      switch place {
      case .inQuotes:
        if byte == Self.quote {
          place = .behindQuote
        } else if byte == UInt8(ascii: "\n") {
          line += 1
        }
        continue
      case .behindQuote where byte == Self.quote:
        place = .inQuotes
        continue
      case .cellStart where byte == Self.quote:
        passesLineFeed = false
        place = .inQuotes
        hasQuotes = true
        continue
      default: break
      }
      switch byte {
      case delimiter: place = .cellStart
      case UInt8(ascii: "\n") where passesLineFeed:
        passesLineFeed = false
        start = i + 1
        continue
      case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
        try hand(block[start..<i], body)
        start = i + 1
        passesLineFeed = byte == UInt8(ascii: "\r")
        continue
      default:
        if place == .behindQuote {
          throw malformed(
            "text follows a closing quote", hint: "double the quotes within a quoted cell")
        }
        // A byte order mark is no text of the first cell.
        place = isAtStart && i < 3 && Self.mark[i] == byte ? .cellStart : .inCell
      }
      passesLineFeed = false
    }
    pending.append(contentsOf: block[start...])
    isAtStart = isAtStart && block.isEmpty
    guard pending.count <= longest else {
      throw malformed(
        "a row longer than \(longest) bytes", hint: "look for a quote that is never closed")
    }
  }

  private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

  /// Hands out a last record that no line end ends.
  mutating func finish(_ body: Body) throws(Failure) {
    guard place != .inQuotes else {
      throw malformed(
        "a quote is opened that is never closed", hint: "close it, or download the file again")
    }
    if !pending.isEmpty { try hand([], body) }
  }

  private mutating func hand(_ end: ArraySlice<UInt8>, _ body: Body) throws(Failure) {
    var bytes = end
    if !pending.isEmpty {
      pending.append(contentsOf: end)
      bytes = pending[...]
      pending = []
    }
    if firstLine == 1, bytes.starts(with: Self.mark) { bytes = bytes.dropFirst(3) }
    let record = Record(bytes: bytes, hasQuotes: hasQuotes, line: firstLine)
    line += 1
    firstLine = line
    place = .cellStart
    hasQuotes = false
    isAtStart = false
    // Blank lines say nothing.
    if !record.bytes.isEmpty { try body(record) }
  }

  private func malformed(_ problem: String, hint: String) -> Failure {
    Failure(.malformed, "\(subject):\(firstLine)", problem, hint: hint)
  }
}

extension RecordSplitter.Record {
  /// The cells as they stand in the file.
  func cells(_ delimiter: UInt8) -> [ArraySlice<UInt8>] {
    guard hasQuotes else {
      return bytes.split(separator: delimiter, omittingEmptySubsequences: false)
    }
    var cells: [ArraySlice<UInt8>] = []
    var start = bytes.startIndex
    var isQuoted = bytes.first == RecordSplitter.quote
    var isOpen = isQuoted
    var i = start + (isQuoted ? 1 : 0)
    while i < bytes.endIndex {
      if isQuoted, bytes[i] == RecordSplitter.quote {
        isOpen.toggle()
      } else if bytes[i] == delimiter, !isOpen {
        cells.append(bytes[start..<i])
        start = i + 1
        isQuoted = start < bytes.endIndex && bytes[start] == RecordSplitter.quote
        isOpen = isQuoted
        if isQuoted { i += 1 }
      }
      i += 1
    }
    cells.append(bytes[start...])
    return cells
  }

  /// The text of a cell, quotes undone; nil where it is not UTF-8.
  static func text(of cell: ArraySlice<UInt8>) -> String? {
    guard cell.first == RecordSplitter.quote else { return String(validating: cell, as: UTF8.self) }
    // The first of two quotes stays.
    var isFirst = false
    let inner = cell.dropFirst().dropLast().filter { byte in
      isFirst = byte == RecordSplitter.quote && !isFirst
      return byte != RecordSplitter.quote || isFirst
    }
    return String(validating: inner, as: UTF8.self)
  }
}
