// Looking up, in constant time, what `ScalarFacts` says of one scalar: its classes, its canonical
// decomposition, its combining class, its lower case.

import Foundation

/// Every scalar's facts, spread out from the ranges once per process (about 1.5 MB).
struct ScalarTable: Sendable {
  /// What can be true of a scalar.
  struct Facts: OptionSet {
    let rawValue: UInt8
    static let other = Facts(rawValue: 1)
    static let whitespace = Facts(rawValue: 2)
    static let chinese = Facts(rawValue: 4)
    static let punctuation = Facts(rawValue: 8)
    static let nonspacing = Facts(rawValue: 16)
    /// It has a canonical decomposition, as Hangul syllables have, too.
    static let decomposing = Facts(rawValue: 32)
    /// Its canonical combining class is not 0.
    static let reordering = Facts(rawValue: 64)
    /// Its lower case is something else.
    static let lowercasing = Facts(rawValue: 128)
  }

  static let shared = ScalarTable()

  /// Facts by scalar value; the first 128 serve ASCII bytes directly.
  private var facts: [Facts]
  /// For a decomposing scalar its place in `decompositions`, for a reordering one its class.
  private var details: [UInt16]
  /// A count, then that many scalars; again and again.
  private var decompositions: [UInt32] = []

  private init() {
    facts = Array(repeating: [], count: 0x110000)
    // The last scalar with a decomposition is U+2FA1D.
    details = Array(repeating: 0, count: 0x30000)
    mark(ScalarFacts.other, .other)
    mark(ScalarFacts.whitespace, .whitespace)
    mark(ScalarFacts.chinese, .chinese)
    mark(ScalarFacts.punctuation, .punctuation)
    mark(ScalarFacts.nonspacing, .nonspacing)
    mark(Hangul.syllables, .decomposing)
    for run in Lowercase.runs {
      for value in stride(from: run.first, through: run.last, by: run.step) {
        facts[value].insert(.lowercasing)
      }
    }
    facts[Int(Lowercase.dottedI)].insert(.lowercasing)
    for value in Self.values(of: ScalarFacts.reordering) {
      guard let scalar = Unicode.Scalar(value) else { continue }
      facts[Int(value)].insert(.reordering)
      details[Int(value)] = UInt16(scalar.properties.canonicalCombiningClass.rawValue)
    }
    // After the combining classes: what decomposes is never looked up by its own class.
    for value in Self.values(of: ScalarFacts.decomposing) {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let parts = String(scalar).decomposedStringWithCanonicalMapping.unicodeScalars.map(\.value)
      if parts == [value] { continue }
      facts[Int(value)].insert(.decomposing)
      details[Int(value)] = UInt16(decompositions.count)
      decompositions.append(UInt32(parts.count))
      decompositions += parts
    }
  }

  private static func values(of ranges: [UInt32]) -> some Sequence<UInt32> {
    stride(from: 0, to: ranges.count, by: 2).lazy.flatMap { ranges[$0]...ranges[$0 + 1] }
  }

  private mutating func mark(_ ranges: [UInt32], _ fact: Facts) {
    for value in Self.values(of: ranges) { facts[Int(value)].insert(fact) }
  }

  /// What is true of a scalar value (or an ASCII byte).
  @inline(__always)
  subscript(value: UInt32) -> Facts { facts[Int(value)] }

  /// The class of a scalar whose facts say that it reorders and does not decompose.
  func combiningClass(of value: UInt32) -> UInt64 { UInt64(details[Int(value)]) }

  /// The full canonical decomposition of a scalar whose facts say that it decomposes.
  func decomposition(of value: UInt32) -> some Sequence<UInt32> {
    if let jamo = Hangul.jamo(of: value) { return jamo[...] }
    let place = Int(details[Int(value)])
    return decompositions[place + 1...place + Int(decompositions[place])]
  }
}

/// The arithmetic of Hangul syllables (The Unicode Standard, section 3.12).
private enum Hangul {
  static let syllables: [UInt32] = [0xAC00, 0xD7A3]

  /// Two or three jamo, or nil for what is no syllable.
  static func jamo(of value: UInt32) -> [UInt32]? {
    guard value >= 0xAC00, value <= 0xD7A3 else { return nil }
    let index = value - 0xAC00
    let leading = 0x1100 + index / 588
    let vowel = 0x1161 + index % 588 / 28
    let trailing = index % 28
    return trailing == 0 ? [leading, vowel] : [leading, vowel, 0x11A7 + trailing]
  }
}

/// Lower-casing scalar by scalar, without regard to neighbours (so no final sigma), as Rust does it.
enum Lowercase {
  /// U+0130, the one scalar whose lower case is two: i with a combining dot above.
  static let dottedI: UInt32 = 0x130

  struct Run: Sendable { let first, last, step, offset: Int }

  static let runs: [Run] = stride(from: 0, to: ScalarFacts.lowercasing.count, by: 4).map {
    let numbers = ScalarFacts.lowercasing[$0..<$0 + 4].map(Int.init)
    return Run(first: numbers[0], last: numbers[1], step: numbers[2], offset: numbers[3])
  }

  /// The lower case of a scalar whose facts say that it has one; U+0130 aside.
  static func of(_ value: UInt32) -> UInt32 {
    let value = Int(value)
    // Binary search for the last run that starts at or before the value. Runs of step 2 with
    // different offsets interleave, so the ones just before it are looked at, too.
    var low = 0
    var high = runs.count
    while low < high {
      let middle = (low + high) / 2
      if runs[middle].first <= value { low = middle + 1 } else { high = middle }
    }
    for run in runs[..<low].reversed() {
      if value <= run.last, (value - run.first) % run.step == 0 {
        return UInt32(value + run.offset)
      }
    }
    return UInt32(value)
  }
}
