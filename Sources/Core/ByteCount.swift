// Amounts of memory and of files: how people write them, and how they are shown.

/// A number of bytes.
package struct ByteCount: Sendable, Hashable, Comparable {
  package var bytes: Int

  package init(_ bytes: Int) { self.bytes = bytes }

  package static func < (a: ByteCount, b: ByteCount) -> Bool { a.bytes < b.bytes }

  /// Unit -> bytes: `K`, `KB` and so on are powers of 1000, `Ki`, `KiB` of 1024.
  private static let units: [String: Double] = {
    var units = ["": 1.0, "b": 1.0]
    var (decimal, binary) = (1.0, 1.0)
    for letter in ["k", "m", "g", "t"] {
      decimal *= 1000
      binary *= 1024
      for end in ["", "b"] {
        units[letter + end] = decimal
        units["\(letter)i\(end)"] = binary
      }
    }
    return units
  }()

  /// Reads `4GB`, `4 GiB`, `512M`, `1.5g` or a number of bytes; the case of letters does not matter.
  ///
  /// - Parameters:
  ///   - text: what was written.
  ///   - option: how messages name where it was written.
  /// - Throws: `.usage` for anything else, for 0 and for more than 2⁵⁰ bytes.
  package init(_ text: String, of option: String) throws(Failure) {
    let digits = text.prefix { ("0"..."9").contains($0) || $0 == "." }
    let rest = text.dropFirst(digits.count)
    let unit = (rest.first == " " ? rest.dropFirst() : rest).lowercased()
    guard let number = Double(digits), number.isFinite, let size = Self.units[unit] else {
      throw Failure(
        .usage, option, "'\(text.prefix(40))' is no amount of bytes",
        hint: "write it as \(option) 4GB, 4GiB or 512M")
    }
    let bytes = number * size
    guard bytes >= 1, bytes <= 0x1p50 else {
      throw Failure(
        .usage, option, "'\(text.prefix(40))' is outside 1 byte to 1024 TiB",
        hint: "write it as \(option) 4GB, 4GiB or 512M")
    }
    self.bytes = Int(bytes)
  }
}

extension ByteCount: CustomStringConvertible {
  /// With three digits and the largest fitting unit of 1000: `512 bytes`, `1.25 MB`, `48.0 GB`.
  package var description: String {
    if abs(bytes) < 1000 { return abs(bytes) == 1 ? "\(bytes) byte" : "\(bytes) bytes" }
    var value = Double(bytes) / 1000
    for unit in ["kB", "MB", "GB"] {
      if abs(value) < 999.5 { return "\(Self.digits(value)) \(unit)" }
      value /= 1000
    }
    return "\(Self.digits(value)) TB"
  }

  private static func digits(_ value: Double) -> String {
    if abs(value) >= 99.95 { return String(Int(value.rounded())) }
    let decimals = abs(value) < 9.995 ? 2 : 1
    let scale = decimals == 2 ? 100 : 10
    let (whole, part) = Int((value * Double(scale)).rounded()).quotientAndRemainder(
      dividingBy: scale)
    let digits = String(part.magnitude)
    return "\(whole).\(String(repeating: "0", count: decimals - digits.count))\(digits)"
  }
}
