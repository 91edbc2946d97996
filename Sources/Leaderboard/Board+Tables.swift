// A board as tables for people: ranking, types, tasks, languages, what is incomplete, what was read.

import Core

extension Board {
  /// The title of tables, `MTEB(Multilingual, v2): 30 models, 130 tasks`.
  private var headline: String {
    "\(benchmark): \(NumberText.count(models.count, "model")), "
      + NumberText.count(tasks.count, "task")
  }

  package var rankingTable: TableView {
    let isAnyIncomplete = models.contains(where: \.isPartial)
    var table = TableView(
      title: headline,
      columns: [
        .init("rank", "Rank", .rank), .init("model", "Model", .text),
        .init("votes", "Votes", .votes), .init("mean_task", "Mean (Task)", .score),
        .init("mean_task_type", "Mean (TaskType)", .score),
      ],
      rows: models.map {
        [
          .integer($0.rank), .text($0.model), .votes($0.votes, mark: $0.mark), .score($0.meanTask),
          .score($0.meanTaskType),
        ]
      },
      footnotes: [votesNote] + [incompleteNote, hiddenNote, unscoredNote].compactMap(\.self))
    if isAnyIncomplete {
      table.columns.append(.init("complete", "Tasks", .count))
      for (i, model) in models.enumerated() {
        table.groups[0].rows[i].append(.init(.part(model.completeTasks, of: tasks.count)))
      }
    }
    table.markBestInColumns()
    return table
  }

  package var typeTable: TableView {
    var table = TableView(
      title: "\(headline), mean scores by task type",
      columns: [.init("rank", "Rank", .rank), .init("model", "Model", .text)]
        + types.map { .init($0.rawValue, $0.rawValue, .score) },
      rows: models.map { model in
        [.init(.integer(model.rank), mark: model.mark), .text(model.model)]
          + model.types.map { .score($0) }
      },
      footnotes: [votesNote, typeNote, partialRankNote].compactMap(\.self))
    table.markBestInColumns()
    return table
  }

  private var typeNote: String? {
    models.contains { $0.types.contains(nil) }
      ? "– A type's mean needs every task of the type complete." : nil
  }

  /// Tasks down, grouped by type under the means of the type; models across, at most `limit` of
  /// them: those ranked first.
  package func taskTable(limit: Int? = nil) -> TableView {
    let names = names
    let models = Array(models.prefix(limit ?? models.count))
    let groups = types.enumerated().map { place, type in
      TableView.Group(
        heading: [.text(type.rawValue)] + Self.row(models.map { ($0.types[place], true) }),
        rows: taskRows(of: type, models))
    }
    var table = TableView(
      title: "\(headline), scores by task",
      columns: [.init("task", "Task", .text)]
        + models.map { .init($0.model, names[$0.model] ?? $0.model, .score) },
      groups: groups, footnotes: [])
    let cells = table.allRows.flatMap(\.self)
    if cells.contains(where: { $0.mark == "*" }) { table.footnotes.append(Self.partialNote) }
    if cells.contains(.absent) {
      table.footnotes.append("– No result; of a type: not every task complete.")
    }
    if models.count < self.models.count {
      table.footnotes.append("The first \(models.count) of \(self.models.count) models.")
    }
    table.footnotes += [hiddenNote, unscoredNote].compactMap(\.self)
    return table
  }

  private func taskRows(of type: TaskType, _ models: [Standing]) -> [[TableView.Cell]] {
    let places = tasks.indices.filter { tasks[$0].type == type }
      .sorted { tasks[$0].name < tasks[$1].name }
    return places.map { place in
      let entries = models.map { $0.entries[place] }
      return [.text(tasks[place].name)] + Self.row(entries.map { ($0.mean, $0.isComplete) })
    }
  }

  /// Scores side by side, partial ones marked, the best of several complete ones too.
  private static func row(_ scores: [(mean: Double?, isComplete: Bool)]) -> [TableView.Cell] {
    let complete = scores.filter(\.isComplete).compactMap(\.mean)
    return scores.map { mean, isComplete in
      var cell = TableView.Cell.score(mean, mark: isComplete ? "" : "*")
      cell.isBest = complete.count > 1 && isComplete && mean != nil && mean == complete.max()
      return cell
    }
  }

  /// Models that lack something, a row each: tasks without a score, tasks scored in part.
  package var incompleteTable: TableView {
    let rows = models.filter { $0.completeTasks < tasks.count }.map { model in
      let entries = zip(tasks, model.entries)
      let missing = entries.filter { $1.isMissing }.map(\.0.name)
      let partial = entries.filter { !$1.isMissing && !$1.isComplete }
        .map { "\($0.name) (\($1.cells) of \($1.required))" }
      return [TableView.Cell.text(model.model), Self.list(missing), Self.list(partial)]
    }
    return TableView(
      title: "What is not complete",
      columns: [
        .init("model", "Model", .text), .init("missing", "Tasks without a score", .text),
        .init("partial", "Tasks scored in part, with cells", .text),
      ],
      rows: rows)
  }

  private static func list(_ names: [String]) -> TableView.Cell {
    names.isEmpty ? .absent : .text(NameList.text(names.sorted(), most: 12))
  }

  /// What was read of each shown model: revisions, tasks, dates, versions of the rules.
  package var sourceTable: TableView {
    TableView(
      title: "Results read",
      columns: [
        .init("model", "Model", .text), .init("revision", "Revision", .text),
        .init("tasks", "Tasks", .count), .init("measured", "Measured", .text),
        .init("rules", "Rules of mteb", .text),
      ],
      rows: models.map { model in
        [
          .text(model.model),
          .text(model.revisions.map(Self.shortRevision).joined(separator: ", ")),
          .integer(model.facts.tasks), .text(model.facts.measured ?? "–"),
          .text(model.facts.rules ?? "–"),
        ]
      })
  }

  /// Seven digits of a commit hash; other revisions in full.
  private static func shortRevision(_ revision: String) -> String {
    let isHash = revision.count == 40 && revision.allSatisfy { $0.isASCII && $0.isHexDigit }
    return isHash ? String(revision.prefix(7)) : revision
  }
}

extension Board.Facts {
  /// Days in UTC, `2025-02-03 to 2025-10-21`, with how many results are dated unless all are; nil when
  /// no file names a date.
  package var measured: String? {
    dates.map { dates in
      let (first, last) = (CalendarDay.text(dates.lowerBound), CalendarDay.text(dates.upperBound))
      let days = first == last ? first : "\(first) to \(last)"
      let part = "\(NumberText.grouped(datedTasks)) of \(NumberText.grouped(tasks)) dated"
      return datedTasks == tasks ? days : "\(days) (\(part))"
    }
  }

  /// First and last version, `1.18.0 to 2.1.0`; nil when no file names a version.
  package var rules: String? {
    guard let first = versions.first, let last = versions.last else { return nil }
    return first == last ? first : "\(first) to \(last)"
  }
}

extension TableView {
  /// Marks the largest score of each column of scores, when there is something to compare.
  mutating func markBestInColumns() {
    for column in columns.indices where columns[column].kind == .score {
      let scores = groups.flatMap(\.rows).compactMap { row in
        if case .score(let score) = row[column].value { score } else { nil }
      }
      guard scores.count > 1, let best = scores.max() else { continue }
      for group in groups.indices {
        for row in groups[group].rows.indices
        where groups[group].rows[row][column].value == .score(best) {
          groups[group].rows[row][column].isBest = true
        }
      }
    }
  }
}
