// The majority relation as tables for people, as records and as JSON.

package import Core

extension Condorcet {
  package static let schema = 1

  package var report: Report {
    Report(
      tables: [matrixTable(), verdictTable] + [reversalTable(), cycleTable()].compactMap(\.self),
      records: records, json: json)
  }

  /// Tasks on which the row beats the column, for the first models by votes.
  package func matrixTable(limit: Int = 12) -> TableView {
    let shown = models.indices.prefix(limit)
    let beaten = beaten
    var notes = [
      "Tasks, of \(tasks), on which the model scores higher than the one whose number heads the column; "
        + "bold where that is a majority, more tasks than the other way round. The rest are ties. "
        + "A score is better than none.",
      "Beats: how many of the \(models.count - 1) others the row has a majority against.",
      "Votes count against a pool of \(pool.label); \(Pool.shortRules).",
    ]
    if shown.count < models.count {
      notes.append("The first \(shown.count) of \(models.count) models.")
    }
    return TableView(
      title: "\(benchmark): tasks won against each other",
      columns: [
        .init("number", "#", .count), .init("model", "Model", .text),
        .init("votes", "Votes", .votes),
      ] + shown.map { .init(models[$0].name, String($0 + 1), .count) }
        + [.init("beats", "Beats", .count)],
      rows: shown.map { row in
        [.integer(row + 1), .text(models[row].name), .votes(models[row].votes)]
          + shown.map { column in
            guard row != column else { return .absent }
            var cell = TableView.Cell.integer(wins[row][column])
            cell.isBest = beats(row, column)
            return cell
          } + [.integer(beaten[row])]
      },
      footnotes: notes)
  }

  /// Who comes first by either rule.
  package var verdictTable: TableView {
    let most = models.first?.votes
    let first = models.filter { $0.votes == most }.map(\.name)
    let smith = smithSet.map { models[$0].name }
    let facts = [
      ("Most Borda votes", NameList.text(first, most: 8)),
      ("Beats every other (Condorcet winner)", winner.map { models[$0].name } ?? "none"),
      ("Smallest set that beats all others (Smith set)", NameList.text(smith, most: 8)),
      ("Pairs where the one with fewer votes beats the other", String(reversals.count)),
      ("Sets of models that beat each other in a circle", String(cycles.count)),
    ]
    return TableView(
      title: "\(benchmark): votes and majorities of \(NumberText.count(models.count, "model"))",
      columns: [.init("question", "Question", .text), .init("answer", "Answer", .text)],
      rows: facts.map { [.text($0.0), .text($0.1)] })
  }

  /// Pairs where votes and majority disagree; nil where there are none.
  package func reversalTable(limit: Int = 20) -> TableView? {
    let reversals = reversals
    guard !reversals.isEmpty else { return nil }
    let shown = reversals.prefix(limit)
    return TableView(
      title: "\(benchmark): fewer votes, yet a majority of tasks",
      columns: [
        .init("upper", "More votes", .text), .init("lower", "Beaten on tasks by", .text),
        .init("votes_ahead", "Votes ahead", .votes), .init("won", "Won", .count),
        .init("lost", "Lost", .count), .init("tied", "Tied", .count),
      ],
      rows: shown.map { pair in
        [
          .text(models[pair.upper].name), .text(models[pair.lower].name),
          .votes(models[pair.upper].votes - models[pair.lower].votes),
          .integer(wins[pair.lower][pair.upper]), .integer(wins[pair.upper][pair.lower]),
          .integer(ties[pair.lower][pair.upper]),
        ]
      },
      footnotes: shown.count < reversals.count
        ? ["The widest \(shown.count) of \(NumberText.count(reversals.count, "pair"))."] : [])
  }

  /// One circle for each set of models that beat each other in circles; nil where there are none.
  package func cycleTable(limit: Int = 20) -> TableView? {
    let cycles = cycles
    guard !cycles.isEmpty else { return nil }
    let rows = cycles.prefix(limit).enumerated().flatMap { place, cycle in
      zip(cycle, cycle.dropFirst() + cycle.prefix(1)).map { a, b in
        [
          TableView.Cell.integer(place + 1), .text(models[a].name), .text(models[b].name),
          .integer(wins[a][b]), .integer(wins[b][a]),
        ]
      }
    }
    return TableView(
      title: "\(benchmark): majorities that run in a circle",
      columns: [
        .init("circle", "Circle", .count), .init("model", "Model", .text),
        .init("beats", "Beats", .text), .init("won", "Won", .count), .init("lost", "Lost", .count),
      ],
      rows: rows,
      footnotes: ["Each circle is a shortest one through the model of most votes in its set."])
  }

  /// One row per pair, the one with more votes first.
  package var records: TableView {
    let pairs = models.indices.flatMap { a in models.indices.dropFirst(a + 1).map { (a, $0) } }
    return TableView(
      title: "",
      columns: [
        .init("model", "", .text), .init("other", "", .text), .init("votes", "", .votes),
        .init("other_votes", "", .votes), .init("won", "", .count), .init("lost", "", .count),
        .init("tied", "", .count), .init("tasks", "", .count), .init("pool_models", "", .count),
        .init("pool", "", .text),
      ],
      rows: pairs.map { a, b in
        [
          .text(models[a].name), .text(models[b].name), .votes(models[a].votes),
          .votes(models[b].votes), .integer(wins[a][b]), .integer(wins[b][a]),
          .integer(ties[a][b]), .integer(tasks), .integer(pool.models), .text(pool.hash),
        ]
      })
  }

  package var json: JSON {
    func names(_ places: [Int]) -> JSON { .strings(places.map { models[$0].name }) }
    func matrix(_ counts: [[Int]]) -> JSON {
      .array(counts.map { .array($0.map { .integer($0) }) })
    }
    let pairs = reversals.map { pair in
      JSON.object([
        ("more_votes", .string(models[pair.upper].name)),
        ("majority", .string(models[pair.lower].name)),
        ("won", .integer(wins[pair.lower][pair.upper])),
        ("lost", .integer(wins[pair.upper][pair.lower])),
      ])
    }
    return .object([
      ("schema", .integer(Self.schema)), ("benchmark", .string(benchmark)),
      ("tasks", .integer(tasks)),
      ("pool", .object([("models", .integer(pool.models)), ("hash", .string(pool.hash))])),
      (
        "models",
        .array(
          models.map {
            .object([
              ("model", .string($0.name)), ("rank", .integer($0.rank)),
              ("votes", Board.votes($0.votes)),
            ])
          })
      ),
      ("wins", matrix(wins)), ("ties", matrix(ties)),
      ("condorcet_winner", .optional(winner) { .string(models[$0].name) }),
      ("smith_set", names(smithSet)), ("reversals", .array(pairs)),
      ("cycles", .array(cycles.map(names))),
    ])
  }
}
