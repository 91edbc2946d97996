// What a comparison comes to, in a word and in a sentence.

extension Comparison {
  /// Whether the first model of a row is ahead.
  package enum Verdict: String, Sendable {
    case ahead, behind, undecided
    /// Every unit is a tie.
    case same
    /// Too few units to say anything.
    case unknown

    package var isDecided: Bool { self == .ahead || self == .behind }
  }

  /// A corrected p-value of at most this decides.
  package var threshold: Double { 1 - resampling.level }

  /// The verdict of a row; `.unknown` where nothing was drawn.
  package func verdict(on row: Row) -> Verdict {
    guard row.estimate.units > 0 else { return .unknown }
    if row.tally.wins == 0, row.tally.losses == 0 { return .same }
    guard let p = row.estimate.adjusted else { return .unknown }
    guard p <= threshold else { return .undecided }
    return row.estimate.difference > 0 ? .ahead : .behind
  }

  /// How many tasks of a pair have details of both, and how many are won and lost beyond the noise
  /// of their items.
  package func beyondNoise(_ pair: Int) -> (tasks: Int, won: Int, lost: Int) {
    let rows = tasks[pair].filter { $0.estimate.units > 0 }
    let verdicts = rows.map { verdict(on: $0) }
    return (rows.count, verdicts.count { $0 == .ahead }, verdicts.count { $0 == .behind })
  }

  /// The verdict on a pair in a sentence or two.
  ///
  /// `A is ahead of B by 1.20 points of Mean (Task), 95 % interval 0.31 to 2.05 over 130 tasks;
  /// p = 0.004.`
  package func sentence(_ place: Int) -> String {
    let (pair, row) = (pairs[place], taskMeans[place])
    let names = board.names
    let first = names[pair.first.model] ?? pair.first.model
    let other = names[pair.other.model] ?? pair.other.model
    let tasks = NumberText.count(row.estimate.units, "task")
    let points = NumberText.score(abs(row.estimate.difference))
    let (higher, lower) = row.estimate.difference < 0 ? (other, first) : (first, other)
    switch verdict(on: row) {
    case .same:
      return "\(first) and \(other) have the same scores on \(tasks)."
    case .unknown:
      return "\(higher) is \(points) points above \(lower) on \(tasks), too few to say more."
    case .ahead, .behind:
      return "\(higher) is ahead of \(lower) by \(points) points of Mean (Task), "
        + "\(interval(row))over \(tasks); \(chance(row))." + remark(place)
    case .undecided:
      return "\(first) and \(other) cannot be told apart by Mean (Task): \(higher) is \(points) "
        + "points higher, \(interval(row))over \(tasks); \(chance(row))." + remark(place)
    }
  }

  /// The interval of the higher one's lead.
  private func interval(_ row: Row) -> String {
    guard let interval = row.estimate.interval else { return "" }
    let isFirst = row.estimate.difference >= 0
    let ends = isFirst ? (interval.low, interval.high) : (-interval.high, -interval.low)
    return "\(levelText) interval \(NumberText.score(ends.0)) to \(NumberText.score(ends.1)) "
  }

  private func chance(_ row: Row) -> String {
    guard let p = row.estimate.pValue, let adjusted = row.estimate.adjusted else { return "" }
    guard pairs.count > 1 else { return "p \(NumberText.relation(p))" }
    return "p \(NumberText.relation(adjusted)), corrected for \(pairs.count) pairs"
  }

  /// What Mean (TaskType) and votes say, where they say something else.
  private func remark(_ place: Int) -> String {
    let (pair, names) = (pairs[place], board.names)
    let others = [("Mean (TaskType)", typeMeans[place]), ("Borda votes", votes[place])]
      .map { ($0.0, verdict(on: $0.1)) }
      .filter { $0.1 != verdict(on: taskMeans[place]) }
    let open = others.filter { !$0.1.isDecided }.map(\.0)
    let decided = others.filter(\.1.isDecided).map { title, verdict in
      let model = verdict == .ahead ? pair.first.model : pair.other.model
      return " By \(title), \(names[model] ?? model) is ahead."
    }
    return decided.joined()
      + (open.isEmpty ? "" : " By \(open.joined(separator: " and ")), that is undecided.")
  }

  /// `95 %`.
  var levelText: String { NumberText.percent(resampling.level) }
}
