// From the values of one row, whatever file they come from, to the columns asked for.

import Core

/// Puts the values of one file's rows into the order of the columns asked for.
struct RowShape: Sendable, Equatable {
  let columns: [Column]
  /// False where every value of the file is a text.
  let isTyped: Bool
  /// Every name under which a column may be found, each once.
  let names: [String]
  /// Where in `names` those of a column are, the preferred one first, [columns][names].
  private let places: [[Int]]

  init(columns: [Column], isTyped: Bool) {
    self.columns = columns
    self.isTyped = isTyped
    var names: [String] = []
    var places: [[Int]] = []
    for column in columns {
      for name in column.names where !names.contains(name) { names.append(name) }
      places.append(column.names.compactMap(names.firstIndex(of:)))
    }
    self.names = names
    self.places = places
  }

  /// Checks that a file's header has every column.
  func check(header: [String], subject: String) throws(Failure) {
    for column in columns where !column.isOptional {
      guard column.names.contains(where: header.contains) else {
        throw missing(column, among: header, subject: subject)
      }
    }
  }

  /// The row of some values.
  ///
  /// - Parameters:
  ///   - header: the names of all columns of the file, for a message
  ///   - subject: file and line
  ///   - value: what the file has for one of `names`, by its place there; nil where it has no such
  ///     column
  /// - Returns: the row, [columns]
  /// - Throws: what `value` throws; `.malformed` for a column that is not there and for a value of
  ///   the wrong kind
  func row(
    header: @autoclosure () -> [String], subject: @autoclosure () -> String,
    _ value: (_ name: Int) throws(Failure) -> JSON?
  ) throws(Failure) -> [JSON] {
    var row: [JSON] = []
    row.reserveCapacity(columns.count)
    for (column, places) in zip(columns, places) {
      var found: JSON?
      for place in places where found == nil { found = try value(place) }
      guard let found = found ?? (column.isOptional ? .null : nil) else {
        throw missing(column, among: header(), subject: subject())
      }
      guard let converted = column.convert(found, isTyped: isTyped) else {
        let shown = found.line
        throw Failure(
          .malformed, subject(),
          "'\(column.name)' is \(shown.prefix(60))\(shown.count > 60 ? "…" : "") where "
            + "\(column.wanted) should be")
      }
      row.append(converted)
    }
    return row
  }

  /// The row of a JSON object, [columns]; of the object no more is read than that.
  func row(
    object text: ArraySlice<UInt8>, subject: @autoclosure () -> String
  ) throws(Failure) -> [JSON] {
    let values: [JSON?]?
    do throws(JSON.SyntaxError) {
      values = try JSON.values(of: names, in: text)
    } catch {
      let isText = String(validating: text, as: UTF8.self) != nil
      throw Failure(
        .malformed, subject(), isText ? "not JSON" : "not UTF-8",
        hint: isText ? nil : "convert the file to UTF-8", cause: error.description)
    }
    guard let values else {
      throw Failure(.malformed, subject(), "not a JSON object", hint: "write one {…} a line")
    }
    return try row(
      header: (try? JSON(parsing: text))?.members?.keys ?? [], subject: subject()
    ) { values[$0] }
  }

  private func missing(_ column: Column, among header: [String], subject: String) -> Failure {
    let others = column.alternatives.map { " or '\($0)'" }.joined()
    return Failure(
      .malformed, subject, "no column '\(column.name)'\(others)",
      hint: Suggest.hint(
        for: column.name, among: header,
        otherwise: "give the column that name, or say in 'columns' of the task file which it is"),
      cause: header.isEmpty
        ? "there is no column at all" : "there are \(NameList.text(header, most: 20))")
  }
}
