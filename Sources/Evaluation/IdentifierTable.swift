// The ids of a corpus, held compactly: their bytes one after the other, and a table of numbers that
// finds them. A hash only says where to look; ids are told apart by their bytes.

import Core

/// Different ids, numbered from 0 in the order of adding.
///
/// Takes the bytes of the ids and 14 to 25 more for each, where a set of strings takes 60 to 130.
package struct IdentifierTable: Sendable {
  package typealias Hash = @Sendable (_ id: UnsafeRawBufferPointer) -> UInt64

  /// The bytes of all ids, in pages, so that growing copies little.
  private var pages: [[UInt8]] = []
  /// Where each id begins: the page's number times the size of a page, and the place in it, [count].
  private var starts: [UInt64] = []
  /// How many bytes each id has, [count].
  private var lengths: [UInt32] = []
  /// Open addressing: an id's number, or `vacant`; a power of two of places.
  private var slots: [UInt32]
  private let hash: Hash

  private static let pageBits: UInt64 = 32
  private static let pageSize = 1 << 20
  private static let vacant = UInt32.max

  /// - Parameter hash: where to look for an id; any function will do, a poor one is slow.
  package init(hash: @escaping Hash = Self.standardHash) {
    self.hash = hash
    slots = Array(repeating: Self.vacant, count: 16)
  }

  package static let standardHash: Hash = { id in
    var hasher = Hasher()
    hasher.combine(bytes: id)
    return UInt64(bitPattern: Int64(hasher.finalize()))
  }

  package var count: Int { lengths.count }

  /// Memory taken, without what `count` more ids would take.
  package var byteCount: Int {
    pages.reduce(0) { $0 + $1.capacity } + starts.capacity * 8 + lengths.capacity * 4
      + slots.capacity * 4
  }

  /// Memory that a table of `count` ids of `length` bytes takes while it grows for the last time.
  package static func estimatedBytes(count: Int, length: Int) -> Int { count * (length + 30) }

  /// Adds an id.
  ///
  /// - Returns: its number; nil where it is there already, byte for byte.
  package mutating func insert(_ id: String) -> Int? {
    if 3 * (count + 1) > 2 * slots.count { grow() }
    var id = id
    return id.withUTF8 { text in
      let bytes = UnsafeRawBufferPointer(text)
      let place = place(of: bytes)
      guard slots[place] == Self.vacant else { return nil }
      // The largest number stands for a vacant place.
      precondition(count < Int(Self.vacant), "more than \(Self.vacant) ids")
      let number = count
      slots[place] = UInt32(number)
      append(bytes)
      return number
    }
  }

  package func contains(_ id: String) -> Bool {
    var id = id
    return id.withUTF8 { slots[place(of: UnsafeRawBufferPointer($0))] != Self.vacant }
  }

  /// The id that has a number.
  package subscript(number: Int) -> String {
    withBytes(of: number) { String(decoding: $0, as: UTF8.self) }
  }

  private mutating func append(_ id: UnsafeRawBufferPointer) {
    let isFull = pages.last.map { $0.count + id.count > $0.capacity } ?? true
    if isFull {
      // Each page as large as all before it, from 4 KiB up to 1 MiB.
      let held = pages.reduce(0) {
        $0 + ($1.capacity < Self.pageSize ? $1.capacity : Self.pageSize)
      }
      pages.append([])
      pages[pages.count - 1].reserveCapacity(max(min(max(held, 4096), Self.pageSize), id.count))
    }
    let page = pages.count - 1
    starts.append(UInt64(page) << Self.pageBits | UInt64(pages[page].count))
    lengths.append(UInt32(id.count))
    pages[page].append(contentsOf: id)
  }

  private func withBytes<R>(of number: Int, _ body: (UnsafeRawBufferPointer) -> R) -> R {
    let start = starts[number]
    let place = Int(start & (1 << Self.pageBits - 1))
    return pages[Int(start >> Self.pageBits)].withUnsafeBytes { page in
      body(UnsafeRawBufferPointer(rebasing: page[place..<place + Int(lengths[number])]))
    }
  }

  /// The place that holds an id, or the vacant one where it would stand.
  private func place(of id: UnsafeRawBufferPointer) -> Int {
    let mask = slots.count - 1
    var place = Int(truncatingIfNeeded: hash(id)) & mask
    while slots[place] != Self.vacant {
      let isSame = withBytes(of: Int(slots[place])) { other in
        other.count == id.count && other.elementsEqual(id)
      }
      if isSame { return place }
      place = (place + 1) & mask
    }
    return place
  }

  private mutating func grow() {
    let mask = 2 * slots.count - 1
    slots = []
    slots = Array(repeating: Self.vacant, count: mask + 1)
    for number in 0..<count {
      var place = withBytes(of: number) { Int(truncatingIfNeeded: hash($0)) } & mask
      while slots[place] != Self.vacant { place = (place + 1) & mask }
      slots[place] = UInt32(number)
    }
  }
}
