// What leaving things out does, as tables for people, as records and as JSON.

package import Core

extension Omissions {
  package static let schema = 1

  package var report: Report {
    Report(tables: [influenceTable(), rangeTable], records: records, json: json)
  }

  /// The omissions that move a rank most, at most `limit` of them; those that move votes most where
  /// no rank moves.
  package func influenceTable(limit: Int = 20) -> TableView {
    let moving = effects.filter { $0.rankChange != 0 }
    let shown = moving.isEmpty ? effects.prefix(limit / 2) : moving.prefix(limit)
    var notes = [
      "With nothing left out, votes count against a pool of \(pool.label); \(Pool.shortRules).",
      rule,
    ]
    if moving.isEmpty {
      notes.append(
        "No omission moves \(models.count == 1 ? "the model" : "one of the models"); the largest "
          + "changes of votes are shown.")
    } else {
      notes.append(
        "\(NumberText.count(moving.count, "change")) of rank over "
          + "\(NumberText.count(omissions.count, unit.rawValue)) and "
          + "\(NumberText.count(models.count, "model"))"
          + (moving.count > shown.count ? "; the largest \(shown.count) are shown." : "."))
    }
    return TableView(
      title: "\(benchmark): what moves when one \(unit.rawValue) is left out",
      columns: [
        .init("left_out", "Left out", .text), .init("model", "Model", .text),
        .init("rank", "Rank", .rank), .init("rank_without", "Rank without", .rank),
        .init("votes", "Votes", .votes), .init("votes_change", "Change of votes", .votes),
      ],
      rows: shown.map {
        [
          .text($0.omission), .text($0.from.model), .integer($0.from.rank), .integer($0.to.rank),
          .votes($0.from.votes), .votesDifference($0.votesChange),
        ]
      },
      footnotes: notes)
  }

  /// The ranks of each model over all omissions, with what leads to the best and to the worst.
  package var rangeTable: TableView {
    TableView(
      title: "\(benchmark): ranks over "
        + "\(NumberText.count(omissions.count, unit.rawValue)) left out, one at a time",
      columns: [
        .init("model", "Model", .text), .init("rank", "Rank", .rank),
        .init("best_rank", "Best", .rank), .init("worst_rank", "Worst", .rank),
        .init("best_without", "Best without", .text),
        .init("worst_without", "Worst without", .text),
      ],
      rows: models.enumerated().map { place, model in
        let range = range(ofModel: place)
        return [
          .text(model.model), .integer(model.rank), .integer(range.lowerBound),
          .integer(range.upperBound), cause(of: range.lowerBound, place),
          cause(of: range.upperBound, place),
        ]
      },
      footnotes: [rule])
  }

  /// What leads to a rank that is not the model's own; the first by name, and how many more.
  private func cause(of rank: Int, _ place: Int) -> TableView.Cell {
    guard rank != models[place].rank else { return .absent }
    let names = omissions.filter { $0.places[place].rank == rank }.map(\.name).sorted()
    guard let first = names.first else { return .absent }
    return .text(names.count == 1 ? first : "\(first), and \(names.count - 1) more")
  }

  private var rule: String {
    let n = "A first place earns \(n - 1) votes on a task throughout."
    switch unit {
    case .task, .type: return n
    case .language:
      return "Without a language, means are taken over the cells that do not list it, and a task "
        + "of which none is left counts for nothing. " + n
    }
  }

  /// One row per (thing left out, model).
  package var records: TableView {
    TableView(
      title: "",
      columns: [
        .init("unit", "", .text), .init("left_out", "", .text),
        .init("changed_tasks", "", .count), .init("dropped_tasks", "", .count),
        .init("model", "", .text), .init("votes", "", .votes), .init("votes_change", "", .votes),
        .init("rank", "", .rank), .init("rank_change", "", .rank),
        .init("pool_models", "", .count), .init("pool", "", .text),
      ],
      rows: omissions.flatMap { omission in
        zip(models, omission.places).map { from, to in
          [
            .text(unit.rawValue), .text(omission.name), .integer(omission.changedTasks),
            .integer(omission.droppedTasks), .text(to.model), .votes(to.votes),
            .votesDifference(to.votes - from.votes), .integer(to.rank),
            .integer(to.rank - from.rank), .integer(pool.models), .text(pool.hash),
          ]
        }
      })
  }

  package var json: JSON {
    .object([
      ("schema", .integer(Self.schema)), ("benchmark", .string(benchmark)),
      ("unit", .string(unit.rawValue)),
      (
        "pool",
        .object([
          ("models", .integer(pool.models)), ("hash", .string(pool.hash)), ("n", .integer(n)),
        ])
      ),
      (
        "models",
        .array(
          models.enumerated().map { place, model in
            let range = range(ofModel: place)
            return .object([
              ("model", .string(model.model)), ("rank", .integer(model.rank)),
              ("votes", Board.votes(model.votes)), ("best_rank", .integer(range.lowerBound)),
              ("worst_rank", .integer(range.upperBound)),
            ])
          })
      ),
      (
        "omissions",
        .array(
          omissions.map { omission in
            .object([
              ("left_out", .string(omission.name)),
              ("changed_tasks", .integer(omission.changedTasks)),
              ("dropped_tasks", .integer(omission.droppedTasks)),
              ("ranks", .array(omission.places.map { .integer($0.rank) })),
              ("votes", .array(omission.places.map { Board.votes($0.votes) })),
            ])
          })
      ),
    ])
  }
}
