// From blocks of a CSV or TSV file to its records and their cells: a line each, or several where a
// quoted cell has line ends of its own.

import Core

/// Cuts blocks into records at each line end that is not in quotes.
///
/// Quotes count where a cell begins with one; a quote anywhere else is a character like others.
struct RecordSplitter {
  /// A record without its line end.
  struct Record {
    let bytes: ArraySlice<UInt8>
    /// Where each cell ends in `bytes`, counted from its beginning, [cells].
    let ends: [Int]
    /// The number of its first line, from 1.
    let line: Int
  }

  private enum Place { case cellStart, inCell, inQuotes, behindQuote }

  static let quote = UInt8(ascii: "\"")
  private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

  private let subject: String
  private let delimiter: UInt8
  private let longest: Int
  /// What earlier blocks have of the record at hand.
  private var pending: [UInt8] = []
  /// Where the cells of the record at hand end that are whole.
  private var ends: [Int] = []
  private var place = Place.cellStart
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
    var i = 0
    while i < block.count {
      if place == .inQuotes {
        let end = block.firstIndex(of: Self.quote, from: i) ?? block.count
        line += block.count(of: UInt8(ascii: "\n"), in: i..<end)
        if end < block.count { place = .behindQuote }
        i = end + 1
        continue
      }
      if place == .inCell {
        i = block.firstIndex(of: delimiter, UInt8(ascii: "\n"), UInt8(ascii: "\r"), from: i)
        guard i < block.count else { break }
      }
      let byte = block[i]
      defer { i += 1 }
      if byte == Self.quote, place != .inCell {
        place = .inQuotes
        passesLineFeed = false
        continue
      }
      switch byte {
      case delimiter:
        ends.append(pending.count + i - start)
        place = .cellStart
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
    ends.append(bytes.count)
    if firstLine == 1, bytes.starts(with: Self.mark) {
      bytes = bytes.dropFirst(Self.mark.count)
      ends = ends.map { $0 - Self.mark.count }
    }
    let number = firstLine
    line += 1
    firstLine = line
    place = .cellStart
    isAtStart = false
    // Blank lines say nothing.
    if !bytes.isEmpty { try body(Record(bytes: bytes, ends: ends, line: number)) }
    ends.removeAll(keepingCapacity: true)
  }

  private func malformed(_ problem: String, hint: String) -> Failure {
    Failure(.malformed, "\(subject):\(firstLine)", problem, hint: hint)
  }
}

extension RecordSplitter.Record {
  /// A cell as it stands in the file.
  subscript(cell: Int) -> ArraySlice<UInt8> {
    let start = cell == 0 ? 0 : ends[cell - 1] + 1
    return bytes[bytes.startIndex + start..<bytes.startIndex + ends[cell]]
  }

  /// The text of a cell, quotes undone; nil where it is not UTF-8.
  func text(_ cell: Int) -> String? {
    let bytes = self[cell]
    guard bytes.first == RecordSplitter.quote else {
      return String(validating: bytes, as: UTF8.self)
    }
    let inner = bytes.dropFirst().dropLast()
    guard inner.contains(RecordSplitter.quote) else {
      return String(validating: inner, as: UTF8.self)
    }
    // The first of two quotes stays.
    var isFirst = false
    let single = inner.filter { byte in
      isFirst = byte == RecordSplitter.quote && !isFirst
      return byte != RecordSplitter.quote || isFirst
    }
    return String(validating: single, as: UTF8.self)
  }
}

extension [UInt8] {
  /// Where one of three bytes comes next, eight bytes at a time; `count` where none does.
  fileprivate func firstIndex(of a: UInt8, _ b: UInt8, _ c: UInt8, from start: Int) -> Int {
    withUnsafeBytes { bytes in
      let ones: UInt64 = 0x0101_0101_0101_0101
      let wanted = (ones &* UInt64(a), ones &* UInt64(b), ones &* UInt64(c))
      var at = start
      while at + 8 <= bytes.count {
        let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self))
        let (x, y, z) = (word ^ wanted.0, word ^ wanted.1, word ^ wanted.2)
        // The lowest top bit set is that of the first byte that is zero.
        let found =
          (((x &- ones) & ~x) | ((y &- ones) & ~y) | ((z &- ones) & ~z)) & (ones << 7)
        guard found == 0 else { return at + found.trailingZeroBitCount / 8 }
        at += 8
      }
      while at < bytes.count, bytes[at] != a, bytes[at] != b, bytes[at] != c { at += 1 }
      return at
    }
  }

  fileprivate func count(of byte: UInt8, in range: Range<Int>) -> Int {
    withUnsafeBytes { bytes in
      var count = 0
      for place in range where bytes[place] == byte { count += 1 }
      return count
    }
  }
}
