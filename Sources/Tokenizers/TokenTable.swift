// A vocabulary to look byte strings up in: a hash table over one block of bytes, for tens of
// lookups per word.

/// Byte strings with a number each.
struct TokenTable: Sendable {
  private struct Slot: Sendable {
    /// The upper half of the hash, so that nearly every other string is told apart without a look.
    var tag: UInt32 = 0
    var start: UInt32 = 0
    var count: UInt32 = 0
    /// -1 in a free slot.
    var value: Int32 = -1
  }

  private var bytes: [UInt8] = []
  private var slots: [Slot]
  private let mask: Int

  /// More bytes than any vocabulary has would not fit into a slot.
  static let byteLimit = 1 << 30

  /// An empty table.
  ///
  /// - Parameters:
  ///   - count: how many strings it will hold at most.
  ///   - byteCount: how many bytes they have, below `byteLimit`.
  init(count: Int, byteCount: Int = 0) {
    var size = 16
    while size < count * 2 { size *= 2 }
    slots = Array(repeating: Slot(), count: size)
    mask = size - 1
    bytes.reserveCapacity(byteCount)
  }

  /// Adds a string; one that is there already keeps its value.
  ///
  /// - Returns: whether it was new.
  mutating func insert(_ string: [UInt8], value: Int32) -> Bool {
    let hash = Self.hash(string, string.indices)
    var at = Int(truncatingIfNeeded: hash) & mask
    while slots[at].value >= 0 {
      if isEqual(slots[at], UInt32(hash >> 32), string, string.indices) { return false }
      at = (at + 1) & mask
    }
    slots[at] = Slot(
      tag: UInt32(hash >> 32), start: UInt32(bytes.count), count: UInt32(string.count),
      value: value)
    bytes += string
    return true
  }

  /// The value of a part of a text, or -1.
  @inline(__always)
  func value(_ text: [UInt8], _ range: Range<Int>) -> Int32 {
    let hash = Self.hash(text, range)
    var at = Int(truncatingIfNeeded: hash) & mask
    while true {
      let slot = slots[at]
      if slot.value < 0 || isEqual(slot, UInt32(hash >> 32), text, range) { return slot.value }
      at = (at + 1) & mask
    }
  }

  func value(_ string: [UInt8]) -> Int32 { value(string, string.indices) }

  @inline(__always)
  private func isEqual(
    _ slot: Slot, _ tag: UInt32, _ text: [UInt8], _ range: Range<Int>
  ) -> Bool {
    guard slot.tag == tag, Int(slot.count) == range.count else { return false }
    let start = Int(slot.start)
    for i in 0..<range.count where bytes[start + i] != text[range.lowerBound + i] { return false }
    return true
  }

  /// Multiply and fold, eight bytes at a time.
  @inline(__always)
  private static func hash(_ text: [UInt8], _ range: Range<Int>) -> UInt64 {
    var hash = UInt64(truncatingIfNeeded: range.count) &* 0x9E37_79B9_7F4A_7C15
    var at = range.lowerBound
    text.withUnsafeBytes { raw in
      while at + 8 <= range.upperBound {
        hash = fold(hash, raw.loadUnaligned(fromByteOffset: at, as: UInt64.self))
        at += 8
      }
    }
    var rest: UInt64 = 0
    while at < range.upperBound {
      rest = rest << 8 | UInt64(text[at])
      at += 1
    }
    return fold(hash, rest)
  }

  @inline(__always)
  private static func fold(_ hash: UInt64, _ word: UInt64) -> UInt64 {
    let product = (hash ^ word ^ 0xA076_1D64_78BD_642F).multipliedFullWidth(
      by: 0xE703_7ED1_A0B4_28DB)
    return product.high ^ product.low
  }
}
