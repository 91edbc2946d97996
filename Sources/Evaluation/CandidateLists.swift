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
        placeCount += 1
      }
    }
  }

  /// The lists of some queries, [positions], which take the numbers 0 and up in that order.
  func keeping(queries kept: [Int]) -> CandidateLists {
    let numbers = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1, $0) })
    var lists = CandidateLists([])
    for (document, positions) in queries {
      let own = positions.compactMap { numbers[$0] }.sorted()
      if !own.isEmpty { lists.queries[document] = own }
    }
    lists.listedQueries = Set(lists.queries.values.joined()).count
    return lists
  }

  /// How many documents are in any list.
  var documentCount: Int { queries.count }
  /// How many documents all lists have together.
  private(set) var placeCount = 0

  /// Positions of the queries that list a document, ascending.
  func queries(listing id: String) -> [Int] { queries[ExactText(id)] ?? [] }

  /// A listed document that is not among these; the first by name, so that messages do not vary.
  func firstDocument(notIn known: IdentifierTable) -> String? {
    queries.keys.lazy.map(\.text).filter { !known.contains($0) }.min()
  }
}
