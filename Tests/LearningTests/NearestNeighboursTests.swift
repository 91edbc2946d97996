// Neighbours against a comparison of everything with everything in double.

import Core
import Learning
import Tensors
import TestSupport
import Testing

@Suite struct `Nearest neighbours` {
  @Test func `are found by Euclidean distance among the candidates`() throws {
    let rows = Embeddings(dimensions: 2, values: [0, 0, 3, 0, 1, 1, 0, 2])
    let query = Embeddings(dimensions: 2, values: [1, 0])
    let neighbours = NearestNeighbours(of: query, among: rows, kernels: try Kernels())
    // Squared distances: 1, 4, 1, 5.
    #expect(neighbours.nearest(3, of: 0, among: [0, 1, 2, 3]) == [0, 2, 1])
    // Equal distances keep the order of the candidates.
    #expect(neighbours.nearest(2, of: 0, among: [3, 2, 1, 0]) == [2, 0])
    #expect(neighbours.nearest(1, of: 0, among: [3]) == [3])
  }

  /// Vectors in a narrow cone far from the origin, where float32 products cannot tell distances
  /// apart: |q| |r| is 10⁸ times the squared distance.
  @Test(arguments: [0, 10, 1000] as [Float])
  func `are exact however far the vectors lie from the origin`(offset: Float) throws {
    var random = SplitMix(state: 7)
    func vectors(_ count: Int) -> Embeddings {
      let values = (0..<count * 48).map { _ in
        offset + Float(random.next() >> 40) / Float(1 << 24)
      }
      return Embeddings(dimensions: 48, values: values)
    }
    let (rows, queries) = (vectors(300), vectors(40))
    let neighbours = NearestNeighbours(of: queries, among: rows, kernels: try Kernels())
    let candidates = Array(0..<300).shuffled(using: &random)
    for query in 0..<queries.count {
      let distances = candidates.map { row in
        zip(queries[query], rows[row]).reduce(0.0) { sum, pair in
          sum + (Double(pair.0) - Double(pair.1)) * (Double(pair.0) - Double(pair.1))
        }
      }
      let order = candidates.indices.sorted { (distances[$0], $0) < (distances[$1], $1) }
      #expect(
        neighbours.nearest(5, of: query, among: candidates)
          == order.prefix(5).map { candidates[$0] })
    }
  }

  @Test func `are found where products overflow float32`() throws {
    let rows = Embeddings(dimensions: 2, values: [3e38, 0, 0, 3e38, 2e38, 0, -3e38, 0])
    let query = Embeddings(dimensions: 2, values: [3e38, 0])
    let neighbours = NearestNeighbours(of: query, among: rows, kernels: try Kernels())
    #expect(neighbours.nearest(3, of: 0, among: [3, 2, 1, 0]) == [0, 2, 1])
  }
}
