// Vectors as text: JSON numbers or base64, and what a request may ask to be done to them before.

import Core
import Foundation
import NIOCore

/// How vectors are written.
enum VectorEncoding: String, Sendable, CaseIterable {
  /// JSON numbers, each the shortest that reads back as the same float32.
  case float
  /// The bytes of little-endian float32.
  case base64
}

/// What is done to a vector before it is written.
struct VectorChange: Sendable, Equatable {
  /// Leading dimensions to keep; nil for all.
  var dimensions: Int?
  /// Divide by the norm.
  var normalizes = false

  func apply(_ vector: ArraySlice<Float>) -> ArraySlice<Float> {
    let kept = vector.prefix(dimensions ?? vector.count)
    return normalizes ? Self.normalized(kept) : kept
  }

  /// A vector of norm 1 in its direction.
  ///
  /// The zero vector has no direction. A vector whose norm is 1 as far as float32 can say stays as it
  /// is, to the bit: the model has normalised it.
  static func normalized(_ vector: ArraySlice<Float>) -> ArraySlice<Float> {
    let norm = vector.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    guard norm > 0, abs(norm - 1) > 1e-6 else { return vector }
    return ArraySlice(vector.map { Float(Double($0) / norm) })
  }
}

extension ByteBuffer {
  /// Appends a vector: an array of numbers, or a text in quotes.
  mutating func write(vector: ArraySlice<Float>, _ encoding: VectorEncoding) {
    switch encoding {
    case .float:
      reserveCapacity(minimumWritableBytes: vector.count * 14)
      var separator = UInt8(ascii: "[")
      for value in vector {
        writeInteger(separator)
        writeString(value.description)
        separator = UInt8(ascii: ",")
      }
      writeInteger(UInt8(ascii: "]"))
    case .base64:
      let bits = vector.map { $0.bitPattern.littleEndian }
      let text = bits.withUnsafeBytes { Data($0).base64EncodedString() }
      writeInteger(UInt8(ascii: "\""))
      writeString(text)
      writeInteger(UInt8(ascii: "\""))
    }
  }
}
