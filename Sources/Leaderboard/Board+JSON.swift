// A board as JSON, schema 1: the ranked models always, tasks and languages where asked for.

package import Core

extension Board {
  package static let schema = 1

  /// Everything there is to know: what `board.json` holds.
  package var json: JSON { json(hasTasks: true, languages) }

  func json(_ view: BoardView) -> JSON { json(hasTasks: view == .task, nil) }

  func json(_ languages: LanguageBoard) -> JSON { json(hasTasks: false, languages) }

  private func json(hasTasks: Bool, _ languages: LanguageBoard?) -> JSON {
    var members = JSON.Members([
      ("schema", .integer(Self.schema)),
      ("benchmark", .string(benchmark)),
      ("description", .string(description)),
      ("partial", .bool(isPartial)),
      ("pool", pool.json),
      ("models", .array(models.map(json))),
      ("hidden_models", .strings(hidden)),
      ("unscored_tasks", .strings(unscoredTasks)),
    ])
    if hasTasks { members["tasks"] = taskJSON }
    if let languages { members[languages.jsonKey] = languages.json }
    return .object(members)
  }

  private func json(_ model: Standing) -> JSON {
    .object(Self.json(model, types: types, tasks: tasks.count))
  }

  /// A ranked model, its type means by the names of the types.
  static func json(_ model: Standing, types: [TaskType], tasks: Int) -> JSON.Members {
    JSON.Members([
      ("model", .string(model.model)),
      ("revisions", .strings(model.revisions)),
      ("rank", .integer(model.rank)),
      ("votes", Self.votes(model.votes)),
      ("mean_task", .optional(model.meanTask) { .number($0) }),
      ("mean_task_type", .optional(model.meanTaskType) { .number($0) }),
      ("types", Self.scores(types.map(\.rawValue), model.types)),
      ("complete_tasks", .integer(model.completeTasks)),
      ("tasks", .integer(tasks)),
      ("partial", .bool(model.isPartial)),
    ])
  }

  private var taskJSON: JSON {
    .array(
      tasks.enumerated().map { place, task in
        let scores = models.filter { !$0.entries[place].isMissing }.map { model in
          let entry = model.entries[place]
          return (
            model.model,
            JSON.object([
              ("score", .optional(entry.mean) { .number($0) }), ("cells", .integer(entry.cells)),
              ("complete", .bool(entry.isComplete)),
            ])
          )
        }
        return .object([
          ("task", .string(task.name)), ("type", .string(task.type.rawValue)),
          ("required_cells", .integer(task.required)), ("scores", .object(scores)),
        ])
      })
  }

  /// Whole votes as whole numbers.
  static func votes(_ votes: Double) -> JSON {
    Int(exactly: votes).map { .integer($0) } ?? .number(votes)
  }

  private static func scores(_ names: [String], _ scores: [Double?]) -> JSON {
    .object(zip(names, scores).map { ($0, .optional($1) { .number($0) }) })
  }
}
