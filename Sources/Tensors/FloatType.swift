// The floating-point types that checkpoints are written in, and the way from f32 to their bytes.

/// A type of weights in a file.
package enum FloatType: String, Sendable, Hashable, CaseIterable {
  case float32, bfloat16, float16

  /// What safetensors files call it.
  package var code: String {
    switch self {
    case .float32: "F32"
    case .bfloat16: "BF16"
    case .float16: "F16"
    }
  }

  /// The type that a file calls `code`; nil for all others.
  package init?(code: String) {
    guard let type = Self.allCases.first(where: { $0.code == code }) else { return nil }
    self = type
  }

  package var bytesPerNumber: Int { self == .float32 ? 4 : 2 }

  /// The smallest magnitude that rounds to infinity.
  ///
  /// Half of the last step above the largest number: 65504 + 16 for float16, (2 - 2^-8) 2^127 for
  /// bfloat16.
  private var limit: Float {
    switch self {
    case .float32: .infinity
    case .bfloat16: Float(bitPattern: 0x7F7F_8000)
    case .float16: 65520
    }
  }

  /// The first number that this type cannot hold, NaN and infinity among them; nil for none.
  package func firstBeyond(_ values: [Float]) -> Float? {
    let limit = limit
    return values.first { !($0.magnitude < limit) }
  }

  /// Little-endian bytes of numbers, each rounded to the nearest, ties to even.
  package func bytes(of values: [Float]) -> [UInt8] {
    switch self {
    case .float32: Self.littleEndian(values, 4) { $0.bitPattern }
    case .bfloat16: Self.littleEndian(values, 2) { Self.bfloat16Bits($0) }
    case .float16: Self.littleEndian(values, 2) { Self.float16Bits($0) }
    }
  }

  @inline(__always)
  private static func littleEndian<Bits: FixedWidthInteger>(
    _ values: [Float], _ width: Int, _ bits: (Float) -> Bits
  ) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: values.count * width) { buffer, count in
      let target = UnsafeMutableRawBufferPointer(buffer)
      for (i, value) in values.enumerated() {
        target.storeBytes(of: bits(value).littleEndian, toByteOffset: i * width, as: Bits.self)
      }
      count = values.count * width
    }
  }

  @inline(__always)
  private static func bfloat16Bits(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    return UInt16(truncatingIfNeeded: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) >> 16)
  }

  @inline(__always)
  private static func float16Bits(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    let sign = UInt16(truncatingIfNeeded: bits >> 16 & 0x8000)
    let magnitude = bits & 0x7FFF_FFFF
    if magnitude < 0x3880_0000 {
      // Below 2^-14 a half has steps of 2^-24, as an f32 near 0.5 has: the sum rounds for us.
      let sum = Float(bitPattern: magnitude) + 0.5
      return sign | UInt16(truncatingIfNeeded: sum.bitPattern &- 0x3F00_0000)
    }
    // Round away 13 bits of fraction, then shift the exponent's zero from 127 to 15.
    let rounded = magnitude &+ 0xFFF &+ (magnitude >> 13 & 1)
    return sign | UInt16(truncatingIfNeeded: (rounded >> 13) &- 112 << 10)
  }
}
