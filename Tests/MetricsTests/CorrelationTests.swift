// Correlations and ranks against arithmetic done by hand.

import TestSupport
import Testing

@testable import Metrics

struct CorrelationTests {
  /// Two lists and their correlations; nil for undefined.
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let x: [Double]
    let y: [Double]
    let pearson: Double?
    let spearman: Double?
    var testDescription: String { name }
  }

  static let cases = [
    Case(name: "a rising line", x: [1, 2, 3], y: [2, 4, 6], pearson: 1, spearman: 1),
    Case(name: "a falling line", x: [1, 2, 3], y: [6, 4, 2], pearson: -1, spearman: -1),
    // Deviations (-1, 0, 1) and (-4/3, -1/3, 5/3): 3 / sqrt(2 · 14/3).
    Case(
      name: "a bent line", x: [1, 2, 3], y: [1, 2, 4],
      pearson: 3 / (2 * 14 / 3.0).squareRoot(), spearman: 1),
    // Ranks (1, 2.5, 2.5, 4) and (1, 2, 3, 4): deviations (-1.5, 0, 0, 1.5) and
    // (-1.5, -0.5, 0.5, 1.5): 4.5 / sqrt(4.5 · 5). Values: means 2 and 2.5, deviations
    // (-1, 0, 0, 1) and (-1.5, -0.5, 0.5, 1.5): 3 / sqrt(2 · 5).
    Case(
      name: "a tie", x: [1, 2, 2, 3], y: [1, 2, 3, 4], pearson: 3 / 10.0.squareRoot(),
      spearman: 4.5 / 22.5.squareRoot()),
    Case(name: "a constant", x: [0.1, 0.1, 0.1], y: [1, 2, 3], pearson: nil, spearman: nil),
    Case(name: "one value", x: [1], y: [2], pearson: nil, spearman: nil),
    Case(name: "nothing", x: [], y: [], pearson: nil, spearman: nil),
    Case(name: "not a number", x: [1, .nan, 3], y: [1, 2, 3], pearson: nil, spearman: nil),
  ]

  @Test(arguments: cases)
  func `correlations equal the hand-computed ones`(_ example: Case) throws {
    for (found, expected) in [
      (Correlation.pearson(example.x, example.y), example.pearson),
      (Correlation.spearman(example.x, example.y), example.spearman),
    ] {
      #expect((found == nil) == (expected == nil))
      if let found, let expected { #expect(abs(found - expected) < 1e-15) }
    }
  }

  @Test(
    arguments: [
      ([], []),
      ([7], [1]),
      ([3, 1, 2], [3, 1, 2]),
      ([5, 5, 1, 5], [3, 3, 1, 3]),
      ([2, 1, 2, 1], [3.5, 1.5, 3.5, 1.5]),
      ([0.0, -0.0, 1], [1.5, 1.5, 3]),
    ] as [([Double], [Double])])
  func `equal values share the mean of their ranks`(_ values: [Double], _ ranks: [Double]) {
    #expect(Correlation.averageRanks(values) == ranks)
  }

  @Test func `correlations do not depend on the order of the pairs`() throws {
    var random = SplitMix(state: 1)
    let x = (0..<200).map { _ in Double(random.next() % 50) }
    let y = x.map { $0 + Double(random.next() % 20) }
    let shuffled = x.indices.shuffled(using: &random)
    let (a, b) = (shuffled.map { x[$0] }, shuffled.map { y[$0] })
    let pearson = try #require(Correlation.pearson(x, y))
    let spearman = try #require(Correlation.spearman(x, y))
    #expect(abs(try #require(Correlation.pearson(a, b)) - pearson) < 1e-14)
    #expect(abs(try #require(Correlation.spearman(a, b)) - spearman) < 1e-14)
    #expect(abs(try #require(Correlation.spearman(y, x)) - spearman) < 1e-14)
    #expect((-1...1).contains(pearson) && (-1...1).contains(spearman))
  }

  @Test func `a rising function changes no rank correlation`() {
    let x = [3.0, 1, 4, 1, 5, 9, 2, 6]
    let y = [2.0, 7, 1, 8, 2, 8, 1, 8]
    #expect(
      Correlation.spearman(x, y) == Correlation.spearman(x.map { $0 * $0 * $0 }, y.map { 2 * $0 }))
  }
}
