// Mutable numbers of a computation: one aligned block that a workspace owns and kernels fill.

/// Numbers of shape [rows, columns], row after row, f32, at a 64-byte boundary.
///
/// Not copyable: whoever holds it is the only one who can write to it, so that a worker's
/// workspace needs no lock. Its memory is not cleared; read only what a kernel has written.
package struct Matrix: ~Copyable {
  package private(set) var rows: Int
  package private(set) var columns: Int
  let base: UnsafeMutablePointer<Float>
  private let capacity: Int

  /// Reserves memory, none for a matrix without elements.
  package init(rows: Int, columns: Int) {
    precondition(rows >= 0 && columns >= 0, "a matrix of shape [\(rows), \(columns)]")
    self.rows = rows
    self.columns = columns
    capacity = rows * columns
    base = alignedFloats(capacity)
  }

  deinit { base.deallocate() }

  /// Bytes of memory.
  package var byteCount: Int { capacity * MemoryLayout<Float>.stride }

  /// Cuts the same memory into rows of another width; what it held is lost.
  package mutating func reshape(rows: Int, columns: Int) {
    precondition(
      rows >= 0 && columns >= 0 && rows * columns <= capacity,
      "a shape of [\(rows), \(columns)] for memory of \(capacity)")
    self.rows = rows
    self.columns = columns
  }

  /// Fills the first rows, one after the other.
  package mutating func assign(_ values: [Float]) {
    precondition(
      values.count <= rows * columns, "\(values.count) numbers into [\(rows), \(columns)]")
    base.update(from: values, count: values.count)
  }

  /// One number.
  package subscript(row: Int, column: Int) -> Float {
    get {
      base[offset(row, column)]
    }
    set {
      base[offset(row, column)] = newValue
    }
  }

  /// Copies the first `width` numbers of a row into an array, from position `place` on.
  package borrowing func copyRow(
    _ row: Int, width: Int, into array: inout [Float], at place: Int
  ) {
    precondition(
      row >= 0 && row < rows && width <= columns, "row \(row) x \(width) of [\(rows), \(columns)]")
    precondition(
      place >= 0 && place + width <= array.count,
      "\(width) numbers at \(place) of an array of \(array.count)")
    array.withUnsafeMutableBufferPointer { buffer in
      guard let target = buffer.baseAddress else { return }
      (target + place).update(from: base + row * columns, count: width)
    }
  }

  /// A copy of the first rows, [count, columns].
  package borrowing func copy(rows count: Int) -> [Float] {
    precondition(count <= rows, "\(count) rows of [\(rows), \(columns)]")
    return Array(UnsafeBufferPointer(start: base, count: count * columns))
  }

  private borrowing func offset(_ row: Int, _ column: Int) -> Int {
    precondition(
      row >= 0 && row < rows && column >= 0 && column < columns,
      "element [\(row), \(column)] of [\(rows), \(columns)]")
    return row * columns + column
  }
}

/// Uninitialised memory for `count` numbers at a 64-byte boundary; the caller deallocates it.
func alignedFloats(_ count: Int) -> UnsafeMutablePointer<Float> {
  UnsafeMutableRawPointer.allocate(
    byteCount: max(count, 1) * MemoryLayout<Float>.stride, alignment: 64
  ).bindMemory(to: Float.self, capacity: max(count, 1))
}
