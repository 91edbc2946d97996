// Names met while scanning, each once, found by their bytes without making a string of them first.

import Core

/// Splits, subsets and lists of languages as one worker meets them.
struct NameTable {
  private(set) var texts: [String] = []
  private(set) var lists: [[String]] = []
  private var textTable = ByteTable()
  private var listTable = ByteTable()

  /// The place of a text given as the bytes between its quotes.
  mutating func place(ofText bytes: UnsafeBufferPointer<UInt8>) -> Int32 {
    let (place, isNew) = textTable.place(of: bytes)
    if isNew { texts.append(Self.text(bytes)) }
    return place
  }

  /// The place of a list of texts given as its bytes, brackets included.
  mutating func place(ofList bytes: UnsafeBufferPointer<UInt8>) -> Int32 {
    let (place, isNew) = listTable.place(of: bytes)
    if isNew {
      let elements = (try? JSON(parsing: bytes))?.array ?? []
      lists.append(elements.compactMap(\.string))
    }
    return place
  }

  static func text(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
    if bytes.contains(UInt8(ascii: "\\")) {
      let quoted = [UInt8(ascii: "\"")] + Array(bytes) + [UInt8(ascii: "\"")]
      if let text = (try? JSON(parsing: quoted))?.string { return text }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// Byte strings to places, in the order in which they are met.
private struct ByteTable {
  private var keys: [[UInt8]] = []
  private var hashes: [UInt64] = []
  /// Open addressing over a power of two; -1 is free.
  private var slots = [Int32](repeating: -1, count: 1024)

  mutating func place(of bytes: UnsafeBufferPointer<UInt8>) -> (place: Int32, isNew: Bool) {
    // FNV-1a: the keys are short, and equal ones are the rule.
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    var slot = Int(truncatingIfNeeded: hash ^ (hash >> 32)) & (slots.count - 1)
    while slots[slot] >= 0 {
      let place = Int(slots[slot])
      if hashes[place] == hash, keys[place].elementsEqual(bytes) { return (slots[slot], false) }
      slot = (slot + 1) & (slots.count - 1)
    }
    let place = Int32(keys.count)
    slots[slot] = place
    keys.append(Array(bytes))
    hashes.append(hash)
    if keys.count * 2 > slots.count { grow() }
    return (place, true)
  }

  private mutating func grow() {
    slots = [Int32](repeating: -1, count: slots.count * 2)
    for (place, hash) in hashes.enumerated() {
      var slot = Int(truncatingIfNeeded: hash ^ (hash >> 32)) & (slots.count - 1)
      while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = Int32(place)
    }
  }
}
