// A quick sum over bytes that caches keep beside what they wrote.

/// A sum that notices damage; not a defence against anybody.
enum DamageSum {
  /// The sum of some bytes, eight at a time.
  static func of(_ bytes: UnsafeRawBufferPointer) -> Int {
    var sum: UInt64 = 0x9E37_79B9_7F4A_7C15
    var place = 0
    while place + 8 <= bytes.count {
      let word = bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)
      sum = (sum ^ word) &* 0x9FB2_1C65_1E98_DF25
      sum ^= sum >> 32
      place += 8
    }
    for byte in bytes[place...] { sum = (sum ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return Int(truncatingIfNeeded: sum)
  }
}
