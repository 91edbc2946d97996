// A correlation with its p-value: how often two unrelated lists would correlate as strongly.

import Foundation

/// A correlation and its two-sided p-value under Student's t distribution.
struct CorrelationTest: Equatable {
  /// In [-1, 1].
  let correlation: Double
  /// In [0, 1]; nil for fewer values than the test needs.
  let pValue: Double?

  /// Pearson's r; nil where it is undefined.
  ///
  /// Two values always lie on a line, so their p-value is 1.
  static func pearson(_ x: [Double], _ y: [Double]) -> CorrelationTest? {
    Correlation.pearson(x, y).map {
      CorrelationTest(correlation: $0, pValue: x.count == 2 ? 1 : pValue($0, count: x.count))
    }
  }

  /// Spearman's rho; nil where it is undefined.
  static func spearman(_ x: [Double], _ y: [Double]) -> CorrelationTest? {
    Correlation.spearman(x, y).map {
      CorrelationTest(correlation: $0, pValue: pValue($0, count: x.count))
    }
  }

  /// P(|T| ≥ |t|) for t = r √(ν / (1 - r²)) and ν = count - 2 degrees of freedom.
  ///
  /// Equal to I_{1-r²}(ν/2, 1/2), I being the regularised incomplete beta function.
  private static func pValue(_ correlation: Double, count: Int) -> Double? {
    guard count > 2 else { return nil }
    // (1 - r)(1 + r) keeps the digits that 1 - r² loses near 1.
    let rest = (1 - correlation) * (1 + correlation)
    return incompleteBeta(rest, Double(count - 2) / 2, 0.5)
  }

  /// I_x(a, b) for x in [0, 1] (NIST DLMF 8.17.22; its symmetry 8.17.4 where it converges slowly).
  static func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
    if x <= 0 { return 0 }
    if x >= 1 { return 1 }
    if x > (a + 1) / (a + b + 2) { return 1 - incompleteBeta(1 - x, b, a) }
    let logarithm =
      a * log(x) + b * log1p(-x) - (lgamma(a) + lgamma(b) - lgamma(a + b)) - log(a)
    return exp(logarithm) / fraction(x, a, b)
  }

  /// 1 + d₁/(1 + d₂/(1 + …)), evaluated from the far end.
  ///
  /// d_{2m} = m (b - m) x / ((a + 2m - 1)(a + 2m)) and
  /// d_{2m+1} = -(a + m)(a + b + m) x / ((a + 2m)(a + 2m + 1)).
  private static func fraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
    // Below the bound that the caller keeps, fewer than 10 √max(a, b) + 60 terms give all digits.
    let terms = Int(10 * max(a, b).squareRoot()) + 60
    var value = 1.0
    for m in (0...terms).reversed() {
      let k = Double(m)
      let odd = -(a + k) * (a + b + k) * x / ((a + 2 * k) * (a + 2 * k + 1))
      value = 1 + odd / value
      guard m > 0 else { break }
      let even = k * (b - k) * x / ((a + 2 * k - 1) * (a + 2 * k))
      value = 1 + even / value
    }
    return value
  }
}
