// The Mersenne Twister MT19937 and the two ways its state is filled: numpy's and Python's.

/// MT19937, 32 bits a draw (Matsumoto, Nishimura 1998).
///
/// The state is an array, so a copy of the generator is a generator of its own.
struct MersenneTwister: Sendable {
  private static let size = 624
  private static let offset = 397

  private var words: [UInt32]
  /// Words of the present block already handed out, 0…624.
  private var used = MersenneTwister.size

  /// One seed word, as in numpy's `RandomState(seed)`.
  ///
  /// `init_genrand` of the authors' 2002 version: multiplier 1812433253.
  init(word seed: UInt32) {
    words = [UInt32](repeating: 0, count: Self.size)
    words[0] = seed
    for i in 1..<Self.size {
      let last = words[i - 1]
      words[i] = 1_812_433_253 &* (last ^ (last >> 30)) &+ UInt32(i)
    }
  }

  /// A key of one or more words, as in Python's `random.Random(seed)`.
  ///
  /// `init_by_array` of the authors' 2002 version.
  init(key: [UInt32]) {
    precondition(!key.isEmpty, "a key has at least one word")
    self.init(word: 19_650_218)
    var i = 1
    var j = 0
    for _ in 0..<max(Self.size, key.count) {
      words[i] = (words[i] ^ (mixed(words[i - 1]) &* 1_664_525)) &+ key[j] &+ UInt32(j)
      i += 1
      j += 1
      if i == Self.size { i = wrap() }
      if j == key.count { j = 0 }
    }
    for _ in 1..<Self.size {
      words[i] = (words[i] ^ (mixed(words[i - 1]) &* 1_566_083_941)) &- UInt32(i)
      i += 1
      if i == Self.size { i = wrap() }
    }
    words[0] = 0x8000_0000
  }

  /// The next 32 bits.
  mutating func next() -> UInt32 {
    if used == Self.size { refill() }
    var word = words[used]
    used += 1
    word ^= word >> 11
    word ^= (word << 7) & 0x9D2C_5680
    word ^= (word << 15) & 0xEFC6_0000
    return word ^ (word >> 18)
  }

  /// The next double in [0, 1): 53 bits from two draws, the same in numpy and in Python.
  mutating func uniform() -> Double {
    let high = next() >> 5
    let low = next() >> 6
    return (Double(high) * 67_108_864 + Double(low)) * (1 / 9_007_199_254_740_992)
  }

  /// The next block of 624 words.
  private mutating func refill() {
    let size = Self.size
    let offset = Self.offset
    for i in 0..<(size - offset) {
      words[i] = words[i + offset] ^ twist(words[i], words[i + 1])
    }
    for i in (size - offset)..<(size - 1) {
      words[i] = words[i + offset - size] ^ twist(words[i], words[i + 1])
    }
    words[size - 1] = words[offset - 1] ^ twist(words[size - 1], words[0])
    used = 0
  }

  /// Where filling goes on after the last word: at word 1, with the last word before it.
  private mutating func wrap() -> Int {
    words[0] = words[Self.size - 1]
    return 1
  }
}

private func mixed(_ word: UInt32) -> UInt32 { word ^ (word >> 30) }

/// The top bit of one word and the other bits of the next, times the generator's matrix.
private func twist(_ one: UInt32, _ next: UInt32) -> UInt32 {
  let bits = (one & 0x8000_0000) | (next & 0x7FFF_FFFF)
  return (bits >> 1) ^ (0 &- (bits & 1)) & 0x9908_B0DF
}
