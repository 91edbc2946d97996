// Protocol Buffers as a SentencePiece `.model` has them on disk: fields out of bytes. The file is not
// to be trusted: nothing is read beyond the message that it belongs to, and nothing is allocated on
// the word of a length.

import Core

/// One message, read field by field.
struct WireMessage {
  /// One field of a message.
  struct Field {
    var number: Int
    var value: Value
    /// Where it starts in the file, for messages.
    var offset: Int
  }

  enum Value {
    case varint(UInt64)
    case fixed64
    case bytes(Range<Int>)
    case fixed32(UInt32)
  }

  private let bytes: [UInt8]
  private var at: Int
  private let end: Int
  /// The file, for messages.
  let place: FileSection

  /// A whole file, or a message within it.
  init(_ bytes: [UInt8], _ range: Range<Int>, _ place: FileSection) {
    self.bytes = bytes
    at = range.lowerBound
    end = range.upperBound
    self.place = place
  }

  /// A message that is a field of this one.
  func message(_ field: Field) throws(Failure) -> WireMessage {
    WireMessage(bytes, try range(field), place)
  }

  /// The next field, whatever it is; nil at the end of the message.
  ///
  /// - Throws: `malformed` for anything that is cut off, a length beyond the message, a number that
  ///   has no end, and wire types that no version of the format writes any more.
  mutating func next() throws(Failure) -> Field? {
    guard at < end else { return nil }
    let start = at
    let key = try varint()
    guard let number = Int(exactly: key >> 3), number > 0, number < 1 << 29 else {
      throw malformed("a field with the number \(key >> 3)", start)
    }
    switch key & 7 {
    case 0: return Field(number: number, value: .varint(try varint()), offset: start)
    case 1:
      _ = try skip(8, start)
      return Field(number: number, value: .fixed64, offset: start)
    case 2:
      let length = try varint()
      return Field(number: number, value: .bytes(try skip(length, start)), offset: start)
    case 5:
      let range = try skip(4, start)
      let value = range.reversed().reduce(UInt32(0)) { $0 << 8 | UInt32(bytes[$1]) }
      return Field(number: number, value: .fixed32(value), offset: start)
    default: throw malformed("field \(number) has the wire type \(key & 7)", start)
    }
  }

  /// Seven bits a byte, the lowest first; at most 64 bits.
  private mutating func varint() throws(Failure) -> UInt64 {
    var value: UInt64 = 0
    let start = at
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard at < end else { throw malformed("a number is cut off", start) }
      let byte = bytes[at]
      at += 1
      if shift == 63, byte > 1 { break }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    throw malformed("a number of more than 64 bits", start)
  }

  private mutating func skip(_ length: UInt64, _ start: Int) throws(Failure) -> Range<Int> {
    guard length <= UInt64(end - at) else {
      throw malformed("a field of \(length) bytes where \(end - at) are left", start)
    }
    let range = at..<at + Int(length)
    at = range.upperBound
    return range
  }

  // MARK: Values of known fields

  /// A text; `malformed` where it is not UTF-8.
  func text(_ field: Field) throws(Failure) -> String {
    guard let text = String(validating: bytes[try range(field)], as: UTF8.self) else {
      throw malformed("field \(field.number) is not UTF-8", field.offset)
    }
    return text
  }

  func data(_ field: Field) throws(Failure) -> [UInt8] { Array(bytes[try range(field)]) }

  private func range(_ field: Field) throws(Failure) -> Range<Int> {
    guard case .bytes(let range) = field.value else { throw wrongType(field) }
    return range
  }

  func flag(_ field: Field) throws(Failure) -> Bool {
    guard case .varint(let value) = field.value else { throw wrongType(field) }
    return value != 0
  }

  /// An `int32` or an enumeration; a negative one is written as 64 bits.
  func integer(_ field: Field) throws(Failure) -> Int {
    guard case .varint(let value) = field.value else { throw wrongType(field) }
    guard let number = Int32(exactly: Int64(bitPattern: value)) else {
      throw malformed(
        "field \(field.number) is \(Int64(bitPattern: value)), out of range", field.offset)
    }
    return Int(number)
  }

  /// A `float`.
  func float(_ field: Field) throws(Failure) -> Float {
    guard case .fixed32(let bits) = field.value else { throw wrongType(field) }
    return Float(bitPattern: bits)
  }

  private func wrongType(_ field: Field) -> Failure {
    malformed(
      "field \(field.number) is not of the type that a SentencePiece model has", field.offset)
  }

  func malformed(_ problem: String, _ offset: Int) -> Failure {
    place.malformed(
      "\(problem) at byte \(offset)", hint: "the file is damaged, or no SentencePiece model")
  }
}
