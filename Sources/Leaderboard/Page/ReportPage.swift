// The report of a board: a page to open in a browser, the same as Markdown, and the numbers beside.

import Core

/// A folder's worth of report; the same board gives the same bytes.
package struct ReportPage: Sendable {
  private let board: Board
  private let content: PageContent

  /// Most languages and models that the wide tables of the page show; the files hold all.
  private static let languageLimit = 100
  private static let modelLimit = 40

  /// Lays out the page, called `title`, or as the benchmark when nil.
  package init(_ board: Board, title: String? = nil) {
    self.board = board
    var content = PageContent(title: title ?? board.benchmark, description: board.description)
    content.facts = Self.facts(board)
    content.sections = [
      Self.ranking(board), Self.chart(board), Self.types(board), Self.languages(board),
      Self.tasks(board), Self.incomplete(board), Self.sources(board), Self.reading(board),
      Self.files,
    ].compactMap(\.self)
    self.content = content
  }

  package var html: String { content.html }
  package var markdown: String { content.markdown }

  /// Name and text of every file of the report; `index.html` is the one to open.
  package func files() -> [(name: String, contents: String)] {
    let csv = { (view: BoardView) in CSVFormat.render(board.report(by: view), style: .plain) }
    return [
      ("index.html", html), ("report.md", markdown), ("ranking.csv", csv(.ranking)),
      ("languages.csv", csv(.language)), ("tasks.csv", csv(.task)),
      ("board.json", board.json.pretty + "\n"),
    ]
  }

  private static let files = PageContent.Section(
    id: "files", title: "Files",
    files: [
      ("ranking.csv", "a row per model: rank, votes, means"),
      ("languages.csv", "a row per language and model"),
      ("tasks.csv", "a row per task and model, with the cells behind each score"),
      ("board.json", "all of it"), ("report.md", "this page as Markdown"),
    ])

  private static func facts(_ board: Board) -> [String] {
    let all = Board.Facts.union(board.models.map(\.facts))
    return [
      NumberText.count(board.models.count, "model"),
      "\(NumberText.count(board.tasks.count, "task")) of "
        + NumberText.count(board.types.count, "type"),
      NumberText.count(board.languages.languages.count, "language"),
      all.measured.map { "measured \($0)" }, all.rules.map { "rules of mteb \($0)" },
      "pool \(board.pool.hash)",
    ].compactMap(\.self)
  }

  private static func ranking(_ board: Board) -> PageContent.Section {
    PageContent.Section(id: "ranking", title: "Ranking", table: board.rankingTable)
  }

  private static func chart(_ board: Board) -> PageContent.Section? {
    guard let chart = DotChart(board, limit: modelLimit) else { return nil }
    let absent = min(board.models.count, modelLimit) - chart.rows.count
    var section = PageContent.Section(id: "means", title: "Means", chart: chart)
    section.intro = [
      "Filled: Mean (Task). Open: Mean (TaskType). The axis does not start at zero."
    ]
    if chart.axis.low == 0 { section.intro = ["Filled: Mean (Task). Open: Mean (TaskType)."] }
    if absent > 0 {
      section.notes = [
        "\(NumberText.count(absent, "model")) without means, having incomplete tasks, "
          + "\(absent == 1 ? "is" : "are") not drawn."
      ]
    }
    if board.models.count > modelLimit {
      section.notes.append("The first \(modelLimit) of \(board.models.count) models.")
    }
    return section
  }

  private static func types(_ board: Board) -> PageContent.Section? {
    guard board.types.count > 1 else { return nil }
    var table = board.typeTable
    table.footnotes.removeAll { $0 == board.votesNote }
    return PageContent.Section(id: "types", title: "Task types", table: table)
  }

  private static func languages(_ board: Board) -> PageContent.Section? {
    guard !board.languages.languages.isEmpty else { return nil }
    return PageContent.Section(
      id: "languages", title: "Languages",
      table: board.languageTable(limit: languageLimit, modelLimit: modelLimit),
      scale: board.languages.scale(limit: languageLimit, modelLimit: modelLimit))
  }

  private static func tasks(_ board: Board) -> PageContent.Section {
    var table = board.taskTable(limit: modelLimit)
    table.footnotes.removeAll { $0 == board.hiddenNote || $0 == board.unscoredNote }
    return PageContent.Section(id: "tasks", title: "Tasks", table: table)
  }

  private static func incomplete(_ board: Board) -> PageContent.Section? {
    let table = board.incompleteTable
    guard !table.allRows.isEmpty else { return nil }
    return PageContent.Section(
      id: "incomplete", title: "What is not complete",
      intro: [
        "A task counts for means only with all its cells, a cell being a subset of a split that "
          + "some model of the pool has a score for. It counts for votes with those it has."
      ],
      table: table)
  }

  private static func sources(_ board: Board) -> PageContent.Section {
    PageContent.Section(id: "sources", title: "What was read", table: board.sourceTable)
  }

  private static func reading(_ board: Board) -> PageContent.Section {
    PageContent.Section(
      id: "reading", title: "How to read this",
      terms: [
        ("Scores", "Main scores of the tasks times 100; higher is better."),
        (
          "Votes",
          "On every task a model earns the number of models in the pool minus its rank. The pool "
            + "here: \(board.pool.label). \(sentence(Pool.tieRule)); \(Pool.missingRule). "
            + "Another pool gives other votes: compare votes only under one pool hash."
        ),
        ("Rank", "The place by votes; equal votes share the best place."),
        ("Mean (Task)", "The plain mean over all tasks."),
        ("Mean (TaskType)", "The plain mean over the means of the task types."),
        ("–", "No score, or a mean that lacks a part: a mean that skips gaps compares nothing."),
        ("Bold", "The best complete score of its column, or of its row in the table of tasks."),
      ])
  }

  private static func sentence(_ text: String) -> String {
    text.prefix(1).uppercased() + text.dropFirst()
  }
}
