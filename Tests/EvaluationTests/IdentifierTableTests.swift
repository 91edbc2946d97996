// Ids held compactly: nothing may be taken for a duplicate that is none, and no duplicate missed,
// whatever the hash does.

import Evaluation
import Testing

@Suite struct `A table of ids` {
  /// Hashes from good to useless: with the last two most ids or all collide.
  static let hashes: [IdentifierTable.Hash] = [
    IdentifierTable.standardHash, { UInt64($0.count) }, { _ in 7 },
  ]

  @Test(arguments: hashes.indices)
  func `numbers different ids and tells duplicates, whatever the hash`(hash: Int) {
    var table = IdentifierTable(hash: Self.hashes[hash])
    // é as one scalar and as two: the same String, but other bytes.
    let ids = ["", "a", "b", "a\0", "\u{E9}", "e\u{301}", "doc 1", "doc 11"]
    let many = ids + (0..<500).map { "id-\($0)" } + [String(repeating: "long", count: 400_000)]
    for (number, id) in many.enumerated() {
      #expect(!table.contains(id))
      #expect(table.insert(id) == number)
    }
    #expect(table.count == many.count)
    for (number, id) in many.enumerated() {
      #expect(table.insert(id) == nil)
      #expect(Array(table[number].utf8) == Array(id.utf8))
    }
    #expect(!table.contains("id-500"))
    #expect(table.count == many.count)
  }

  @Test func `takes little more than the bytes of its ids`() {
    var table = IdentifierTable()
    for number in 0..<100_000 { _ = table.insert("document-\(1_000_000 + number)") }
    // 16 bytes an id; places, lengths and slots: at most 8 + 4 with room to grow, and 4 / (1/3).
    #expect(table.byteCount < 100_000 * (16 + 2 * 12 + 12) + 1 << 21)
  }
}
