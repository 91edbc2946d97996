// Cuts of multilabel splits: golden row lists, and one that can be followed by hand.

import Core
import TestSupport
import Testing

@testable import Sampling

/// Whether row i has label j, as in Fixtures/make_goldens.py.
private func hasLabel(_ name: String, _ i: Int, _ j: Int) -> Bool {
  switch name {
  case "sparse": (i * 7919 + j * 104_729 + i * j) % (13 + 3 * j) == 0
  case "dense": (i * i + 31 * i * j + j) % 5 < 2
  case "single": (i * 7919 + i / 7) % 9 == j
  default: (i * 7919 + j * j * 31 + i * i) % 101 == 0
  }
}

@Suite struct `Iterative stratification` {
  /// Rows kept by mteb 2.26.24 (Fixtures/make_goldens.py).
  @Test(arguments: cases("multilabel_cuts.json"))
  func `keeps the reference's rows`(_ golden: Case) throws {
    let name = try #require(golden["membership"]?.string)
    let labels = try #require(golden["labels"]?.integer)
    let rows = try #require(golden["rows"]?.integer)
    let size = try #require(golden["size"]?.integer)
    var lists = (0..<rows).map { row in (0..<labels).filter { hasLabel(name, row, $0) } }
    // The first row has all labels, so that the list of all labels is complete.
    lists[0] = Array(0..<labels)
    #expect(lists.count { $0.isEmpty } == golden["without_labels"]?.integer)
    let kept = IterativeStratification.cut(lists, to: size)
    #expect(Short(kept) == (try Short(golden["kept"])))
    // Neither the order of a row's labels nor repeating them matters.
    let shuffled = lists.map { Array($0.reversed()) + $0.prefix(1) }
    #expect(IterativeStratification.cut(shuffled, to: size) == kept)
  }

  @Test func `the fixture holds all its cases`() {
    #expect(cases("multilabel_cuts.json").count == 11)
  }

  @Test func `nothing is cut where there are not more rows than asked for`() {
    #expect(IterativeStratification.cut([[0], [], [1]], to: 3) == [0, 1, 2])
    #expect(IterativeStratification.cut([], to: 3000) == [])
  }

  /// Four rows with label 0, one to keep, followed by hand.
  ///
  /// The keeping side wants 4 · 0.25 = 1 of them, the other side 3. Dealt from the last: row 3 to
  /// the other side (1 against 3), row 2, too (1 against 2); for row 1 both want 1, and chance
  /// decides; row 0 goes where row 1 did not (0 against 1, or 1 against 0).
  @Test(arguments: [UInt32](0..<20))
  func `the last row goes first, to the side that wants it most`(_ seed: UInt32) {
    var random = NumPyLegacyRandom(seed: seed)
    let expected = random.below(2) == 0 ? [1] : [0]
    #expect(IterativeStratification.cut([[0], [0], [0], [0]], to: 1, seed: seed) == expected)
  }
}
