// The answer of `evaluate`: the scores that are now on disk, whatever is partial marked as partial.

import Core
import Evaluation
import Leaderboard
import Storage

enum EvaluationReport {
  /// The scores of the selected tasks: results, rows of unfinished tasks, or a quick look; and what
  /// went wrong with others.
  static func of(
    _ selection: Selection, _ store: ResultStore, _ model: ModelIdentity, _ summary: RunSummary
  ) throws(Failure) -> Report {
    let tasks = selection.tasks.map { Standing($0, selection, store, model) }
    var table = TableView(
      title: model.name,
      columns: [
        .init("task", "Task", .text), .init("type", "Type", .text),
        .init("metric", "Metric", .text), .init("score", "Score", .score),
        .init("subsets", "Subsets", .count),
      ], rows: tasks.map(\.row))
    var records = table
    table.footnotes = tasks.contains { $0.isUnfinished } ? [unfinishedNote] : []
    records.columns += [.init("of_subsets", "", .count), .init("partial", "", .text)]
    records.groups = [.init(rows: tasks.map(\.record))]
    let json = JSON.object([
      ("schema", .integer(1)), ("model", .string(model.name)),
      ("revision", .string(model.revision)),
      ("partial", .bool(tasks.contains(where: \.isPartial))), ("tasks", .array(tasks.map(\.json))),
      ("failed", .array(summary.failed.map { entry(of: $0.task, $0.failure) })),
      ("untried", .strings(summary.untried)), ("interrupted", .bool(summary.isInterrupted)),
    ])
    let tables = summary.failed.isEmpty ? [table] : [table, failures(summary.failed)]
    let report = Report(tables: tables, records: records, json: json)
    return store.limit.map { report.markedAsQuickLook(limit: $0) } ?? report
  }

  private static let unfinishedNote =
    "* Partial: the mean over the subsets that are finished; the task counts nowhere yet. Run the "
    + "same command again to go on."

  private static func failures(_ failed: [(task: String, failure: Failure)]) -> TableView {
    TableView(
      title: "Failed",
      columns: [.init("task", "Task", .text), .init("reason", "Reason", .text)],
      rows: failed.map { [.text($0.task), .text($0.failure.line)] })
  }

  private static func entry(of task: String, _ failure: Failure) -> JSON {
    .object([
      ("task", .string(task)), ("code", .string(failure.code.rawValue)),
      ("subject", .string(failure.subject)), ("message", .string(failure.message)),
      ("cause", .optional(failure.cause) { .string($0) }),
      ("hint", .optional(failure.hint) { .string($0) }),
    ])
  }

  /// One task with what there is of it.
  private struct Standing {
    let task: TaskDefinition
    let result: TaskResult?
    let file: String?
    let cells: Int
    let wanted: Int
    /// Neither unfinished nor a quick look.
    let isWhole: Bool
    let isQuickLook: Bool

    init(
      _ task: TaskDefinition, _ selection: Selection, _ store: ResultStore, _ model: ModelIdentity
    ) {
      let place = store.file(of: task.name, model: model)
      let isThere = store.limit == nil && FilePaths.kind(of: place) == .file
      let finished = isThere ? try? ResultStore.read(place) : nil
      let begun = store.unfinished(of: task.name, model: model)
      let count = { (result: TaskResult?) in
        result?.splits.reduce(0) { $0 + $1.rows.count } ?? 0
      }
      // A result of a few languages may be older than what there is of all.
      let isFinished = finished != nil && count(finished) >= count(begun)
      result = isFinished ? finished : begun
      file = isFinished ? FilePaths.display(place) : nil
      self.task = task
      cells = count(result)
      wanted = selection.cells(of: task).count
      isWhole = isFinished && cells >= wanted
      isQuickLook = store.limit != nil
    }

    var isUnfinished: Bool { !isWhole && cells > 0 && cells < wanted }
    var isPartial: Bool { !isWhole }

    var row: [TableView.Cell] {
      [
        .text(task.name), .text(task.type.rawValue), .text(task.mainScore.rawValue),
        .score(result?.mainScore, mark: isUnfinished ? "*" : ""),
        isWhole || cells == wanted ? .integer(cells) : .init(.part(cells, of: wanted)),
      ]
    }

    var record: [TableView.Cell] {
      [
        .text(task.name), .text(task.type.rawValue), .text(task.mainScore.rawValue),
        .score(result?.mainScore), .integer(cells), .integer(max(cells, wanted)),
        .text(isPartial ? "true" : "false"),
      ]
    }

    var json: JSON {
      .object([
        ("task", .string(task.name)), ("type", .string(task.type.rawValue)),
        ("metric", .string(task.mainScore.rawValue)),
        ("score", .optional(result?.mainScore) { .number($0) }),
        ("file", .optional(file) { .string($0) }), ("partial", .bool(isPartial)),
        ("subsets", .integer(cells)), ("of_subsets", .integer(max(cells, wanted))),
      ])
    }
  }
}
