// p-MRR by hand.

import Core
import Testing

@testable import Metrics

struct InstructionChangeTests {
  /// A ranking of these documents in this order.
  private static func ranking(_ documents: [String]) -> RankedQuery {
    RankedQuery(
      queryID: "q",
      hits: documents.enumerated().map { (id: $1, score: Float(documents.count - $0)) })
  }

  @Test(arguments: [
    // Sinks from 1 to 4: 1 - 1/4. Rises from 4 to 1: 1/4 - 1. Stays: 0.
    (1, 4, 0.75), (4, 1, -0.75), (3, 3, 0), (2, 3, 1.0 / 3), (3, 2, -1.0 / 3),
  ])
  func `a shift compares ranks`(before: Int, after: Int, expected: Double) {
    #expect(abs(InstructionChange.shift(from: before, to: after) - expected) < 1e-15)
  }

  @Test func `means go over documents first, then over queries`() throws {
    let original = Self.ranking(["a", "b", "c", "d"])
    let changed = Self.ranking(["d", "b", "c", "a"])
    // a: 1 to 4, 0.75. d: 4 to 1, -0.75. b: 0. Means of (a, d, b) 0 and of (a) 0.75.
    let score = InstructionChange.pMRR([
      InstructionChange(original: original, changed: changed, documents: ["a", "d", "b"]),
      InstructionChange(original: original, changed: changed, documents: ["a"]),
      InstructionChange(original: original, changed: changed, documents: []),
    ])
    #expect(abs(try #require(score) - 0.375) < 1e-15)
  }

  @Test func `a document that is not ranked stands behind the last`() throws {
    // From 2 of 2 to behind 3 documents, which is 4: 1 - 2/4. From nowhere (3) to nowhere (4):
    // 1 - 3/4. Mean 0.375.
    let change = InstructionChange(
      original: Self.ranking(["a", "b"]), changed: Self.ranking(["a", "c", "d"]),
      documents: ["b", "x"])
    #expect(abs(try #require(InstructionChange.pMRR([change])) - 0.375) < 1e-15)
  }

  @Test func `equal scores are ranked by id, the greater first`() throws {
    let tied = RankedQuery(queryID: "q", hits: [("a", 1), ("b", 1)])
    // b is first under both: 0.
    let change = InstructionChange(
      original: tied, changed: Self.ranking(["b", "a"]), documents: ["b"])
    #expect(InstructionChange.pMRR([change]) == 0)
  }

  @Test func `nothing to compare leaves it undefined`() {
    #expect(InstructionChange.pMRR([]) == nil)
  }
}
