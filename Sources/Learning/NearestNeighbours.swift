// The nearest training rows of each evaluated row, for classifiers that vote.

package import Core
package import Tensors

/// Euclidean distances of some vectors to others, compared exactly.
///
/// One product in float32 gives every distance but for a known error; only the few rows whose
/// order that error could change are compared again in double.
package struct NearestNeighbours: Sendable {
  private let queries: Embeddings
  private let rows: Embeddings
  /// q · r, [queries, rows], float32.
  private let products: [Float]
  private let rowNorms: [Double]
  /// Bound of the error of |r|² - 2 q · r for each query, [queries].
  private let margins: [Double]

  /// Compares queries, [count, dimensions], with rows, [rows, dimensions].
  package init(of queries: Embeddings, among rows: Embeddings, kernels: Kernels) {
    self.queries = queries
    self.rows = rows
    let packed = PackedWeights(rows, rows: 0..<rows.count, for: kernels)
    var products = Matrix(rows: queries.count, columns: rows.count)
    kernels.products(queries, rows: 0..<queries.count, packed, into: &products)
    self.products = products.copy(rows: queries.count)
    rowNorms = rows.squaredNorms
    let longest = (rowNorms.max() ?? 0).squareRoot()
    // A float32 dot product of d terms is at most (d + 1) 2⁻²⁴ |q| |r| off (Cauchy-Schwarz).
    let rounding = Double(rows.dimensions + 1) * 0x1p-24
    margins = queries.squaredNorms.map { 2 * rounding * $0.squareRoot() * longest }
  }

  /// The nearest of some rows to a query, nearest first; of equal distances the one listed first.
  ///
  /// `count` is how many to find, at most the number of candidates, which are positions of rows.
  package func nearest(_ count: Int, of query: Int, among candidates: [Int]) -> [Int] {
    precondition(count <= candidates.count, "the nearest \(count) of \(candidates.count)")
    let first = query * rows.count
    let estimates = candidates.map { rowNorms[$0] - 2 * Double(products[first + $0]) }
    var lowest = [Double](repeating: .infinity, count: count)
    for estimate in estimates where estimate.isFinite && estimate < lowest[count - 1] {
      var place = count - 1
      while place > 0, lowest[place - 1] > estimate {
        lowest[place] = lowest[place - 1]
        place -= 1
      }
      lowest[place] = estimate
    }
    let limit = lowest[count - 1] + 2 * margins[query]
    // A product that overflowed says nothing, so its row is close until the distance is known.
    let close = candidates.indices.filter { estimates[$0] <= limit || !estimates[$0].isFinite }
    let ordered = close.map { (place: $0, distance: squaredDistance(query, candidates[$0])) }
      .sorted { ($0.distance, $0.place) < ($1.distance, $1.place) }
    return ordered.prefix(count).map { candidates[$0.place] }
  }

  private func squaredDistance(_ query: Int, _ row: Int) -> Double {
    let width = rows.dimensions
    var sum = 0.0
    for i in 0..<width {
      let difference =
        Double(queries.values[query * width + i]) - Double(rows.values[row * width + i])
      sum += difference * difference
    }
    return sum
  }
}

extension Embeddings {
  /// |x|² of every row, in double.
  fileprivate var squaredNorms: [Double] {
    (0..<count).map { row in
      self[row].reduce(0) { $0 + Double($1) * Double($1) }
    }
  }
}
