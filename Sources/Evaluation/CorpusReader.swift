// The documents of a retrieval data set in file order: a stream, or kept in memory where a plan has
// read them and they are few.

import Core
import Datasets
import Synchronization

/// Streams the documents of a corpus in file order.
package struct CorpusReader: Sendable {
  let data: DataFolder
  let configuration: String
  let split: String
  let place: String
  /// Where there are candidate lists, documents that none of them names are passed over: nothing
  /// is compared with them, so they need no vector.
  var candidates: CandidateLists?
  /// Of a quick look: documents that are not in it are passed over as well.
  var sample: DocumentSample?
  /// The documents, once they have been read and kept; one for all copies of this reader.
  private let shelf = DocumentShelf()

  init(data: DataFolder, configuration: String, split: String, place: String) {
    self.data = data
    self.configuration = configuration
    self.split = split
    self.place = place
  }

  private static let columns: [Column] = [
    .identifier, Column("text", as: .text), Column("title", as: .text, isOptional: true),
  ]

  /// How large a block may become.
  struct BlockLimit {
    /// Documents, at least 1.
    var documents = 4096
    /// UTF-8 bytes of their texts, beyond which no document is added.
    var textBytes = 1 << 26
  }

  /// Bytes that the documents in memory take; 0 where none are kept.
  var keptBytes: Int { shelf.documents?.bytes ?? 0 }

  /// Counts the documents, in a pass that reads their ids alone.
  ///
  /// - Parameter room: bytes that documents may take to be kept for the passes that follow, which
  ///   read nothing then; for small files all is read instead of the ids.
  /// - Throws: `.malformed` for an id that occurs twice and for a candidate that is no document
  /// - Returns: how many documents will be handed out
  func checkedCount(keepingUpTo room: Int = 0) async throws(Failure) -> Int {
    let part = DataPart(configuration, split, .orTheOnlyOne)
    if room > 0, try data.size(of: part) <= room { return try await kept(upTo: room) }
    var ids = KnownDocuments(candidates, sample)
    var row = PlacedRow(place: place)
    try await data.forEachRow(
      configuration: configuration, split: split, columns: [.identifier], rule: .orTheOnlyOne
    ) { values throws(Failure) in
      row.number += 1
      _ = try ids.add(try row.text(values[0], "_id"), row)
    }
    try row.requireAny()
    try ids.requireCandidates(place)
    return ids.handedOut.count
  }

  /// Reads all documents and keeps them if they fit; their number.
  private func kept(upTo room: Int) async throws(Failure) -> Int {
    var texts: [String]? = []
    var bytes = 0
    let ids = try await forEachBlock { _, block throws(Failure) in
      bytes += Footprint.texts(block.count, bytes: block.reduce(0) { $0 + $1.utf8.count })
      if bytes <= room { texts?.append(contentsOf: block) } else { texts = nil }
    }
    if let texts, bytes + ids.byteCount <= room {
      shelf.documents = KeptDocuments(ids: ids, texts: texts, bytes: bytes + ids.byteCount)
    }
    return ids.count
  }

  /// Calls `body` with blocks of documents as mteb joins them: title, blank, text, stripped.
  ///
  /// - Parameters:
  ///   - limit: how large the next block may become, given the bytes that ids take by now.
  ///   - body: takes the ids and the texts of a block.
  /// - Returns: the ids of all documents handed out, numbered in their order.
  /// - Throws: what reading, `limit` or `body` throws, and as `checkedCount` does.
  @discardableResult func forEachBlock(
    limit: (_ idBytes: Int) throws(Failure) -> BlockLimit = { _ throws(Failure) in BlockLimit() },
    _ body: (_ ids: [String], _ texts: [String]) async throws(Failure) -> Void
  ) async throws(Failure) -> IdentifierTable {
    if let documents = shelf.documents {
      try await documents.forEachBlock(limit: limit, body)
      return documents.ids
    }
    var row = PlacedRow(place: place)
    var known = KnownDocuments(candidates, sample)
    var block = DocumentBlock(try limit(0))
    // Blocks are cut here, by their bytes too; the reader hands out what one read gives.
    try await data.forEachBlock(
      of: 1, configuration: configuration, split: split, columns: Self.columns,
      rule: .orTheOnlyOne
    ) { rows throws(Failure) in
      for values in rows {
        row.number += 1
        let id = try row.text(values[0], "_id")
        guard try known.add(id, row) else { continue }
        let text = Self.document(
          title: values[2].string, text: try row.text(values[1], "text"))
        block.append(id, text)
        if block.isFull {
          try await body(block.ids, block.texts)
          block = DocumentBlock(try limit(known.byteCount))
        }
      }
    }
    if !block.ids.isEmpty { try await body(block.ids, block.texts) }
    try row.requireAny()
    try known.requireCandidates(place)
    return known.handedOut
  }

  private static func document(title: String?, text: String) -> String {
    guard let title, !title.isEmpty else { return text.strippedAsPython }
    return "\(title) \(text)".strippedAsPython
  }
}

/// Documents on their way to an embedder.
private struct DocumentBlock {
  private(set) var ids: [String] = []
  private(set) var texts: [String] = []
  private var bytes = 0
  private let limit: CorpusReader.BlockLimit

  init(_ limit: CorpusReader.BlockLimit) { self.limit = limit }

  var isFull: Bool { ids.count >= limit.documents || bytes >= limit.textBytes }

  mutating func append(_ id: String, _ text: String) {
    ids.append(id)
    texts.append(text)
    bytes += text.utf8.count
  }
}

/// The documents of a corpus in memory.
private struct KeptDocuments {
  /// Numbered as `texts` are.
  let ids: IdentifierTable
  let texts: [String]
  /// What both take.
  let bytes: Int

  func forEachBlock(
    limit: (_ idBytes: Int) throws(Failure) -> CorpusReader.BlockLimit,
    _ body: (_ ids: [String], _ texts: [String]) async throws(Failure) -> Void
  ) async throws(Failure) {
    var block = DocumentBlock(try limit(ids.byteCount))
    for (number, text) in texts.enumerated() {
      block.append(ids[number], text)
      if block.isFull {
        try await body(block.ids, block.texts)
        block = DocumentBlock(try limit(ids.byteCount))
      }
    }
    if !block.ids.isEmpty { try await body(block.ids, block.texts) }
  }
}

/// A place for the documents that copies of a reader share.
private final class DocumentShelf: Sendable {
  private let state = Mutex<KeptDocuments?>(nil)

  var documents: KeptDocuments? {
    get { state.withLock(\.self) }
    set { state.withLock { $0 = newValue } }
  }
}

/// The ids of a corpus so far.
private struct KnownDocuments {
  let candidates: CandidateLists?
  /// Ids of the documents that are compared.
  private(set) var handedOut = IdentifierTable()
  /// Ids of those that no candidate list names, or that a quick look leaves out.
  private var passedOver = IdentifierTable()

  private let sample: DocumentSample?

  init(_ candidates: CandidateLists?, _ sample: DocumentSample?) {
    self.candidates = candidates
    self.sample = sample
  }

  var byteCount: Int { handedOut.byteCount + passedOver.byteCount }

  /// Takes note of a document; whether it is one to compare.
  mutating func add(_ id: String, _ row: PlacedRow) throws(Failure) -> Bool {
    let isListed =
      (candidates.map { !$0.queries(listing: id).isEmpty } ?? true)
      && (sample?.holds(id, at: row.number - 1) ?? true)
    let number = isListed ? handedOut.insert(id) : passedOver.insert(id)
    guard number != nil else { throw row.duplicate(id) }
    return isListed
  }

  func requireCandidates(_ place: String) throws(Failure) {
    guard let absent = candidates?.firstDocument(notIn: handedOut) else { return }
    throw Failure(
      .malformed, place, "there is no document '\(absent)', which a candidate list names",
      hint: "add the document, or correct corpus-ids in top_ranked")
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
