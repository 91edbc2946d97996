// The normalizer of BERT: cleaning, Chinese, accents and case in one pass over the text.

import Core

/// `BertNormalizer`: clean, set Chinese apart, strip accents, lower-case; in this order.
struct BertNormalizer: Sendable, Equatable {
  /// Drop control characters and the like, make every white space a space.
  var cleansText: Bool
  /// A space before and after each CJK ideograph.
  var separatesChinese: Bool
  /// Decompose canonically (NFD), then drop nonspacing marks.
  var stripsAccents: Bool
  var lowercases: Bool

  init(cleansText: Bool, separatesChinese: Bool, stripsAccents: Bool, lowercases: Bool) {
    self.cleansText = cleansText
    self.separatesChinese = separatesChinese
    self.stripsAccents = stripsAccents
    self.lowercases = lowercases
  }

  init(_ section: FileSection) throws(Failure) {
    cleansText = try section.flag("clean_text")
    separatesChinese = try section.flag("handle_chinese_chars")
    lowercases = try section.flag("lowercase")
    // Null or absent follows lower-casing, as in the original BERT.
    stripsAccents = try section.optionalFlag("strip_accents") ?? lowercases
  }

  func append(_ bytes: [UInt8], _ range: Range<Int>, to out: inout [UInt8]) {
    let table = ScalarTable.shared
    var writer = Writer(options: self, table: table)
    var at = range.lowerBound
    while at < range.upperBound {
      let byte = bytes[at]
      if byte < 0x80 {
        at += 1
        writer.ascii(byte, to: &out)
      } else {
        let (value, length) = UTF8Decoding.scalar(in: bytes, at: at)
        let facts = table[value]
        if facts.isEmpty {
          writer.flush(to: &out)
          for i in at..<at + length { out.append(bytes[i]) }
        } else {
          writer.scalar(value, facts, to: &out)
        }
        at += length
      }
    }
    writer.flush(to: &out)
  }

  /// The scalars on their way out; those that canonical ordering may still move are held back.
  private struct Writer {
    let options: BertNormalizer
    let table: ScalarTable
    /// Combining class, place of arrival and value, 8 + 32 + 24 bits, so that plain sorting is
    /// canonical ordering.
    var pending: [UInt64] = []

    @inline(__always)
    mutating func ascii(_ byte: UInt8, to out: inout [UInt8]) {
      var byte = byte
      if options.cleansText {
        let facts = table[UInt32(byte)]
        // Cleaning comes before ordering, so what it drops does not end a run of marks.
        if facts.contains(.other) { return }
        if facts.contains(.whitespace) { byte = UInt8(ascii: " ") }
      }
      flush(to: &out)
      let isUpper = byte &- UInt8(ascii: "A") < 26
      out.append(isUpper && options.lowercases ? byte | 0x20 : byte)
    }

    mutating func scalar(_ value: UInt32, _ facts: ScalarTable.Facts, to out: inout [UInt8]) {
      if options.cleansText {
        if facts.contains(.other) { return }
        if facts.contains(.whitespace) {
          flush(to: &out)
          out.append(UInt8(ascii: " "))
          return
        }
      }
      let isApart = options.separatesChinese && facts.contains(.chinese)
      if isApart {
        flush(to: &out)
        out.append(UInt8(ascii: " "))
      }
      if !options.stripsAccents {
        write(value, facts, to: &out)
      } else if facts.contains(.decomposing) {
        for part in table.decomposition(of: value) { order(part, table[part], to: &out) }
      } else {
        order(value, facts, to: &out)
      }
      if isApart {
        flush(to: &out)
        out.append(UInt8(ascii: " "))
      }
    }

    /// Canonical ordering: a run of scalars with a combining class is sorted by it, stably.
    mutating func order(_ value: UInt32, _ facts: ScalarTable.Facts, to out: inout [UInt8]) {
      if facts.contains(.reordering) {
        let arrival = UInt64(UInt32(truncatingIfNeeded: pending.count))
        pending.append(table.combiningClass(of: value) << 56 | arrival << 24 | UInt64(value))
      } else {
        flush(to: &out)
        write(value, facts, to: &out)
      }
    }

    @inline(__always)
    mutating func flush(to out: inout [UInt8]) {
      if !pending.isEmpty { writePending(to: &out) }
    }

    @inline(never)
    mutating func writePending(to out: inout [UInt8]) {
      pending.sort()
      for item in pending {
        let value = UInt32(truncatingIfNeeded: item & 0xFF_FFFF)
        write(value, table[value], to: &out)
      }
      pending.removeAll(keepingCapacity: true)
    }

    func write(_ value: UInt32, _ facts: ScalarTable.Facts, to out: inout [UInt8]) {
      if options.stripsAccents, facts.contains(.nonspacing) { return }
      guard options.lowercases, facts.contains(.lowercasing) else {
        return UTF8Decoding.append(value, to: &out)
      }
      if value == Lowercase.dottedI {
        out.append(UInt8(ascii: "i"))
        UTF8Decoding.append(0x307, to: &out)
      } else {
        UTF8Decoding.append(Lowercase.of(value), to: &out)
      }
    }
  }
}
