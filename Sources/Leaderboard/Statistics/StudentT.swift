// Student's t distribution: how much farther than the normal one a small sample has to reach.

import Foundation

/// Quantiles by halving an interval on the cumulative distribution, exact to about 1e-12.
enum StudentT {
  /// The value that t stays below with a probability in 0.5..<1; degrees of freedom are above 0.
  static func quantile(_ probability: Double, degrees: Double) -> Double {
    root { cumulative($0, degrees: degrees) < probability }
  }

  /// The value that a standard normal variable stays below with a probability in 0.5..<1.
  static func normalQuantile(_ probability: Double) -> Double {
    root { 1 - erfc($0 / 2.0.squareRoot()) / 2 < probability }
  }

  /// How much wider an interval by t is than one by the normal distribution, at one level.
  static func stretch(tail: Double, degrees: Double) -> Double {
    quantile(1 - tail, degrees: degrees) / normalQuantile(1 - tail)
  }

  /// P(T <= t) for t >= 0: 1 - I(x; degrees / 2, 1 / 2) / 2 at x = degrees / (degrees + t^2).
  static func cumulative(_ t: Double, degrees: Double) -> Double {
    1 - incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5) / 2
  }

  /// The place from 0 up where a condition that holds at first stops holding.
  private static func root(while holds: (Double) -> Bool) -> Double {
    var (low, high) = (0.0, 1.0)
    while holds(high), high < 1e12 { (low, high) = (high, 2 * high) }
    for _ in 0..<100 {
      let middle = (low + high) / 2
      if holds(middle) { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }

  /// The regularised incomplete beta function I(x; a, b), 0 <= x <= 1.
  ///
  /// By the continued fraction (DLMF 8.17.22) of it or, where that converges faster, of the rest.
  private static func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
    if x <= 0 { return 0 }
    if x >= 1 { return 1 }
    let scale = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x))
    return x < (a + 1) / (a + b + 2)
      ? scale / (a * fraction(x, a, b)) : 1 - scale / (b * fraction(1 - x, b, a))
  }

  /// 1 + d1/(1 + d2/(1 + …)), forwards after Lentz.
  private static func fraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
    let tiny = 1e-300
    var (value, c, d) = (1.0, 1.0, 0.0)
    for i in 1...10_000 {
      let m = Double(i / 2)
      let term =
        i.isMultiple(of: 2)
        ? m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        : -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
      d = 1 + term * d
      c = 1 + term / c
      if d == 0 { d = tiny }
      if c == 0 { c = tiny }
      d = 1 / d
      value *= c * d
      if abs(c * d - 1) < 1e-15 { break }
    }
    return value
  }
}
