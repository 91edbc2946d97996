// Tables by language for programs: records and JSON, fractions in full.

package import Core

extension LanguageBoard {
  /// One row per (group, model): the score, and what it was made of against what there is.
  package var records: TableView {
    let rows = groups.enumerated().flatMap { place, group in
      models.map { model in
        let has = model.coverage[place]
        return [
          TableView.Cell.text(group.key), .text(model.model), .score(model.scores[place]),
          .text(group.name ?? ""), .integer(group.languages), .integer(has.tasks),
          .integer(group.all.tasks), .integer(has.cells), .integer(group.all.cells),
          .flag(!isComplete(model, place)),
        ]
      }
    }
    return TableView(
      title: "",
      columns: [
        .init(grouping.rawValue, "", .text), .init("model", "", .text),
        .init("score", "", .score), .init("name", "", .text), .init("languages", "", .count),
        .init("tasks", "", .count), .init("required_tasks", "", .count),
        .init("cells", "", .count), .init("required_cells", "", .count),
        .init("partial", "", .text),
      ],
      rows: rows)
  }

  /// The name of this board in the JSON of a board.
  var jsonKey: String {
    switch grouping {
    case .language: "languages"
    case .script: "scripts"
    case .family: "families"
    case .resource: "resource_classes"
    }
  }

  /// Keys, facts and coverage of groups, and of each model its place, its scores and what it lacks.
  package var json: JSON {
    .object([
      (jsonKey, .strings(groups.map(\.key))),
      ("pool_models", .integer(models.count)),
      ("models", .array(models.map(json))),
      ("weigh", .string(weight.rawValue)),
      ("groups", .array(groups.map(json))),
    ])
  }

  private func json(_ model: Standing) -> JSON {
    let scores = zip(groups, model.scores).map { group, score in
      (group.key, JSON.optional(score) { .number($0) })
    }
    let lacking = groups.indices.filter { !isComplete(model, $0) }.map { place in
      (groups[place].key, Self.json(model.coverage[place]))
    }
    return .object([
      ("model", .string(model.model)), ("rank", .integer(model.rank)),
      ("votes", Board.votes(model.votes)), ("scores", .object(scores)),
      ("partial", .bool(!lacking.isEmpty)), ("incomplete", .object(lacking)),
    ])
  }

  private func json(_ group: Group) -> JSON {
    .object([
      ("key", .string(group.key)), ("name", .optional(group.name) { .string($0) }),
      ("languages", .integer(group.languages)), ("tasks", .integer(group.all.tasks)),
      ("cells", .integer(group.all.cells)),
    ])
  }

  private static func json(_ coverage: Coverage) -> JSON {
    .object([("tasks", .integer(coverage.tasks)), ("cells", .integer(coverage.cells))])
  }
}
