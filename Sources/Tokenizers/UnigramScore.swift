// The scores of a Unigram vocabulary, as the reference library reads them out of JSON: its parser is
// fast rather than exact, and a score that is off in its last bit decides ties the other way.

import Core

enum UnigramScore {
  /// The number that the library makes of a number in JSON; nil for what is no number.
  ///
  /// Only the number is known here, not its digits in the file; those of files that a program wrote
  /// are the shortest that name the number, and so are the ones used here.
  static func value(of json: JSON) -> Double? {
    if let whole = json.integer { return Double(whole) }
    guard let number = json.double, number.isFinite else { return json.double }
    return value(ofDigits: number.description)
  }

  /// All digits as one whole number, rounded to a `Double`, then multiplied or divided by a power of
  /// ten, rounded again.
  ///
  /// - Parameter text: at most 17 digits other than leading zeros, `.` and an exponent as
  ///   `Double.description` writes them.
  /// - Returns: the number, off by one step in about one of seven.
  static func value(ofDigits text: String) -> Double {
    var digits: UInt64 = 0
    var exponent = 0
    var isFraction = false
    var rest = Substring(text).utf8
    let isNegative = rest.first == UInt8(ascii: "-")
    if isNegative { rest = rest.dropFirst() }
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "."): isFraction = true
      case UInt8(ascii: "e"):
        exponent += Int(Substring(rest)) ?? 0
        rest = rest.dropFirst(rest.count)
      default:
        digits = digits &* 10 &+ UInt64(byte &- UInt8(ascii: "0"))
        if isFraction { exponent -= 1 }
      }
    }
    var value = Double(digits)
    // Powers of ten go as far as those of a `Double`; below that it takes two divisions.
    if exponent < -308 {
      value /= 1e308
      exponent += 308
    }
    let power = powers[min(abs(exponent), 308)]
    value = exponent < 0 ? value / power : value * power
    return isNegative ? -value : value
  }

  private static let powers: [Double] = (0...308).map { Double("1e\($0)") ?? .infinity }
}
