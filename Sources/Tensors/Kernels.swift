// The kernels, which alone call C: this file and its extensions by subject, Kernels+….swift, turn
// matrices into pointers and check every shape first. What a kernel computes is written in
// CKernels/include/ckernels.h.

internal import CKernels
package import Core

/// The kernels at one level of the processor.
///
/// For one level, the bits of a result row depend on that row's inputs alone: not on the rows
/// beside it, their number or its place. Wrong shapes stop the program, naming both.
package struct Kernels: Sendable {
  package let instructionSet: InstructionSet
  let isa: ck_isa

  /// - Throws: `.usage` where the processor lacks the level.
  package init(_ instructionSet: InstructionSet = .best) throws(Failure) {
    try instructionSet.checkSupport()
    self.init(supported: instructionSet)
  }

  private init(supported instructionSet: InstructionSet) {
    self.instructionSet = instructionSet
    isa = instructionSet.kernelLevel
  }

  /// The level that every processor has, for what is done once per file.
  static let portable = Kernels(supported: .portable)

  // MARK: Weights

  /// Numbers that a packed weight of shape [outputs, inputs] takes.
  func packedSize(outputs: Int, inputs: Int) -> Int { ck_packed_size(isa, outputs, inputs) }

  /// Packs [outputs, inputs] into `memory` of `packedSize` numbers.
  func pack(_ weight: Floats, into memory: UnsafeMutablePointer<Float>) {
    ck_pack_weights(isa, weight.rows, weight.columns, weight.base, weight.columns, memory)
  }

  /// f32 from `count` half-precision numbers at any address.
  func convertF16(_ bytes: UnsafeRawPointer, count: Int, into out: UnsafeMutablePointer<Float>) {
    ck_f16_to_f32(isa, count, bytes.assumingMemoryBound(to: UInt16.self), out)
  }

  /// f32 from `count` bfloat16 numbers at any address.
  func convertBF16(_ bytes: UnsafeRawPointer, count: Int, into out: UnsafeMutablePointer<Float>) {
    ck_bf16_to_f32(isa, count, bytes.assumingMemoryBound(to: UInt16.self), out)
  }

  // MARK: Checks

  /// Whether no number is infinite or NaN.
  package func areFinite(_ numbers: Floats) -> Bool {
    ck_all_finite(isa, numbers.count, numbers.base)
  }

  /// Whether no number is infinite or NaN.
  package func areFinite(_ numbers: [Float]) -> Bool {
    numbers.withUnsafeBufferPointer { ck_all_finite(isa, $0.count, $0.baseAddress) }
  }

  /// Whether no number of these rows is infinite or NaN.
  package func areFinite(_ matrix: borrowing Matrix, rows: Range<Int>) -> Bool {
    checkRows(rows, of: matrix)
    let first = matrix.base + rows.lowerBound * matrix.columns
    return ck_all_finite(isa, rows.count * matrix.columns, first)
  }

  // MARK: Shape checks

  func checkPacked(
    _ packed: PackedWeights, _ rows: Int, _ xRows: Int, _ xColumns: Int, _ yRows: Int,
    _ yColumns: Int
  ) {
    precondition(
      rows >= 0 && rows <= xRows && rows <= yRows && xColumns == packed.inputs
        && yColumns >= packed.outputs,
      "\(rows) rows of [\(xRows), \(xColumns)] times [\(packed.outputs), \(packed.inputs)]"
        + " into [\(yRows), \(yColumns)]")
    precondition(
      packed.instructionSet == instructionSet,
      "weights packed for \(packed.instructionSet), used by \(instructionSet)")
  }

  func checkRows(_ rows: Range<Int>, of matrix: borrowing Matrix) {
    precondition(
      rows.lowerBound >= 0 && rows.upperBound <= matrix.rows,
      "rows \(rows) of [\(matrix.rows), \(matrix.columns)]")
  }

  /// Whole slices of `width` within the columns of the first rows.
  func checkSlices(
    _ columns: Range<Int>, of width: Int, _ rows: Int, _ matrix: borrowing Matrix
  ) {
    precondition(
      width > 0 && columns.count % width == 0 && columns.lowerBound >= 0
        && columns.upperBound <= matrix.columns && rows >= 0 && rows <= matrix.rows,
      "slices of \(width) in columns \(columns) of \(rows) rows of"
        + " [\(matrix.rows), \(matrix.columns)]")
  }

  func checkIndices(_ indices: [Int32], below limit: Int) {
    // UInt32: a negative index becomes a huge one.
    let largest = indices.reduce(UInt32(0)) { max($0, UInt32(bitPattern: $1)) }
    precondition(
      indices.isEmpty || Int(largest) < limit, "index \(largest) in a table of \(limit) rows")
  }
}
