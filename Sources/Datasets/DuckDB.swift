// DuckDB's command line as the reader of Parquet, CSV and TSV: one run a file, rows come back as
// JSON lines in file order.

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

  static func missing(subject: String, format: FileFormat) -> Failure {
    let name =
      switch format.kind {
      case .parquet: "Parquet"
      case .csv: "CSV"
      case .tsv: "TSV"
      case .json, .jsonLines: "JSON"
      }
    return Failure(
      .missing, "duckdb", "needed to read '\(subject)' (\(name))",
      hint: "pip install duckdb-cli, or install duckdb from your package manager, "
        + "so that 'duckdb' is on PATH")
  }

  /// Hands over the rows of a file in file order, as many at a time as arrive together.
  nonisolated(nonsending) func eachBlock(
    of file: URL, format: FileFormat, shape: RowShape,
    _ body: nonisolated(nonsending) ([[JSON]]) async throws(Failure) -> Void
  ) async throws(Failure) {
    let subject = FilePaths.display(file)
    var rows: [[JSON]] = []
    var splitter = LineSplitter(subject: subject)
    // The first line lists the columns, every other one is a row.
    func take(_ line: ArraySlice<UInt8>, _ number: Int) throws(Failure) {
      let place = number == 1 ? subject : "\(subject), row \(number - 1)"
      let members: JSON.Members?
      do throws(JSON.SyntaxError) {
        members = try JSON(parsing: line).members
      } catch {
        throw Failure(.malformed, place, "cannot be read", cause: error.description)
      }
      guard let members else { throw Failure(.malformed, place, "duckdb printed no object") }
      if number == 1 {
        let names = members["columns"]?.array ?? []
        try shape.check(header: names.compactMap(\.string), subject: subject)
      } else {
        rows.append(try shape.row(members, subject: place))
      }
    }
    let statements = Self.statements(file: file, format: format, columns: shape.columns)
    try await Subprogram(program: program).run(
      ["-init", "/dev/null", "-batch", "-bail", "-c", statements], subject: subject,
      complaint: "cannot be read as \(format.kind == .parquet ? "Parquet" : "a table")"
    ) { block throws(Failure) in
      try splitter.take(block, take)
      try await body(rows)
      rows.removeAll(keepingCapacity: true)
    }
    try splitter.finish(take)
    try await body(rows)
    if splitter.line == 0 { throw Failure(.malformed, subject, "is empty") }
  }

  /// Prints the list of columns, then the wanted columns of every row.
  ///
  /// `COLUMNS` with a pattern takes those of the wanted names that exist, so that optional columns
  /// need no question beforehand.
  static func statements(file: URL, format: FileFormat, columns: [Column]) -> String {
    let source = source(file: file, format: format)
    let names = columns.flatMap(\.names).map(Self.pattern).joined(separator: "|")
    return """
      SET threads = 1;
      SET preserve_insertion_order = true;
      SET autoinstall_known_extensions = false;
      SET temp_directory = '';
      COPY (SELECT list(column_name) AS columns FROM (DESCRIBE FROM \(source)))
        TO '/dev/stdout' (FORMAT json);
      COPY (SELECT COLUMNS(\(quoted("^(?:\(names))$"))) FROM \(source))
        TO '/dev/stdout' (FORMAT json);
      """
  }

  private static func source(file: URL, format: FileFormat) -> String {
    let path = quoted(literal(path: file.path(percentEncoded: false)))
    switch format.kind {
    case .parquet:
      // Old writers do not mark their texts as such.
      return "read_parquet(\(path), hive_partitioning = false, binary_as_string = true)"
    default:
      // Nothing is left to detection: a cell is a text, an empty one is an empty text, and no
      // line is a comment. Null is a text that no file has.
      let separator = format.kind == .tsv ? "\\t" : ","
      return "read_csv(\(path), header = true, all_varchar = true, delim = '\(separator)', "
        + "quote = '\"', escape = '\"', comment = '', skip = 0, nullstr = chr(1) || 'null', "
        + "max_line_size = \(LineSplitter.longest), parallel = false, hive_partitioning = false)"
    }
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
