// The page of one model: where it stands, what it is good and bad at, where its numbers come from.

import Core

/// Lays out `models/<slug>.html`.
struct ModelPage: Sendable {
  let facts: ReportFacts
  /// Place among the models of the board.
  let place: Int
  private var board: Board { facts.board }
  private var model: Board.Standing { facts.board.models[place] }
  private var links: PageLinks { facts.links.fromFolder }

  /// Rows of the lists of best and worst, which only boards with many more tasks have.
  private static let few = 8

  init(_ facts: ReportFacts, place: Int) {
    self.facts = facts
    self.place = place
  }

  var content: PageContent {
    var content = PageContent(title: "\(model.model) – \(board.benchmark)")
    content.heading = ModelName(model.model).html
    content.links = links
    content.ways = ways
    content.facts = standing
    content.sections = [
      neighbours, types, extremes(isBest: true), extremes(isBest: false), languages, tasks,
      incomplete, provenance,
    ].compactMap(\.self)
    return content
  }

  private var ways: [PageContent.Way] {
    var ways = [
      PageContent.Way(
        label: board.benchmark, target: "../index.html#ranking", relation: "up")
    ]
    for (step, relation) in [(-1, "prev"), (1, "next")]
    where board.models.indices.contains(place + step) {
      guard let target = links.model(board.models[place + step].model) else { continue }
      ways.append(.init(label: facts.name(place + step), target: target, relation: relation))
    }
    return ways
  }

  private var standing: [String] {
    let interval = facts.intervals.map { intervals in
      let (ranks, votes) = (intervals.ranks[place], intervals.votes[place])
      return (
        " (\(RankIntervals.text(ranks)))", " (\(RankIntervals.text(votes)))",
        "group \(intervals.groups[place])"
      )
    }
    return [
      "rank \(model.rank)\(interval?.0 ?? "") of \(board.models.count)",
      "\(NumberText.votes(model.votes)) votes\(interval?.1 ?? "")", interval?.2,
      model.meanTask.map { "Mean (Task) \(NumberText.score($0))" },
      model.meanTaskType.map { "Mean (TaskType) \(NumberText.score($0))" },
      "\(model.completeTasks) of \(NumberText.count(board.tasks.count, "task")) complete",
      "pool \(board.pool.hash)",
    ].compactMap(\.self)
  }

  private var neighbours: PageContent.Section? {
    guard board.models.count > 1 else { return nil }
    let near = board.models.indices.filter { abs($0 - place) <= 2 }
    var section = PageContent.Section(id: "neighbours", title: "Around it in the ranking")
    var table = RankingTable(facts).table(of: near)
    table.isOfModels = false
    table.isSortable = false
    if let row = near.firstIndex(of: place) { table.classes[row] = "here" }
    section.table = table
    if facts.intervals != nil {
      section.notes = ["Intervals: 95 % over the choice of tasks."]
    }
    return section
  }

  private static let spreadNote =
    "Among all: each row from its lowest to its highest model, thicker between the quartiles, a tick at "
    + "the median, a dot for this model."

  private var types: PageContent.Section? {
    guard board.types.count > 1 else { return nil }
    let rows: [[TableView.Cell]] = board.types.indices.map { type in
      [.text(board.types[type].rawValue), .score(model.types[type])]
        + against(facts.types[type])
    }
    var section = PageContent.Section(id: "types", title: "By task type")
    section.table = Self.table(
      "Scores by task type", [.init("type", "Type", .text)], rows,
      pictures: board.types.indices.map {
        Strip.ofOne(facts.types[$0], dot: model.types[$0])
      })
    section.notes = [Self.spreadNote]
    if model.types.contains(nil) {
      section.notes.append("– A type's mean needs every task of the type complete.")
    }
    return section
  }

  /// Rank, median, best and who has it.
  private func against(_ spread: Spread) -> [TableView.Cell] {
    [
      ReportFacts.place(spread.ranks[place], of: spread.count), .score(spread.median),
      .score(spread.best), spread.leader.map { .text(board.models[$0].model) } ?? .absent,
    ]
  }

  private static func table(
    _ title: String, _ names: [TableView.Column], _ rows: [[TableView.Cell]], pictures: [HTML]
  ) -> PageTable {
    var table = PageTable(
      TableView(
        title: title,
        columns: names + [
          .init("score", "Score", .score), .init("rank", "Rank", .count),
          .init("median", "Median", .score), .init("best", "Best", .score),
          .init("leader", "Held by", .text),
        ], rows: rows))
    table.picture = .init(title: "Among all", after: names.count, rows: pictures)
    return table
  }

  private func taskTable(_ title: String, _ places: [Int]) -> PageTable {
    let rows: [[TableView.Cell]] = places.map { task in
      let entry = model.entries[task]
      return [
        .text(board.tasks[task].name), .text(board.tasks[task].type.rawValue),
        .score(entry.mean, mark: entry.isComplete ? "" : "*"),
      ] + against(facts.tasks[task])
    }
    return Self.table(
      title, [.init("task", "Task", .text), .init("type", "Type", .text)], rows,
      pictures: places.map { Strip.ofOne(facts.tasks[$0], dot: model.entries[$0].mean) })
  }

  /// Tasks where it is ranked best or worst among those with a score.
  private func extremes(isBest: Bool) -> PageContent.Section? {
    let shares = board.tasks.indices.compactMap { task in
      facts.tasks[task].share(below: place).map { (task: task, share: isBest ? -$0 : $0) }
    }
    guard shares.count > 2 * Self.few else { return nil }
    let chosen = shares.sorted {
      ($0.share, board.tasks[$0.task].name) < ($1.share, board.tasks[$1.task].name)
    }.prefix(Self.few).map(\.task)
    let title = isBest ? "Strengths" : "Weaknesses"
    var section = PageContent.Section(id: isBest ? "strengths" : "weaknesses", title: title)
    section.intro = [
      "Tasks where it ranks \(isBest ? "best" : "worst") among the models with a score."
    ]
    var table = taskTable(title, chosen)
    table.isSortable = false
    section.table = table
    return section
  }

  private var tasks: PageContent.Section {
    var section = PageContent.Section(id: "tasks", title: "All tasks")
    let places = board.tasks.indices.sorted {
      (board.tasks[$0].type, board.tasks[$0].name) < (board.tasks[$1].type, board.tasks[$1].name)
    }
    section.table = taskTable("Scores by task", places)
    section.notes = [Self.spreadNote]
    if model.entries.contains(where: { !$0.isMissing && !$0.isComplete }) {
      section.notes.append(Board.partialNote)
    }
    return section
  }

  private var languages: PageContent.Section? {
    let all = board.languages.languages
    let scored = all.indices.filter { facts.languageScores[place][$0] != nil }
    guard !scored.isEmpty else { return nil }
    var section = PageContent.Section(id: "languages", title: "Languages")
    let isLong = scored.count > 4 * Self.few
    let ranked = scored.compactMap { language in
      facts.languages[language].share(below: place).map { (language, $0) }
    }.sorted { ($0.1, all[$0.0]) < ($1.1, all[$1.0]) }.map(\.0)
    if isLong, ranked.count > 2 * Self.few {
      section.intro = ["Where it ranks best, then where it ranks worst; all of them below."]
      let chosen = Array(ranked.suffix(Self.few).reversed()) + ranked.prefix(Self.few).reversed()
      var table = languageTable("Languages where it ranks best and worst", chosen)
      table.isSortable = false
      table.classes[Self.few] = "break"
      section.table = table
      section.after = """
        <details><summary>All \(scored.count) languages</summary>
        \(languageTable("Scores by language", scored).html(links))</details>

        """
    } else {
      section.table = languageTable("Scores by language", scored)
    }
    section.notes = ["A language's score is the mean over all scored cells that list it."]
    return section
  }

  private func languageTable(_ title: String, _ places: [Int]) -> PageTable {
    let rows: [[TableView.Cell]] = places.map { language in
      let spread = facts.languages[language]
      return [
        .text(board.languages.languages[language]),
        .score(facts.languageScores[place][language]),
        ReportFacts.place(spread.ranks[place], of: spread.count), .score(spread.median),
        .score(spread.best),
      ]
    }
    return PageTable(
      TableView(
        title: title,
        columns: [
          .init("language", "Language", .text), .init("score", "Score", .score),
          .init("rank", "Rank", .count), .init("median", "Median", .score),
          .init("best", "Best", .score),
        ], rows: rows))
  }

  /// What is missing or partial, by name.
  private var incomplete: PageContent.Section? {
    let entries = zip(board.tasks, model.entries)
    let missing = entries.filter { $1.isMissing }.map(\.0.name).sorted()
    let partial = entries.filter { !$1.isMissing && !$1.isComplete }
      .map { "\($0.name) (\($1.cells) of \($1.required) cells)" }.sorted()
    guard !missing.isEmpty || !partial.isEmpty else { return nil }
    var section = PageContent.Section(id: "incomplete", title: "What is not complete")
    section.terms = [("Without a score", missing), ("Scored in part", partial)]
      .filter { !$0.1.isEmpty }.map { ($0.0, $0.1.joined(separator: ", ")) }
    return section
  }

  private var provenance: PageContent.Section {
    let read = model.facts
    var section = PageContent.Section(id: "provenance", title: "Where the numbers come from")
    section.terms = [
      (
        model.revisions.count == 1 ? "Revision" : "Revisions",
        model.revisions.joined(separator: ", ")
      ),
      ("Results read", NumberText.count(read.tasks, "file")),
      ("Measured", read.measured ?? "no file names a date"),
      ("Rules of mteb", read.rules ?? "no file names a version"),
      ("Votes", board.votesNote),
    ]
    return section
  }
}
