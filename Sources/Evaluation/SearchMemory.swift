// What an exact search takes in memory: what is fixed by the queries, what grows with the documents,
// and what a block of documents takes while it is compared.

import Core

/// The sizes of one search.
struct SearchMemory {
  let queries: Int
  /// UTF-8 bytes of all query texts.
  let queryBytes: Int
  let dimensions: Int
  /// Documents kept for each query.
  let depth: Int
  /// Bytes of one id, about; a text of up to 15 needs no memory of its own.
  var idLength = 16

  /// Bytes held from the first block to the scores: texts and vectors of the queries, and the
  /// lists of the best with their ids at the end.
  var held: Int {
    let vector = Footprint.vector(dimensions)
    // The vectors as they are, normalised, and packed.
    let asked = Footprint.texts(queries, bytes: queryBytes) + queries * 3 * vector
    return asked + lists
  }

  /// Bytes of the lists: scores and numbers while searching; then hits, and rankings with ids.
  private var lists: Int {
    let searching = 8
    let finished = 16 + 24 + (idLength > 15 ? idLength + 32 : 0)
    return queries * depth * (searching + finished)
  }

  /// Bytes of ids for a corpus of this many documents.
  func ids(documents: Int) -> Int {
    IdentifierTable.estimatedBytes(count: documents, length: idLength)
  }

  /// Bytes that one document takes in a block, of texts of this many bytes: the row as it was read,
  /// the text made of it, its tokens, its vector twice.
  func perDocument(textBytes: Int) -> Int {
    4 * textBytes + 4 * Footprint.textOverhead + 3 * Footprint.vector(dimensions)
  }
}

extension SearchMemory {
  /// How large the next block may become.
  ///
  /// - Parameters:
  ///   - memory: the budget.
  ///   - idBytes: what ids take by now.
  ///   - seen: documents so far, and the UTF-8 bytes of their texts.
  ///   - place: the corpus, for the message.
  /// - Throws: `.unusable` where not even a small block fits.
  /// - Returns: documents, and bytes of their texts.
  func blockLimit(
    in memory: WorkMemory, idBytes: Int, seen: (documents: Int, bytes: Int), _ place: String
  ) throws(Failure) -> CorpusReader.BlockLimit {
    // The first block is small: nobody knows yet how long the texts are.
    let length = seen.documents == 0 ? 4000 : seen.bytes / seen.documents + 1
    var limit = CorpusReader.BlockLimit()
    // The table of ids doubles: before it does, there is room for what it will take.
    let rows = try memory.rows(
      of: perDocument(textBytes: length), beside: held + 2 * idBytes, most: limit.documents, place)
    limit.documents = rows
    limit.textBytes = min(limit.textBytes, max(rows * length * 2, 1 << 16))
    return limit
  }
}
