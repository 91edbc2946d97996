// One named tensor inside a mapped safetensors file or averaged from several, and its way to f32.

package import Core

/// A tensor of a checkpoint: where its numbers come from, not yet read.
package struct Tensor: Sendable {
  /// The full path, for instance `encoder.layer.0.attention.self.query.weight`.
  package let name: String
  /// The type of the elements as the file names it, `F32`, `F16`, `BF16`, `I64` and so on.
  package let type: String
  /// Row-major; every number at least 0.
  package let shape: [Int]
  let source: Source

  /// Where the numbers come from.
  enum Source: Sendable {
    /// Bytes of a file, from this one on.
    case file(MappedFile, offset: Int)
    /// Σ weight · number over tensors of this shape, computed when it is read.
    case sum([Tensor], weights: [Double])
  }

  /// Bits per element of every type that the format knows.
  static let bits: [String: Int] = [
    "BOOL": 8, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8, "F8_E8M0": 8, "F4": 4,
    "F6_E2M3": 6, "F6_E3M2": 6, "I16": 16, "U16": 16, "F16": 16, "BF16": 16, "I32": 32,
    "U32": 32, "F32": 32, "I64": 64, "U64": 64, "F64": 64, "C64": 64,
  ]

  /// The file, as messages name it; the first one of a sum.
  package var fileName: String {
    switch source {
    case .file(let file, _): file.name
    case .sum(let tensors, _): tensors.first?.fileName ?? name
    }
  }

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
        .malformed, fileName,
        "tensor \(name) has shape \(Self.text(shape)), expected \(Self.text(expected))",
        hint: "check that config.json and the weights belong to the same model")
    }
    precondition(
      expected.count == 1 || expected.count == 2, "\(name) read as a matrix of \(expected)")
    let rows = expected.count == 2 ? expected[0] : 1
    let columns = expected.last ?? 0
    let numbers = try read(rows: rows, columns: columns, kernels)
    guard kernels.areFinite(numbers) else { throw nonFinite }
    return numbers
  }

  /// Some of the numbers as f32, in row-major order, read as `floats` reads them.
  ///
  /// - Throws: as `floats` does; the check for NaN and infinity sees these numbers only.
  package func values(_ range: Range<Int>, _ kernels: Kernels) throws(Failure) -> [Float] {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= count, "numbers \(range) of \(count) in \(name)")
    if case .sum(let tensors, let weights) = source {
      let lists = try tensors.map { tensor throws(Failure) in try tensor.values(range, kernels) }
      return WeightedSum.of(lists, weights: weights)
    }
    try checkType()
    let values = [Float](unsafeUninitializedCapacity: range.count) { buffer, initialized in
      if let memory = buffer.baseAddress { convert(range, into: memory, kernels) }
      initialized = range.count
    }
    guard kernels.areFinite(values) else { throw nonFinite }
    return values
  }

  /// A copy of some of the bytes as the file has them; sums have none.
  package func bytes(_ range: Range<Int>) -> [UInt8] {
    guard case .file(let file, let offset) = source else {
      preconditionFailure("the bytes of \(name), which is a sum")
    }
    return file.bytes(offset + range.lowerBound..<offset + range.upperBound)
  }

  /// Bytes in the file; 0 for a type that no file has.
  package var byteCount: Int { count * (Self.bits[type] ?? 0) / 8 }

  private var nonFinite: Failure {
    Failure(
      .malformed, fileName, "tensor \(name) holds NaN or infinity (non-finite weights)",
      hint: "download the file again")
  }

  private func read(rows: Int, columns: Int, _ kernels: Kernels) throws(Failure) -> Floats {
    guard case .file(let file, let offset) = source else {
      let sum = try values(0..<rows * columns, kernels)
      return Floats(rows: rows, columns: columns) { $0.update(from: sum, count: sum.count) }
    }
    try checkType()
    if type == "F32", let bytes = file.address(of: offset),
      UInt(bitPattern: bytes) % UInt(MemoryLayout<Float>.alignment) == 0
    {
      let base = bytes.assumingMemoryBound(to: Float.self)
      return Floats(rows: rows, columns: columns, base: base, in: file)
    }
    return Floats(rows: rows, columns: columns) { convert(0..<rows * columns, into: $0, kernels) }
  }

  private func checkType() throws(Failure) {
    guard ["F32", "F16", "BF16", "F64"].contains(type) else {
      throw Failure(
        .unsupported, fileName, "tensor \(name) has dtype \(type)",
        hint: "Borda reads F32, F16, BF16 and F64 weights; convert the checkpoint to one of them")
    }
  }

  /// Writes numbers of a file as f32; the type was checked before.
  private func convert(
    _ range: Range<Int>, into out: UnsafeMutablePointer<Float>, _ kernels: Kernels
  ) {
    guard case .file(let file, let offset) = source, !range.isEmpty,
      let bytes = file.address(of: offset + range.lowerBound * (Self.bits[type] ?? 0) / 8)
    else { return }
    switch type {
    case "F16": kernels.convertF16(bytes, count: range.count, into: out)
    case "BF16": kernels.convertBF16(bytes, count: range.count, into: out)
    case "F64":
      for i in range.indices {
        let place = (i - range.lowerBound) * 8
        let bits = bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)
        out[i - range.lowerBound] = Float(Double(bitPattern: UInt64(littleEndian: bits)))
      }
    default:
      UnsafeMutableRawPointer(out).copyMemory(from: bytes, byteCount: range.count * 4)
    }
  }

  /// `[2, 3]`; a shape of very many dimensions is cut.
  package static func text(_ shape: [Int]) -> String {
    let shown = shape.prefix(8).map(String.init).joined(separator: ", ")
    return shape.count > 8 ? "[\(shown), … \(shape.count) dimensions]" : "[\(shown)]"
  }
}
