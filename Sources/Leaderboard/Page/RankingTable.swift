// The ranking as a page shows it: votes drawn with their intervals, rows that lead to pages.

/// Rows of a ranking for all models or some.
struct RankingTable: Sendable {
  private let facts: ReportFacts
  private var board: Board { facts.board }

  init(_ facts: ReportFacts) { self.facts = facts }

  /// Rows for the models at these places of the board.
  func table(of places: some Sequence<Int>) -> PageTable {
    let places = Array(places)
    let isAnyIncomplete = board.models.contains(where: \.isPartial)
    let strip = facts.votesStrip
    var columns: [TableView.Column] = [
      .init("rank", "Rank", .rank), .init("model", "Model", .text), .init("votes", "Votes", .votes),
    ]
    let behind = columns.count - 1
    if facts.intervals != nil {
      columns += [
        .init("rank_interval", "Rank interval", .count), .init("group", "Group", .count),
      ]
    }
    columns += [
      .init("mean_task", "Mean (Task)", .score), .init("mean_task_type", "Mean (TaskType)", .score),
    ]
    if isAnyIncomplete { columns.append(.init("complete", "Tasks", .count)) }
    var view = TableView(
      title: "\(board.benchmark): ranking", columns: columns,
      rows: places.map { row($0, isAnyIncomplete) })
    if places.count == board.models.count { view.markBestInColumns() }
    var table = PageTable(view)
    table.picture = .init(
      title: facts.intervals == nil ? "" : "95 % interval", after: behind,
      rows: places.map { strip.votes(board.models[$0].votes, facts.intervals?.votes[$0]) })
    for (row, place) in places.enumerated()
    where board.models[place].completeTasks < board.tasks.count {
      table.classes[row] = ReportFacts.rowClass(isComplete: false)
    }
    table.isOfModels = true
    return table
  }

  private func row(_ place: Int, _ hasCompleteness: Bool) -> [TableView.Cell] {
    let model = board.models[place]
    var row: [TableView.Cell] = [
      .integer(model.rank), .text(model.model), .votes(model.votes, mark: model.mark),
    ]
    if let intervals = facts.intervals {
      row += [.text(RankIntervals.text(intervals.ranks[place])), .integer(intervals.groups[place])]
    }
    row += [.score(model.meanTask), .score(model.meanTaskType)]
    if hasCompleteness { row.append(.init(.part(model.completeTasks, of: board.tasks.count))) }
    return row
  }
}
