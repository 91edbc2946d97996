// Streaming the rows of a split, whatever format its files have.

package import Core
import Foundation

extension DataFolder {
  /// Calls `body` with every row of a split, file after file, in the order of the files.
  ///
  /// Rows are read as they are needed: memory holds one block of a file at a time.
  ///
  /// - Parameters:
  ///   - configuration: name of the configuration
  ///   - split: name of the split
  ///   - columns: what to read; a row has a value for each, [columns], `.null` where the file has
  ///     null or lacks an optional column
  ///   - rule: how the split is chosen
  ///   - body: takes a row; what it throws ends the reading
  /// - Throws: `Failure` naming the file and, where there is one, the line or row: `.missing` for
  ///   absent configurations, splits, files and programs; `.malformed` for contents;
  ///   `.interrupted` when the surrounding task is cancelled.
  package nonisolated(nonsending) func forEachRow(
    configuration: String, split: String, columns: [Column], rule: SplitRule = .exact,
    _ body: (_ row: [JSON]) throws(Failure) -> Void
  ) async throws(Failure) {
    try await forEachBlock(
      of: 1, configuration: configuration, split: split, columns: columns, rule: rule
    ) { rows throws(Failure) in
      for row in rows { try body(row) }
    }
  }

  /// Calls `body` with blocks of at least `size` rows, the last one perhaps smaller.
  ///
  /// As `forEachRow`, for a `body` that has long work to do: reading waits while it does it, so
  /// memory holds one block whatever the size of the data. A transform that has to see all rows of
  /// a split before it hands out the first one (`Transform.needsAllRows`) holds all of them.
  package nonisolated(nonsending) func forEachBlock(
    of size: Int, configuration: String, split: String, columns: [Column],
    rule: SplitRule = .exact,
    _ body: nonisolated(nonsending) (_ rows: [[JSON]]) async throws(Failure) -> Void
  ) async throws(Failure) {
    guard transforms.isEmpty else {
      try await forEachTransformedBlock(
        of: size, configuration: configuration, split: split, columns: columns, rule: rule, body)
      return
    }
    try await forEachFileBlock(
      of: size, configuration: configuration, split: split, columns: columns, rule: rule, body)
  }

  /// The rows as the files have them.
  nonisolated(nonsending) func forEachFileBlock(
    of size: Int, configuration: String, split: String, columns: [Column], rule: SplitRule,
    _ body: nonisolated(nonsending) (_ rows: [[JSON]]) async throws(Failure) -> Void
  ) async throws(Failure) {
    var waiting: [[JSON]] = []
    for file in try files(configuration: configuration, split: split, rule: rule) {
      try await readBlocks(of: file, columns: columns) { rows throws(Failure) in
        waiting += rows
        if waiting.count >= size {
          try await body(waiting)
          waiting.removeAll(keepingCapacity: true)
        }
      }
    }
    if !waiting.isEmpty { try await body(waiting) }
  }

  /// The rows of one file, as many at a time as one block of it holds.
  private nonisolated(nonsending) func readBlocks(
    of file: URL, columns: [Column],
    _ body: nonisolated(nonsending) ([[JSON]]) async throws(Failure) -> Void
  ) async throws(Failure) {
    let subject = FilePaths.display(file)
    guard let format = FileFormat(path: file.lastPathComponent) else {
      throw Failure(
        .unsupported, subject, "not a data file that Borda reads",
        hint: "convert it to .jsonl, .parquet, .csv or .tsv (the first two may be best)")
    }
    let before = try DataFile(file)
    switch format.kind {
    case .jsonLines, .json:
      let shape = RowShape(columns: columns, isTyped: true)
      let reader = JSONLinesReader(
        subject: subject, shape: shape, mayBeList: format.kind == .json)
      try await readText(of: file, format, reader, body)
    case .csv, .tsv:
      let reader = DelimitedReader(
        subject: subject, shape: RowShape(columns: columns, isTyped: false),
        delimiter: UInt8(ascii: format.kind == .tsv ? "\t" : ","))
      try await readText(of: file, format, reader, body)
    case .parquet:
      guard format.compression == nil else {
        throw Failure(
          .unsupported, subject, "Parquet within another compression", hint: "decompress the file")
      }
      guard let duckDB else { throw DuckDB.missing(subject: subject) }
      let shape = RowShape(columns: columns, isTyped: true)
      if let lines = await batches.lines(of: file, before, shape, with: duckDB) {
        try await body(try DuckDB.rows(printed: lines, shape: shape, subject: subject))
      } else {
        try await duckDB.eachBlock(of: file, shape: shape, body)
      }
    }
    try before.requireUnchanged(file)
  }

  /// The rows that a reader makes of the text of a file.
  private nonisolated(nonsending) func readText(
    of file: URL, _ format: FileFormat, _ reader: some RowReader,
    _ body: nonisolated(nonsending) ([[JSON]]) async throws(Failure) -> Void
  ) async throws(Failure) {
    var reader = reader
    var rows: [[JSON]] = []
    try await eachBlock(of: file, format: format) { block throws(Failure) in
      try reader.take(block) { rows.append($0) }
      try await body(rows)
      rows.removeAll(keepingCapacity: true)
    }
    try reader.finish { rows.append($0) }
    try await body(rows)
  }

  /// Blocks of the text of a file, decompressed where needed.
  private nonisolated(nonsending) func eachBlock(
    of file: URL, format: FileFormat,
    _ body: nonisolated(nonsending) ([UInt8]) async throws(Failure) -> Void
  ) async throws(Failure) {
    switch format.compression {
    case nil: try await FileBlocks.each(of: file, body)
    case .some(let compression):
      try await Decompressor(compression).eachBlock(of: file, body)
    }
  }
}
