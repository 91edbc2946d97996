// The page of one task: what it is, how the models' scores lie, who has which.

import Core

/// Lays out `tasks/<slug>.html`.
struct TaskPage: Sendable {
  let facts: ReportFacts
  /// Place among the tasks of the board.
  let place: Int
  private var board: Board { facts.board }
  private var task: Board.BoardTask { facts.board.tasks[place] }
  private var spread: Spread { facts.tasks[place] }
  private var links: PageLinks { facts.links.fromFolder }

  /// Models from which on a picture says more than the list.
  private static let many = 12

  init(_ facts: ReportFacts, place: Int) {
    self.facts = facts
    self.place = place
  }

  var content: PageContent {
    let definition = board.frame.tasks.first { $0.name == task.name }
    var content = PageContent(title: "\(task.name) – \(board.benchmark)")
    content.heading = "\(task.name)"
    content.description = definition?.description ?? ""
    content.links = links
    content.ways = ways
    content.facts = [
      task.type.rawValue, definition?.mainScore.rawValue,
      definition.map { NumberText.count($0.languages.count, "language") },
      NumberText.count(task.required, "cell"), NumberText.count(spread.count, "model"),
    ].compactMap(\.self)
    content.sections = [
      distribution, scores, absent, definition.map(Self.about),
    ].compactMap(\.self)
    return content
  }

  private var ways: [PageContent.Way] {
    var ways = [
      PageContent.Way(label: board.benchmark, target: "../index.html#tasks", relation: "up")
    ]
    for (step, relation) in [(-1, "prev"), (1, "next")]
    where board.tasks.indices.contains(place + step) {
      let name = board.tasks[place + step].name
      guard let target = links.task(name) else { continue }
      ways.append(.init(label: name, target: target, relation: relation))
    }
    return ways
  }

  private var axis: Axis {
    Axis(over: [spread.lowest, spread.highest].compactMap { $0.map { $0 * 100 } })
  }

  private var distribution: PageContent.Section? {
    guard spread.count >= Self.many, let lowest = spread.lowest, let highest = spread.highest,
      let lower = spread.quantile(0.25), let median = spread.median,
      let upper = spread.quantile(0.75)
    else { return nil }
    var section = PageContent.Section(id: "spread", title: "Spread")
    section.figure =
      Histogram(
        title: "Models by their score on \(task.name)", spread: spread, axis: axis
      ).html
    let text = NumberText.score
    section.notes = [
      "Lowest \(text(lowest)), quartiles \(text(lower)), \(text(median)) and \(text(upper)), "
        + "highest \(text(highest)). The line is the median."
    ]
    return section
  }

  private var scores: PageContent.Section {
    let models = board.models
    let order = models.indices.filter { spread.ranks[$0] != nil }
      .sorted { (spread.ranks[$0] ?? 0, $0) < (spread.ranks[$1] ?? 0, $1) }
    let hasPartial = order.contains { !models[$0].entries[place].isComplete }
    var columns: [TableView.Column] = [
      .init("rank", "Rank", .rank), .init("model", "Model", .text),
      .init("score", "Score", .score), .init("overall", "Rank overall", .count),
    ]
    if hasPartial { columns.append(.init("cells", "Cells", .count)) }
    let rows: [[TableView.Cell]] = order.map { model in
      let entry = models[model].entries[place]
      let cells: [TableView.Cell] =
        hasPartial ? [.init(.part(entry.cells, of: entry.required))] : []
      return [
        .integer(spread.ranks[model] ?? 0), .text(models[model].model),
        .score(entry.mean, mark: entry.isComplete ? "" : "*"), .integer(models[model].rank),
      ] + cells
    }
    var table = PageTable(
      TableView(title: "Scores on \(task.name)", columns: columns, rows: rows))
    let strip = Strip(axis: axis)
    table.picture = .init(
      title: "", after: 2,
      rows: order.map { strip.bar(to: (models[$0].entries[place].mean ?? 0) * 100) })
    for (row, model) in order.enumerated() where !models[model].entries[place].isComplete {
      table.classes[row] = ReportFacts.rowClass(isComplete: false)
    }
    table.isOfModels = true
    table.id = "ranking"
    var section = PageContent.Section(id: "scores", title: "Scores")
    section.figure =
      FilterBar(models: order.map { models[$0].model }, hasIncomplete: hasPartial)?.html
    section.table = table
    if hasPartial { section.notes.append(Board.partialNote) }
    if axis.low != 0 { section.notes.append("The bars start at \(Int(axis.low)).") }
    return section
  }

  /// Models without a score.
  private var absent: PageContent.Section? {
    let absent = board.models.indices.filter { spread.ranks[$0] == nil }
    guard !absent.isEmpty else { return nil }
    var section = PageContent.Section(id: "absent", title: "Without a score")
    let list = absent.map { links.linked(model: board.models[$0].model) }.joined(separator: ", ")
    section.figure = "<p class=\"list\">\(list)</p>\n"
    return section
  }

  private static func about(_ task: TaskDefinition) -> PageContent.Section {
    var section = PageContent.Section(id: "about", title: "About the task")
    let languages = task.languages.map(\.description).sorted()
    let subsets = task.subsets.map(\.name)
    let source =
      switch task.data {
      case .hub(let repository, let revision): "\(repository), revision \(revision)"
      case .path: "local files, \(task.dataRevision)"
      }
    section.terms = [
      ("Type", task.type.rawValue), ("Main score", task.mainScore.rawValue),
      (languages.count == 1 ? "Language" : "Languages", languages.joined(separator: ", ")),
      (
        subsets.count == 1 ? "Subset" : "Subsets",
        subsets.count == 1 ? subsets[0] : "\(subsets.count): \(subsets.joined(separator: ", "))"
      ),
      (task.splits.count == 1 ? "Split" : "Splits", task.splits.joined(separator: ", ")),
      ("Domains", task.domains.joined(separator: ", ")), ("Licence", task.licence ?? ""),
      ("Data", source),
    ].filter { !$0.1.isEmpty }
    return section
  }
}
