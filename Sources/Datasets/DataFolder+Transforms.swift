// Which files stand behind a split once transforms are heeded, and their rows after all of them.

import Core

extension DataFolder {
  /// The rows of a split after every transform, in the order of the columns asked for.
  nonisolated(nonsending) func transformedRows(
    configuration: String, split: String, columns: [Column], rule: SplitRule
  ) async throws(Failure) -> [[JSON]] {
    for case .passages(let query, let passage, let link) in transforms {
      let tables = PassageTables(data: self, query: query, passage: passage, link: link)
      if let table = try await tables.table(
        configuration: configuration, split: split, rule: rule)
      {
        return try Self.select(columns, from: table)
      }
    }
    let source = source(of: configuration, split)
    let columns = columns.map { column in
      source.codes[column.name].map { Column($0, or: [column.name], as: column.kind) } ?? column
    }
    let made = transforms.compactMap(\.madeColumn)
    let read = transforms.flatMap(\.readColumns) + (source.subset.map { [$0.column] } ?? [])
    // What a transform reads is not converted before it has been read.
    var wanted = columns.filter { column in !made.contains(column.name) }.map { column in
      read.contains { column.names.contains($0) }
        ? Column(column.name, or: column.alternatives, isOptional: column.isOptional) : column
    }
    for name in read where !wanted.contains(where: { $0.names.contains(name) }) {
      wanted.append(Column(name))
    }
    var rows: [[JSON]] = []
    for split in source.splits {
      try await forEachFileBlock(
        of: 1, configuration: source.configuration, split: split, columns: wanted, rule: rule
      ) { block throws(Failure) in rows += block }
    }
    let place = "\(FilePaths.display(root)) (\(configuration), \(split))"
    if let subset = source.subset,
      let column = wanted.firstIndex(where: { $0.names.contains(subset.column) })
    {
      rows.removeAll { $0[column].string != subset.name }
    }
    var table = TransformedTable(
      split: split, place: place, columns: wanted.map(\.name), rows: rows)
    for transform in transforms { try table.apply(transform) }
    return try Self.select(columns, from: table)
  }

  /// Where the rows of a split are read.
  private struct Source {
    var configuration: String
    var splits: [String]
    /// Only rows whose column holds this name.
    var subset: (column: String, name: String)?
    /// Standard column name -> the code of a language that stands for it.
    var codes: [String: String] = [:]
  }

  /// Data may be laid out as the transforms would have them: then there is nothing to choose.
  private func source(of configuration: String, _ split: String) -> Source {
    var source = Source(configuration: configuration, splits: [split])
    for transform in transforms {
      switch transform {
      case .configuration(let name) where configuration == "default":
        if layout[name] != nil { source.configuration = name }
      case .subset(let column) where layout[configuration] == nil && layout["default"] != nil:
        source.configuration = "default"
        source.subset = (column, configuration)
      case .codeColumns(let pivot) where layout[configuration] == nil:
        let codes = configuration.split(separator: "-").map { String($0.prefix { $0 != "_" }) }
        guard codes.count == 2 else { continue }
        source.configuration = (codes[1] == pivot ? codes.reversed() : codes)
          .joined(separator: "-")
        source.codes = ["sentence1": codes[0], "sentence2": codes[1]]
      case .split(let name, let parts) where name == split:
        let others = splits(of: source.configuration).filter { $0 != name && parts.contains($0) }
        if !others.isEmpty || !parts.contains(name) { source.splits = parts }
      case .divide(let whole, _, _, _) where ["train", "test"].contains(split):
        source.splits = [whole]
      default: break
      }
    }
    return source
  }

  /// The columns asked for, every value as its column wants it.
  private static func select(
    _ columns: [Column], from table: TransformedTable
  ) throws(Failure) -> [[JSON]] {
    let shape = RowShape(columns: columns, isTyped: true)
    try shape.check(header: table.columns, subject: table.place)
    var rows: [[JSON]] = []
    rows.reserveCapacity(table.rows.count)
    for (number, row) in table.rows.enumerated() {
      let members = JSON.Members(Array(zip(table.columns, row)))
      rows.append(try shape.row(members, subject: "\(table.place), row \(number + 1)"))
    }
    return rows
  }
}

extension Transform {
  /// The columns that it reads.
  fileprivate var readColumns: [String] {
    switch self {
    case .split, .subset, .configuration, .codeColumns, .passages, .take: []
    case .keep(let column, _), .map(let column, _), .separate(let column, _, _),
      .dropSingle(let column):
      [column]
    case .join(let columns, _, _), .flatten(let columns), .chunk(let columns, _): columns
    case .cut(_, _, let by): by.map { [$0] } ?? []
    case .divide(_, _, _, let by): [by]
    }
  }

  /// A column that need not be in the data; nil where it makes none.
  fileprivate var madeColumn: String? {
    if case .join(let columns, _, let into) = self, !columns.contains(into) { into } else { nil }
  }
}
