// The data of one retrieval cell: queries and judgements in memory, the corpus a stream.

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
  var corpusSize = 0
  /// Queries left out because nobody judged anything for them.
  var unjudged = 0
}

/// Reads the configurations of a retrieval data set (mteb's names, with the split of each).
struct RetrievalReader {
  let task: TaskDefinition
  let data: DataFolder
  let cell: Cell

  func read() async throws(Failure) -> RetrievalProblem {
    let corpus = CorpusReader(
      data: data, configuration: configuration("corpus"), split: cell.split,
      place: place(of: "corpus"))
    var problem = RetrievalProblem(corpus: corpus)
    try await readJudgements(into: &problem)
    try await readQueries(into: &problem)
    problem.corpusSize = try await corpus.checkedCount()
    return problem
  }

  private func place(of part: String) -> String {
    "\(task.name) \(part) (\(cell.subset.name), \(cell.split))"
  }

  /// `corpus` for the subset `default`, `eng-corpus` for the subset `eng`.
  private func configuration(_ part: String) -> String {
    cell.subset.name == "default" ? part : "\(cell.subset.name)-\(part)"
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
    let own = configuration("qrels")
    let isDefault = cell.subset.name == "default" && data.configurations.contains("default")
    let columns = [
      Column("query-id", as: .text), Column("corpus-id", as: .text), Column("score", as: .integer),
    ]
    var judgements = Judgements()
    try await forEachRow(of: "judgements", isDefault ? "default" : own, columns) {
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
    // A configuration called exactly "query" wins where there is one.
    let isSpecial = data.configurations.contains("query")
    let configuration = isSpecial ? "query" : configuration("queries")
    var seen: Set<ExactText> = []
    var queries: [(id: String, text: String)] = []
    try await forEachRow(of: "queries", configuration, [.identifier, "text"]) {
      values, row throws(Failure) in
      let id = try row.text(values[0], "_id")
      guard seen.insert(ExactText(id)).inserted else { throw row.duplicate(id) }
      queries.append((id, try Self.query(values[1], row)))
    }
    for query in queries {
      if problem.judgements.grades[query.id] == nil {
        problem.unjudged += 1
      } else {
        problem.queryIDs.append(query.id)
        problem.queries.append(query.text)
      }
    }
    guard !problem.queries.isEmpty else {
      throw Failure(
        .malformed, place(of: "queries"), "no query has a judgement",
        hint: "check that query-id in the judgements matches _id in the queries")
    }
  }

  /// A text, or a conversation: turns joined with "; ", each as "role: content" where it has a role.
  private static func query(_ value: JSON, _ row: PlacedRow) throws(Failure) -> String {
    if let text = value.string { return text }
    let turns = value.array?.map { turn -> String? in
      if let text = turn.string { return text }
      guard let role = turn["role"]?.string, let content = turn["content"]?.string else {
        return nil
      }
      return "\(role): \(content)"
    }
    guard let turns, !turns.isEmpty, !turns.contains(nil) else {
      throw row.malformed("column 'text' is no text")
    }
    return turns.compactMap { $0 }.joined(separator: "; ")
  }
}

extension Column {
  fileprivate static let identifier = Column("_id", or: ["id"], as: .text)
}

/// A row of one part of a data set, for messages.
private struct PlacedRow {
  let place: String
  /// Counted from 1, in the order of the files; 0 before the first.
  var number = 0

  func malformed(_ problem: String, hint: String = "correct the row") -> Failure {
    Failure(.malformed, place, "row \(number): \(problem)", hint: hint)
  }

  func duplicate(_ id: String) -> Failure {
    malformed("the id '\(id)' occurs twice", hint: "remove one of the rows, or rename one")
  }

  func text(_ value: JSON, _ column: String) throws(Failure) -> String {
    guard let text = value.string else { throw malformed("column '\(column)' is no text") }
    return text
  }

  func requireAny() throws(Failure) {
    guard number > 0 else {
      throw Failure(.malformed, place, "there is no row", hint: "check the data files")
    }
  }
}

/// Streams the documents of a corpus in file order.
struct CorpusReader: Sendable {
  let data: DataFolder
  let configuration: String
  let split: String
  let place: String

  private static let columns: [Column] = [
    .identifier, Column("text", as: .text), Column("title", as: .text, isOptional: true),
  ]

  /// The number of documents, after a pass that refuses ids that occur twice.
  func checkedCount() async throws(Failure) -> Int {
    var seen: Set<ExactText> = []
    var row = PlacedRow(place: place)
    try await data.forEachRow(
      configuration: configuration, split: split, columns: [.identifier], rule: .orTheOnlyOne
    ) { values throws(Failure) in
      row.number += 1
      let id = try row.text(values[0], "_id")
      guard seen.insert(ExactText(id)).inserted else { throw row.duplicate(id) }
    }
    try row.requireAny()
    return row.number
  }

  /// Calls `body` with blocks of documents as mteb joins them: title, blank, text, stripped.
  func forEachBlock(
    of size: Int, _ body: (_ ids: [String], _ texts: [String]) async throws(Failure) -> Void
  ) async throws(Failure) {
    var row = PlacedRow(place: place)
    try await data.forEachBlock(
      of: size, configuration: configuration, split: split, columns: Self.columns,
      rule: .orTheOnlyOne
    ) { rows throws(Failure) in
      var ids: [String] = []
      var texts: [String] = []
      for values in rows {
        row.number += 1
        ids.append(try row.text(values[0], "_id"))
        texts.append(
          Self.document(title: values[2].string, text: try row.text(values[1], "text")))
      }
      try await body(ids, texts)
    }
  }

  private static func document(title: String?, text: String) -> String {
    guard let title, !title.isEmpty else { return text.strippedAsPython }
    return "\(title) \(text)".strippedAsPython
  }
}

extension String {
  /// Without white space at either end, where white space is what Python's `str.strip` removes:
  /// Unicode white space and the four separator controls U+001C to U+001F.
  var strippedAsPython: String {
    let isSpace = { (scalar: Unicode.Scalar) in
      scalar.properties.isWhitespace || (0x1C...0x1F).contains(scalar.value)
    }
    let scalars = unicodeScalars
    guard let first = scalars.firstIndex(where: { !isSpace($0) }),
      let last = scalars.lastIndex(where: { !isSpace($0) })
    else { return "" }
    return String(scalars[first...last])
  }
}
