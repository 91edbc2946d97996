// JSON lines: one object a line, blank lines skipped. A `.json` file may hold one list instead.

import Core

/// Turns blocks of JSON lines into rows.
struct JSONLinesReader: RowReader {
  private let shape: RowShape
  private let subject: String
  private let mayBeList: Bool
  private var lines: LineSplitter
  /// Takes over once the text turned out to be one list.
  private var list: JSONListSplitter?
  private var hasBegun = false

  init(subject: String, shape: RowShape, mayBeList: Bool = false) {
    self.shape = shape
    self.subject = subject
    self.mayBeList = mayBeList
    lines = LineSplitter(subject: subject)
  }

  mutating func take(_ block: [UInt8], _ body: ([JSON]) throws(Failure) -> Void) throws(Failure) {
    if mayBeList, !hasBegun, let first = Self.firstByte(of: block) {
      hasBegun = true
      if first == UInt8(ascii: "[") { list = JSONListSplitter(subject: subject) }
    }
    let (shape, subject) = (shape, subject)
    guard list == nil else {
      try list?.take(block) { element, number throws(Failure) in
        try body(try shape.row(object: element, subject: "\(subject), element \(number)"))
      }
      return
    }
    try lines.take(block) { line, number throws(Failure) in
      guard !line.allSatisfy(Self.isBlank) else { return }
      try body(try shape.row(object: line, subject: "\(subject):\(number)"))
    }
  }

  mutating func finish(_ body: ([JSON]) throws(Failure) -> Void) throws(Failure) {
    let (shape, subject) = (shape, subject)
    try list?.finish()
    try lines.finish { line, number throws(Failure) in
      guard !line.allSatisfy(Self.isBlank) else { return }
      try body(try shape.row(object: line, subject: "\(subject):\(number)"))
    }
  }

  /// The first byte of a text that says something, after a byte order mark.
  private static func firstByte(of block: [UInt8]) -> UInt8? {
    let text = block.starts(with: [0xEF, 0xBB, 0xBF]) ? block.dropFirst(3) : block[...]
    return text.first { !isBlank($0) }
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0D).contains(byte)
  }
}
