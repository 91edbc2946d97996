// numpy's default_rng: multilabel samples, the cuts of large splits and intervals draw from it.

/// The stream of numpy's `default_rng(seed)`, bit for bit.
///
/// PCG XSL-RR 128/64 (O'Neill 2014), seeded through `SeedSequence`.
package struct PCG64: Sendable {
  private static let multiplier: UInt128 = 0x2360_ED05_1FC6_5DA4_4385_DF64_9FCC_F645

  private var state: UInt128 = 0
  private let increment: UInt128
  /// The high half of a 64-bit draw whose low half has been handed out.
  private var half: UInt32?

  package init(seed: UInt64) {
    let words = SeedSequence(seed: seed).words(4)
    let start = UInt128(words[0]) << 64 | UInt128(words[1])
    let stream = UInt128(words[2]) << 64 | UInt128(words[3])
    increment = stream << 1 | 1
    step()
    state &+= start
    step()
  }

  private mutating func step() { state = state &* Self.multiplier &+ increment }

  /// The next 64 bits; a waiting half of 32 bits goes on waiting.
  package mutating func nextUInt64() -> UInt64 {
    step()
    let folded = UInt64(truncatingIfNeeded: state >> 64) ^ UInt64(truncatingIfNeeded: state)
    let turn = UInt64(truncatingIfNeeded: state >> 122)
    return folded >> turn | folded << ((64 - turn) & 63)
  }

  /// The next 32 bits: the low half of a 64-bit draw, then its high half.
  package mutating func nextUInt32() -> UInt32 {
    if let waiting = half {
      half = nil
      return waiting
    }
    let both = nextUInt64()
    half = UInt32(both >> 32)
    return UInt32(truncatingIfNeeded: both)
  }

  /// `random()`: the next double in [0, 1), from 53 bits.
  package mutating func uniform() -> Double {
    Double(nextUInt64() >> 11) * (1 / 9_007_199_254_740_992)
  }

  /// `shuffle(elements)`: rearranges the elements as `permutation` does the numbers of places.
  package mutating func shuffle<T>(_ elements: inout [T]) {
    // The permutation is made of integers, since swapping elements of a type that is unknown here
    // is several times slower.
    elements = permutation(elements.count).map { elements[$0] }
  }

  /// `permutation(n)`: 0..<n, shuffled.
  package mutating func permutation(_ n: Int) -> [Int] {
    maskedPermutation(n) { nextUInt32() }
  }

  /// `choice(n, count, replace=False)`: distinct integers in 0..<n; count is in 0...n.
  ///
  /// As numpy 2: Floyd's method, then a shuffle of what was drawn; for much of a large n the tail
  /// of a shuffle instead. Both draw by Lemire's method, unlike `shuffle`.
  package mutating func choice(of n: Int, count: Int) -> [Int] {
    precondition(count >= 0 && count <= n, "cannot draw \(count) of \(n) without replacement")
    if n > 10_000 && count > n / 50 {
      var rows = Array(0..<n)
      shuffleTail(&rows, from: max(n - count, 1))
      return Array(rows[(n - count)...])
    }
    var drawn: [Int] = []
    drawn.reserveCapacity(count)
    var seen = Set<Int>(minimumCapacity: count)
    for last in (n - count)..<n {
      let candidate = boundedDraw(upTo: last)
      let taken = seen.insert(candidate).inserted ? candidate : last
      if taken != candidate { seen.insert(taken) }
      drawn.append(taken)
    }
    shuffleTail(&drawn, from: 1)
    return drawn
  }

  /// `integers(0, n, count)`: draws with replacement from 0..<n, by Lemire's method.
  package mutating func integers(below n: Int, count: Int) -> [Int] {
    guard n > 1 else { return Array(repeating: 0, count: count) }
    var drawn = [Int](repeating: 0, count: count)
    for i in drawn.indices { drawn[i] = boundedDraw(upTo: n - 1) }
    return drawn
  }

  /// The steps of a shuffle from the end down to an index.
  private mutating func shuffleTail(_ elements: inout [Int], from first: Int) {
    for i in stride(from: elements.count - 1, through: first, by: -1) {
      elements.swapAt(i, boundedDraw(upTo: i))
    }
  }

  /// An integer in 0...largest by Lemire's multiplication (2019); 0 draws nothing.
  private mutating func boundedDraw(upTo largest: Int) -> Int {
    let largest = largestIndex(largest + 1)
    guard largest > 0 else { return 0 }
    guard largest < .max else { return Int(nextUInt32()) }
    let bound = largest + 1
    var product = UInt64(nextUInt32()) * UInt64(bound)
    if UInt32(truncatingIfNeeded: product) < bound {
      let threshold = (0 &- bound) % bound
      while UInt32(truncatingIfNeeded: product) < threshold {
        product = UInt64(nextUInt32()) * UInt64(bound)
      }
    }
    return Int(product >> 32)
  }
}
