// Cuts of single-label splits: golden row lists, and shares that can be counted by hand.

import Core
import TestSupport
import Testing

@testable import Sampling

/// The category of row i, as in Fixtures/make_goldens.py.
private func category(_ name: String, _ i: Int) -> Int {
  switch name {
  case "even": i % 3
  case "skewed": (i * i * 7 + i / 3) % 11 * ((i * 5) % 7 / 2)
  case "rare": i == 5 || i == 17 ? 9 : i * 7919 % 4
  default: (i * 7919 + i / 7) % 77
  }
}

@Suite struct `Cuts of splits` {
  /// Row lists by datasets 5.2.0 (Fixtures/make_goldens.py).
  @Test(arguments: cases("cuts.json", "stratified"))
  func `stratified splits equal the reference's`(_ golden: Case) throws {
    let name = try #require(golden["categories"]?.string)
    let rows = try #require(golden["rows"]?.integer)
    let train = try #require(golden["asked_train"]?.integer)
    let test = try #require(golden["asked_test"]?.integer)
    let categories = (0..<rows).map { category(name, $0) }
    let sides = try Cuts.stratifiedSplit(categories, train: train, test: test)
    #expect(Short(sides.train) == (try Short(golden["train"])))
    #expect(Short(sides.test) == (try Short(golden["test"])))
    #expect(Set(sides.train).isDisjoint(with: sides.test))
    if train + test == rows {
      #expect(try Cuts.stratified(categories, to: test) == sides.test)
    }
  }

  @Test(arguments: cases("cuts.json", "unstratified"))
  func `cuts without regard to labels equal the reference's`(_ golden: Case) throws {
    let rows = try #require(golden["rows"]?.integer)
    let size = try #require(golden["size"]?.integer)
    #expect(Short(Cuts.unstratified(rows, to: size)) == (try Short(golden["test"])))
    var random = PCG64(seed: 42)
    #expect(Short(random.permutation(rows)) == (try Short(golden["shuffled"])))
  }

  /// Whole numbers as labels, in two splits that do not have the same ones.
  @Test func `labels are numbered as texts, over all splits, and then cut`() throws {
    let golden = try #require(cases("cuts.json", "numbered").first)
    let train = (0..<40).map { String(($0 * $0) % 23) }
    let test = (0..<120).map { String(($0 * $0 + 5) % 23) }
    let (names, ids) = Cuts.categories(of: [train, test])
    #expect(names == (golden["names"]?.array ?? []).compactMap(\.string))
    #expect(Short(ids[0]) == (try Short(golden["train_ids"])))
    let kept = try Cuts.stratified(ids[1], to: 31)
    #expect(Short(kept) == (try Short(golden["test_rows"])))
    #expect(Short(kept.map { ids[1][$0] }) == (try Short(golden["test_ids"])))
  }

  @Test func `the fixtures hold all their cases`() {
    #expect(cases("cuts.json", "stratified").count == 13)
    #expect(cases("cuts.json", "unstratified").count == 3)
  }

  @Test func `categories are sorted by code points, and no two of them are merged`() {
    // "é" as one code point (U+00E9) and as two (U+0065 U+0301) are two labels in the reference.
    let labels = ["\u{E9}", "10", "2", "e\u{301}", "Z", "a", "10"]
    let (names, ids) = Cuts.categories(of: [labels, ["a"]])
    #expect(
      names.map { $0.unicodeScalars.map(\.value) } == [
        [0x31, 0x30], [0x32], [0x5A], [0x61], [0x65, 0x301], [0xE9],
      ])
    #expect(ids == [[5, 0, 1, 4, 2, 3, 0], [3]])
  }

  @Test func `nothing is cut where there are not more rows than asked for`() throws {
    #expect(Cuts.unstratified(5, to: 5) == [0, 1, 2, 3, 4])
    #expect(Cuts.unstratified(0, to: 2048) == [])
    // Not even refused: the single row of category 1 stands in nobody's way.
    #expect(try Cuts.stratified([0, 1, 0], to: 3) == [0, 1, 2])
    #expect(try Cuts.stratified([0, 1, 0], to: 2048) == [0, 1, 2])
  }

  @Test func `shares follow the largest remainder`() {
    // 7 of [10, 3, 2]: quotas 70/15 = 4.67, 21/15 = 1.4, 14/15 = 0.93; floors 4, 1, 0 leave 2 to
    // give: to the remainders 0.93 and 0.67.
    var random = PCG64(seed: 42)
    #expect(Cuts.allocate(7, over: [10, 3, 2], with: &random) == [5, 1, 1])
    // Each remainder stands alone, so nothing was drawn.
    var fresh = PCG64(seed: 42)
    #expect(random.nextUInt64() == fresh.nextUInt64())
  }

  @Test func `tied remainders are drawn for`() {
    // 6 of [4, 4, 4, 4]: quotas 1.5; floors 1, 1, 1, 1 leave 2 to give to four equal remainders.
    var random = PCG64(seed: 42)
    var same = PCG64(seed: 42)
    var expected = [1, 1, 1, 1]
    for place in same.choice(of: 4, count: 2) { expected[place] += 1 }
    #expect(Cuts.allocate(6, over: [4, 4, 4, 4], with: &random) == expected)
    #expect(random.nextUInt32() == same.nextUInt32())
  }

  @Test(arguments: [
    // 15/7 = 2.14, 2.14, 5/7 = 0.71; floors 2, 2, 0 leave 1 for 0.71.
    (draws: 5, counts: [3, 3, 1], tie: false),
    // 18/7 = 2.57, 2.57, 6/7 = 0.86; floors 2, 2, 0 leave 1 for 0.86 and 1 for one of the two.
    (draws: 6, counts: [3, 3, 1], tie: true),
    // 8/16 = 0.5, 0.5, 16/16 = 1; floors 0, 0, 1 leave 1 for one of the two.
    (draws: 2, counts: [4, 4, 8], tie: true),
    // 15/10 = 1.5, 1.5, 1.5, 5/10 = 0.5; floors 1, 1, 1, 0 leave 2 for two of the four.
    (draws: 5, counts: [3, 3, 3, 1], tie: true),
    // 24/12 = 2, 2, 2: nothing is left.
    (draws: 6, counts: [4, 4, 4], tie: false),
  ])
  func `shares add up, and the stream is used where remainders tie`(
    _ draws: Int, _ counts: [Int], _ tie: Bool
  ) {
    var random = PCG64(seed: 7)
    #expect(Cuts.allocate(draws, over: counts, with: &random).reduce(0, +) == draws)
    var fresh = PCG64(seed: 7)
    #expect((random.nextUInt64() != fresh.nextUInt64()) == tie)
  }

  @Test func `a level of remainders that gets shares for all is drawn for all the same`() {
    // 9 of [5, 5, 2]: 45/12 = 3.75, 3.75, 18/12 = 1.5; floors 3, 3, 1 leave 2, one for each 3.75.
    var random = PCG64(seed: 42)
    #expect(Cuts.allocate(9, over: [5, 5, 2], with: &random) == [4, 4, 1])
    var same = PCG64(seed: 42)
    _ = same.choice(of: 2, count: 2)
    #expect(random.nextUInt32() == same.nextUInt32())
    var fresh = PCG64(seed: 42)
    #expect(random.nextUInt32() != fresh.nextUInt32())
  }

  @Test func `a category with a single row is refused`() {
    #expect(throws: CutRefusal.singleRow(category: 7)) {
      try Cuts.stratified([0, 0, 0, 7, 0, 0], to: 3)
    }
    #expect(
      "\(CutRefusal.singleRow(category: 7))"
        == "category 7 has a single row; a stratified cut needs two rows of every category")
  }

  @Test func `a side smaller than the number of categories is refused`() {
    #expect(throws: CutRefusal.tooFewRows(asked: 2, categories: 3)) {
      try Cuts.stratified([0, 0, 1, 1, 2, 2], to: 2)
    }
    #expect(throws: CutRefusal.tooFewRows(asked: 1, categories: 3)) {
      try Cuts.stratified([0, 0, 1, 1, 2, 2], to: 5)
    }
  }
}
