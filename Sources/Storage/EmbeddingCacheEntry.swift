// One cached vector as bytes: a sum that notices damage, what the text cost, the numbers.

import Core
import Foundation

/// The bytes of one entry.
///
/// The layout, little-endian: sum (8 bytes), tokens with the highest bit set for a truncated text (4),
/// then the vector as float32. The sum is over all that follows, and the key.
enum EmbeddingCacheEntry {
  private static let header = 12
  private static let truncationBit: UInt32 = 1 << 31

  /// Bytes of an entry with a vector of this width.
  static func size(dimensions: Int) -> Int { header + 4 * dimensions }

  /// The size of a database's pages that wastes least, and the bytes on disk that an entry takes then,
  /// its part of the index included.
  ///
  /// Rows are not split among pages unless they are larger than one: of rows with 512 numbers only one
  /// fits into 4 kB, where seven fit into 16. The rules are those of SQLite's file format, section 1.6.
  /// Small pages are kept where they waste less than a tenth more: every new key touches one of the
  /// index.
  static func pages(dimensions: Int) -> (size: Int, bytesPerEntry: Int) {
    // The record of a row: entry, key, and the header that tells their lengths.
    let row = size(dimensions: dimensions) + 16 + 6
    var best = (size: 0, bytesPerEntry: Int.max)
    for page in [4096, 8192, 16384] {
      let bytes: Int
      if row <= page - 35 {
        bytes = page / ((page - 8) / (row + 11))
      } else {
        let least = (page - 12) * 32 / 255 - 23
        let rest = least + (row - least) % (page - 4)
        let inside = rest <= page - 35 ? rest : least
        let outside = (row - inside + page - 5) / (page - 4)
        bytes = outside * page + page / ((page - 8) / (inside + 15))
      }
      if bytes * 11 / 10 < best.bytesPerEntry { best = (page, bytes) }
    }
    return (best.size, best.bytesPerEntry + 40)
  }

  /// The bytes of a vector, shape [dimensions].
  static func data(
    _ vector: ArraySlice<Float>, _ cost: TextCost, _ key: EmbeddingCacheKey
  ) -> Data {
    var data = Data(count: size(dimensions: vector.count))
    let tokens = UInt32(clamping: min(cost.tokens, Int(truncationBit - 1)))
    let word = cost.isTruncated ? tokens | truncationBit : tokens
    data.withUnsafeMutableBytes { bytes in
      bytes.storeBytes(of: word.littleEndian, toByteOffset: 8, as: UInt32.self)
      for (place, number) in vector.enumerated() {
        bytes.storeBytes(
          of: number.bitPattern.littleEndian, toByteOffset: header + 4 * place, as: UInt32.self)
      }
      let sum = sum(UnsafeRawBufferPointer(bytes), key)
      bytes.storeBytes(of: sum.littleEndian, toByteOffset: 0, as: UInt64.self)
    }
    return data
  }

  /// Copies the vector of an entry to row `row` of `values`, [rows, dimensions].
  ///
  /// - Returns: what the text cost; nil for damage of any kind, and then nothing is copied.
  static func read(
    _ bytes: UnsafeRawBufferPointer, _ key: EmbeddingCacheKey, dimensions: Int,
    to row: Int, of values: inout [Float]
  ) -> TextCost? {
    guard bytes.count == size(dimensions: dimensions) else { return nil }
    let stated = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
    guard stated == sum(bytes, key) else { return nil }
    let word = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
    for place in 0..<dimensions {
      let pattern = bytes.loadUnaligned(fromByteOffset: header + 4 * place, as: UInt32.self)
      values[row * dimensions + place] = Float(bitPattern: UInt32(littleEndian: pattern))
    }
    return TextCost(
      tokens: Int(word & ~truncationBit), isTruncated: word & truncationBit != 0)
  }

  private static func sum(_ bytes: UnsafeRawBufferPointer, _ key: EmbeddingCacheKey) -> UInt64 {
    let rest = DamageSum.of(UnsafeRawBufferPointer(rebasing: bytes[8...]))
    return UInt64(bitPattern: Int64(rest)) ^ key.high ^ (key.low << 32 | key.low >> 32)
  }
}
