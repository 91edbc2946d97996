// numpy's SeedSequence: turns a small seed into the 256 bits that start a PCG64.

/// numpy's `SeedSequence(seed)`: a pool of four words, stirred from the seed.
///
/// After O'Neill, "Developing a seed_seq alternative" (2015), with numpy's constants.
struct SeedSequence {
  private var pool: [UInt32] = []

  init(seed: UInt64) {
    // A seed below 2^32 has one word; the missing words are 0, and so is a high half of 0.
    let entropy = [UInt32(truncatingIfNeeded: seed), UInt32(seed >> 32), 0, 0]
    var hash = Hash(constant: 0x43B0_D7E5, multiplier: 0x931E_8875)
    pool = entropy.map { hash($0) }
    for source in 0..<4 {
      for target in 0..<4 where target != source {
        pool[target] = mixed(pool[target], hash(pool[source]))
      }
    }
  }

  /// `generate_state(count)`: 64-bit words, each of two 32-bit words, the low half first.
  func words(_ count: Int) -> [UInt64] {
    var hash = Hash(constant: 0x8B51_F9DD, multiplier: 0x58F3_8DED)
    return (0..<count).map { i in
      let low = hash(pool[(2 * i) % 4])
      let high = hash(pool[(2 * i + 1) % 4])
      return UInt64(high) << 32 | UInt64(low)
    }
  }

  /// A hash whose constant changes with every word.
  private struct Hash {
    var constant: UInt32
    let multiplier: UInt32

    mutating func callAsFunction(_ word: UInt32) -> UInt32 {
      let value = word ^ constant
      constant &*= multiplier
      let product = value &* constant
      return product ^ (product >> 16)
    }
  }
}

private func mixed(_ one: UInt32, _ other: UInt32) -> UInt32 {
  let difference = 0xCA01_F9DD &* one &- 0x4973_F715 &* other
  return difference ^ (difference >> 16)
}
