// A comparison as records for data frames and as JSON, schema 1.

import Core

extension Comparison {
  package static let schema = 1

  package func report(by view: ComparisonView) -> Report {
    Report(tables: tables(by: view), records: records(by: view), json: json(by: view))
  }

  /// The rows of a view, `[pairs][rows]`.
  private func rows(by view: ComparisonView) -> [[Row]] {
    switch view {
    case .overall: pairs.indices.map { [taskMeans[$0], typeMeans[$0], votes[$0]] }
    case .type: types
    case .language: languages
    case .task: tasks
    case .item: cells
    }
  }

  /// What a row's name and its parent are called.
  private static func keys(of view: ComparisonView) -> [String] {
    switch view {
    case .overall: ["mean"]
    case .type: ["type"]
    case .language: ["language"]
    case .task: ["task", "type"]
    case .item: ["subset", "task", "split"]
    }
  }

  /// One row per pair and row; scores and differences are fractions but for Borda votes, and the
  /// difference is the first model's score minus the other's.
  func records(by view: ComparisonView) -> TableView {
    let keys = Self.keys(of: view)
    let columns: [TableView.Column] =
      (["model", "against"] + keys).map { .init($0, "", .text) }
      + ["score", "against_score", "difference"].map { .init($0, "", .score) }
      + [.init("units", "", .count)]
      + ["low", "high", "p", "p_holm"].map { .init($0, "", .score) }
      + ["wins", "ties", "losses"].map { .init($0, "", .count) }
      + [.init("verdict", "", .text)]
      + [.init("pool_models", "", .count), .init("pool", "", .text)]
      + [.init("partial", "", .text)]
    let rows = zip(pairs, rows(by: view)).flatMap { pair, rows in
      rows.map { row -> [TableView.Cell] in
        let estimate = row.estimate
        let counts = [row.tally.wins, row.tally.ties, row.tally.losses]
        return [.text(pair.first.model), .text(pair.other.model)]
          + [row.name, row.parent, row.split].prefix(keys.count).map { .text($0) }
          + [.score(row.first), .score(row.other), .score(estimate.difference)]
          + [.integer(estimate.units), .score(estimate.interval?.low)]
          + [.score(estimate.interval?.high), .score(estimate.pValue), .score(estimate.adjusted)]
          + counts.map { estimate.units > 0 ? .integer($0) : .absent }
          + [.text(verdict(on: row).rawValue), .integer(board.pool.models), .text(board.pool.hash)]
          + [.flag(isPartial(pair))]
      }
    }
    return TableView(title: "", columns: columns, rows: rows)
  }

  func json(by view: ComparisonView) -> JSON {
    .object([
      ("schema", .integer(Self.schema)),
      ("benchmark", .string(board.benchmark)),
      ("by", .string(view.rawValue)),
      ("partial", .bool(pairs.contains(where: isPartial) || !pairing.apart.isEmpty)),
      ("pool", board.pool.json),
      ("tasks", .integer(board.tasks.count)),
      ("level", .number(resampling.level)),
      ("draws", .integer(resampling.draws)),
      ("seed", .integer(Int(clamping: resampling.seed))),
      (
        "pairs",
        .array(
          zip(pairs.indices, rows(by: view)).map { place, rows in
            json(of: place, rows, keys: Self.keys(of: view))
          })
      ),
      (
        "without_common_tasks",
        .array(pairing.apart.map { .strings([$0.first.model, $0.other.model]) })
      ),
    ])
  }

  /// Whether some task of the board is not complete for both.
  private func isPartial(_ pair: Pairing.Pair) -> Bool { pair.tasks.count < board.tasks.count }

  private func json(of place: Int, _ rows: [Row], keys: [String]) -> JSON {
    let pair = pairs[place]
    let leftOut = board.tasks.indices.filter { !pair.tasks.contains($0) }
    let noise = beyondNoise(place)
    return .object([
      ("model", .string(pair.first.model)), ("against", .string(pair.other.model)),
      ("verdict", .string(verdict(on: taskMeans[place]).rawValue)),
      ("sentence", .string(sentence(place))),
      ("partial", .bool(isPartial(pair))), ("common_tasks", .integer(pair.tasks.count)),
      ("left_out", .strings(leftOut.map { board.tasks[$0].name })),
      ("mean_task", json(of: taskMeans[place])),
      ("mean_task_type", json(of: typeMeans[place])),
      ("votes", json(of: votes[place])),
      (
        "tasks_with_items",
        .object([
          ("tasks", .integer(noise.tasks)), ("won", .integer(noise.won)),
          ("lost", .integer(noise.lost)),
        ])
      ),
      (
        "details_refused",
        .array(
          evidence[place].refused.map {
            .object([("task", .string($0.task)), ("reason", .string($0.reason))])
          })
      ),
      (
        "rows",
        .array(
          rows.map { row in
            var members = JSON.Members()
            for (key, value) in zip(keys, [row.name, row.parent, row.split]) {
              members[key] = .string(value)
            }
            for (key, value) in json(of: row).members?.entries ?? [] { members[key] = value }
            return .object(members)
          })
      ),
    ])
  }

  private func json(of row: Row) -> JSON {
    let estimate = row.estimate
    let count = { (count: Int) -> JSON in estimate.units > 0 ? .integer(count) : .null }
    return .object([
      ("score", .number(row.first)), ("against_score", .number(row.other)),
      ("difference", .number(estimate.difference)), ("units", .integer(estimate.units)),
      ("interval", .optional(estimate.interval) { .numbers([$0.low, $0.high]) }),
      ("p", .optional(estimate.pValue) { .number($0) }),
      ("p_holm", .optional(estimate.adjusted) { .number($0) }),
      ("wins", count(row.tally.wins)), ("ties", count(row.tally.ties)),
      ("losses", count(row.tally.losses)),
      ("verdict", .string(verdict(on: row).rawValue)),
    ])
  }
}
