// The answers of `evaluate`: the plan of a dry run, and the scores of a finished one.

import Core
import Evaluation
import Leaderboard
import Storage

enum PlanReport {
  /// What every task would do: state, cells and texts.
  static func of(_ plans: [TaskPlan], model: ModelIdentity) -> Report {
    let columns = [
      TableView.Column("task", "Task", .text), .init("type", "Type", .text),
      .init("subsets", "Subsets to do", .count), .init("texts", "Texts to embed", .count),
      .init("state", "State", .text),
    ]
    let rows = plans.map { plan -> [TableView.Cell] in
      [
        .text(plan.task.name), .text(plan.task.type.rawValue), .integer(plan.remaining.count),
        .integer(plan.texts), .text(state(of: plan)),
      ]
    }
    let texts = plans.reduce(0) { $0 + $1.texts }
    let total = "In all \(NumberText.count(texts, "text")) for \(model.name); nothing to download."
    let table = TableView(
      title: "What would be done", columns: columns, rows: rows, footnotes: [total])
    let json = JSON.object([
      ("schema", .integer(1)), ("model", .string(model.name)), ("texts", .integer(texts)),
      (
        "tasks",
        .array(
          plans.map { plan in
            .object([
              ("task", .string(plan.task.name)), ("type", .string(plan.task.type.rawValue)),
              ("subsets", .integer(plan.remaining.count)), ("texts", .integer(plan.texts)),
              ("state", .string(state(of: plan))),
            ])
          })
      ),
    ])
    return Report(tables: [table], records: table, json: json)
  }

  private static func state(of plan: TaskPlan) -> String {
    switch plan.state {
    case .done(let reason): "done: \(reason)"
    case .open(let reason): reason.map { "to do: \($0)" } ?? "to do"
    case .failed(let failure): "cannot run: \(failure.subject): \(failure.message)"
    }
  }
}

enum EvaluationReport {
  /// The scores that are now on disk for the selected tasks.
  static func of(
    _ selection: Selection, _ store: ResultStore, _ model: ModelIdentity
  ) throws(Failure) -> Report {
    var rows: [[TableView.Cell]] = []
    var tasks: [JSON] = []
    for task in selection.tasks {
      let file = store.file(of: task.name, model: model)
      let result = FilePaths.kind(of: file) == .file ? try? ResultStore.read(file) : nil
      rows.append([
        .text(task.name), .text(task.type.rawValue), .text(task.mainScore.rawValue),
        .score(result?.mainScore), .integer(result?.splits.reduce(0) { $0 + $1.rows.count } ?? 0),
      ])
      tasks.append(
        .object([
          ("task", .string(task.name)), ("type", .string(task.type.rawValue)),
          ("metric", .string(task.mainScore.rawValue)),
          ("score", .optional(result?.mainScore) { .number($0) }),
          ("file", .optional(result) { _ in .string(FilePaths.display(file)) }),
        ]))
    }
    let table = TableView(
      title: model.name,
      columns: [
        .init("task", "Task", .text), .init("type", "Type", .text),
        .init("metric", "Metric", .text), .init("score", "Score", .score),
        .init("subsets", "Subsets", .count),
      ], rows: rows)
    let json = JSON.object([
      ("schema", .integer(1)), ("model", .string(model.name)),
      ("revision", .string(model.revision)), ("tasks", .array(tasks)),
    ])
    return Report(tables: [table], records: table, json: json)
  }
}
