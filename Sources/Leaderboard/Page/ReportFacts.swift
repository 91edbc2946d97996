// What all pages of a report draw on, computed once.

/// A board with the order of models on every task, type and language, and where their pages are.
struct ReportFacts: Sendable {
  let board: Board
  /// nil where there is too little to say.
  let intervals: RankIntervals?
  let links: PageLinks
  /// Short names of models.
  let names: [String: String]
  /// `[tasks]`, over partial means too, as votes are.
  let tasks: [Spread]
  /// `[types]`.
  let types: [Spread]
  /// `[languages]`, over the models of the board.
  let languages: [Spread]
  /// Scores by language of each model of the board, `[models][languages]`.
  let languageScores: [[Double?]]

  init(_ board: Board) {
    self.board = board
    intervals = RankIntervals(board)
    links = PageLinks(board)
    names = board.names
    let models = board.models
    tasks = board.tasks.indices.map { task in
      Spread(
        models.map { $0.entries[task].mean }, isComplete: models.map { $0.entries[task].isComplete }
      )
    }
    types = board.types.indices.map { type in Spread(models.map { $0.types[type] }) }
    let scores = Dictionary(
      board.languages.models.map { ($0.model, $0.scores) }, uniquingKeysWith: { first, _ in first })
    let absent = [Double?](repeating: nil, count: board.languages.languages.count)
    let languageScores = models.map { scores[$0.model] ?? absent }
    self.languageScores = languageScores
    languages = absent.indices.map { language in Spread(languageScores.map { $0[language] }) }
  }

  func name(_ model: Int) -> String {
    let full = board.models[model].model
    return names[full] ?? full
  }

  /// The strip for votes: from none to the most that a model has or might have.
  var votesStrip: Strip {
    let ends = intervals?.votes.map(\.high) ?? []
    return Strip(
      axis: Axis(upTo: max(ends.max() ?? 0, board.models.map(\.votes).max() ?? 0)), width: 200)
  }

  /// The strip for the spreads of some things.
  static func strip(over spreads: some Sequence<Spread>) -> Strip {
    let ends = spreads.flatMap { [$0.lowest, $0.highest] }.compactMap { $0.map { $0 * 100 } }
    return Strip(axis: Axis(over: ends))
  }

  /// What stands behind a model's name in tables of models: whether it is complete.
  static func rowClass(isComplete: Bool) -> String { isComplete ? "" : "part" }

  /// `3 of 339`, the rank on one thing.
  static func place(_ rank: Int?, of count: Int) -> TableView.Cell {
    rank.map { TableView.Cell(.part($0, of: count)) } ?? .absent
  }
}
