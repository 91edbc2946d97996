// Squared distances between vectors, computed in double and rounded to float32, as the reference
// seeds k-means with.

package import Core

/// The squared distances between all pairs of some vectors, for several runs of k-means on them.
package struct DistanceTable: Sendable {
  private let count: Int
  /// Row-major, [count, count].
  private let values: [Float]

  /// Rows of a block; blocks can be computed side by side.
  private static let blockSize = 64

  /// Whether a table costs less than the distances that runs of k-means would compute one by one.
  ///
  /// `count` is how many vectors there are, `clusters` how many clusters each run has.
  package static func pays(count: Int, clusters: [Int]) -> Bool {
    // Beyond 4096 vectors a table would take more than 64 MiB.
    guard count <= 4096 else { return false }
    let pool = min(count, 1024)
    let own = clusters.reduce(0) { sum, clusters in
      // Four candidates are compared at a time.
      sum + clusters * ((GreedySeeding.candidates(clusters) + 3) / 4 * 4) * pool
    }
    return own > count * count / 2
  }

  package static func blocks(_ count: Int) -> Int { (count + blockSize - 1) / blockSize }

  /// The distances from the rows of a block to all rows up to the block's end.
  package static func block(_ index: Int, of points: DoubleRows) -> [[Float]] {
    let first = index * blockSize
    let rows = first..<min(first + blockSize, points.count)
    return points.squaredDistances(from: Array(rows), to: 0..<rows.upperBound)
  }

  /// A table made of all blocks, in order.
  package init(blocks: [[[Float]]]) {
    let rows = blocks.flatMap { $0 }
    count = rows.count
    var values = Array(repeating: Float(0), count: count * count)
    for (i, row) in rows.enumerated() {
      for j in 0...i {
        values[i * count + j] = row[j]
        values[j * count + i] = row[j]
      }
    }
    self.values = values
  }

  /// From one vector to all, [count].
  func row(_ index: Int) -> ArraySlice<Float> { values[index * count..<(index + 1) * count] }
}

/// Vectors in double, for exact distances.
package struct DoubleRows: Sendable {
  /// Groups of four numbers a row, the last one filled up with zeros.
  private let groups: Int
  private let numbers: [SIMD4<Double>]
  private let norms: [Double]

  var count: Int { norms.count }

  package init(_ vectors: Embeddings) {
    let width = vectors.dimensions
    groups = (width + 3) / 4
    var numbers: [SIMD4<Double>] = []
    numbers.reserveCapacity(vectors.count * groups)
    var norms: [Double] = []
    for row in 0..<vectors.count {
      var norm = 0.0
      for start in stride(from: 0, to: width, by: 4) {
        var group = SIMD4<Double>.zero
        for lane in 0..<min(4, width - start) {
          group[lane] = Double(vectors.values[row * width + start + lane])
        }
        numbers.append(group)
        norm += (group * group).sum()
      }
      norms.append(norm)
    }
    self.numbers = numbers
    self.norms = norms
  }

  /// |x - y|² from each of some rows to a range of rows, [rows, others].
  func squaredDistances(from rows: [Int], to others: Range<Int>) -> [[Float]] {
    var distances: [[Float]] = []
    for start in stride(from: 0, to: rows.count, by: 4) {
      let four = (0..<4).map { rows[min(start + $0, rows.count - 1)] }
      distances += fourDistances(from: four, to: others).prefix(rows.count - start)
    }
    return distances
  }

  private func fourDistances(from rows: [Int], to others: Range<Int>) -> [[Float]] {
    // The four rows side by side, so that the inner loop walks through one block.
    var block: [SIMD4<Double>] = []
    for group in 0..<groups { for row in rows { block.append(numbers[row * groups + group]) } }
    let rowNorms = SIMD4(norms[rows[0]], norms[rows[1]], norms[rows[2]], norms[rows[3]])
    var distances = (0..<4).map { _ in [Float](repeating: 0, count: others.count) }
    for other in others {
      var a = SIMD4<Double>.zero
      var b = a
      var c = a
      var d = a
      let first = other * groups
      for group in 0..<groups {
        let x = numbers[first + group]
        a += x * block[4 * group]
        b += x * block[4 * group + 1]
        c += x * block[4 * group + 2]
        d += x * block[4 * group + 3]
      }
      let products = SIMD4(a.sum(), b.sum(), c.sum(), d.sum())
      let squares = (rowNorms - 2 * products) + norms[other]
      let place = other - others.lowerBound
      for lane in 0..<4 { distances[lane][place] = max(0, Float(squares[lane])) }
    }
    return distances
  }
}
