// A board as records for data frames: one fact per row, fractions in full.

import Core

extension Board {
  /// One row per shown model; the pool in every row, as votes mean nothing without it.
  package var rankingRecords: TableView {
    let columns: [TableView.Column] =
      [
        .init("rank", "", .rank), .init("model", "", .text), .init("votes", "", .votes),
        .init("mean_task", "", .score), .init("mean_task_type", "", .score),
      ] + types.map { .init($0.rawValue, "", .score) } + [
        .init("complete_tasks", "", .count), .init("tasks", "", .count),
        .init("partial", "", .text), .init("pool_models", "", .count), .init("pool", "", .text),
        .init("rules", "", .text),
      ]
    let rows = models.map { model in
      [
        TableView.Cell.integer(model.rank), .text(model.model), .votes(model.votes),
        .score(model.meanTask), .score(model.meanTaskType),
      ] + model.types.map { .score($0) } + [
        .integer(model.completeTasks), .integer(tasks.count), .flag(model.isPartial),
        .integer(pool.models), .text(pool.hash), .text(pool.rules.rawValue),
      ]
    }
    return TableView(title: "", columns: columns, rows: rows)
  }

  /// One row per (task, model), partial means too: `cells` against `required` tells.
  package var taskRecords: TableView {
    let rows = tasks.enumerated().flatMap { place, task in
      models.map { model in
        let entry = model.entries[place]
        return [
          TableView.Cell.text(task.name), .text(task.type.rawValue), .text(model.model),
          .score(entry.mean), .integer(entry.cells), .integer(entry.required),
          .flag(!entry.isComplete),
        ]
      }
    }
    return TableView(
      title: "",
      columns: [
        .init("task", "", .text), .init("type", "", .text), .init("model", "", .text),
        .init("score", "", .score), .init("cells", "", .count), .init("required", "", .count),
        .init("partial", "", .text),
      ],
      rows: rows)
  }
}
