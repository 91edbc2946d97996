// A comparison as tables for people, at most a hundred columns wide for names of usual length.

import Core

extension Comparison {
  package func tables(by view: ComparisonView) -> [TableView] {
    switch view {
    case .overall: [overallTable]
    case .type: tables(types, by: "task type", rowTitle: "Type", units: "Tasks")
    case .language:
      tables(languages, by: "language", rowTitle: "Language", units: "Tasks") {
        $0.footnotes.append(Self.languageNote)
      }
    case .task: zip(pairs.indices, types).map { taskTable($0, types: $1) }
    case .item: itemTables
    }
  }

  // MARK: Overall

  private var overallTable: TableView {
    let names: [TableView.Column] =
      pairing.isAllPairs
      ? [.init("model", "Model", .text), .init("against", "Other", .text)]
      : [.init("against", "Other", .text)]
    let columns =
      [.init("tasks", "Tasks", .count), .init("difference", "Diff.", .difference)]
      + chanceColumns(isSingle: pairs.count == 1) + [.init("tally", "W–T–L", .count)]
    let means = [("Mean (Task)", taskMeans), ("Mean (TaskType)", typeMeans)].map { title, rows in
      group(title, rows.map { [difference($0)] + chance($0, isSingle: pairs.count == 1) }, rows)
    }
    let votes = group("Borda votes", votes.map(voteCells), votes)
    return TableView(
      title: "\(board.benchmark): \(overallTitle)", columns: names + columns,
      groups: (means + [votes]).map { group in
        var group = group
        let blanks = names.count + columns.count - 1
        group.heading? += Array(repeating: .text(""), count: blanks)
        return group
      }, footnotes: overallNotes)
  }

  private var overallTitle: String {
    let count = pairing.models.count
    if pairing.isAllPairs { return "all pairs of \(NumberText.count(count, "model"))" }
    let others = count == 2 ? name(pairs[0].other) : "\(count - 1) other models"
    return "\(name(pairs[0].first)) minus \(others)"
  }

  func name(_ model: Board.Standing) -> String { board.names[model.model] ?? model.model }

  /// Rows of pairs under a title, their cells between the names and the tallies.
  private func group(_ title: String, _ cells: [[TableView.Cell]], _ rows: [Row]) -> TableView.Group
  {
    TableView.Group(
      heading: [.text(title)],
      rows: zip(zip(pairs, rows), cells).map { pair, cells in
        (pairing.isAllPairs ? [.text(name(pair.0.first))] : [])
          + [.text(name(pair.0.other)), .integer(pair.1.estimate.units)] + cells
          + [.text(Self.text(pair.1.tally))]
      })
  }

  private func voteCells(_ row: Row) -> [TableView.Cell] {
    var cells = chance(row, isSingle: pairs.count == 1)
    if let interval = row.estimate.interval {
      let ends = [interval.low, interval.high].map {
        NumberText.signed($0.rounded(), NumberText.votes)
      }
      cells[0] = .text(ends.joined(separator: " to "))
    }
    return [.init(.votesDifference(row.estimate.difference), mark: star(row))] + cells
  }

  // MARK: By type and by language

  private func tables(
    _ rows: [[Row]], by what: String, rowTitle: String, units: String,
    finish: (inout TableView) -> Void = { _ in }
  ) -> [TableView] {
    let isSingle = rows.joined().count == 1
    return pairs.indices.map { place in
      var table = TableView(
        title: title(place, "by \(what)"),
        columns: [.init("name", rowTitle, .text), .init("tasks", units, .count)] + scoreColumns
          + chanceColumns(isSingle: isSingle) + [.init("tally", "W–T–L", .count)],
        rows: rows[place].map { row in
          [.text(row.name), .integer(row.estimate.units)] + scores(row)
            + chance(row, isSingle: isSingle) + [.text(Self.text(row.tally))]
        }, footnotes: [sentence(place), "W–T–L: tasks won, tied, lost."])
      finish(&table)
      if rows[place].contains(where: { $0.estimate.pValue == nil }) {
        table.footnotes.append("– Too few tasks to say more.")
      }
      table.footnotes += sharedNotes([place], of: rows[place], families: [rows.flatMap(\.self)])
      return table
    }
  }

  // MARK: By task and by item

  private func taskTable(_ place: Int, types: [Row]) -> TableView {
    let rows = tasks[place]
    let hasItems = rows.contains { $0.estimate.units > 0 }
    let isSingle = tasks.joined().count { $0.estimate.units > 0 } == 1
    let ofType = Dictionary(types.map { ($0.name, $0) }) { first, _ in first }
    let columns: [TableView.Column] =
      hasItems ? [.init("items", "Items", .count)] + chanceColumns(isSingle: isSingle) : []
    let blanks = Array(repeating: TableView.Cell.text(""), count: columns.count)
    let groups = board.types.compactMap { type -> TableView.Group? in
      guard let mean = ofType[type.rawValue] else { return nil }
      let members = rows.filter { $0.parent == type.rawValue }
        .sorted { ($1.estimate.difference, $0.name) < ($0.estimate.difference, $1.name) }
      var heading = mean
      heading.estimate = DifferenceEstimate(alone: mean.estimate.difference)
      return TableView.Group(
        heading: [.text(type.rawValue)] + scores(heading) + blanks,
        rows: members.map { row in
          let items: [TableView.Cell] =
            row.estimate.units == 0
            ? [.absent] + chance(row, isSingle: isSingle)
            : [.integer(row.estimate.units)] + chance(row, isSingle: isSingle)
          return [.text(row.name)] + scores(row) + (hasItems ? items : [])
        })
    }
    return TableView(
      title: title(place, "by task"),
      columns: [.init("task", "Task", .text)] + scoreColumns + columns, groups: groups,
      footnotes: [sentence(place)] + itemNotes(place) + detailNotes(place)
        + sharedNotes([place], of: rows, families: [tasks.flatMap(\.self)]))
  }

  /// Cells under the names of their tasks.
  private var itemTables: [TableView] {
    let cells = cells
    let isSingle = cells.joined().count == 1
    return pairs.indices.map { place in
      let rows = cells[place]
      let hasSplits = Set(rows.map(\.split)).count > 1
      let columns =
        [.init("subset", "Subset", .text)] + (hasSplits ? [.init("split", "Split", .text)] : [])
        + [.init("items", "Items", .count)] + scoreColumns + chanceColumns(isSingle: isSingle)
        + [TableView.Column("tally", "W–T–L", .count)]
      let groups = evidence[place].tasks.map { task in
        TableView.Group(
          heading: [.text(task.task)]
            + Array(repeating: .text(""), count: columns.count - 1),
          rows: rows.filter { $0.parent == task.task }.map { row in
            [.text(row.name)] + (hasSplits ? [.text(row.split)] : [])
              + [.integer(row.estimate.units)] + scores(row) + chance(row, isSingle: isSingle)
              + [.text(Self.text(row.tally))]
          })
      }
      return TableView(
        title: title(place, "over single items"), columns: columns, groups: groups,
        footnotes: itemNotes(place) + detailNotes(place) + ["W–T–L: items won, tied, lost."]
          + sharedNotes([place], of: rows, families: [cells.flatMap(\.self)])
          + ["borda details shows single items: where the first loses most, with --against."])
    }
  }

  // MARK: Parts

  private func title(_ place: Int, _ what: String) -> String {
    let (first, other) = (name(pairs[place].first), name(pairs[place].other))
    return "\(board.benchmark): \(first) minus \(other), \(what)"
  }

  private var scoreColumns: [TableView.Column] {
    [
      .init("first", "First", .score), .init("other", "Other", .score),
      .init("difference", "Diff.", .difference),
    ]
  }

  private func scores(_ row: Row) -> [TableView.Cell] {
    [.score(row.first), .score(row.other), difference(row)]
  }

  private func difference(_ row: Row) -> TableView.Cell {
    TableView.Cell(.difference(row.estimate.difference), mark: star(row))
  }

  private func star(_ row: Row) -> String { verdict(on: row).isDecided ? "*" : "" }

  private func chanceColumns(isSingle: Bool) -> [TableView.Column] {
    [
      .init("interval", "\(levelText) interval", .interval), .init("p", "p", .probability),
    ] + (isSingle ? [] : [.init("p_holm", "Holm p", .probability)])
  }

  private func chance(_ row: Row, isSingle: Bool) -> [TableView.Cell] {
    let (interval, p, adjusted) = (
      row.estimate.interval, row.estimate.pValue, row.estimate.adjusted
    )
    return [
      interval.map { .init(.interval($0.low, $0.high)) } ?? .absent,
      p.map { .init(.probability($0)) } ?? .absent,
    ] + (isSingle ? [] : [adjusted.map { .init(.probability($0)) } ?? .absent])
  }

  static func text(_ tally: Tally) -> String { "\(tally.wins)–\(tally.ties)–\(tally.losses)" }
}
