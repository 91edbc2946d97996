// The report of a board: pages to open in a browser, the same as Markdown, and the numbers beside.

import Core

/// A folder's worth of report; the same board gives the same bytes.
package struct ReportPage: Sendable {
  private let facts: ReportFacts
  private let title: String?

  /// A file of the report, written only when it is asked for: there are hundreds.
  package struct File: Sendable {
    /// Its path in the folder of the report, `models/org__name.html`.
    package let path: String
    /// The text, final newline included.
    package let contents: @Sendable () -> String
  }

  /// Lays out the report, called `title`, or as the benchmark when nil.
  package init(_ board: Board, title: String? = nil) {
    facts = ReportFacts(board)
    self.title = title
  }

  package var html: String { IndexPage(facts, title: title).html.html }
  package var markdown: String { IndexPage(facts, title: title).markdown.markdown }

  /// Every file of the report; `index.html` is the one to open.
  package var files: [File] {
    let board = facts.board
    let csv = { (view: BoardView) in
      File(path: "\(Self.names[view] ?? view.rawValue).csv") {
        CSVFormat.render(board.report(by: view), style: .plain)
      }
    }
    return [
      File(path: "index.html") { html }, File(path: "report.md") { markdown },
      csv(.ranking), csv(.language), csv(.task),
      File(path: "ranking.tex") { LaTeXFormat.render(board.report(by: .ranking), style: .plain) },
      File(path: "board.json") { board.json.pretty + "\n" },
    ] + pages
  }

  private static let names: [BoardView: String] = [.language: "languages", .task: "tasks"]

  private var pages: [File] {
    let facts = facts
    let models = facts.board.models.indices.compactMap { place in
      facts.links.model(facts.board.models[place].model).map { path in
        File(path: path) { ModelPage(facts, place: place).content.html }
      }
    }
    let tasks = facts.board.tasks.indices.compactMap { place in
      facts.links.task(facts.board.tasks[place].name).map { path in
        File(path: path) { TaskPage(facts, place: place).content.html }
      }
    }
    return models + tasks
  }
}
