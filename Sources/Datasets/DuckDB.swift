// DuckDB's command line as the reader of Parquet: one run a file, or one for several small ones; rows
// come back as JSON lines in file order.

import Core
package import Foundation

/// The DuckDB program.
package struct DuckDB: Sendable {
  package let program: URL

  package init(program: URL) { self.program = program }

  /// The program `duckdb`: on PATH, beside the running binary, or in the folders given.
  package static func find(extraFolders: [URL] = []) -> DuckDB? {
    let beside = Bundle.main.executableURL?.resolvingSymlinksInPath().deletingLastPathComponent()
    let folders = (beside.map { [$0] } ?? []) + extraFolders
    return Subprogram.find("duckdb", extraFolders: folders).map(DuckDB.init(program:))
  }

  private static let install =
    "pip install duckdb-cli, or install duckdb from your package manager, so that 'duckdb' is on PATH"

  static func missing(subject: String) -> Failure {
    Failure(.missing, "duckdb", "needed to read '\(subject)' (Parquet)", hint: install)
  }

  /// Hands over the rows of a Parquet file in file order, as many at a time as arrive together.
  ///
  /// The file is decoded one row group after the other, or two of a file of moderate size, the
  /// columns of the shape only; DuckDB waits while `body` works.
  nonisolated(nonsending) func eachBlock(
    of file: URL, shape: RowShape,
    _ body: nonisolated(nonsending) ([[JSON]]) async throws(Failure) -> Void
  ) async throws(Failure) {
    let subject = FilePaths.display(file)
    let size = try DataFile(file).size
    var reader = DuckDBOutput(subject: subject, shape: shape)
    var limit = ExpansionLimit(size: size, subject: subject)
    var rows: [[JSON]] = []
    let ending: Subprogram.Ending
    do throws(Failure) {
      let threads = size <= Self.moderateSize ? 2 : 1
      ending = try await Subprogram(program: program).run(
        Self.arguments(Self.settings(threads: threads) + Self.statements(file: file, shape: shape)),
        subject: subject
      ) { block throws(Failure) in
        try limit.take(block.count)
        try reader.take(block) { rows.append($0) }
        try await body(rows)
        rows.removeAll(keepingCapacity: true)
      }
    } catch {
      if reader.isStrange { try await requireDuckDB(subject) }
      throw error
    }
    guard ending.isSuccess else {
      try await requireDuckDB(subject)
      throw Failure(
        .malformed, subject, "cannot be read as Parquet", hint: "download the file again",
        cause: ending.words)
    }
    do throws(Failure) {
      try reader.finish { rows.append($0) }
    } catch {
      if reader.isStrange { try await requireDuckDB(subject) }
      throw error
    }
    try await body(rows)
  }

  /// Files for which a second thread, and the memory for a second row group, are no matter.
  private static let moderateSize = 64 << 20

  /// What is printed of several files, [files]; only of the first ones where reading one of them
  /// fails, or where all is too much.
  nonisolated(nonsending) func outputs(of files: [URL], shape: RowShape) async -> [[UInt8]] {
    let end = UUID().uuidString
    let statements = files.map { file in
      Self.statements(file: file, shape: shape)
        + "COPY (SELECT 1 AS \"\(end)\") TO '/dev/stdout' (FORMAT json);\n"
    }
    var printed = Data()
    _ = try? await Subprogram(program: program).run(
      Self.arguments(Self.settings(threads: 1) + statements.joined()), subject: "Parquet"
    ) { block throws(Failure) in
      printed.append(contentsOf: block)
      guard printed.count <= Self.mostPrinted else {
        throw Failure(.unusable, "Parquet", "small files of more text than is read at a time")
      }
    }
    // What no mark follows is not whole.
    let mark = Data("{\"\(end)\":1}\n".utf8)
    var outputs: [[UInt8]] = []
    while let place = printed.range(of: mark) {
      outputs.append([UInt8](printed[..<place.lowerBound]))
      printed = printed[place.upperBound...]
    }
    return outputs
  }

  /// Bytes of the rows of several files that may be in memory.
  private static let mostPrinted = 16 << 20

  /// The rows of what was printed of one file.
  static func rows(
    printed: [UInt8], shape: RowShape, subject: String
  ) throws(Failure) -> [[JSON]] {
    var reader = DuckDBOutput(subject: subject, shape: shape)
    var rows: [[JSON]] = []
    try reader.take(printed) { rows.append($0) }
    try reader.finish { rows.append($0) }
    return rows
  }

  private static func arguments(_ statements: String) -> [String] {
    ["-init", "/dev/null", "-batch", "-bail", "-c", statements]
  }

  /// Asks the program what it is, once something has gone wrong.
  ///
  /// - Throws: `.missing` if it is no DuckDB, or one older than any that is known to do
  private nonisolated(nonsending) func requireDuckDB(_ subject: String) async throws(Failure) {
    var words: [UInt8] = []
    do throws(Failure) {
      _ = try await Subprogram(program: program).run(["--version"], subject: subject) {
        block throws(Failure) in
        words += block.prefix(200 - words.count)
        if words.count == 200 { throw Failure(.malformed, subject, "says too much") }
      }
    } catch {
      if error.code == .interrupted { throw error }
    }
    let text = String(decoding: words, as: UTF8.self)
    guard let version = text.prefixMatch(of: /v?(\d+)\.(\d+)\.\d+/) else {
      throw Failure(
        .missing, FilePaths.display(program), "is not the DuckDB program that reads Parquet",
        hint: Self.install,
        cause: Subprogram.shortened(text).map { "asked for its version it says: \($0)" })
    }
    guard (Int(version.1) ?? 0, Int(version.2) ?? 0) >= Self.oldest else {
      throw Failure(
        .missing, FilePaths.display(program),
        "is DuckDB \(version.0), which could not read '\(subject)'",
        hint: "install DuckDB \(Self.oldest.0).\(Self.oldest.1) or newer: \(Self.install)")
    }
  }

  /// The oldest version that the tests have been run with.
  private static let oldest = (1, 4)

  /// Prints the list of columns, then the wanted columns of every row.
  ///
  /// `COLUMNS` with a pattern takes those of the wanted names that exist, so that optional columns
  /// need no question beforehand.
  static func statements(file: URL, shape: RowShape) -> String {
    let path = quoted(literal(path: file.path(percentEncoded: false)))
    // Old writers do not mark their texts as such.
    let source = "read_parquet(\(path), hive_partitioning = false, binary_as_string = true)"
    let names = shape.names.map(Self.pattern).joined(separator: "|")
    return """
      COPY (SELECT list(column_name) AS columns FROM (DESCRIBE FROM \(source)))
        TO '/dev/stdout' (FORMAT json);
      COPY (SELECT COLUMNS(\(quoted("^(?:\(names))$"))) FROM \(source))
        TO '/dev/stdout' (FORMAT json);

      """
  }

  private static func settings(threads: Int) -> String {
    """
    SET threads = \(threads);
    SET preserve_insertion_order = true;
    SET autoinstall_known_extensions = false;
    SET temp_directory = '';

    """
  }

  /// A text as an SQL literal.
  static func quoted(_ text: String) -> String {
    "'" + text.replacing("'", with: "''") + "'"
  }

  /// A path that stands for itself where DuckDB expects a pattern.
  static func literal(path: String) -> String {
    path.map { "*?[".contains($0) ? "[\($0)]" : String($0) }.joined()
  }

  /// A regular expression that matches this name only.
  static func pattern(_ name: String) -> String {
    name.map { #"\.+*?()|[]{}^$"#.contains($0) ? "\\\($0)" : String($0) }.joined()
  }
}

/// What DuckDB prints: a line with the names of all columns, then a line for every row.
private struct DuckDBOutput {
  let subject: String
  let shape: RowShape
  private var lines: LineSplitter
  private var header: [String] = []
  /// Whether something was printed that DuckDB does not print.
  private(set) var isStrange = false

  init(subject: String, shape: RowShape) {
    self.subject = subject
    self.shape = shape
    lines = LineSplitter(subject: subject)
  }

  mutating func take(_ block: [UInt8], _ body: ([JSON]) throws(Failure) -> Void) throws(Failure) {
    var (header, isStrange) = (header, isStrange)
    let (subject, shape) = (subject, shape)
    defer { (self.header, self.isStrange) = (header, isStrange) }
    try lines.take(block) { line, number throws(Failure) in
      try Self.read(line, number, shape, subject, &header, &isStrange, body)
    }
  }

  mutating func finish(_ body: ([JSON]) throws(Failure) -> Void) throws(Failure) {
    // DuckDB ends every line, so what is left is half of one.
    var rest = 0
    try lines.finish { line, _ throws(Failure) in rest = line.count }
    guard rest == 0, !header.isEmpty else {
      isStrange = true
      throw Failure(
        .malformed, subject, header.isEmpty ? "no columns were found" : "ended within a row")
    }
  }

  private static func read(
    _ line: ArraySlice<UInt8>, _ number: Int, _ shape: RowShape, _ subject: String,
    _ header: inout [String], _ isStrange: inout Bool, _ body: ([JSON]) throws(Failure) -> Void
  ) throws(Failure) {
    if number == 1 {
      header = ((try? JSON(parsing: line))?["columns"]?.array ?? []).compactMap(\.string)
      guard !header.isEmpty else {
        isStrange = true
        throw Failure(.malformed, subject, "duckdb printed no list of columns")
      }
      try shape.check(header: header, subject: subject)
      return
    }
    let place = "\(subject), row \(number - 1)"
    let values: [JSON?]?
    do throws(JSON.SyntaxError) {
      values = try JSON.values(of: shape.names, in: line)
    } catch {
      isStrange = true
      throw Failure(.malformed, place, "cannot be read", cause: error.description)
    }
    guard let values else {
      isStrange = true
      throw Failure(.malformed, place, "duckdb printed no object")
    }
    try body(try shape.row(header: header, subject: place) { values[$0] })
  }
}
