// The currency between layers: a dense block of vectors.

/// Vectors of one width, row after row, shape [count, dimensions], float32.
package struct Embeddings: Sendable, Equatable {
  package let dimensions: Int
  /// Row-major, `count * dimensions` numbers.
  package private(set) var values: [Float]

  package var count: Int { dimensions == 0 ? 0 : values.count / dimensions }

  package init(dimensions: Int, values: [Float]) {
    precondition(
      dimensions > 0 && values.count % dimensions == 0,
      "\(values.count) values do not fill rows of \(dimensions)")
    self.dimensions = dimensions
    self.values = values
  }

  /// One vector, shape [dimensions].
  package subscript(row: Int) -> ArraySlice<Float> {
    values[row * dimensions..<(row + 1) * dimensions]
  }

  /// Adds the rows of another block of the same width.
  package mutating func append(contentsOf other: Embeddings) {
    precondition(
      other.dimensions == dimensions, "rows of \(other.dimensions) after rows of \(dimensions)")
    values.append(contentsOf: other.values)
  }

  /// A copy of some rows, [range, dimensions].
  package func rows(_ range: Range<Int>) -> Embeddings {
    Embeddings(
      dimensions: dimensions,
      values: Array(values[range.lowerBound * dimensions..<range.upperBound * dimensions]))
  }

  /// The rows at these positions, in this order.
  package func rows(_ positions: [Int]) -> Embeddings {
    var picked: [Float] = []
    picked.reserveCapacity(positions.count * dimensions)
    for position in positions { picked.append(contentsOf: self[position]) }
    return Embeddings(dimensions: dimensions, values: picked)
  }
}
