// The double array of pieces, held against looking through all of them.

import Foundation
import TestSupport
import Testing

@testable import Tokenizers

struct UnigramTrieTests {
  private func matches(_ trie: UnigramTrie, _ text: [UInt8], from place: Int) -> [Int: Int32] {
    var found: [Int: Int32] = [:]
    var last = place
    trie.forEachMatch(in: text, place..<text.count) { end, id in
      #expect(end > last, "the shortest first")
      last = end
      found[end] = id
    }
    return found
  }

  /// Few letters give deep tries, many give nodes with up to 256 children.
  @Test(arguments: [(2, 12), (5, 6), (40, 3), (256, 2)])
  func `all pieces at a place are found, and no others`(letters: Int, longest: Int) {
    var random = SplitMix(state: UInt64(letters))
    func string(_ lengths: ClosedRange<Int>) -> [UInt8] {
      (0..<Int.random(in: lengths, using: &random)).map { _ in
        UInt8(Int.random(in: 0..<letters, using: &random) * 255 / (letters - 1))
      }
    }
    let pieces = (0..<3000).map { _ in string(0...longest) }
    let trie = UnigramTrie(pieces)
    // Of equal pieces the last.
    let ids = Dictionary(
      pieces.enumerated().map { ($1, Int32($0)) }, uniquingKeysWith: { $1 })
    for (piece, id) in ids { #expect(trie.value(of: piece) == (piece.isEmpty ? nil : id)) }
    for _ in 0..<300 {
      let text = string(1...20)
      for place in text.indices {
        var expected: [Int: Int32] = [:]
        for end in place + 1...text.count {
          if let id = ids[Array(text[place..<end])] { expected[end] = id }
        }
        #expect(matches(trie, text, from: place) == expected)
        #expect(trie.value(of: text[place...]) == ids[Array(text[place...])])
      }
    }
  }

  @Test func `without pieces nothing is found`() {
    for trie in [UnigramTrie([]), UnigramTrie([[]])] {
      #expect(matches(trie, [0, 1, 255], from: 0).isEmpty)
      #expect(trie.value(of: []) == nil)
    }
  }

  @Test func `a piece of a hundred thousand bytes and its beginnings are found`() {
    let long = [UInt8](repeating: 97, count: 100_000)
    let trie = UnigramTrie([long, [97], Array(long[..<5000])])
    #expect(matches(trie, long, from: 0) == [1: 1, 5000: 2, 100_000: 0])
  }
}
