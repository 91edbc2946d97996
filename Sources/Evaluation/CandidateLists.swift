// Candidate lists: for each query the documents it is to rank, where a data set names them. Their
// presence is what turns retrieval into reranking.

import Core

/// The documents that each query ranks.
struct CandidateLists: Sendable {
  /// Document id -> positions of the queries that list it, ascending, each once.
  private var queries: [ExactText: [Int]] = [:]
  /// How many queries have a list of at least one document.
  private(set) var listedQueries = 0

  /// - Parameter lists: a list for every query; nil where the data have none. A document that
  ///   occurs twice in a list counts once.
  init(_ lists: [[String]?]) {
    for (query, list) in lists.enumerated() {
      guard let list, !list.isEmpty else { continue }
      listedQueries += 1
      for id in list where queries[ExactText(id)]?.last != query {
        queries[ExactText(id), default: []].append(query)
      }
    }
  }

  /// How many documents are in any list.
  var documentCount: Int { queries.count }

  /// Positions of the queries that list a document, ascending.
  func queries(listing id: String) -> [Int] { queries[ExactText(id)] ?? [] }

  /// A listed document that is not among these; the first by name, so that messages do not vary.
  func firstDocument(notIn known: Set<ExactText>) -> String? {
    queries.keys.filter { !known.contains($0) }.map(\.text).min()
  }
}
