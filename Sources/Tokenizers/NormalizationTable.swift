// Looking up what composes with what, and what decomposes for compatibility's sake, as of Unicode 9.0.

import Foundation

/// What the normalization forms need beyond `ScalarTable`, spread out once per process (about 1 MB).
struct NormalizationTable: Sendable {
  /// What can be true of a scalar.
  struct Facts: OptionSet {
    let rawValue: UInt8
    /// It decomposes into something else for compatibility than canonically.
    static let compatible = Facts(rawValue: 1)
    /// It may change in composition: it reorders, joins what stands before it, or decomposes for
    /// good.
    static let moving = Facts(rawValue: 2)
    /// Categories M*.
    static let mark = Facts(rawValue: 4)
  }

  static let shared = NormalizationTable()

  private var facts = [Facts](repeating: [], count: 0x110000)
  private var compatible: [UInt32: [UInt32]] = [:]
  /// First scalar in the upper half, second in the lower; what they become.
  private var compositions: [UInt64: UInt32] = [:]

  private init() {
    for value in Self.values(of: NormalizationFacts.marks) { facts[Int(value)].insert(.mark) }
    for value in Self.values(of: ScalarFacts.reordering) { facts[Int(value)].insert(.moving) }
    // Vowels and final consonants of Hangul.
    for value in [UInt32](0x1161...0x1175) + [UInt32](0x11A8...0x11C2) {
      facts[Int(value)].insert(.moving)
    }
    for value in Self.values(of: NormalizationFacts.compatible) {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let parts = String(scalar).decomposedStringWithCompatibilityMapping
      if Self.scalars(parts) == [value] { continue }
      compatible[value] = Self.scalars(parts)
      facts[Int(value)].insert(.compatible)
    }
    for value in Self.values(of: ScalarFacts.decomposing) { addComposition(into: value) }
  }

  private static func values(of ranges: [UInt32]) -> some Sequence<UInt32> {
    stride(from: 0, to: ranges.count, by: 2).lazy.flatMap { ranges[$0]...ranges[$0 + 1] }
  }

  private static func scalars(_ text: String) -> [UInt32] { text.unicodeScalars.map(\.value) }

  /// Notes the two scalars that make this one, unless composition never makes it.
  private mutating func addComposition(into value: UInt32) {
    guard ScalarTable.shared[value].contains(.decomposing), let scalar = Unicode.Scalar(value),
      let last = ScalarTable.shared.decomposition(of: value).suffix(1).first
    else { return }
    guard Self.scalars(String(scalar).precomposedStringWithCanonicalMapping) == [value] else {
      facts[Int(value)].insert(.moving)
      return
    }
    let rest = ScalarTable.shared.decomposition(of: value).dropLast()
      .compactMap(Unicode.Scalar.init)
    var text = ""
    text.unicodeScalars.append(contentsOf: rest)
    let first = Self.scalars(text.precomposedStringWithCanonicalMapping)
    guard first.count == 1 else { return }
    compositions[UInt64(first[0]) << 32 | UInt64(last)] = value
    facts[Int(last)].insert(.moving)
  }

  @inline(__always)
  subscript(value: UInt32) -> Facts { facts[Int(value)] }

  /// The full compatibility decomposition of a scalar whose facts say that it has one.
  func compatibleDecomposition(of value: UInt32) -> [UInt32] { compatible[value] ?? [value] }

  /// What two scalars in a row become, or nil.
  func composition(_ first: UInt32, _ second: UInt32) -> UInt32? {
    if 0x1100...0x1112 ~= first, 0x1161...0x1175 ~= second {
      return 0xAC00 + ((first - 0x1100) * 21 + second - 0x1161) * 28
    }
    if 0xAC00...0xD7A3 ~= first, (first - 0xAC00) % 28 == 0, 0x11A8...0x11C2 ~= second {
      return first + second - 0x11A7
    }
    return compositions[UInt64(first) << 32 | UInt64(second)]
  }
}
