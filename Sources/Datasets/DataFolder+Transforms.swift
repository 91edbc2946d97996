// Which files stand behind a split once transforms are heeded, and their rows after all of them.

import Core

extension DataFolder {
  /// The rows of a split after every transform, in the order of the columns asked for.
  ///
  /// They stream where every transform can do with one row after the other.
  nonisolated(nonsending) func forEachTransformedBlock(
    of size: Int, configuration: String, split: String, columns: [Column], rule: SplitRule,
    _ body: nonisolated(nonsending) (_ rows: [[JSON]]) async throws(Failure) -> Void
  ) async throws(Failure) {
    for case .passages(let query, let passage, let link) in transforms {
      let tables = PassageTables(data: self, query: query, passage: passage, link: link)
      if let table = try await tables.table(
        configuration: configuration, split: split, rule: rule)
      {
        try await Self.handOver(try Self.select(columns, from: table), blocksOf: size, body)
        return
      }
    }
    let source = source(of: configuration, split)
    let columns = columns.map { column in
      source.codes[column.name].map { Column($0, or: [column.name], as: column.kind) } ?? column
    }
    let wanted = wanted(for: columns, subset: source.subset?.column)
    let place = "\(FilePaths.display(root)) (\(configuration), \(split))"
    var table = TransformedTable(
      split: split, place: place, columns: wanted.map(\.name), rows: [])
    let steps = transforms.filter { !$0.leavesAlone(split) }
    guard !steps.contains(where: \.needsAllRows) else {
      try await forEachRow(from: source, wanted, rule) { table.rows.append($0) }
      for step in steps { try table.apply(step) }
      try await Self.handOver(try Self.select(columns, from: table), blocksOf: size, body)
      return
    }
    var stream = TransformStream(table: table, steps: steps)
    var waiting: [[JSON]] = []
    try await forEachBlock(from: source, wanted, rule) { rows throws(Failure) in
      guard !stream.isOver else { return }
      waiting += try Self.select(columns, from: try stream.take(rows))
      if waiting.count >= size {
        try await body(waiting)
        waiting.removeAll(keepingCapacity: true)
      }
    }
    if !waiting.isEmpty { try await body(waiting) }
  }

  private static nonisolated(nonsending) func handOver(
    _ rows: [[JSON]], blocksOf size: Int,
    _ body: nonisolated(nonsending) (_ rows: [[JSON]]) async throws(Failure) -> Void
  ) async throws(Failure) {
    let step = max(size, 1024)
    for start in stride(from: 0, to: rows.count, by: step) {
      try await body(Array(rows[start..<min(start + step, rows.count)]))
    }
  }

  /// The columns to read: those asked for that no transform makes, and those that transforms read.
  private func wanted(for columns: [Column], subset: String?) -> [Column] {
    let made = transforms.compactMap(\.madeColumn)
    let read = transforms.flatMap(\.readColumns) + (subset.map { [$0] } ?? [])
    // What a transform reads is not converted before it has been read.
    var wanted = columns.filter { column in !made.contains(column.name) }.map { column in
      read.contains { column.names.contains($0) }
        ? Column(column.name, or: column.alternatives, isOptional: column.isOptional) : column
    }
    for name in read where !wanted.contains(where: { $0.names.contains(name) }) {
      wanted.append(Column(name))
    }
    return wanted
  }

  /// The rows of all splits of a source, those of its subset only.
  private nonisolated(nonsending) func forEachBlock(
    from source: Source, _ wanted: [Column], _ rule: SplitRule,
    _ body: nonisolated(nonsending) (_ rows: [[JSON]]) async throws(Failure) -> Void
  ) async throws(Failure) {
    let subset = source.subset.flatMap { subset in
      wanted.firstIndex { $0.names.contains(subset.column) }.map { (place: $0, name: subset.name) }
    }
    for split in source.splits {
      try await forEachFileBlock(
        of: 1, configuration: source.configuration, split: split, columns: wanted, rule: rule
      ) { rows throws(Failure) in
        guard let subset else { return try await body(rows) }
        try await body(rows.filter { $0[subset.place].string == subset.name })
      }
    }
  }

  private nonisolated(nonsending) func forEachRow(
    from source: Source, _ wanted: [Column], _ rule: SplitRule,
    _ body: (_ row: [JSON]) throws(Failure) -> Void
  ) async throws(Failure) {
    try await forEachBlock(from: source, wanted, rule) { rows throws(Failure) in
      for row in rows { try body(row) }
    }
  }

  /// Where the rows of a split are read.
  struct Source {
    var configuration: String
    var splits: [String]
    /// Only rows whose column holds this name.
    var subset: (column: String, name: String)?
    /// Standard column name -> the code of a language that stands for it.
    var codes: [String: String] = [:]
  }

  /// Data may be laid out as the transforms would have them: then there is nothing to choose.
  func source(of configuration: String, _ split: String) -> Source {
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
    let places = shape.names.map(table.columns.firstIndex(of:))
    var rows: [[JSON]] = []
    rows.reserveCapacity(table.rows.count)
    for (number, row) in table.rows.enumerated() {
      rows.append(
        try shape.row(
          header: table.columns, subject: "\(table.place), row \(table.firstRow + number)"
        ) { places[$0].map { row[$0] } })
    }
    return rows
  }
}

/// Carries out transforms on one block of rows after the other.
struct TransformStream {
  /// Without rows.
  let table: TransformedTable
  let steps: [Transform]
  private var seen = 0
  /// How many rows each `take` among the steps still lets pass, [steps].
  private var left: [Int]

  init(table: TransformedTable, steps: [Transform]) {
    self.table = table
    self.steps = steps
    left = steps.map { if case .take(let rows) = $0 { rows } else { .max } }
  }

  /// Whether no further row can come out.
  var isOver: Bool { left.contains(0) }

  mutating func take(_ rows: [[JSON]]) throws(Failure) -> TransformedTable {
    var table = table
    table.rows = rows
    table.firstRow = seen + 1
    seen += rows.count
    for (i, step) in steps.enumerated() {
      guard case .take = step else {
        try table.apply(step)
        continue
      }
      try table.apply(.take(rows: left[i]))
      left[i] -= table.rows.count
    }
    return table
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

  /// Whether it can hand out no row before it has seen all of them.
  var needsAllRows: Bool {
    switch self {
    case .split, .subset, .configuration, .codeColumns, .take, .keep, .map, .join, .separate,
      .flatten:
      false
    case .passages, .chunk, .dropSingle, .cut, .divide: true
    }
  }

  /// Whether it does nothing to the rows of a split.
  fileprivate func leavesAlone(_ split: String) -> Bool {
    if case .cut(_, let splits, _) = self { !splits.contains(split) } else { false }
  }

  /// A column that need not be in the data; nil where it makes none.
  fileprivate var madeColumn: String? {
    if case .join(let columns, _, let into) = self, !columns.contains(into) { into } else { nil }
  }
}
