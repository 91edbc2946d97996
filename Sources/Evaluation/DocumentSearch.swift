// Scores of documents for queries, gathered block by block: of the whole corpus, or of the
// candidates that each query lists.

import Core
import Foundation
import Tensors

/// The best documents of every query by the model's own similarity, gathered block by block.
///
/// A query and a document have the same score, to the last bit, whichever way they are compared.
protocol DocumentSearch {
  /// Compares queries with a block of documents, [documents, dimensions], and their ids.
  mutating func add(_ block: Embeddings, ids: [String]) async

  /// The documents kept for each query, best first, by their numbers in the order of adding.
  consuming func ranked() -> [[(document: Int, score: Float)]]
}

extension NearestSearch: DocumentSearch {
  mutating func add(_ block: Embeddings, ids: [String]) async { await add(block) }

  consuming func ranked() -> [[(document: Int, score: Float)]] {
    results().map { hits in hits.map { ($0.document, $0.score) } }
  }
}

/// For each query the scores of the documents that it lists.
struct CandidateSearch: DocumentSearch {
  typealias Hit = (document: Int, score: Float)

  private let queries: Embeddings
  private let candidates: CandidateLists
  private let similarity: Similarity
  private let keep: Int
  private let kernels: Kernels
  private var hits: [[Hit]]
  private var documents = 0

  /// A search that keeps the `keep` best candidates of each of the queries, [queries, dimensions].
  init(
    queries: Embeddings, candidates: CandidateLists, similarity: Similarity, keep: Int
  ) throws(Failure) {
    let kernels = try Kernels()
    self.queries = similarity == .cosine ? kernels.normalized(queries) : queries
    self.candidates = candidates
    self.similarity = similarity
    self.keep = keep
    self.kernels = kernels
    hits = Array(repeating: [], count: queries.count)
  }

  mutating func add(_ block: Embeddings, ids: [String]) async {
    let vectors = similarity == .cosine ? kernels.normalized(block) : block
    var rows: [Int: [Int]] = [:]
    for (row, id) in ids.enumerated() {
      for query in candidates.queries(listing: id) { rows[query, default: []].append(row) }
    }
    let listing = rows.sorted { $0.key < $1.key }
    let count = max(
      1, min(ProcessInfo.processInfo.activeProcessorCount, listing.count / 64))
    let found = await withTaskGroup(of: [(query: Int, hits: [Hit])].self) { group in
      for part in 0..<count {
        let share = listing[listing.count * part / count..<listing.count * (part + 1) / count]
        group.addTask { [self] in
          share.map { ($0.key, scored($0.value, of: vectors, for: $0.key)) }
        }
      }
      return await group.reduce(into: []) { $0 += $1 }
    }
    for (query, new) in found { hits[query] += new }
    documents += block.count
  }

  /// Scores of some documents of a block for one query.
  private func scored(_ rows: [Int], of vectors: Embeddings, for query: Int) -> [Hit] {
    let packed = PackedWeights(queries, rows: query..<query + 1, for: kernels)
    var scores = Matrix(rows: rows.count, columns: 1)
    kernels.products(vectors.rows(rows), rows: 0..<rows.count, packed, into: &scores)
    return zip(rows, scores.copy(rows: rows.count)).map { (documents + $0, $1) }
  }

  /// Of equal scores the candidate that was added first is kept.
  consuming func ranked() -> [[Hit]] {
    hits.map { hits in
      let ordered = hits.sorted { ($1.score, $0.document) < ($0.score, $1.document) }
      return Array(ordered.prefix(keep))
    }
  }
}
