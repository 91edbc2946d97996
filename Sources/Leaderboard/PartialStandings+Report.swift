// Partial standings as a report: every row that lacks something is marked in every format.

import Core

extension PartialStandings {
  package var report: Report { Report(tables: [table], records: records, json: json) }

  private var table: TableView {
    let percent = NumberText.percent(resampling.level)
    let title =
      "\(board.benchmark): \(NumberText.count(rows.count, "model")), "
      + "\(NumberText.count(board.tasks.count, "task")), "
      + (isPartial ? "partial standings" : "ranks with intervals")
    return TableView(
      title: title,
      columns: [
        .init("rank", "Rank", .rank), .init("model", "Model", .text),
        .init("votes", "Votes", .votes), .init("votes_interval", "\(percent) interval", .count),
        .init("ranks", "Ranks", .count), .init("group", "Group", .rank),
        .init("complete", "Tasks", .count),
      ],
      rows: rows.map { row in
        let (low, high) = (row.votesInterval.low.rounded(), row.votesInterval.high.rounded())
        return [
          .integer(row.rank), .text(row.model),
          TableView.Cell(
            .votes(row.isPartial ? row.votes.rounded() : row.votes),
            mark: row.isPartial ? "*" : ""),
          .text("\(NumberText.votes(low)) to \(NumberText.votes(high))"),
          .text(RankIntervals.text(row.ranks)), .integer(row.group),
          .init(.part(row.tasks, of: board.tasks.count)),
        ]
      }, footnotes: notes)
  }

  private var notes: [String] {
    let partial = rows.contains(where: \.isPartial)
    let unknown = rows.filter { !$0.unknownTypes.isEmpty }.map { row in
      "\(row.model) (\(row.unknownTypes.map(\.rawValue).joined(separator: ", ")))"
    }
    return [
      partial
        ? "* Partial: what is missing is unknown, not 0. Votes are those expected with all tasks, from "
          + "the model's own places on tasks of the same type; a task scored in part counts as "
          + "missing. Without --partial a missing task earns 0, as on the official board." : nil,
      unknown.isEmpty
        ? nil
        : "Nothing is known of whole types: \(NameList.text(unknown, most: 6)).",
      "Intervals are over the choice of tasks and over what is missing. Ranks: those that models "
        + "beyond noise above and below leave. Group: a model and the next ones, as far as none is "
        + "beyond noise below it; docs/anytime.md.",
      "Votes count against a pool of \(board.pool.label); \(Pool.tieShort)." + board.pool.rulesNote,
      board.hidden.isEmpty
        ? nil : "Left out, having no complete task: \(NameList.text(board.hidden, most: 12)).",
      board.unscoredNote,
    ].compactMap(\.self)
  }

  private var records: TableView {
    let votes = ["votes", "votes_low", "votes_high"].map { TableView.Column($0, "", .votes) }
    let counts = ["rank_low", "rank_high", "group", "complete_tasks", "tasks"]
      .map { TableView.Column($0, "", .count) }
    return TableView(
      title: "",
      columns: [.init("rank", "", .rank), .init("model", "", .text)] + votes + counts + [
        .init("partial", "", .text), .init("pool_models", "", .count), .init("pool", "", .text),
        .init("rules", "", .text),
      ],
      rows: rows.map { row in
        [
          .integer(row.rank), .text(row.model), .votes(row.votes), .votes(row.votesInterval.low),
          .votes(row.votesInterval.high), .integer(row.ranks.lowerBound),
          .integer(row.ranks.upperBound), .integer(row.group), .integer(row.tasks),
          .integer(board.tasks.count), .flag(row.isPartial), .integer(board.pool.models),
          .text(board.pool.hash), .text(board.pool.rules.rawValue),
        ]
      })
  }

  /// The pool, with what a missing task is taken for here.
  private var poolJSON: JSON {
    guard case .object(var pool) = board.pool.json, case .object(var rules)? = pool["rules"] else {
      return board.pool.json
    }
    rules["missing"] = .string("a missing task is unknown")
    pool["rules"] = .object(rules)
    return .object(pool)
  }

  private var json: JSON {
    .object([
      ("schema", .integer(Board.schema)), ("benchmark", .string(board.benchmark)),
      ("partial", .bool(isPartial)), ("pool", poolJSON),
      ("level", .number(resampling.level)), ("tasks", .integer(board.tasks.count)),
      ("unscored_tasks", .strings(board.unscoredTasks)),
      ("hidden_models", .strings(board.hidden)),
      (
        "models",
        .array(
          rows.map { row in
            .object([
              ("model", .string(row.model)), ("rank", .integer(row.rank)),
              ("votes", .number(row.votes)),
              ("votes_interval", .numbers([row.votesInterval.low, row.votesInterval.high])),
              (
                "rank_interval",
                .array([.integer(row.ranks.lowerBound), .integer(row.ranks.upperBound)])
              ),
              ("group", .integer(row.group)), ("complete_tasks", .integer(row.tasks)),
              ("partial", .bool(row.isPartial)),
              ("unknown_types", .strings(row.unknownTypes.map(\.rawValue))),
            ])
          })
      ),
    ])
  }
}
