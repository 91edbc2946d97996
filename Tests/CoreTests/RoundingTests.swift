// Rounding as Python's round(x, digits): correctly from the exact binary value.

import Core
import Testing

@Suite struct `Rounding` {
  // Values from CPython 3.11, round(x, n). The exact value of 2.675 lies below the half, that of
  // 0.125 on it, those of 1.0000005, 0.0000015 and 0.0000025 above.
  @Test(arguments: [
    (2.675, 2, 2.67), (0.125, 2, 0.12), (0.375, 2, 0.38), (-0.125, 2, -0.12), (0.5, 0, 0.0),
    (1.5, 0, 2.0), (1.0000005, 6, 1.000001), (0.0000015, 6, 0.000002), (0.0000025, 6, 0.000003),
    (0.123456789, 6, 0.123457), (0.9999999, 6, 1.0), (1e300, 6, 1e300), (0.34884, 5, 0.34884),
    (0.6432245, 6, 0.643224), (0.6432255, 6, 0.643226),
  ])
  func `follows the exact binary value, halves to even`(
    value: Double, decimals: Int, expected: Double
  ) {
    #expect(value.rounded(decimals: decimals) == expected)
  }

  @Test func `does not change what is rounded already`() {
    for i in 0..<20_000 {
      let value = Double(i) / 10_000
      #expect(value.rounded(decimals: 6) == value)
    }
  }
}
