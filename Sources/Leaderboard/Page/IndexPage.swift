// The first page of a report: the ranking and everything that leads on from there.

import Core

/// Lays out `index.html`, and the same as Markdown.
struct IndexPage: Sendable {
  let facts: ReportFacts
  let title: String?
  private var board: Board { facts.board }

  /// Most models that the picture of the means shows.
  private static let chartLimit = 40
  /// Most languages and models that the tables in Markdown show; the files hold all.
  private static let languageLimit = 100
  private static let modelLimit = 40

  init(_ facts: ReportFacts, title: String?) {
    self.facts = facts
    self.title = title
  }

  var html: PageContent {
    var content = head
    content.sections = [
      ranking, means, types, languages, tasks, map, incomplete, sources, reading, Self.files,
    ].compactMap(\.self)
    if isMapped(taskCells) || isMapped(languageCells) {
      content.scripts = [models, MapScript.element]
    }
    return content
  }

  var markdown: PageContent {
    var content = head
    content.sections = [
      ranking, types, languageTable, taskTable(limit: Self.modelLimit), incomplete, sources,
      reading,
      Self.files,
    ].compactMap(\.self)
    return content
  }

  private var head: PageContent {
    var content = PageContent(title: title ?? board.benchmark, description: board.description)
    let all = Board.Facts.union(board.models.map(\.facts))
    content.links = facts.links
    content.facts = [
      NumberText.count(board.models.count, "model"),
      "\(NumberText.count(board.tasks.count, "task")) of "
        + NumberText.count(board.types.count, "type"),
      NumberText.count(board.languages.languages.count, "language"),
      all.measured.map { "measured \($0)" }, all.rules.map { "rules of mteb \($0)" },
      "pool \(board.pool.hash)",
    ].compactMap(\.self)
    return content
  }

  private var hasIncomplete: Bool {
    board.models.contains { $0.completeTasks < board.tasks.count }
  }

  private var ranking: PageContent.Section {
    var section = PageContent.Section(id: "ranking", title: "Ranking")
    section.figure =
      FilterBar(models: board.models.map(\.model), hasIncomplete: hasIncomplete)?.html
    var table = RankingTable(facts).table(of: board.models.indices)
    table.id = "ranking-table"
    table.view.footnotes =
      [board.votesNote]
      + [board.incompleteNote, board.hiddenNote, board.unscoredNote].compactMap(\.self)
    section.table = table
    return section
  }

  private var means: PageContent.Section? {
    guard let chart = DotChart(board, limit: Self.chartLimit) else { return nil }
    let absent = min(board.models.count, Self.chartLimit) - chart.rows.count
    var section = PageContent.Section(id: "means", title: "Means")
    section.isPicture = true
    section.figure = chart.html(facts.links)
    section.intro = [
      "Filled: Mean (Task). Open: Mean (TaskType)."
        + (chart.axis.low == 0 ? "" : " The axis does not start at zero.")
    ]
    if absent > 0 {
      section.notes = [
        "\(NumberText.count(absent, "model")) without means, having incomplete tasks, "
          + "\(absent == 1 ? "is" : "are") not drawn."
      ]
    }
    if board.models.count > Self.chartLimit {
      section.notes.append("The first \(Self.chartLimit) of \(board.models.count) models.")
    }
    return section
  }

  private var types: PageContent.Section? {
    guard board.types.count > 1 else { return nil }
    var view = board.typeTable
    view.footnotes.removeAll { $0 == board.votesNote }
    let isShaded = board.models.count > 2
    if isShaded { view.shadeColumns() }
    var table = PageTable(view)
    table.isOfModels = true
    for (row, model) in board.models.enumerated() where model.completeTasks < board.tasks.count {
      table.classes[row] = ReportFacts.rowClass(isComplete: false)
    }
    var section = PageContent.Section(id: "types", title: "Task types")
    section.table = table
    if isShaded { section.figure = ShadeScale.legend(by: "column") }
    return section
  }

  private var languageCells: Int { board.languages.languages.count * board.models.count }

  private func isMapped(_ cells: Int) -> Bool { cells > ScoreMap.least }

  private var languages: PageContent.Section? {
    guard isMapped(languageCells) else { return languageTable }
    let names = board.languages.languages
    var section = PageContent.Section(id: "languages", title: "Languages")
    section.figure =
      ScoreMap(
        id: "languages-map", label: "Models by languages, scores as colours",
        columns: names.map { ($0, nil) }, groups: [],
        cells: facts.languageScores.map { $0.map { ($0, true) } }
      ).html
    section.notes = [
      "A language's score is the mean over all scored cells that list it; pages of models have the "
        + "numbers."
    ]
    return section
  }

  private var languageTable: PageContent.Section? {
    guard !board.languages.languages.isEmpty else { return nil }
    let view = board.languageTable(limit: Self.languageLimit, modelLimit: Self.modelLimit)
    var section = PageContent.Section(id: "languages", title: "Languages")
    section.figure =
      board.languages.scale(limit: Self.languageLimit, modelLimit: Self.modelLimit).legend
    section.table = PageTable(view)
    return section
  }

  private var taskCells: Int { board.tasks.count * board.models.count }

  /// All scores where they fit into a table, else a row per task with its best model.
  private var tasks: PageContent.Section {
    guard isMapped(taskCells) else { return taskTable(limit: nil) }
    let order = tasksByType
    let strip = ReportFacts.strip(over: facts.tasks)
    let rows: [[TableView.Cell]] = order.map { task in
      let spread = facts.tasks[task]
      return [
        .text(board.tasks[task].name), .text(board.tasks[task].type.rawValue),
        .integer(spread.count), .score(spread.median), .score(spread.best),
        spread.leader.map { .text(board.models[$0].model) } ?? .absent,
      ]
    }
    var table = PageTable(
      TableView(
        title: "\(board.benchmark): tasks",
        columns: [
          .init("task", "Task", .text), .init("type", "Type", .text),
          .init("models", "Models", .count), .init("median", "Median", .score),
          .init("best", "Best", .score), .init("leader", "Held by", .text),
        ], rows: rows))
    table.picture = .init(
      title: "Spread", after: 2, rows: order.map { strip.spread(facts.tasks[$0]) ?? "" })
    var section = PageContent.Section(id: "tasks", title: "Tasks")
    section.table = table
    section.notes = [
      "Spread: from the lowest to the highest model, thicker between the quartiles, a tick at the "
        + "median."
    ]
    return section
  }

  private var tasksByType: [Int] {
    board.tasks.indices.sorted {
      (board.tasks[$0].type, board.tasks[$0].name) < (board.tasks[$1].type, board.tasks[$1].name)
    }
  }

  private var map: PageContent.Section? {
    guard isMapped(taskCells) else { return nil }
    let order = tasksByType
    var section = PageContent.Section(id: "all-scores", title: "All scores")
    section.figure =
      ScoreMap(
        id: "tasks-map", label: "Models by tasks, scores as colours",
        columns: order.map { (board.tasks[$0].name, facts.links.task(board.tasks[$0].name)) },
        groups: board.types.map { type in
          (type.rawValue, board.tasks.count { $0.type == type })
        },
        cells: board.models.map { model in
          order.map { (model.entries[$0].mean, model.entries[$0].isComplete) }
        }
      ).html
    return section
  }

  /// The names and pages of the models, which all maps share.
  private var models: HTML {
    ScoreMap.script(
      .array(
        board.models.map { model in
          .array([
            .string(model.model), .optional(facts.links.model(model.model)) { .string($0) },
          ])
        }), id: "models-data")
  }

  private func taskTable(limit: Int?) -> PageContent.Section {
    var view = board.taskTable(limit: limit)
    view.footnotes.removeAll { $0 == board.hiddenNote || $0 == board.unscoredNote }
    let isShaded = board.models.count > 2
    if isShaded { view.shadeRows() }
    var section = PageContent.Section(id: "tasks", title: "Tasks")
    section.table = PageTable(view)
    if isShaded { section.figure = ShadeScale.legend(by: "row") }
    return section
  }

  private var incomplete: PageContent.Section? {
    let view = board.incompleteTable
    guard !view.allRows.isEmpty else { return nil }
    var section = PageContent.Section(id: "incomplete", title: "What is not complete")
    section.intro = [
      "A task counts for means only with all its cells, a cell being a subset of a split that "
        + "some model of the pool has a score for. It counts for votes with those it has."
    ]
    section.table = PageTable(view)
    section.table?.isOfModels = true
    return section
  }

  private var sources: PageContent.Section {
    var section = PageContent.Section(id: "sources", title: "What was read")
    section.table = PageTable(board.sourceTable)
    section.table?.isOfModels = true
    return section
  }

  private var reading: PageContent.Section {
    PageContent.Section(
      id: "reading", title: "How to read this",
      terms: [
        ("Scores", "Main scores of the tasks times 100; higher is better."),
        (
          "Votes",
          "On every task a model earns the number of models in the pool minus its rank. The pool "
            + "here: \(board.pool.label). \(Self.sentence(Pool.tieRule)); \(Pool.missingRule). "
            + "Another pool gives other votes: compare votes only under one pool hash."
        ),
        ("Rank", "The place by votes; equal votes share the best place."),
      ] + (facts.intervals == nil ? [] : Self.uncertainty) + [
        ("Mean (Task)", "The plain mean over all tasks."),
        ("Mean (TaskType)", "The plain mean over the means of the task types."),
        ("–", "No score, or a mean that lacks a part: a mean that skips gaps compares nothing."),
        ("Bold", "The best complete score of its column, or of its row in the table of tasks."),
      ])
  }

  private static let uncertainty = [
    (
      "Rank interval",
      "The ranks that a model could have on other tasks of this kind, 95 % sure: it takes tasks "
        + "drawn with replacement, the models staying as they are."
    ),
    (
      "Group",
      "From the top down: a group is its first model and those after it that have not significantly "
        + "fewer votes. Ranks within a group say little."
    ),
    ("95 % interval", "Of the votes, over the choice of tasks in the same way."),
  ]

  private static func sentence(_ text: String) -> String {
    text.prefix(1).uppercased() + text.dropFirst()
  }

  private static let files = PageContent.Section(
    id: "files", title: "Files",
    files: [
      ("ranking.csv", "a row per model: rank, votes, means"),
      ("languages.csv", "a row per language and model"),
      ("tasks.csv", "a row per task and model, with the cells behind each score"),
      ("ranking.tex", "the ranking for a paper"),
      ("board.json", "all of it"), ("report.md", "this page as Markdown"),
    ])
}

extension TableView {
  /// Shades each column of scores by itself.
  mutating func shadeColumns() {
    let rows = groups.flatMap(\.rows)
    let scales = columns.indices.map { column -> ShadeScale? in
      let scores = rows.map { $0[column].score }
      return columns[column].kind == .score && scores.count > 1 ? ShadeScale(scores) : nil
    }
    shadeRows { _ in scales }
  }

  /// Shades each row of scores by itself, headings left as they are.
  mutating func shadeRows() {
    shadeRows { row in Array(repeating: ShadeScale(row.map(\.score)), count: row.count) }
  }

  /// Shades every row by scales, one for each column.
  private mutating func shadeRows(_ scales: ([Cell]) -> [ShadeScale?]) {
    groups = groups.map { group in
      Group(
        heading: group.heading,
        rows: group.rows.map { row in zip(row, scales(row)).map { $0.shaded(by: $1) } })
    }
  }
}

extension TableView.Cell {
  /// The fraction where the cell holds one.
  fileprivate var score: Double? {
    if case .score(let score) = value { score } else { nil }
  }

  fileprivate func shaded(by scale: ShadeScale?) -> Self {
    var cell = self
    if let scale, let score { cell.shade = scale.step(score) }
    return cell
  }
}
