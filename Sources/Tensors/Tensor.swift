// One named tensor inside a mapped safetensors file, and its way to f32.

package import Core

/// A tensor of a checkpoint: where its bytes lie, not yet read.
package struct Tensor: Sendable {
  /// The full path, for instance `encoder.layer.0.attention.self.query.weight`.
  package let name: String
  /// The type of the elements as the file names it, `F32`, `F16`, `BF16`, `I64` and so on.
  package let type: String
  /// Row-major; every number at least 0.
  package let shape: [Int]
  let file: MappedFile
  let offset: Int

  /// Bits per element of every type that the format knows.
  static let bits: [String: Int] = [
    "BOOL": 8, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8, "F8_E8M0": 8, "F4": 4,
    "F6_E2M3": 6, "F6_E3M2": 6, "I16": 16, "U16": 16, "F16": 16, "BF16": 16, "I32": 32,
    "U32": 32, "F32": 32, "I64": 64, "U64": 64, "F64": 64, "C64": 64,
  ]

  /// How many elements; the reader of the header made sure that it fits.
  package var count: Int { shape.reduce(1, *) }

  /// Whether the elements are numbers that a model computes with.
  package var isFloatingPoint: Bool { type.hasPrefix("F") || type.hasPrefix("BF") }

  /// The numbers as f32, [rows, columns]; a vector is one row.
  ///
  /// F32 that is aligned stays where it is, inside the map; everything else is copied. All
  /// numbers are read once, to find NaN and infinity.
  ///
  /// - Throws: `.malformed` for another shape than `expected`, and for NaN or infinity;
  ///   `.unsupported` for a type that is no plain floating-point number.
  package func floats(_ expected: [Int], _ kernels: Kernels) throws(Failure) -> Floats {
    guard shape == expected else {
      throw Failure(
        .malformed, file.name,
        "tensor \(name) has shape \(Self.text(shape)), expected \(Self.text(expected))",
        hint: "check that config.json and the weights belong to the same model")
    }
    precondition(
      expected.count == 1 || expected.count == 2, "\(name) read as a matrix of \(expected)")
    let rows = expected.count == 2 ? expected[0] : 1
    let columns = expected.last ?? 0
    let numbers = try read(rows: rows, columns: columns, kernels)
    guard kernels.areFinite(numbers) else {
      throw Failure(
        .malformed, file.name, "tensor \(name) holds NaN or infinity (non-finite weights)",
        hint: "download the file again")
    }
    return numbers
  }

  private func read(rows: Int, columns: Int, _ kernels: Kernels) throws(Failure) -> Floats {
    guard let bytes = file.address(of: offset) else {
      return Floats(rows: rows, columns: columns) { _ in }
    }
    let count = rows * columns
    switch type {
    case "F32":
      if UInt(bitPattern: bytes) % UInt(MemoryLayout<Float>.alignment) == 0 {
        let base = bytes.assumingMemoryBound(to: Float.self)
        return Floats(rows: rows, columns: columns, base: base, in: file)
      }
      return Floats(rows: rows, columns: columns) {
        UnsafeMutableRawPointer($0).copyMemory(from: bytes, byteCount: count * 4)
      }
    case "F16":
      return Floats(rows: rows, columns: columns) {
        kernels.convertF16(bytes, count: count, into: $0)
      }
    case "BF16":
      return Floats(rows: rows, columns: columns) {
        kernels.convertBF16(bytes, count: count, into: $0)
      }
    case "F64":
      return Floats(rows: rows, columns: columns) { out in
        for i in 0..<count {
          let bits = bytes.loadUnaligned(fromByteOffset: i * 8, as: UInt64.self)
          out[i] = Float(Double(bitPattern: UInt64(littleEndian: bits)))
        }
      }
    default:
      throw Failure(
        .unsupported, file.name, "tensor \(name) has dtype \(type)",
        hint: "Borda reads F32, F16, BF16 and F64 weights; convert the checkpoint to one of them")
    }
  }

  /// `[2, 3]`; a shape of very many dimensions is cut.
  static func text(_ shape: [Int]) -> String {
    let shown = shape.prefix(8).map(String.init).joined(separator: ", ")
    return shape.count > 8 ? "[\(shown), … \(shape.count) dimensions]" : "[\(shown)]"
  }
}
