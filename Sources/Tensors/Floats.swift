// Numbers of a checkpoint that never change: tables, biases, norms; and linear layers in the order
// that the kernels want.

package import Core

/// Unchanging f32 numbers of shape [rows, columns]: in memory of its own, or inside a mapped file.
package final class Floats: @unchecked Sendable {
  package let rows: Int
  package let columns: Int
  // Written before `init` returns and never again: that is what makes it Sendable.
  let base: UnsafePointer<Float>
  // Keeps a map alive; nil where the memory is ours to give back.
  private let file: MappedFile?

  /// How many numbers.
  package var count: Int { rows * columns }

  /// Numbers of its own, written by `fill`.
  init(
    rows: Int, columns: Int, fill: (UnsafeMutablePointer<Float>) -> Void
  ) {
    self.rows = rows
    self.columns = columns
    let memory = alignedFloats(rows * columns)
    fill(memory)
    base = UnsafePointer(memory)
    file = nil
  }

  /// Numbers inside a file, which lives as long as this does.
  init(rows: Int, columns: Int, base: UnsafePointer<Float>, in file: MappedFile) {
    self.rows = rows
    self.columns = columns
    self.base = base
    self.file = file
  }

  /// A copy of an array, as one row.
  package convenience init(_ values: [Float]) {
    self.init(rows: 1, columns: values.count) { $0.update(from: values, count: values.count) }
  }

  /// A copy of an array, cut into rows.
  package convenience init(_ values: [Float], columns: Int) {
    precondition(
      columns > 0 && values.count % columns == 0, "\(values.count) numbers in rows of \(columns)")
    self.init(rows: values.count / columns, columns: columns) {
      $0.update(from: values, count: values.count)
    }
  }

  /// Several rows of numbers one after the other, as one row.
  package convenience init(joining parts: [Floats]) {
    self.init(rows: 1, columns: parts.reduce(0) { $0 + $1.count }) { memory in
      var place = memory
      for part in parts {
        place.update(from: part.base, count: part.count)
        place += part.count
      }
    }
  }

  deinit {
    if file == nil { base.deallocate() }
  }

  /// A copy of some rows, [range, columns].
  package func rows(_ range: Range<Int>) -> Floats {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= rows, "rows \(range) of [\(rows), \(columns)]")
    return Floats(rows: range.count, columns: columns) {
      $0.update(from: base + range.lowerBound * columns, count: range.count * columns)
    }
  }

  /// A copy of all numbers.
  package var values: [Float] { Array(UnsafeBufferPointer(start: base, count: count)) }
}

/// The weight of a linear layer, [outputs, inputs], in the order of one instruction set's kernel.
package final class PackedWeights: @unchecked Sendable {
  package let outputs: Int
  package let inputs: Int
  package let instructionSet: InstructionSet
  // Written before `init` returns and never again: that is what makes it Sendable.
  let base: UnsafePointer<Float>

  /// Packs a weight as PyTorch stores it: one row per output.
  package init(_ weight: Floats, for kernels: Kernels) {
    outputs = weight.rows
    inputs = weight.columns
    instructionSet = kernels.instructionSet
    let memory = alignedFloats(kernels.packedSize(outputs: outputs, inputs: inputs))
    kernels.pack(weight, into: memory)
    base = UnsafePointer(memory)
  }

  /// Packs several weights over the same inputs as one: their outputs stand side by side.
  package convenience init(stacking weights: [Floats], for kernels: Kernels) {
    let inputs = weights.first?.columns ?? 0
    precondition(
      weights.allSatisfy { $0.columns == inputs },
      "stacked weights of \(weights.map(\.columns)) inputs")
    let joined = Floats(joining: weights)
    self.init(joined.reshaped(columns: inputs), for: kernels)
  }

  /// Packs vectors to compare with: the dot product of a row x with vector i is output i.
  package convenience init(_ vectors: Embeddings, rows: Range<Int>, for kernels: Kernels) {
    let width = vectors.dimensions
    precondition(
      rows.lowerBound >= 0 && rows.upperBound <= vectors.count,
      "rows \(rows) of \(vectors.count) vectors")
    let copy = Floats(rows: rows.count, columns: width) { memory in
      vectors.values.withUnsafeBufferPointer { all in
        guard let first = all.baseAddress else { return }
        memory.update(from: first + rows.lowerBound * width, count: rows.count * width)
      }
    }
    self.init(copy, for: kernels)
  }

  deinit { base.deallocate() }
}

extension Floats {
  /// The same numbers cut into rows of another width.
  fileprivate func reshaped(columns: Int) -> Floats {
    precondition(columns > 0 && count % columns == 0, "\(count) numbers in rows of \(columns)")
    return Floats(rows: count / columns, columns: columns) { $0.update(from: base, count: count) }
  }
}
