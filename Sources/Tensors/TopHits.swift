// Exact search: for each query the best documents, gathered block by block in bounded memory.

package import Core

/// For each of some queries, the k documents with the highest dot products seen so far.
///
/// Of equal scores the document with the smaller number comes first. The result does not depend
/// on how the documents are cut into blocks or on the order of the blocks.
package struct TopHits: Sendable {
  /// A document and its score.
  package struct Hit: Sendable, Equatable {
    /// Position of the document in the whole collection.
    package let document: Int
    package let score: Float
  }

  /// The state that the kernel works on, all dense: [queries, limit] and [queries].
  struct Lists: Sendable {
    let limit: Int
    var scores: [Float]
    var ids: [Int32]
    var counts: [Int32]
    var thresholds: [Float]
  }

  private let queries: PackedWeights
  private let kernels: Kernels
  private var lists: Lists

  /// Starts a search for the queries in `rows` of `queries`, [count, dimensions].
  ///
  /// `limit` is how many documents to keep for each of them, at least 1.
  package init(queries: Embeddings, rows: Range<Int>, limit: Int, kernels: Kernels) {
    precondition(limit > 0, "a search for the best \(limit)")
    self.queries = PackedWeights(queries, rows: rows, for: kernels)
    self.kernels = kernels
    lists = Lists(
      limit: limit, scores: Array(repeating: 0, count: rows.count * limit),
      ids: Array(repeating: 0, count: rows.count * limit),
      counts: Array(repeating: 0, count: rows.count),
      thresholds: Array(repeating: -.infinity, count: rows.count))
  }

  /// Compares every query with a block of documents whose first one has the number `firstID`.
  package mutating func add(_ documents: Embeddings, firstID: Int) {
    // 256 scores rows at a time stay in the cache between the product and the heaps.
    let step = 256
    var scores = Matrix(rows: min(step, documents.count), columns: queries.outputs)
    var start = 0
    while start < documents.count {
      let rows = start..<min(start + step, documents.count)
      kernels.products(documents, rows: rows, queries, into: &scores)
      kernels.updateTop(
        scores: scores, rows: rows.count, queries: queries.outputs,
        firstID: Int32(firstID + start), lists: &lists)
      start += step
    }
  }

  /// The best documents of each query, best first.
  package consuming func hits() -> [[Hit]] {
    kernels.sortTop(&lists)
    return lists.counts.indices.map { query in
      (0..<Int(lists.counts[query])).map { place in
        let at = query * lists.limit + place
        return Hit(document: Int(lists.ids[at]), score: lists.scores[at])
      }
    }
  }
}
