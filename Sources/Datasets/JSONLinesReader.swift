// JSON lines: one object a line, blank lines skipped. A `.json` file may hold one list instead.

import Core

/// Turns blocks of JSON lines into rows.
struct JSONLinesReader {
  private let rows: JSONRows
  private let mayBeArray: Bool
  private var splitter: LineSplitter
  /// The whole text, once it turned out to be one list.
  private var list: [UInt8]?
  private var hasBegun = false

  init(subject: String, shape: RowShape, mayBeArray: Bool = false) {
    rows = JSONRows(subject: subject, shape: shape)
    self.mayBeArray = mayBeArray
    splitter = LineSplitter(subject: subject)
  }

  mutating func take(_ block: [UInt8], _ body: ([JSON]) throws(Failure) -> Void) throws(Failure) {
    if mayBeArray, !hasBegun {
      hasBegun = true
      let first = JSONRows.withoutMark(block).first { !JSONRows.isBlank($0) }
      if first == UInt8(ascii: "[") { list = [] }
    }
    guard list == nil else {
      list?.append(contentsOf: block)
      return
    }
    let rows = rows
    try splitter.take(block) { line, number throws(Failure) in
      try rows.read(line, number, body)
    }
  }

  mutating func finish(_ body: ([JSON]) throws(Failure) -> Void) throws(Failure) {
    let rows = rows
    if let list {
      try rows.read(list: list, body)
    } else {
      try splitter.finish { line, number throws(Failure) in try rows.read(line, number, body) }
    }
  }
}

/// Reads the objects of one file.
private struct JSONRows {
  let subject: String
  let shape: RowShape

  func read(
    _ line: ArraySlice<UInt8>, _ number: Int, _ body: ([JSON]) throws(Failure) -> Void
  ) throws(Failure) {
    guard !line.allSatisfy(Self.isBlank) else { return }
    let place = "\(subject):\(number)"
    try body(try values(try parse(line, place), place))
  }

  func read(list: [UInt8], _ body: ([JSON]) throws(Failure) -> Void) throws(Failure) {
    let elements = try parse(Self.withoutMark(list), subject).array ?? []
    for (index, element) in elements.enumerated() {
      try body(try values(element, "\(subject), element \(index + 1)"))
    }
  }

  private func parse(_ text: ArraySlice<UInt8>, _ place: String) throws(Failure) -> JSON {
    do throws(JSON.SyntaxError) {
      return try JSON(parsing: text)
    } catch {
      throw Failure(.malformed, place, "not JSON", cause: error.description)
    }
  }

  private func values(_ object: JSON, _ place: String) throws(Failure) -> [JSON] {
    guard let members = object.members else {
      throw Failure(.malformed, place, "not a JSON object", hint: "write one {…} a line")
    }
    return try shape.row(members, subject: place)
  }

  /// The text after a byte order mark.
  static func withoutMark(_ text: [UInt8]) -> ArraySlice<UInt8> {
    text.starts(with: [0xEF, 0xBB, 0xBF]) ? text.dropFirst(3) : text[...]
  }

  static func isBlank(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0D).contains(byte)
  }
}
