// Row tables (sentence pairs and the like) read with a task's own column names, checked row by row.

import Core
import Datasets

/// The table behind one task, with the task's renamed columns.
struct PairTable {
  let task: TaskDefinition
  let data: DataFolder

  /// One row, its values in the order of the columns asked for.
  struct Row {
    let values: [JSON]
    let columns: [Column]
    /// Counted from 1, in file order.
    let number: Int
    let place: String

    func malformed(_ problem: String) -> Failure {
      Failure(
        .malformed, place, "row \(number): \(problem)",
        hint: "correct the row, or leave it out of the data")
    }

    /// A text, empty allowed.
    func text(_ column: Int) throws(Failure) -> String {
      guard let text = values[column].string else {
        throw malformed("column '\(columns[column].name)' is no text")
      }
      return text
    }

    func number(_ column: Int) throws(Failure) -> Double {
      guard let number = values[column].double else {
        throw malformed("column '\(columns[column].name)' is no number")
      }
      return number
    }
  }

  /// Calls `body` for every row of a cell, values in the order of the columns.
  ///
  /// The columns have standard names; the task's `columns` say what the data call them. Throws what
  /// `body` throws, and `.malformed` when there is no row at all.
  func forEachRow(
    of cell: Cell, _ columns: [Column], configuration: String? = nil,
    _ body: (Row) throws(Failure) -> Void
  ) async throws(Failure) {
    let columns = columns.map { column in
      // Data that have been put into the standard form before have the standard names.
      task.columns[column.name].map { Column($0, or: [column.name], as: column.kind) } ?? column
    }
    let configuration = configuration ?? cell.subset.name
    let place = "\(task.name) (\(cell.subset.name), \(cell.split))"
    var count = 0
    try await data.forEachRow(
      configuration: configuration, split: cell.split, columns: columns
    ) { values throws(Failure) in
      count += 1
      try body(Row(values: values, columns: columns, number: count, place: place))
    }
    guard count > 0 else {
      throw Failure(.malformed, place, "the data set is empty", hint: "check the data files")
    }
  }
}
