// A set of byte strings with a number each, made for finding the longest one that starts at a place.
// The pieces of WordPiece and the added tokens are looked up in it.

/// A trie over bytes in two flat arrays: edges in an open-addressing hash table, values by node.
///
/// Several tries share one value, each with a root of its own.
struct ByteTrie: Sendable {
  /// A string that was found: where it ends and what belongs to it.
  struct Match: Equatable {
    var end: Int
    var value: Int32
  }

  /// Every byte of every string may be a node, and a node must fit into 24 bits of an edge's key.
  static let byteLimit = 1 << 24

  /// By node: the value of the string that ends there, or -1.
  private var values: [Int32]
  /// Key (node and byte) in the upper half, child in the lower half; linear probing.
  private var slots: [UInt64]
  private var shift: UInt32
  private var edgeCount = 0

  private static let free = UInt64.max

  /// Roots are the numbers 0, 1, … below `roots`.
  init(roots: Int) {
    values = Array(repeating: -1, count: roots)
    slots = Array(repeating: Self.free, count: 64)
    shift = 32 - 6
  }

  /// Adds a string, which is not empty; a string that is there already keeps its value.
  ///
  /// - Returns: the value of the string from now on.
  @discardableResult
  mutating func insert(_ bytes: some Sequence<UInt8>, value: Int32, root: Int) -> Int32 {
    var node = Int32(root)
    for byte in bytes {
      let next = child(of: node, byte)
      if next >= 0 {
        node = next
      } else {
        let new = Int32(values.count)
        values.append(-1)
        addEdge(from: node, byte, to: new)
        node = new
      }
    }
    precondition(node != Int32(root), "an empty string cannot be in a trie")
    if values[Int(node)] < 0 { values[Int(node)] = value }
    return values[Int(node)]
  }

  /// The value of exactly this string.
  func value(of bytes: some Sequence<UInt8>, root: Int) -> Int32? {
    var node = Int32(root)
    for byte in bytes {
      node = child(of: node, byte)
      if node < 0 { return nil }
    }
    let value = values[Int(node)]
    return value < 0 ? nil : value
  }

  /// The longest string that starts at the lower bound of the range and ends within it.
  @inline(__always)
  func longestMatch(in bytes: [UInt8], _ range: Range<Int>, root: Int) -> Match? {
    var node = Int32(root)
    var match = Match(end: 0, value: -1)
    var at = range.lowerBound
    while at < range.upperBound {
      node = child(of: node, bytes[at])
      if node < 0 { break }
      at += 1
      let value = values[Int(node)]
      if value >= 0 { match = Match(end: at, value: value) }
    }
    return match.value < 0 ? nil : match
  }

  @inline(__always)
  private func firstSlot(_ key: UInt32) -> Int {
    // Fibonacci hashing: the upper bits of the product depend on all bits of the key.
    Int((key &* 0x9E37_79B1) >> shift)
  }

  @inline(__always)
  private func child(of node: Int32, _ byte: UInt8) -> Int32 {
    let key = UInt32(bitPattern: node) << 8 | UInt32(byte)
    let mask = slots.count - 1
    var at = firstSlot(key)
    while true {
      let slot = slots[at]
      if UInt32(truncatingIfNeeded: slot >> 32) == key {
        return Int32(truncatingIfNeeded: slot)
      }
      if slot == Self.free { return -1 }
      at = (at + 1) & mask
    }
  }

  private mutating func addEdge(from node: Int32, _ byte: UInt8, to child: Int32) {
    precondition(child < Self.byteLimit, "a trie holds at most \(Self.byteLimit) nodes")
    if edgeCount * 2 >= slots.count {
      let old = slots
      shift -= 1
      slots = Array(repeating: Self.free, count: old.count * 2)
      for slot in old where slot != Self.free { place(slot) }
    }
    edgeCount += 1
    let key = UInt64(UInt32(bitPattern: node) << 8 | UInt32(byte))
    place(key << 32 | UInt64(UInt32(bitPattern: child)))
  }

  private mutating func place(_ slot: UInt64) {
    var at = firstSlot(UInt32(truncatingIfNeeded: slot >> 32))
    while slots[at] != Self.free { at = (at + 1) & (slots.count - 1) }
    slots[at] = slot
  }
}
