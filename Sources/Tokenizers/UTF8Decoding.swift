// Scalars out of bytes of UTF-8 and back, for bytes that came out of a `String` and so are valid.

enum UTF8Decoding {
  /// The scalar that starts at a place, and how many bytes it takes.
  @inline(__always)
  static func scalar(in bytes: [UInt8], at: Int) -> (value: UInt32, length: Int) {
    let first = UInt32(bytes[at])
    if first < 0x80 { return (first, 1) }
    let second = UInt32(bytes[at + 1] & 0x3F)
    if first < 0xE0 { return ((first & 0x1F) << 6 | second, 2) }
    let third = UInt32(bytes[at + 2] & 0x3F)
    if first < 0xF0 { return ((first & 0x0F) << 12 | second << 6 | third, 3) }
    let fourth = UInt32(bytes[at + 3] & 0x3F)
    return ((first & 0x07) << 18 | second << 12 | third << 6 | fourth, 4)
  }

  /// How many bytes the scalar has that starts with this one.
  @inline(__always)
  static func width(of first: UInt8) -> Int {
    first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
  }

  /// Where the scalar before a place starts; the place is not the start of the bytes.
  static func start(before place: Int, in bytes: [UInt8]) -> Int {
    var at = place - 1
    while bytes[at] & 0xC0 == 0x80 { at -= 1 }
    return at
  }

  @inline(__always)
  static func append(_ value: UInt32, to out: inout [UInt8]) {
    switch value {
    case ..<0x80: out.append(UInt8(value))
    case ..<0x800:
      out.append(UInt8(0xC0 | value >> 6))
      out.append(UInt8(0x80 | value & 0x3F))
    case ..<0x10000:
      out.append(UInt8(0xE0 | value >> 12))
      out.append(UInt8(0x80 | value >> 6 & 0x3F))
      out.append(UInt8(0x80 | value & 0x3F))
    default:
      out.append(UInt8(0xF0 | value >> 18))
      out.append(UInt8(0x80 | value >> 12 & 0x3F))
      out.append(UInt8(0x80 | value >> 6 & 0x3F))
      out.append(UInt8(0x80 | value & 0x3F))
    }
  }
}
