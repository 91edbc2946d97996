// The small normalizers: cutting white space off, dropping marks, replacing, cleaning as the first
// translation models did.

/// Functions that take bytes of UTF-8 and a part of them, and append what it becomes.
enum TextEdits {
  /// The part of a range without the white space at its ends.
  static func stripped(
    _ bytes: [UInt8], _ range: Range<Int>, left: Bool, right: Bool
  ) -> Range<Int> {
    let table = ScalarTable.shared
    var start = range.lowerBound
    while left, start < range.upperBound {
      let (value, length) = UTF8Decoding.scalar(in: bytes, at: start)
      guard table[value].contains(.whitespace) else { break }
      start += length
    }
    var end = range.upperBound
    while right, end > start {
      let last = UTF8Decoding.start(before: end, in: bytes)
      guard table[UTF8Decoding.scalar(in: bytes, at: last).value].contains(.whitespace) else {
        break
      }
      end = last
    }
    return start..<end
  }

  static func appendWithoutMarks(_ bytes: [UInt8], _ range: Range<Int>, to out: inout [UInt8]) {
    let table = NormalizationTable.shared
    var at = range.lowerBound
    while at < range.upperBound {
      let (value, length) = UTF8Decoding.scalar(in: bytes, at: at)
      if !table[value].contains(.mark) { out += bytes[at..<at + length] }
      at += length
    }
  }

  static func appendReplaced(
    _ bytes: [UInt8], _ range: Range<Int>, _ pattern: SearchPattern, with content: [UInt8],
    to out: inout [UInt8]
  ) {
    var done = range.lowerBound
    pattern.forEachMatch(in: bytes, range) { match in
      out.append(contentsOf: bytes[done..<match.lowerBound])
      out.append(contentsOf: content)
      done = match.upperBound
    }
    out.append(contentsOf: bytes[done..<range.upperBound])
  }

  /// `Nmt`: drops some controls, and makes some white space and invisible characters a space.
  ///
  /// The list is that of the reference library, found by asking it about every scalar.
  static func appendCleanedForNMT(_ bytes: [UInt8], _ range: Range<Int>, to out: inout [UInt8]) {
    var at = range.lowerBound
    while at < range.upperBound {
      let (value, length) = UTF8Decoding.scalar(in: bytes, at: at)
      switch value {
      case 0x9, 0xA, 0xC, 0xD, 0x1680, 0x200B...0x200F, 0x2028, 0x2029, 0x2581, 0xFEFF, 0xFFFD:
        out.append(UInt8(ascii: " "))
      case 0x1...0x8, 0xB, 0xE...0x1F, 0x7F, 0x8F, 0x9F: break
      default: out += bytes[at..<at + length]
      }
      at += length
    }
  }
}
