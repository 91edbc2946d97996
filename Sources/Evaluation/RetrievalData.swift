// The data of one retrieval cell: queries, judgements and candidate lists in memory, the corpus a
// stream.

import Core
import Datasets
import Metrics

/// Queries and judgements of one cell, and the way to its documents.
package struct RetrievalProblem: Sendable {
  /// Only those with a judgement.
  var queryIDs: [String] = []
  var queries: [String] = []
  var judgements = Judgements()
  var corpus: CorpusReader
  /// Queries left out because nobody judged anything for them.
  var unjudged = 0
  /// Documents that a changed instruction makes irrelevant, by query (instruction reranking).
  var changes: [(query: String, documents: [String])] = []

  /// What each query ranks; nil where it ranks the whole corpus.
  var candidates: CandidateLists? { corpus.candidates }
}

/// Reads the configurations of a retrieval data set (mteb's names, with the split of each).
struct RetrievalReader {
  let task: TaskDefinition
  let data: DataFolder
  let cell: Cell

  func read() async throws(Failure) -> RetrievalProblem {
    let corpus = CorpusReader(
      data: data, configuration: configurations.corpus, split: cell.split,
      place: place(of: "corpus"))
    var problem = RetrievalProblem(corpus: corpus)
    try await readJudgements(into: &problem)
    try await readQueries(into: &problem)
    problem.corpus.candidates = try await candidates(of: problem.queryIDs)
    return problem
  }

  func place(of part: String) -> String {
    "\(task.name) \(part) (\(cell.subset.name), \(cell.split))"
  }

  /// `corpus` for the subset `default`, `eng-corpus` for the subset `eng`.
  private func configuration(_ part: String) -> String {
    cell.subset.name == "default" ? part : "\(cell.subset.name)-\(part)"
  }

  /// Which configurations hold what, as the data set has them.
  struct Configurations {
    var judgements: String
    var queries: String
    var corpus: String
    /// nil where the data set has none, as below.
    var instructions: String?
    var candidates: String?
    var changes: String?

    var all: [String] {
      [judgements, queries, corpus] + [instructions, candidates, changes].compactMap { $0 }
    }
  }

  var configurations: Configurations {
    let known = Set(data.configurations)
    let own = { (part: String) in known.contains(configuration(part)) ? configuration(part) : nil }
    let isDefault = cell.subset.name == "default" && known.contains("default")
    return Configurations(
      judgements: isDefault ? "default" : configuration("qrels"),
      // A configuration called exactly "query" wins where there is one.
      queries: known.contains("query") ? "query" : configuration("queries"),
      corpus: configuration("corpus"), instructions: own("instruction"),
      candidates: own("top_ranked"),
      changes: own("qrel_diff") ?? (known.contains("qrel_diff") ? "qrel_diff" : nil))
  }

  /// Every row of a part of the data set, with its place for messages.
  private func forEachRow(
    of part: String, _ configuration: String, _ columns: [Column],
    _ body: (_ values: [JSON], _ row: PlacedRow) throws(Failure) -> Void
  ) async throws(Failure) {
    var row = PlacedRow(place: place(of: part))
    try await data.forEachRow(
      configuration: configuration, split: cell.split, columns: columns, rule: .orTheOnlyOne
    ) { values throws(Failure) in
      row.number += 1
      try body(values, row)
    }
    try row.requireAny()
  }

  private func readJudgements(into problem: inout RetrievalProblem) async throws(Failure) {
    let columns = [
      Column("query-id", as: .text), Column("corpus-id", as: .text), Column("score", as: .integer),
    ]
    var judgements = Judgements()
    try await forEachRow(of: "judgements", configurations.judgements, columns) {
      values, row throws(Failure) in
      guard let grade = values[2].integer else { throw row.malformed("there is no score") }
      // A repeated judgement: the last row holds, as in the reference.
      judgements.set(
        query: try row.text(values[0], "query-id"), document: try row.text(values[1], "corpus-id"),
        grade: grade)
    }
    problem.judgements = judgements
  }

  private func readQueries(into problem: inout RetrievalProblem) async throws(Failure) {
    let instructions = try await instructions()
    var seen: Set<ExactText> = []
    var read = problem
    try await forEachRow(
      of: "queries", configurations.queries,
      [.identifier, "text", Column("instruction", as: .text, isOptional: true)]
    ) { values, row throws(Failure) in
      let id = try row.text(values[0], "_id")
      guard seen.insert(ExactText(id)).inserted else { throw row.duplicate(id) }
      var text = try QueryText(values[1], row)
      guard read.judgements.grades[id] != nil else {
        read.unjudged += 1
        return
      }
      text.instruction = values[2].string
      if let instructions {
        guard let instruction = instructions[ExactText(id)] else {
          throw row.malformed(
            "there is no instruction for the query '\(id)'",
            hint: "add a row to the configuration '\(self.configuration("instruction"))'")
        }
        text.instruction = instruction
      }
      read.queryIDs.append(id)
      read.queries.append(text.joined)
    }
    problem = read
    guard !problem.queries.isEmpty else {
      throw Failure(
        .malformed, place(of: "queries"), "no query has a judgement",
        hint: "check that query-id in the judgements matches _id in the queries")
    }
  }

  /// Instructions by query id; nil where the data have none.
  private func instructions() async throws(Failure) -> [ExactText: String]? {
    guard let configuration = configurations.instructions else { return nil }
    var instructions: [ExactText: String] = [:]
    let columns = [Column("query-id", as: .text), Column("instruction", as: .text)]
    try await forEachRow(of: "instructions", configuration, columns) {
      values, row throws(Failure) in
      let id = try row.text(values[0], "query-id")
      instructions[ExactText(id)] = try row.text(values[1], "instruction")
    }
    return instructions
  }

  /// The candidate lists of these queries; nil where the data have none for anybody.
  ///
  /// Of two lists for one query the last one holds, as in the reference.
  private func candidates(of queryIDs: [String]) async throws(Failure) -> CandidateLists? {
    guard let configuration = configurations.candidates else { return nil }
    let positions = Dictionary(
      queryIDs.enumerated().map { (ExactText($1), $0) }, uniquingKeysWith: { first, _ in first })
    var lists: [[String]?] = Array(repeating: nil, count: queryIDs.count)
    try await forEachRow(
      of: "candidates", configuration, [Column("query-id", as: .text), "corpus-ids"]
    ) { values, row throws(Failure) in
      let id = try row.text(values[0], "query-id")
      let documents = try row.ids(values[1], "corpus-ids")
      if let position = positions[ExactText(id)] { lists[position] = documents }
    }
    return CandidateLists(lists)
  }

  /// The documents that changed instructions make irrelevant, by query id without `-og`.
  func changes() async throws(Failure) -> [(query: String, documents: [String])] {
    let configuration = configurations.changes ?? "qrel_diff"
    var changes: [(query: String, documents: [String])] = []
    try await forEachRow(
      of: "changed judgements", configuration, [Column("query-id", as: .text), "corpus-ids"]
    ) { values, row throws(Failure) in
      let id = try row.text(values[0], "query-id")
      guard !changes.contains(where: { $0.query == id }) else { throw row.duplicate(id) }
      changes.append((id, try row.ids(values[1], "corpus-ids")))
    }
    return changes
  }
}
