// Stage 1: the normalizer of SentencePiece models, a table of strings and what they become, compiled
// into a double-array trie.
// Easy to get wrong: the library looks up whole grapheme clusters of less than six bytes, then single
// scalars, and takes the shortest entry that what it looks up starts with: what follows it vanishes.

import Core
import Foundation

/// `Precompiled`: NFKC and more (`nmt_nfkc`), as the file has it.
///
/// Layout of the blob: the size of the trie in bytes (32 bits, little-endian), the trie's units of 32
/// bits, then the replacements, each ended by a zero byte.
struct PrecompiledCharsmap: Sendable, Equatable {
  private let trie: [UInt32]
  /// UTF-8, pieces ended by zero bytes.
  private let replacements: [UInt8]
  /// By scalar, a bit each: whether it is replaced where it stands alone.
  private let replaced: [UInt64]

  /// Clusters of this many bytes or more are never looked up as a whole.
  private static let clusterLimit = 6

  /// Reads the value of a normalizer of `type` Precompiled.
  init(_ section: FileSection) throws(Failure) {
    let place = try section.section("precompiled_charsmap")
    guard let blob = Data(base64Encoded: try place.text()) else {
      throw place.malformed("the precompiled charsmap is not base64")
    }
    try self.init(blob: Array(blob), place)
  }

  /// Checks the blob so far that no text can lead out of it.
  ///
  /// - Parameters:
  ///   - blob: the charsmap.
  ///   - place: where it comes from, for messages.
  /// - Throws: `malformed` for a trie that is longer than the blob or points out of itself, and for
  ///   replacements that are not UTF-8 or that the trie misses.
  init(blob: [UInt8], _ place: FileSection) throws(Failure) {
    guard blob.count >= 4 else {
      throw place.malformed("the precompiled charsmap has \(blob.count) bytes, too few for a trie")
    }
    func unit(_ at: Int) -> UInt32 {
      (0..<4).reduce(0) { $0 | UInt32(blob[at + $1]) << (8 * UInt32($1)) }
    }
    let size = Int(unit(0))
    guard size > 0, size % (4 * Self.blockSize) == 0, size <= blob.count - 4 else {
      throw place.malformed(
        "the precompiled charsmap has a trie of \(size) bytes in a blob of \(blob.count)",
        hint: "the file is damaged; fetch it again")
    }
    trie = stride(from: 4, to: 4 + size, by: 4).map(unit)
    replacements = Array(blob[(4 + size)...])
    guard String(validating: replacements, as: UTF8.self) != nil else {
      throw place.malformed("the replacements of the precompiled charsmap are not UTF-8")
    }
    if let problem = Self.problem(of: trie, replacements) {
      throw place.malformed("the precompiled charsmap \(problem)")
    }
    replaced = Self.replacedScalars(trie)
  }

  static func == (a: Self, b: Self) -> Bool {
    a.trie == b.trie && a.replacements == b.replacements
  }

  // MARK: The trie

  /// A unit's children are looked for within a block of this many units, one per byte.
  private static let blockSize = 256

  private static func offset(_ unit: UInt32) -> Int {
    Int((unit >> 10) << ((unit & (1 << 9)) >> 6))
  }

  /// A unit that holds a value is no step of a path.
  private static func isValue(_ unit: UInt32) -> Bool { unit & 0x8000_0000 != 0 }
  private static func value(_ unit: UInt32) -> Int { Int(unit & 0x7FFF_FFFF) }
  /// Whether an entry ends at this unit; its value is then the first unit of its children's block.
  private static func endsEntry(_ unit: UInt32) -> Bool { unit & 0x100 != 0 }
  /// The byte that leads here; never a byte for a unit that holds a value.
  private static func label(_ unit: UInt32) -> UInt32 { unit & 0x8000_00FF }

  /// Why following the trie could leave it, or the replacements; nil where it cannot.
  private static func problem(of trie: [UInt32], _ replacements: [UInt8]) -> String? {
    if isValue(trie[0]) { return "has a trie without a root" }
    for (place, unit) in trie.enumerated() where !isValue(unit) {
      let children = place ^ offset(unit)
      // Whole blocks: where one unit of a block is inside, all are.
      guard children < trie.count else { return "points out of its trie at unit \(place)" }
      guard endsEntry(unit) else { continue }
      let start = value(trie[children])
      guard start < replacements.count else {
        return "points out of its replacements at unit \(place)"
      }
      if replacements[start] & 0xC0 == 0x80 {
        return "points into the middle of a character at unit \(place)"
      }
    }
    return nil
  }

  /// Where the replacement starts of the shortest entry that the text of a range starts with.
  @inline(__always)
  private static func replacement(
    of bytes: [UInt8], _ range: Range<Int>, _ trie: [UInt32]
  ) -> Int? {
    var place = offset(trie[0])
    for at in range {
      let byte = bytes[at]
      if byte == 0 { return nil }
      place ^= Int(byte)
      let unit = trie[place]
      guard label(unit) == UInt32(byte) else { return nil }
      place ^= offset(unit)
      if endsEntry(unit) { return value(trie[place]) }
    }
    return nil
  }

  /// Which scalars begin with an entry.
  private static func replacedScalars(_ trie: [UInt32]) -> [UInt64] {
    var bits = [UInt64](repeating: 0, count: 0x110000 / 64)
    let root = offset(trie[0])
    for lead in UInt32(1)..<0xF5 where !(0x80..<0xC2).contains(lead) {
      let width = UTF8Decoding.width(of: UInt8(lead))
      let value = width == 1 ? lead : lead & (0x7F >> UInt32(width))
      mark(trie, root, lead, value, bytesLeft: width - 1, &bits)
    }
    return bits
  }

  /// Follows one byte of a scalar, then all that may come behind it.
  ///
  /// - Parameters:
  ///   - trie: the units.
  ///   - place: where the bytes before this one have led.
  ///   - byte: the next byte.
  ///   - value: the scalar's value as far as it is known, this byte included.
  ///   - bytesLeft: how many bytes the scalar has behind this one.
  ///   - bits: where scalars are marked.
  private static func mark(
    _ trie: [UInt32], _ place: Int, _ byte: UInt32, _ value: UInt32, bytesLeft: Int,
    _ bits: inout [UInt64]
  ) {
    let unit = trie[place ^ Int(byte)]
    guard label(unit) == byte else { return }
    let next = place ^ Int(byte) ^ offset(unit)
    if endsEntry(unit) {
      let shift = UInt32(6 * bytesLeft)
      for scalar in value << shift..<min((value + 1) << shift, 0x110000) {
        bits[Int(scalar >> 6)] |= 1 << UInt64(scalar & 63)
      }
    } else if bytesLeft > 0, value <= 0x10FFFF >> UInt32(6 * bytesLeft) {
      for more in UInt32(0x80)..<0xC0 {
        mark(trie, next, more, value << 6 | more & 0x3F, bytesLeft: bytesLeft - 1, &bits)
      }
    }
  }

  @inline(__always)
  private func isReplaced(_ value: UInt32) -> Bool {
    replaced[Int(value >> 6)] & (1 << UInt64(value & 63)) != 0
  }

  // MARK: Texts

  /// Appends what becomes of a text.
  ///
  /// - Parameters:
  ///   - bytes: UTF-8.
  ///   - range: the text, between whole scalars; clusters do not reach beyond it.
  ///   - out: where it goes.
  func append(_ bytes: [UInt8], _ range: Range<Int>, to out: inout [UInt8]) {
    let clusters = ClusterTable.shared
    var at = range.lowerBound
    while at < range.upperBound {
      let byte = bytes[at]
      // An ASCII character before another is a cluster, but for return and newline together.
      if byte < 0x80, byte != 0x0D, at + 1 == range.upperBound || bytes[at + 1] < 0x80 {
        appendScalar(UInt32(byte), bytes, at..<at + 1, to: &out)
        at += 1
        continue
      }
      let cluster = at..<clusters.end(ofClusterAt: at, in: bytes, to: range.upperBound)
      appendCluster(bytes, cluster, to: &out)
      at = cluster.upperBound
    }
  }

  private func appendCluster(_ bytes: [UInt8], _ cluster: Range<Int>, to out: inout [UInt8]) {
    let (first, width) = UTF8Decoding.scalar(in: bytes, at: cluster.lowerBound)
    if cluster.count == width {
      return appendScalar(first, bytes, cluster, to: &out)
    }
    if cluster.count < Self.clusterLimit,
      let start = Self.replacement(of: bytes, cluster, trie)
    {
      return appendReplacement(start, to: &out)
    }
    var at = cluster.lowerBound
    while at < cluster.upperBound {
      let (value, width) = UTF8Decoding.scalar(in: bytes, at: at)
      appendScalar(value, bytes, at..<at + width, to: &out)
      at += width
    }
  }

  @inline(__always)
  private func appendScalar(
    _ value: UInt32, _ bytes: [UInt8], _ range: Range<Int>, to out: inout [UInt8]
  ) {
    if isReplaced(value), let start = Self.replacement(of: bytes, range, trie) {
      appendReplacement(start, to: &out)
    } else {
      for i in range { out.append(bytes[i]) }
    }
  }

  private func appendReplacement(_ start: Int, to out: inout [UInt8]) {
    var at = start
    while at < replacements.count, replacements[at] != 0 {
      out.append(replacements[at])
      at += 1
    }
  }
}
