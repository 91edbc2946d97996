// The documents of a retrieval data set, streamed in file order.

import Core
import Datasets

/// Streams the documents of a corpus in file order.
struct CorpusReader: Sendable {
  let data: DataFolder
  let configuration: String
  let split: String
  let place: String
  /// Where there are candidate lists, documents that none of them names are passed over: nothing
  /// is compared with them, so they need no vector.
  var candidates: CandidateLists?

  private static let columns: [Column] = [
    .identifier, Column("text", as: .text), Column("title", as: .text, isOptional: true),
  ]

  /// The number of documents that will be handed out, after a pass that checks their ids.
  ///
  /// - Throws: `.malformed` for an id that occurs twice and for a candidate that is no document
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
    guard let candidates else { return row.number }
    if let absent = candidates.firstDocument(notIn: seen) {
      throw Failure(
        .malformed, place, "there is no document '\(absent)', which a candidate list names",
        hint: "add the document, or correct corpus-ids in top_ranked")
    }
    return candidates.documentCount
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
        let id = try row.text(values[0], "_id")
        if let candidates, candidates.queries(listing: id).isEmpty { continue }
        ids.append(id)
        texts.append(
          Self.document(title: values[2].string, text: try row.text(values[1], "text")))
      }
      if !ids.isEmpty { try await body(ids, texts) }
    }
  }

  private static func document(title: String?, text: String) -> String {
    guard let title, !title.isEmpty else { return text.strippedAsPython }
    return "\(title) \(text)".strippedAsPython
  }
}

extension Column {
  /// The id of a document or of a query.
  static let identifier = Column("_id", or: ["id"], as: .text)
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
