// The steps between the files of a data set and the rows that a task means; named in task files,
// carried out by Datasets.

/// One loading step with its parameters; columns have the names they have in the data.
package enum Transform: Sendable, Hashable {
  /// A split made of the rows of other splits, one after the other.
  case split(name: String, from: [String])
  /// A subset is those rows of the configuration `default` whose column holds its name.
  case subset(column: String)
  /// A configuration of this name stands for `default`.
  case configuration(name: String)
  /// A pair `a_Xxxx-b_Xxxx` is the configuration `a-b`, or `b-a` where `b` is the pivot; its columns
  /// have the codes of the languages as names.
  case codeColumns(pivot: String)
  /// Retrieval made of questions about passages in a configuration for each language; the same
  /// link tells that rows are about the same passage.
  case passages(query: String, passage: String, link: String)
  /// The first rows only.
  case take(rows: Int)
  /// Only rows whose column holds one of these values stay.
  case keep(column: String, values: [Scalar])
  /// Values of a column are replaced; others stay.
  case map(column: String, values: [Scalar: Scalar])
  /// Texts of several columns with something between them become one column.
  case join(columns: [String], separator: String, into: String)
  /// A text becomes the list of its parts, at most `levels` of them.
  case separate(column: String, separator: String, levels: Int?)
  /// Lists become rows: element i of every column is a row.
  case flatten(columns: [String])
  /// Rows become `count` rows of lists, as even as can be; other columns go.
  case chunk(columns: [String], count: Int)
  /// Rows go whose value in a column occurs nowhere else.
  case dropSingle(column: String)
  /// So many rows stay of these splits, drawn with seed 42, where `by` names a column with the
  /// shares of its values kept.
  case cut(rows: Int, splits: [String], by: String?)
  /// One split is divided into `train` and `test` with the shares of a column's values kept.
  case divide(split: String, train: Int, test: Int, by: String)

  /// A value as task files write it, with the text it is compared by.
  package struct Scalar: Sendable, Hashable, CustomStringConvertible {
    package let text: String
    package let isText: Bool

    package init(_ text: String, isText: Bool) {
      self.text = text
      self.isText = isText
    }

    package var json: JSON {
      if isText { return .string(text) }
      if let flag = Bool(text) { return .bool(flag) }
      return Int(text).map { .integer($0) } ?? .string(text)
    }

    package var description: String { isText ? "\"\(text)\"" : text }

    /// Whether a value of the data is this one; tables without types have only texts.
    package func matches(_ value: JSON) -> Bool {
      switch value {
      case .string(let other): other == text || (!isText && other.lowercased() == text)
      case .integer(let number): String(number) == text
      case .number(let number): Int(exactly: number).map(String.init) == text
      case .bool(let flag): String(flag) == text
      default: false
      }
    }
  }

  /// Whether it makes the several tables of a retrieval task; no other transform is for these.
  package var isForRetrieval: Bool {
    if case .passages = self { true } else { false }
  }

  /// What task files call it.
  package var name: String {
    switch self {
    case .split: "split"
    case .subset: "subset"
    case .configuration: "configuration"
    case .codeColumns: "code_columns"
    case .passages: "passages"
    case .take: "take"
    case .keep: "keep"
    case .map: "map"
    case .join: "join"
    case .separate: "separate"
    case .flatten: "flatten"
    case .chunk: "chunk"
    case .dropSingle: "drop_single"
    case .cut: "cut"
    case .divide: "divide"
    }
  }
}

extension Transform: CustomStringConvertible {
  /// As a task file writes it, every parameter in a fixed order.
  package var description: String {
    func list(_ values: [some CustomStringConvertible]) -> String {
      "[\(values.map(\.description).joined(separator: ", "))]"
    }
    let parameters =
      switch self {
      case .split(let name, let splits): "name: \(name), from: \(list(splits))"
      case .subset(let column), .dropSingle(let column): "column: \(column)"
      case .configuration(let name): "name: \(name)"
      case .codeColumns(let pivot): "pivot: \(pivot)"
      case .passages(let query, let passage, let link):
        "query: \(query), passage: \(passage), link: \(link)"
      case .take(let rows): "rows: \(rows)"
      case .keep(let column, let values): "column: \(column), values: \(list(values))"
      case .map(let column, let values):
        "column: \(column), values: {"
          + values.map { "\($0): \($1)" }.sorted().joined(separator: ", ") + "}"
      case .join(let columns, let separator, let into):
        "columns: \(list(columns)), with: \"\(separator)\", into: \(into)"
      case .separate(let column, let separator, let levels):
        "column: \(column), at: \"\(separator)\"" + (levels.map { ", levels: \($0)" } ?? "")
      case .flatten(let columns): "columns: \(list(columns))"
      case .chunk(let columns, let count): "columns: \(list(columns)), count: \(count)"
      case .cut(let rows, let splits, let by):
        "rows: \(rows), splits: \(list(splits))" + (by.map { ", by: \($0)" } ?? "")
      case .divide(let split, let train, let test, let by):
        "split: \(split), train: \(train), test: \(test), by: \(by)"
      }
    return "\(name): {\(parameters)}"
  }
}
