// What retrieval measures compare: the judgements of people and the ranking of a model.

/// How relevant documents are to queries: whole grades, above 0 for relevant.
package struct Judgements: Sendable, Equatable {
  /// Query id -> document id -> grade.
  package private(set) var grades: [String: [String: Int]] = [:]

  package init(_ grades: [String: [String: Int]] = [:]) { self.grades = grades }

  /// Adds a judgement; of two for the same query and document the last one holds.
  package mutating func set(query: String, document: String, grade: Int) {
    grades[query, default: [:]][document] = grade
  }

  /// The queries with any judgement, also those with nothing but zeros, sorted.
  package var queries: [String] { grades.keys.sorted() }

  package subscript(query: String) -> [String: Int] { grades[query] ?? [:] }
}

/// The order of documents with scores: trec_eval's, so that ties have one meaning everywhere.
package enum RankingOrder {
  /// Whether the first document comes before the second: the higher float32 score does, of equal
  /// scores the id that is greater byte by byte (`9` before `10`).
  ///
  /// A total order as long as scores are numbers and ids are distinct; NaN comes last.
  package static func precedes(
    _ first: (id: String, score: Float), _ second: (id: String, score: Float)
  ) -> Bool {
    if first.score != second.score, !(first.score.isNaN && second.score.isNaN) {
      return first.score > second.score || second.score.isNaN
    }
    return second.id.utf8.lexicographicallyPrecedes(first.id.utf8)
  }
}

/// The documents that a model ranks for one query, best first by `RankingOrder`.
package struct RankedQuery: Sendable {
  package typealias Hit = (id: String, score: Float)

  package let queryID: String
  /// Best first.
  package let hits: [Hit]

  /// A ranking from hits in any order; hits that are in order already are not sorted again.
  ///
  /// A document id must not occur twice.
  package init(queryID: String, hits: [Hit]) {
    self.queryID = queryID
    let isInOrder = zip(hits, hits.dropFirst()).allSatisfy {
      !RankingOrder.precedes($1, $0)
    }
    self.hits = isInOrder ? hits : hits.sorted(by: RankingOrder.precedes)
  }
}
