// Sums that round once, and ranks with ties.

import Testing

@testable import Leaderboard

struct ExactSumTests {
  private func sum(_ terms: [Double]) -> Double {
    var sum = ExactSum()
    for term in terms { sum.add(term) }
    return sum.total
  }

  @Test func `ten tenths are one`() {
    // Added one by one they give 0.9999999999999999.
    #expect(sum(Array(repeating: 0.1, count: 10)) == 1)
  }

  @Test func `small terms survive large ones that cancel`() {
    #expect(sum([1e100, 1, -1e100]) == 1)
    #expect(sum([1, 1e100, 1, -1e100]) == 2)
  }

  @Test func `a half is decided by what lies below it`() {
    let ulp = 0x1p-52
    // 1 + ulp/2 is exactly between 1 and 1 + ulp: to even, 1. A little more goes up, less down.
    #expect(sum([1, ulp / 2]) == 1)
    #expect(sum([1, ulp / 2, 1e-300]) == 1 + ulp)
    #expect(sum([1, ulp / 2, -1e-300]) == 1)
    #expect(sum([1 + ulp, ulp / 2, -1e-300]) == 1 + ulp)
    #expect(sum([1 + ulp, ulp / 2]) == 1 + 2 * ulp)
  }

  @Test func `the order of terms does not matter`() {
    var terms = (1...200).map { 1 / Double($0 * 7) }
    let first = sum(terms)
    terms.reverse()
    #expect(sum(terms) == first)
    terms = (0..<200).map { terms[$0 * 77 % 200] }
    #expect(sum(terms) == first)
  }

  @Test func `no terms have no mean`() {
    #expect(ExactSum.mean(of: []) == nil)
    #expect(ExactSum.mean(of: [0.25, 0.75]) == 0.5)
  }

  @Test func `ties share the mean of their places, absent values have none`() {
    // 5 takes place 1; the three 3s take places 2, 3, 4, mean 3; 1 takes place 5.
    #expect(Ranks.average([3, nil, 5, 3, 1, 3]) == [3, nil, 1, 3, 5, 3])
    #expect(Ranks.minimum([3, 5, 3, 1]) == [2, 1, 2, 4])
  }
}
