// The tables by language: groups by models, the longer list going down, shaded by score.

import Core

extension Board {
  /// Languages by models, at most `limit` languages (those with the most scored cells) and
  /// `modelLimit` models (those ranked first).
  package func languageTable(limit: Int? = nil, modelLimit: Int? = nil) -> TableView {
    table(of: languages, limit: limit, modelLimit: modelLimit)
  }

  /// Groups by models with what lies behind each group, at most `limit` groups (those with the most
  /// scored cells) and `modelLimit` models (those ranked first).
  package func table(
    of board: LanguageBoard, limit: Int? = nil, modelLimit: Int? = nil
  ) -> TableView {
    let layout = LanguageTableLayout(
      board: board, shown: board.mostScored(limit),
      models: Array(board.models.prefix(modelLimit ?? board.models.count)), names: names,
      scale: board.scale(limit: limit, modelLimit: modelLimit))
    var table =
      layout.shown.count >= layout.models.count ? layout.groupsDown() : layout.modelsDown()
    table.title = "\(benchmark), scores by \(board.grouping.noun)"
    table.footnotes =
      layout.sizeNotes + [Self.scoreNote(board), languageVotesNote(board)]
      + [Self.chosenNote(board), Self.factsNote(board), coverageNote(board)].compactMap(\.self)
    return table
  }
}

/// Which part of a language board a table shows, and in which of its two shapes.
private struct LanguageTableLayout {
  let board: LanguageBoard
  /// Places of groups.
  let shown: [Int]
  let models: [LanguageBoard.Standing]
  let names: [String: String]
  let scale: ShadeScale

  private var isAnyIncomplete: Bool {
    models.contains { board.completeGroups($0) < board.groups.count }
  }

  private var fewerGroups: String? {
    guard shown.count < board.groups.count else { return nil }
    return "The \(shown.count) of \(board.grouping.count(board.groups.count)) with the most scored "
      + "cells; ranks and votes count all of them."
  }

  /// What is left out.
  var sizeNotes: [String] {
    let fewerModels =
      models.count < board.models.count
      ? "The first \(models.count) of \(board.models.count) models." : nil
    return [fewerGroups, fewerModels].compactMap(\.self)
  }

  /// What lies behind the groups, under its names; languages where a group may have several.
  private var coverage: [(key: String, title: String, values: [Int])] {
    let groups = shown.map { board.groups[$0] }
    let languages = ("languages", "Languages", groups.map(\.languages))
    return (board.grouping == .language ? [] : [languages]) + [
      ("tasks", "Tasks", groups.map(\.all.tasks)), ("cells", "Cells", groups.map(\.all.cells)),
    ]
  }

  private func score(_ model: LanguageBoard.Standing, _ group: Int) -> TableView.Cell {
    var cell = scale.cell(model.scores[group])
    if cell != .absent, !board.isComplete(model, group) { cell.mark = "*" }
    return cell
  }

  private func complete(_ model: LanguageBoard.Standing) -> TableView.Cell {
    .init(.part(board.completeGroups(model), of: board.groups.count))
  }

  func groupsDown() -> TableView {
    let coverage = coverage
    func row(_ title: String, _ values: [TableView.Cell]) -> [TableView.Cell] {
      [.text(title)] + coverage.map { _ in .text("") } + values
    }
    var standing = [
      row("Rank", models.map { .integer($0.rank) }), row("Votes", models.map { .votes($0.votes) }),
    ]
    if isAnyIncomplete { standing.append(row("Complete", models.map(complete))) }
    let scores = shown.enumerated().map { place, group in
      [TableView.Cell.text(board.title(group))] + coverage.map { .integer($0.values[place]) }
        + models.map { score($0, group) }
    }
    return TableView(
      title: "",
      columns: [.init(board.grouping.rawValue, board.grouping.title, .text)]
        + coverage.map { .init($0.key, $0.title, .count) }
        + models.map { .init($0.model, names[$0.model] ?? $0.model, .score) },
      groups: [.init(rows: standing), .init(rows: scores)])
  }

  func modelsDown() -> TableView {
    let rows = models.map { model -> [TableView.Cell] in
      let complete = isAnyIncomplete ? [complete(model)] : []
      return [.integer(model.rank), .text(names[model.model] ?? model.model), .votes(model.votes)]
        + complete + shown.map { score(model, $0) }
    }
    let behind = coverage.map { kind -> [TableView.Cell] in
      [.text(""), .text(kind.title), .text("")] + (isAnyIncomplete ? [.text("")] : [])
        + kind.values.map { .integer($0) }
    }
    return TableView(
      title: "",
      columns: [
        .init("rank", "Rank", .rank), .init("model", "Model", .text),
        .init("votes", "Votes", .votes),
      ] + (isAnyIncomplete ? [.init("complete", "Complete", .count)] : [])
        + shown.map { .init(board.groups[$0].key, board.header($0), .score) },
      groups: [.init(rows: rows), .init(rows: behind)])
  }
}

extension LanguageGrouping {
  /// What one group is.
  var noun: String {
    switch self {
    case .language: "language"
    case .script: "script"
    case .family: "family"
    case .resource: "resource class"
    }
  }

  /// A number of groups, `1 family`, `2 families`.
  func count(_ value: Int) -> String {
    switch self {
    case .family: "\(NumberText.grouped(value)) \(value == 1 ? "family" : "families")"
    case .resource: "\(NumberText.grouped(value)) resource class\(value == 1 ? "" : "es")"
    case .language, .script: NumberText.count(value, noun)
    }
  }

  /// Above a column of groups.
  var title: String { (noun.first?.uppercased() ?? "") + noun.dropFirst() }
}

extension LanguageBoard {
  /// A group beside its row.
  func title(_ group: Int) -> String { groups[group].title }

  /// A group above its column, where there is room for little.
  func header(_ group: Int) -> String {
    let key = groups[group].key
    return grouping == .resource && key != LanguageGroups.unknown ? "Class \(key)" : key
  }

  /// Places of the groups to show, in their order: all, or those with the most cells.
  func mostScored(_ limit: Int?) -> [Int] {
    guard let limit, groups.count > limit else { return Array(groups.indices) }
    let ranked = groups.indices.sorted {
      (-groups[$0].all.cells, $0) < (-groups[$1].all.cells, $1)
    }
    return ranked.prefix(limit).sorted()
  }

  /// The colour scale of the table with these limits.
  func scale(limit: Int?, modelLimit: Int?) -> ShadeScale {
    let shown = mostScored(limit)
    return ShadeScale(
      models.prefix(modelLimit ?? models.count).flatMap { model in shown.map { model.scores[$0] } })
  }
}

/// Ten steps of colour, each holding a tenth of the scores shown: languages differ by tens of points
/// and good models by one, so that steps of equal width would leave most of a table in one colour.
struct ShadeScale {
  static let steps = 10
  private let sorted: [Double]

  init(_ scores: [Double?]) { sorted = scores.compactMap(\.self).sorted() }

  var lowest: Double { sorted.first ?? 0 }
  var highest: Double { sorted.last ?? 0 }
  /// The score in the middle: half of the others are not above it.
  var middle: Double { sorted.isEmpty ? 0 : sorted[sorted.count / 2] }

  func cell(_ score: Double?) -> TableView.Cell {
    var cell = TableView.Cell.score(score)
    cell.shade = score.map(step)
    return cell
  }

  /// 0...9 by the share of scores that are lower; equal scores have equal steps.
  func step(_ score: Double) -> Int {
    var (low, high) = (0, sorted.count)
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle] < score { low = middle + 1 } else { high = middle }
    }
    return sorted.isEmpty ? 0 : min(Self.steps - 1, low * Self.steps / sorted.count)
  }
}
