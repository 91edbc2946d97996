// What each transform does to a table of rows. Cuts draw as the reference draws, with seed 42.

import Core
import Sampling

/// Rows of a split, all of them or the next ones, while transforms change them.
struct TransformedTable {
  /// The split that was asked for.
  let split: String
  /// For messages.
  let place: String
  var columns: [String]
  /// Values, [rows][columns].
  var rows: [[JSON]]
  /// The number of the first one, for messages; not 1 where earlier rows have been handed out.
  var firstRow = 1

  /// Carries out one transform; those that choose files or rows by name are done before.
  mutating func apply(_ transform: Transform) throws(Failure) {
    switch transform {
    case .split, .subset, .configuration, .codeColumns, .passages: break
    case .take(let count): rows = Array(rows.prefix(count))
    case .keep(let column, let values):
      let place = try self[column]
      rows.removeAll { row in !values.contains { $0.matches(row[place]) } }
    case .map(let column, let values):
      let place = try self[column]
      for i in rows.indices {
        if let new = values.first(where: { $0.key.matches(rows[i][place]) })?.value {
          rows[i][place] = new.json
        }
      }
    case .join(let names, let separator, let into):
      try join(names, separator, into)
    case .separate(let column, let separator, let levels):
      try separate(column, separator, levels)
    case .flatten(let names): try flatten(names)
    case .chunk(let names, let count): try chunk(names, count)
    case .dropSingle(let column):
      let place = try self[column]
      let counts = try Dictionary(grouping: texts(of: column)) { $0 }.mapValues(\.count)
      rows = rows.filter { counts[ExactText(Self.text($0[place]) ?? "")] != 1 }
    case .cut(let size, let splits, let by):
      guard splits.contains(split) else { return }
      try cut(to: size, by: by)
    case .divide(_, let train, let test, let by):
      try divide(train: train, test: test, by: by)
    }
  }

  private func malformed(_ problem: String, row: Int? = nil) -> Failure {
    Failure(
      .malformed, place, (row.map { "row \(firstRow + $0): " } ?? "") + problem,
      hint: "compare the data with the transforms of the task file")
  }

  private subscript(name: String) -> Int {
    get throws(Failure) {
      guard let place = columns.firstIndex(of: name) else {
        throw malformed("a transform reads the column '\(name)', which is gone by then")
      }
      return place
    }
  }

  /// A value as a text; nil for lists, objects and null.
  private static func text(_ value: JSON) -> String? {
    switch value {
    case .string(let text): text
    case .integer(let number): String(number)
    case .bool(let flag): flag ? "True" : "False"
    case .number(let number): Int(exactly: number).map(String.init) ?? number.description
    default: nil
    }
  }

  /// A column as texts.
  private func texts(of name: String) throws(Failure) -> [ExactText] {
    let place = try self[name]
    var texts: [ExactText] = []
    for (i, row) in rows.enumerated() {
      guard let text = Self.text(row[place]) else {
        throw malformed("column '\(name)' is no text and no number", row: i)
      }
      texts.append(ExactText(text))
    }
    return texts
  }
}

// MARK: - Texts

extension TransformedTable {
  private mutating func join(
    _ names: [String], _ separator: String, _ into: String
  ) throws(Failure) {
    var joined = try texts(of: names[0]).map(\.text)
    for name in names.dropFirst() {
      joined = zip(joined, try texts(of: name)).map { $0 + separator + $1.text }
    }
    if !columns.contains(into) {
      columns.append(into)
      for i in rows.indices { rows[i].append(.null) }
    }
    let place = try self[into]
    for i in rows.indices { rows[i][place] = .string(joined[i]) }
  }

  private mutating func separate(
    _ name: String, _ separator: String, _ levels: Int?
  ) throws(Failure) {
    let place = try self[name]
    for (i, text) in try texts(of: name).enumerated() {
      let parts = text.text.components(at: separator).prefix(levels ?? .max)
      rows[i][place] = .array(parts.map { .string($0) })
    }
  }
}

extension String {
  /// The parts between occurrences of a separator, empty ones too.
  fileprivate func components(at separator: String) -> [String] {
    split(separator: separator, omittingEmptySubsequences: false).map(String.init)
  }
}

// MARK: - Lists

extension TransformedTable {
  private mutating func flatten(_ names: [String]) throws(Failure) {
    var flat: [[JSON]] = []
    var places: [Int] = []
    for name in names { places.append(try self[name]) }
    for (i, row) in rows.enumerated() {
      let lists = places.compactMap { row[$0].array }
      guard lists.count == names.count, Set(lists.map(\.count)).count == 1 else {
        throw malformed("\(names.joined(separator: ", ")) are no lists of one length", row: i)
      }
      for element in lists[0].indices { flat.append(lists.map { $0[element] }) }
    }
    columns = names
    rows = flat
  }

  /// The first chunks are one row longer where the rows do not divide.
  private mutating func chunk(_ names: [String], _ count: Int) throws(Failure) {
    var places: [Int] = []
    for name in names { places.append(try self[name]) }
    let (size, longer) = rows.count.quotientAndRemainder(dividingBy: count)
    guard size > 0 else { throw malformed("\(rows.count) rows make no \(count) chunks") }
    var chunks: [[JSON]] = []
    var start = 0
    for chunk in 0..<count {
      let end = start + size + (chunk < longer ? 1 : 0)
      chunks.append(places.map { place in .array(rows[start..<end].map { $0[place] }) })
      start = end
    }
    columns = names
    rows = chunks
  }
}

// MARK: - Draws

extension TransformedTable {
  private mutating func cut(to size: Int, by name: String?) throws(Failure) {
    guard let name else {
      rows = Cuts.unstratified(rows.count, to: size).map { rows[$0] }
      return
    }
    let ids = try categories(name)
    do {
      rows = try Cuts.stratified(ids, to: size).map { rows[$0] }
    } catch {
      throw malformed("cannot be cut by '\(name)': \(error)")
    }
  }

  private mutating func divide(train: Int, test: Int, by name: String) throws(Failure) {
    guard train + test <= rows.count else {
      throw malformed("\(rows.count) rows cannot be divided into \(train) and \(test)")
    }
    let ids = try categories(name)
    do {
      let sides = try Cuts.stratifiedSplit(ids, train: train, test: test)
      rows = (split == "train" ? sides.train : sides.test).map { rows[$0] }
    } catch {
      throw malformed("cannot be divided by '\(name)': \(error)")
    }
  }

  /// The reference numbers labels by their order as texts; numbers of all splits together leave
  /// the order of those in this one as it is.
  private func categories(_ name: String) throws(Failure) -> [Int] {
    Cuts.categories(of: [try texts(of: name).map(\.text)]).ids[0]
  }
}
