// numpy's RandomState: classification samples, k-means and iterative stratification draw from it.

/// The stream of numpy's `RandomState(seed)`, bit for bit.
package struct NumPyLegacyRandom: Sendable {
  private var twister: MersenneTwister

  package init(seed: UInt32) { twister = MersenneTwister(word: seed) }

  /// The next 32 bits.
  package mutating func nextUInt32() -> UInt32 { twister.next() }

  /// `random_sample()`: the next double in [0, 1).
  package mutating func uniform() -> Double { twister.uniform() }

  /// `randint(0, n)`: an integer in 0..<n.
  ///
  /// Bits beyond those that n - 1 needs are masked away, values above n - 1 rejected. n = 1 draws
  /// nothing. n is in 1...2^32.
  package mutating func below(_ n: Int) -> Int {
    Int(maskedDraw(upTo: largestIndex(n)) { twister.next() })
  }

  /// `randint(0, n, count)`.
  package mutating func integers(below n: Int, count: Int) -> [Int] {
    let largest = largestIndex(n)
    return (0..<count).map { _ in Int(maskedDraw(upTo: largest) { twister.next() }) }
  }

  /// `random_sample(count)`.
  package mutating func uniforms(_ count: Int) -> [Double] {
    (0..<count).map { _ in twister.uniform() }
  }

  /// `shuffle(elements)`: rearranges the elements as `permutation` does the numbers of places.
  package mutating func shuffle<T>(_ elements: inout [T]) {
    // The permutation is made of integers, since swapping elements of a type that is unknown here
    // is several times slower.
    elements = permutation(elements.count).map { elements[$0] }
  }

  /// `permutation(n)`: 0..<n, shuffled.
  package mutating func permutation(_ n: Int) -> [Int] {
    maskedPermutation(n) { twister.next() }
  }
}
