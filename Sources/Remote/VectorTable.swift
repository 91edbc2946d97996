// Vectors as they come out of an answer: in the order of the texts, of one width, finite; or a word on
// what is wrong with them.

import Core
import Foundation

/// Vectors of one request, shape [texts, dimensions].
struct VectorTable: Sendable {
  /// Row-major, float32, all finite.
  let values: [Float]
  let dimensions: Int
  /// Tokens that the server counted; nil where it does not tell.
  var tokens: Int?
  /// The name that the server gives its model in the answer.
  var model: String?

  subscript(row: Int) -> ArraySlice<Float> {
    values[row * dimensions..<(row + 1) * dimensions]
  }

  /// Puts vectors together.
  ///
  /// - Parameters:
  ///   - vectors: one for each text
  ///   - count: how many there have to be
  ///   - width: the width that they have to have; nil for any up to `limit`
  ///   - limit: the largest width
  /// - Throws: another number of vectors, another width, numbers that are not finite
  init(_ vectors: [JSON], count: Int, width: Int?, limit: Int) throws(BadAnswer) {
    guard vectors.count == count else {
      throw BadAnswer("sends \(vectors.count) vectors for \(count) texts")
    }
    var values: [Float] = []
    var dimensions = width
    for (text, vector) in vectors.enumerated() {
      let before = values.count
      try Self.append(vector, of: text, to: &values, limit: limit)
      let own = values.count - before
      guard own > 0 else { throw BadAnswer("sends a vector without numbers", text: text) }
      guard own == dimensions ?? own else {
        throw BadAnswer(
          "sends a vector of \(own) numbers where others have \(dimensions ?? own)", text: text)
      }
      if dimensions == nil {
        dimensions = own
        values.reserveCapacity(own * count)
      }
      if let place = values[before...].firstIndex(where: { !$0.isFinite }) {
        throw BadAnswer(
          "sends a vector with NaN or infinity at place \(place - before)", text: text)
      }
    }
    self.values = values
    self.dimensions = dimensions ?? 0
  }

  private static func append(
    _ vector: JSON, of text: Int, to values: inout [Float], limit: Int
  ) throws(BadAnswer) {
    switch vector {
    case .string(let base64):
      // Four characters for three bytes, four bytes for a number.
      guard base64.utf8.count <= limit * 16 / 3 + 4 else { throw tooWide(text, limit) }
      guard let bytes = Data(base64Encoded: base64) else {
        throw BadAnswer("sends a vector that is not base64", text: text)
      }
      guard bytes.count.isMultiple(of: 4) else {
        throw BadAnswer(
          "sends a vector of \(bytes.count) bytes, which are no 32-bit numbers", text: text)
      }
      bytes.withUnsafeBytes { raw in
        for place in stride(from: 0, to: raw.count, by: 4) {
          let bits = raw.loadUnaligned(fromByteOffset: place, as: UInt32.self)
          values.append(Float(bitPattern: UInt32(littleEndian: bits)))
        }
      }
    case .array(let numbers):
      guard numbers.count <= limit else { throw tooWide(text, limit) }
      for (place, number) in numbers.enumerated() {
        guard let value = number.double else {
          throw BadAnswer(
            "sends a vector with \(number.isNull ? "null" : "something else than a number")"
              + " at place \(place)", text: text)
        }
        values.append(Float(value))
      }
    default: throw BadAnswer("sends no vector, neither as a list nor as base64", text: text)
    }
  }

  private static func tooWide(_ text: Int, _ limit: Int) -> BadAnswer {
    BadAnswer("sends a vector of more than \(limit) numbers", text: text)
  }
}

/// Comparing single vectors.
enum Vectors {
  static func norm(_ vector: ArraySlice<Float>) -> Double {
    vector.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
  }

  /// -1 to 1; 0 where one of them is zero.
  static func cosine(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Double {
    let norms = norm(a) * norm(b)
    guard norms > 0 else { return 0 }
    return zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) } / norms
  }
}
