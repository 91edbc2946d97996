// Areas under abstention curves: by hand for ten queries, and the reference's rounding noise.

import TestSupport
import Testing

@testable import Metrics

struct AbstentionCurveTests {
  static func area(_ confidences: [Double], _ values: [Double]) -> Double? {
    AbstentionCurve(confidences: confidences).normalisedArea(
      of: values, oracle: AbstentionCurve(confidences: values))
  }

  @Test func `confidence that follows the measure is as good as the oracle`() throws {
    let values = (0..<20).map { Double($0) / 20 }
    #expect(try #require(Self.area(values, values)) == 1)
  }

  @Test func `one answered query of ten, the least confident one`() throws {
    // Means of what remains: 0.1, then 0 nine times. Trapezoids: A = 0.1 · 0.1 / 2 = 0.005.
    // The oracle keeps the good one to the end: 1/10, 1/9 … 1/1 with
    // O = 0.1 · (1/20 + 1/9 + … + 1/2 + 1/2). F = 0.9 · 0.1.
    let values = [1.0] + [Double](repeating: 0, count: 9)
    let confidences = (0..<10).map { Double($0) }
    let inner = (2...9).reduce(0.0) { sum, left in sum + 1 / Double(left) }
    let oracle = 0.1 * (0.05 + inner + 0.5)
    let expected = (0.005 - 0.09) / (oracle - 0.09)
    #expect(abs(try #require(Self.area(confidences, values)) - expected) < 1e-12)
  }

  @Test func `equal confidences say nothing`() throws {
    let values = [1.0] + [Double](repeating: 0, count: 9)
    let area = try #require(Self.area([Double](repeating: 0.3, count: 10), values))
    #expect(abs(area) < 1e-12)
  }

  @Test func `tied queries count with their mean, whatever their order`() throws {
    let confidences: [Double] = [1, 1, 1, 2, 2, 3, 3, 3, 3, 4]
    let values = [0.1, 0.9, 0.4, 0.3, 0.8, 0.2, 0.7, 0.6, 0.5, 1]
    let area = try #require(Self.area(confidences, values))
    let turned = try #require(Self.area(confidences.reversed(), values.reversed()))
    #expect(abs(area - turned) < 1e-12)
    #expect(area < 1)
  }

  /// The reference compares two areas exactly, which differ by rounding for some constants.
  ///
  /// Numbers from numpy 2.4 and scikit-learn 1.9, `nil` where they give NaN.
  @Test(
    arguments: [
      (0, 37, nil), (1, 300, nil), (0.5, 100, nil), (0.1, 37, nil), (0.1, 100, 2), (0.2, 100, 2),
      (0.01, 5, 1), (0.01, 37, -2), (0.01, 100, 1), (0.01, 300, nil), (0.3, 5, 1), (0.3, 37, nil),
      (0.7, 5, 1), (0.7, 10, nil), (0.7, 300, 1),
    ] as [(Double, Int, Double?)])
  func `a constant measure gives what the reference gives`(
    _ value: Double, _ count: Int, _ expected: Double?
  ) {
    var random = SplitMix(state: 6)
    let confidences = (0..<count).map { _ in Double(random.next() >> 11) }
    #expect(Self.area(confidences, [Double](repeating: value, count: count)) == expected)
  }

  @Test func `no queries, no area`() {
    #expect(Self.area([], []) == nil)
  }

  @Test(
    arguments: [
      ([], 0, 0, 0),
      ([0.5], 0.5, 0, 0),
      // Mean 2, deviations 2, 0, -2: sqrt(8 / 3).
      ([4, 2, 0], 4, (8 / 3.0).squareRoot(), 2),
    ] as [([Float], Double, Double, Double)])
  func `confidence is the best score, the spread and the lead`(
    _ scores: [Float], _ maximum: Double, _ deviation: Double, _ lead: Double
  ) {
    let confidence = Confidence(scores)
    #expect(confidence.maximum == maximum && confidence.lead == lead)
    #expect(abs(confidence.deviation - deviation) < 1e-15)
  }
}
