// What the choice of tasks leaves open about a ranking, in a page's words.

extension RankIntervals {
  /// The intervals of a board; nil where there is one model or one task and so nothing to say.
  init?(_ board: Board) {
    guard board.models.count > 1, board.tasks.count > 1 else { return nil }
    self.init(board.ballots, shown: board.models.map(\.model))
  }

  /// `2–5`, or `2` where the rank is certain.
  static func text(_ ranks: ClosedRange<Int>) -> String {
    ranks.count == 1 ? "\(ranks.lowerBound)" : "\(ranks.lowerBound)–\(ranks.upperBound)"
  }

  /// `31204–33981`; votes are whole or half, the ends of an interval are shown whole.
  static func text(_ votes: Interval) -> String {
    let ends = (Int(votes.low.rounded()), Int(votes.high.rounded()))
    return "\(ends.0)–\(ends.1)"
  }
}
