// How long a run may take, as people write it: 90s, 30m, 2h, 1h30m.

import ArgumentParser

struct Budget: ExpressibleByArgument, CustomStringConvertible {
  let duration: Duration
  /// As it was typed.
  let description: String

  /// Longer than any run, so that sums of times stay in range.
  private static let most = 100 * 365 * 24 * 3600
  private static let seconds: [Character: Int] = ["h": 3600, "m": 60, "s": 1]

  /// nil for what is no time above zero: parts are whole numbers, each unit at most once and the
  /// larger first.
  init?(argument: String) {
    var (total, digits, last) = (0, "", Int.max)
    for character in argument {
      if character.isASCII, character.isNumber, digits.count < 9 {
        digits.append(character)
        continue
      }
      guard let unit = Self.seconds[character], unit < last, let number = Int(digits) else {
        return nil
      }
      total += number * unit
      (digits, last) = ("", unit)
    }
    guard digits.isEmpty, total > 0, total <= Self.most else { return nil }
    duration = .seconds(total)
    description = argument
  }
}
