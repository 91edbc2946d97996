// Exact search by a model's own similarity, spread over the processors by queries.

import Core
import Foundation
import Tensors

/// For each query the documents most similar to it, gathered block by block.
///
/// Cosine normalises both sides in float32 first, as the reference does; dividing by the norm, or
/// by 1e-12 where the norm is smaller. Of equal scores the document that came first is kept.
struct NearestSearch {
  private let similarity: Similarity
  private let kernels: Kernels
  private var parts: [TopHits]
  private var documents = 0

  /// A search for the `keep` best documents of each of the queries, [queries, dimensions].
  init(queries: Embeddings, similarity: Similarity, keep: Int) throws(Failure) {
    self.similarity = similarity
    let kernels = try Kernels()
    self.kernels = kernels
    let queries = similarity == .cosine ? kernels.normalized(queries) : queries
    // A part is the share of one thread; a score has the same bits whatever its part.
    let count = max(1, min(ProcessInfo.processInfo.activeProcessorCount, queries.count / 64))
    parts = (0..<count).map { part in
      let rows = queries.count * part / count..<queries.count * (part + 1) / count
      return TopHits(queries: queries, rows: rows, limit: keep, kernels: kernels)
    }
  }

  /// Documents compared at a time, so that normalised copies stay small whatever a block's size.
  private static let slice = 4096

  /// Compares every query with a block of documents, [documents, dimensions].
  mutating func add(_ block: Embeddings) async {
    guard similarity == .cosine else { return await compare(block) }
    var start = 0
    while start < block.count {
      let rows = start..<min(start + Self.slice, block.count)
      await compare(kernels.normalized(rows.count == block.count ? block : block.rows(rows)))
      start = rows.upperBound
    }
  }

  /// The same for vectors that are ready to be multiplied.
  private mutating func compare(_ vectors: Embeddings) async {
    let first = documents
    documents += vectors.count
    parts = await withTaskGroup(of: (Int, TopHits).self) { group in
      for (place, part) in parts.enumerated() {
        group.addTask {
          var part = part
          part.add(vectors, firstID: first)
          return (place, part)
        }
      }
      var done = parts
      for await (place, part) in group { done[place] = part }
      return done
    }
  }

  /// The best documents of each query, best first.
  consuming func results() -> [[TopHits.Hit]] { parts.flatMap { $0.hits() } }
}
