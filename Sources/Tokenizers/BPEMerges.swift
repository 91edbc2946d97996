// The merges of a BPE model, and merging: of all neighbours that may be joined those with the lowest
// rank first, among equal ones the leftmost, until none is left.

/// Pairs of token ids, each with a rank and what the pair becomes.
struct BPEMerges: Sendable {
  /// Rank in the upper half, the new id in the lower; so the smallest is the next merge.
  typealias Merge = UInt64
  static let none = Merge.max

  private struct Slot: Sendable {
    var pair = UInt64.max
    var merge = BPEMerges.none
  }

  private var slots: [Slot]
  private let shift: UInt64
  private let mask: Int

  /// Words of more symbols are merged with a heap.
  private static let shortLimit = 48

  /// An empty table for so many merges.
  init(count: Int) {
    var size = 16
    var bits: UInt64 = 4
    while size < count * 2 {
      size *= 2
      bits += 1
    }
    slots = Array(repeating: Slot(), count: size)
    shift = 64 - bits
    mask = size - 1
  }

  /// Adds a merge; of two for one pair the later one holds, as in the reference library.
  mutating func insert(_ left: Int32, _ right: Int32, rank: UInt32, into id: Int32) {
    let pair = Self.pair(left, right)
    var at = firstSlot(pair)
    while slots[at].pair != .max, slots[at].pair != pair { at = (at + 1) & mask }
    slots[at] = Slot(pair: pair, merge: UInt64(rank) << 32 | UInt64(UInt32(bitPattern: id)))
  }

  @inline(__always)
  private static func pair(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }

  @inline(__always)
  private func firstSlot(_ pair: UInt64) -> Int {
    Int(truncatingIfNeeded: ((pair ^ (pair >> 29)) &* 0x9E37_79B9_7F4A_7C15) >> shift)
  }

  /// The merge of two neighbours, or `none`.
  @inline(__always)
  private func merge(_ left: Int32, _ right: Int32) -> Merge {
    let pair = Self.pair(left, right)
    var at = firstSlot(pair)
    while true {
      let slot = slots[at]
      if slot.pair == pair { return slot.merge }
      if slot.pair == .max { return Self.none }
      at = (at + 1) & mask
    }
  }

  // MARK: Merging

  /// Merges the ids from a place on.
  func apply(to ids: inout [Int32], from start: Int) {
    let count = ids.count - start
    if count < 2 { return }
    if count == 2 {
      let merge = merge(ids[start], ids[start + 1])
      if merge == Self.none { return }
      ids.removeLast()
      ids[start] = Int32(truncatingIfNeeded: merge)
    } else if count <= Self.shortLimit {
      applyShort(to: &ids, from: start, count)
    } else {
      applyLong(to: &ids, from: start, count)
    }
  }

  /// Looks for the next merge among all neighbours, which is fast for few.
  private func applyShort(to ids: inout [Int32], from start: Int, _ total: Int) {
    withUnsafeTemporaryAllocation(of: Merge.self, capacity: total) { merges in
      // The merge of each symbol with the one behind it.
      for i in 0..<total - 1 { merges[i] = merge(ids[start + i], ids[start + i + 1]) }
      var last = total - 1
      while last > 0 {
        var best = Self.none
        var place = 0
        for i in 0..<last where merges[i] < best {
          best = merges[i]
          place = i
        }
        if best == Self.none { break }
        ids[start + place] = Int32(truncatingIfNeeded: best)
        for i in place + 1..<last {
          ids[start + i] = ids[start + i + 1]
          merges[i - 1] = merges[i]
        }
        last -= 1
        if place > 0 { merges[place - 1] = merge(ids[start + place - 1], ids[start + place]) }
        if place < last { merges[place] = merge(ids[start + place], ids[start + place + 1]) }
      }
      ids.removeSubrange((start + last + 1)...)
    }
  }

  /// Symbols in a linked list, merges in a heap; an entry whose pair is no longer there is passed
  /// over.
  private func applyLong(to ids: inout [Int32], from start: Int, _ count: Int) {
    var symbols = Array(ids[start...])
    var next = (1...count).map { Int32($0) }
    var previous = (0..<count).map { Int32($0 - 1) }
    var heap = MergeHeap()
    for i in 0..<count - 1 {
      let merge = merge(symbols[i], symbols[i + 1])
      if merge != Self.none { heap.push(.init(merge: merge, place: Int32(i))) }
    }
    while let top = heap.pop() {
      let place = Int(top.place)
      // Merged into the symbol before it, or the last one.
      guard symbols[place] >= 0, next[place] < count else { continue }
      let right = Int(next[place])
      guard merge(symbols[place], symbols[right]) == top.merge else { continue }
      symbols[place] = Int32(truncatingIfNeeded: top.merge)
      symbols[right] = -1
      next[place] = next[right]
      if next[place] < count {
        previous[Int(next[place])] = Int32(place)
        let merge = merge(symbols[place], symbols[Int(next[place])])
        if merge != Self.none { heap.push(.init(merge: merge, place: Int32(place))) }
      }
      if previous[place] >= 0 {
        let merge = merge(symbols[Int(previous[place])], symbols[place])
        if merge != Self.none { heap.push(.init(merge: merge, place: previous[place])) }
      }
    }
    ids.removeSubrange(start...)
    for symbol in symbols where symbol >= 0 { ids.append(symbol) }
  }
}

/// A binary heap with the lowest rank on top, and the leftmost place among equal ones.
private struct MergeHeap {
  struct Entry {
    var merge: BPEMerges.Merge
    var place: Int32

    @inline(__always)
    func isBefore(_ other: Entry) -> Bool {
      merge == other.merge ? place < other.place : merge < other.merge
    }
  }

  private var entries: [Entry] = []

  mutating func push(_ entry: Entry) {
    entries.append(entry)
    var at = entries.count - 1
    while at > 0, entry.isBefore(entries[(at - 1) / 2]) {
      entries[at] = entries[(at - 1) / 2]
      at = (at - 1) / 2
    }
    entries[at] = entry
  }

  mutating func pop() -> Entry? {
    guard let top = entries.first, let last = entries.popLast() else { return nil }
    if entries.isEmpty { return top }
    var at = 0
    while true {
      var child = 2 * at + 1
      if child >= entries.count { break }
      if child + 1 < entries.count, entries[child + 1].isBefore(entries[child]) { child += 1 }
      guard entries[child].isBefore(last) else { break }
      entries[at] = entries[child]
      at = child
    }
    entries[at] = last
    return top
  }
}
