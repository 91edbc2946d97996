// Python's random.Random: clustering draws its documents and its bootstraps from it.

/// The stream of Python's `random.Random(seed)`, bit for bit.
///
/// The same since Python 3.2; `sample` as since 3.11.
package struct PythonRandom: Sendable {
  private var twister: MersenneTwister

  package init(seed: UInt64) {
    let low = UInt32(truncatingIfNeeded: seed)
    let high = UInt32(seed >> 32)
    twister = MersenneTwister(key: high == 0 ? [low] : [low, high])
  }

  /// `random()`: the next double in [0, 1).
  package mutating func uniform() -> Double { twister.uniform() }

  /// `randrange(n)`: an integer in 0..<n.
  ///
  /// As many top bits of a word as n has, until the value is below n; so n = 1 draws, too, and on
  /// average twice. n is in 1..<2^32.
  package mutating func below(_ n: Int) -> Int {
    precondition(n >= 1 && n <= Int(UInt32.max), "cannot draw one of \(n)")
    let shift = UInt32(UInt32(n).leadingZeroBitCount)
    while true {
      let value = Int(twister.next() >> shift)
      if value < n { return value }
    }
  }

  /// `sample(range(n), k=count)`: distinct integers in 0..<n, in drawn order; count is in 0...n.
  package mutating func sample(_ n: Int, count: Int) -> [Int] {
    precondition(count >= 0 && count <= n, "cannot draw \(count) of \(n) without replacement")
    // Python's estimate of what a set takes, against a list of n entries. It decides which of the
    // two ways is gone, and they use the stream differently: 21, and beyond 5 draws the smallest
    // power of 4 that is not below 3 count.
    var setSize = 21
    if count > 5 {
      var power = 4
      while power < 3 * count { power *= 4 }
      setSize += power
    }
    return n <= setSize ? drawFromPool(n, count) : drawUnseen(n, count)
  }

  /// `choices(range(n), k=count)`: integers in 0..<n with replacement; n is at least 1.
  package mutating func choices(_ n: Int, count: Int) -> [Int] {
    precondition(n >= 1, "cannot draw one of \(n)")
    let n = Double(n)
    return (0..<count).map { _ in Int(twister.uniform() * n) }
  }

  /// Takes entries out of a list; the last entry fills the hole.
  private mutating func drawFromPool(_ n: Int, _ count: Int) -> [Int] {
    var pool = Array(0..<n)
    return (0..<count).map { i in
      let j = below(n - i)
      let drawn = pool[j]
      pool[j] = pool[n - i - 1]
      return drawn
    }
  }

  /// Draws again whatever has been drawn.
  private mutating func drawUnseen(_ n: Int, _ count: Int) -> [Int] {
    var seen = Set<Int>(minimumCapacity: count)
    return (0..<count).map { _ in
      var drawn = below(n)
      while !seen.insert(drawn).inserted { drawn = below(n) }
      return drawn
    }
  }
}
