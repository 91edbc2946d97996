// Placed models as a report: a row for each, and what it changed in the pool.

import Core

extension Placement {
  /// Own models with their places, neighbours and what they changed.
  package var report: Report {
    Report(tables: [table], records: records, json: json)
  }

  var title: String {
    "\(board.benchmark): \(NumberText.count(placed.count, "own model")) in a pool of "
      + NumberText.count(board.everyone.count, "model")
  }

  private var table: TableView {
    TableView(
      title: title,
      columns: [
        .init("rank", "Rank", .rank), .init("model", "Model", .text),
        .init("votes", "Votes", .votes), .init("mean_task", "Mean (Task)", .score),
        .init("mean_task_type", "Mean (TaskType)", .score),
        .init("above", "Just above", .text), .init("above_gap", "Gap", .votes),
        .init("below", "Just below", .text), .init("below_gap", "Gap", .votes),
        .init("complete", "Tasks", .count), .init("pool", "Pool", .text),
      ],
      rows: placed.map { model in
        [
          .init(.part(model.standing.rank, of: model.of)), .text(model.standing.model),
          .votes(model.standing.votes, mark: model.standing.mark),
          .score(model.standing.meanTask),
          .score(model.standing.meanTaskType),
          model.above.map { .text($0.model) } ?? .absent,
          model.above.map { .votes($0.gap) } ?? .absent,
          model.below.map { .text($0.model) } ?? .absent,
          model.below.map { .votes($0.gap) } ?? .absent,
          .init(.part(model.standing.completeTasks, of: model.tasks.count)), .text(model.pool.hash),
        ]
      },
      footnotes: notes)
  }

  /// What the votes count against, then what each insertion changed.
  var notes: [String] {
    let how =
      switch insertion {
      case .oneAtATime where placed.count > 1:
        " Each own model was inserted alone; votes of two of them are of two pools."
      case .together where placed.count > 1: " All own models were inserted at once."
      default: ""
      }
    let votes =
      "Votes count against the pool (\(Self.size(board))) with the own model in it; "
      + "\(Pool.shortRules).\(how)\(board.pool.rulesNote)"
    let changes = insertion == .together ? Array(placed.prefix(1)) : placed
    return [votes] + changes.map(changeNote)
      + [partialNote, hiddenNote, replacedNote].compactMap(\.self)
  }

  private static func size(_ board: Board) -> String {
    let all = board.everyone.count
    return all == board.pool.models
      ? "\(NumberText.count(all, "model")), pool \(board.pool.hash)"
      : "\(NumberText.count(all, "model")), n = \(board.pool.models), pool \(board.pool.hash)"
  }

  private func changeNote(_ model: Placed) -> String {
    let change = model.change
    let who = insertion == .together && placed.count > 1 ? "All own models" : model.standing.model
    var text = "\(who): pool \(change.before.hash) becomes \(change.after.hash), n = "
    text += "\(change.before.models) becomes \(change.after.models)"
    if insertion == .oneAtATime || placed.count == 1 {
      text += "; \(NumberText.count(model.behind, "model")) fall behind it"
    }
    if change.moved == 0 {
      text += "; the others keep their order."
    } else {
      text += "; \(change.moved) of the others move among themselves"
      let pairs = change.swaps.lazy.map { "\($0.second) passes \($0.first)" }
      text += pairs.isEmpty ? "." : ": \(NameList.text(pairs, most: 3))."
    }
    if let first = change.lostMeans.first {
      let others = change.lostMeans.count - 1
      text += " It has subsets or splits that \(first)"
      text += others > 0 ? " and \(NumberText.count(others, "other model")) lack" : " lacks"
      text += ", whose means are therefore gone."
    }
    return text
  }

  private var partialNote: String? {
    placed.contains(where: \.standing.isPartial) ? Board.partialRankNote : nil
  }

  private var hiddenNote: String? {
    let hidden = placed.filter { !$0.isShown }.map(\.standing.model)
    return hidden.isEmpty
      ? nil
      : "Without a complete task, so that a board would not show it: "
        + hidden.joined(separator: ", ") + "."
  }

  private var replacedNote: String? {
    let replaced = placed.filter(\.replaces).map(\.standing.model)
    return replaced.isEmpty
      ? nil
      : "In the place of the pool's own result: \(replaced.joined(separator: ", "))."
  }

  private var records: TableView {
    let types = placed.first?.types ?? []
    let columns: [TableView.Column] =
      [
        .init("model", "", .text), .init("rank", "", .rank), .init("of", "", .count),
        .init("votes", "", .votes), .init("mean_task", "", .score),
        .init("mean_task_type", "", .score),
      ] + types.map { .init($0.rawValue, "", .score) } + [
        .init("complete_tasks", "", .count), .init("tasks", "", .count),
        .init("above", "", .text), .init("above_gap", "", .votes), .init("below", "", .text),
        .init("below_gap", "", .votes), .init("behind", "", .count), .init("moved", "", .count),
        .init("swaps", "", .count), .init("pool_models_before", "", .count),
        .init("pool_before", "", .text), .init("pool_models", "", .count),
        .init("pool", "", .text), .init("rules", "", .text), .init("insert", "", .text),
        .init("partial", "", .text),
      ]
    return TableView(
      title: "", columns: columns, rows: placed.map { record(of: $0, types: types) })
  }

  private func record(of model: Placed, types: [TaskType]) -> [TableView.Cell] {
    let standing = model.standing
    let means = Dictionary(uniqueKeysWithValues: zip(model.types, standing.types))
    let change = model.change
    var row: [TableView.Cell] = [
      .text(standing.model), .integer(standing.rank), .integer(model.of), .votes(standing.votes),
      .score(standing.meanTask), .score(standing.meanTaskType),
    ]
    row += types.map { .score(means[$0] ?? nil) }
    row += [.integer(standing.completeTasks), .integer(model.tasks.count)]
    for neighbour in [model.above, model.below] {
      row.append(neighbour.map { .text($0.model) } ?? .absent)
      row.append(neighbour.map { .votes($0.gap) } ?? .absent)
    }
    row += [.integer(model.behind), .integer(change.moved), .integer(change.swaps.count)]
    row += [.integer(change.before.models), .text(change.before.hash)]
    row += [.integer(change.after.models), .text(change.after.hash)]
    row += [.text(model.pool.rules.rawValue), .text(insertion.rawValue)]
    row.append(.flag(standing.isPartial))
    return row
  }

  /// Schema 1: the pool, and every placed model as boards have it, with its surroundings.
  private var json: JSON {
    .object([
      ("schema", .integer(1)), ("benchmark", .string(board.benchmark)),
      ("insert", .string(insertion.rawValue)), ("pool", board.pool.json),
      ("placed", .array(placed.map(json))),
    ])
  }

  private func json(_ model: Placed) -> JSON {
    var members = Board.json(model.standing, types: model.types, tasks: model.tasks.count)
    func neighbour(_ other: Neighbour?) -> JSON {
      .optional(other) { other in
        .object([
          ("model", .string(other.model)), ("votes", Board.votes(other.votes)),
          ("gap", Board.votes(other.gap)),
        ])
      }
    }
    members["of"] = .integer(model.of)
    members["shown"] = .bool(model.isShown)
    members["replaces"] = .bool(model.replaces)
    members["above"] = neighbour(model.above)
    members["below"] = neighbour(model.below)
    members["behind"] = .integer(model.behind)
    members["pool"] = model.pool.json
    members["moved"] = .integer(model.change.moved)
    members["swaps"] = .array(
      model.change.swaps.map {
        .object([("first", .string($0.first)), ("second", .string($0.second))])
      })
    members["lost_means"] = .strings(model.change.lostMeans)
    return .object(members)
  }
}
