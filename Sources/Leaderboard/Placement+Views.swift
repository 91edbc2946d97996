// Placed models by task, type or language: own scores beside the best and the middle of the pool.

import Core

extension Placement {
  /// A report of the own models by a view.
  ///
  /// `everything` is the board of pool and own models, which has the scores by language; `languages`
  /// is for views by language, script, family and resource.
  package func report(
    by view: BoardView, everything: Board, languages: LanguageView = LanguageView()
  ) -> Report {
    if let grouping = view.grouping {
      let board = everything.languageBoard(by: grouping, languages)
      let lines = languageLines(board)
      let shown = board.mostScored(languages.showsAll ? nil : Board.languageLimit)
      var report = report(lines, shown: shown.map { lines[$0] }, by: view)
      report.tables[0].footnotes += Self.notes(of: board, shown: shown.count)
      return report
    }
    let lines: [Line]
    switch view {
    case .task: lines = types.flatMap { type in [typeLine(type)] + taskLines(of: type) }
    case .type: lines = types.map(typeLine)
    default: return report
    }
    return report(lines, shown: lines, by: view)
  }

  private func report(_ lines: [Line], shown: [Line], by view: BoardView) -> Report {
    Report(
      tables: [table(shown, by: view)], records: records(lines, by: view),
      json: .object([
        ("schema", .integer(1)), ("benchmark", .string(board.benchmark)),
        ("pool", board.pool.json), ("rows", .array(lines.map(json))),
      ]))
  }

  /// One row: what the own models and the models of the pool have of one thing.
  private struct Line {
    let name: String
    /// The name for programs.
    let key: String
    let type: TaskType?
    var isHeading = false
    /// Of the own models, `[placed]`.
    let own: [(score: Double?, isComplete: Bool)]
    /// Of the pool's other models, those without left out, best first.
    let others: [(model: String, score: Double)]

    init(
      _ name: String, key: String? = nil, type: TaskType?, isHeading: Bool = false,
      own: [(score: Double?, isComplete: Bool)], others: [(model: String, score: Double?)]
    ) {
      self.name = name
      self.key = key ?? name
      self.type = type
      self.isHeading = isHeading
      self.own = own
      self.others = others.compactMap { other in other.score.map { (other.model, $0) } }
        .sorted { (-$0.score, $0.model) < (-$1.score, $1.model) }
    }

    /// One more than the models of the pool that are better; nil without a score.
    func place(_ model: Int) -> Int? {
      own[model].score.map { score in 1 + others.count { $0.score > score } }
    }

    /// The score that half of the pool's models do not exceed, the mean of two for an even number.
    var median: Double? {
      guard !others.isEmpty else { return nil }
      let middle = others.count / 2
      let upper = others[middle].score
      return others.count.isMultiple(of: 2) ? (others[middle - 1].score + upper) / 2 : upper
    }
  }

  /// Models of the pool that are no own ones.
  private var others: [Board.Standing] {
    let own = Set(placed.map(\.standing.model))
    return board.everyone.filter { !own.contains($0.model) }
  }

  /// Every type that the pool or an own model has a score of.
  private var types: [TaskType] { Set(board.types + placed.flatMap(\.types)).sorted() }

  private func typeLine(_ type: TaskType) -> Line {
    let place = board.types.firstIndex(of: type)
    return Line(
      type.rawValue, type: type, isHeading: true,
      own: placed.map { model in
        (model.types.firstIndex(of: type).flatMap { model.standing.types[$0] }, true)
      },
      others: others.map { model in (model.model, place.flatMap { model.types[$0] }) })
  }

  private func taskLines(of type: TaskType) -> [Line] {
    let names = Set((board.tasks + placed.flatMap(\.tasks)).filter { $0.type == type }.map(\.name))
    return names.sorted().map { name in
      let place = board.tasks.firstIndex { $0.name == name }
      return Line(
        name, type: type,
        own: placed.map { model in
          let entry = model.tasks.firstIndex { $0.name == name }.map { model.standing.entries[$0] }
          return (entry?.mean, entry?.isComplete ?? false)
        },
        others: others.map { model in (model.model, place.flatMap { model.entries[$0].mean }) })
    }
  }

  private func languageLines(_ board: LanguageBoard) -> [Line] {
    let standings = Dictionary(uniqueKeysWithValues: board.models.map { ($0.model, $0) })
    return board.groups.enumerated().map { place, group in
      Line(
        group.title, key: group.key, type: nil,
        own: placed.map { model in
          let standing = standings[model.standing.model]
          return (
            standing?.scores[place] ?? nil,
            standing.map { board.isComplete($0, place) } ?? false
          )
        },
        others: others.map { ($0.model, standings[$0.model]?.scores[place] ?? nil) })
    }
  }

  private static func notes(of board: LanguageBoard, shown: Int) -> [String] {
    let left =
      shown < board.groups.count
      ? "The \(shown) of \(board.grouping.count(board.groups.count)) with the most scored cells."
      : nil
    return [left, Board.scoreNote(board), Board.chosenNote(board), Board.factsNote(board)]
      .compactMap(\.self)
  }

  private func table(_ lines: [Line], by view: BoardView) -> TableView {
    let names = board.shortNames(of: placed.map(\.standing.model))
    let noun = view.grouping?.noun ?? view.rawValue
    let name = noun.prefix(1).uppercased() + noun.dropFirst()
    var columns = [TableView.Column(view.rawValue, name, .text)]
    for model in placed.map(\.standing.model) {
      columns.append(.init(model, names[model] ?? model, .score))
      columns.append(.init("place", "Place", .count))
    }
    columns += [
      .init("best", "Best", .score), .init("best_model", "Best of the pool", .text),
      .init("median", "Median", .score),
    ]
    let isGrouped = view == .task
    var groups: [TableView.Group] = []
    for line in lines {
      if isGrouped, line.isHeading {
        groups.append(.init(heading: row(line), rows: []))
      } else if groups.isEmpty {
        groups.append(.init(rows: [row(line)]))
      } else {
        groups[groups.count - 1].rows.append(row(line))
      }
    }
    return TableView(
      title: "\(title), scores by \(noun)", columns: columns, groups: groups,
      footnotes: footnotes(lines, by: view))
  }

  private func footnotes(_ lines: [Line], by view: BoardView) -> [String] {
    var notes = [
      "Place: among the models of pool \(board.pool.hash) that have the score, with the own model. "
        + "Best and median are the pool's, own models left out.\(board.pool.rulesNote)"
    ]
    if lines.contains(where: { $0.own.contains { $0.score != nil && !$0.isComplete } }) {
      notes.append(
        view.grouping == nil
          ? Board.partialNote
          : "* Some tasks or cells are not scored; the mean is over those that are.")
    }
    if view.grouping == nil, lines.contains(where: { $0.own.contains { $0.score == nil } }) {
      notes.append("– No result; of a type: not every task complete.")
    }
    return notes
  }

  private func row(_ line: Line) -> [TableView.Cell] {
    var row: [TableView.Cell] = [.text(line.name)]
    for (place, own) in line.own.enumerated() {
      row.append(.score(own.score, mark: own.isComplete || own.score == nil ? "" : "*"))
      row.append(
        line.place(place).map { .init(.part($0, of: line.others.count + 1)) } ?? .absent)
    }
    row.append(.score(line.others.first?.score))
    row.append(line.others.first.map { .text($0.model) } ?? .absent)
    row.append(.score(line.median))
    return row
  }

  private func records(_ lines: [Line], by view: BoardView) -> TableView {
    let lines = view == .task ? lines.filter { !$0.isHeading } : lines
    let rows = lines.flatMap { line in
      placed.enumerated().map { place, model -> [TableView.Cell] in
        [
          .text(line.key), .text(line.type?.rawValue ?? ""), .text(model.standing.model),
          .score(line.own[place].score), line.place(place).map { .integer($0) } ?? .absent,
          .integer(line.others.count + 1), .score(line.others.first?.score),
          line.others.first.map { .text($0.model) } ?? .absent, .score(line.median),
          .text(board.pool.hash), .text(board.pool.rules.rawValue),
        ]
      }
    }
    return TableView(
      title: "",
      columns: [
        .init(view.rawValue, "", .text), .init("task_type", "", .text), .init("model", "", .text),
        .init("score", "", .score), .init("place", "", .count), .init("of", "", .count),
        .init("pool_best", "", .score), .init("pool_best_model", "", .text),
        .init("pool_median", "", .score), .init("pool", "", .text), .init("rules", "", .text),
      ],
      rows: rows)
  }

  private func json(_ line: Line) -> JSON {
    let own = placed.enumerated().map { place, model in
      (
        model.standing.model,
        JSON.object([
          ("score", .optional(line.own[place].score) { .number($0) }),
          ("complete", .bool(line.own[place].isComplete)),
          ("place", .optional(line.place(place)) { .integer($0) }),
          ("of", .integer(line.others.count + 1)),
        ])
      )
    }
    return .object([
      ("name", .string(line.key)), ("type", .optional(line.type) { .string($0.rawValue) }),
      ("own", .object(own)),
      (
        "best",
        .optional(line.others.first) {
          .object([("model", .string($0.model)), ("score", .number($0.score))])
        }
      ), ("median", .optional(line.median) { .number($0) }),
    ])
  }
}
