// What is left of every task when the cells of one language are taken away.

import Core

/// Partial means of all models without each language, for the tasks where the language occurs.
struct LanguageRemains {
  /// The languages of scored cells, by name.
  let languages: [Entry]

  struct Entry {
    let name: String
    /// The tasks with cells that list it, and what remains of them.
    let pairs: [Pair]
  }

  struct Pair {
    /// A place in the tasks of the board.
    let task: Int
    /// Means without the language, `[models]`; nil where nothing is left.
    let means: [Double?]
  }

  /// - Throws: `.incomplete` where a model has means but no cells, as in a pool frozen without them.
  init(_ board: Board) throws(Failure) {
    let frame = board.frame
    for model in frame.models where model.cells.isEmpty {
      guard model.means.contains(where: { $0.value != nil }) else { continue }
      throw Failure(
        .incomplete, model.name, "has means of tasks but not the cells behind them",
        hint: "leave out tasks or types, or rank from result files")
    }
    // Languages of a list once each: a cell that lists one twice is still one cell.
    let lists = frame.lists.map { Array(Set($0)) }
    let boardTask = Self.boardTasks(frame)
    let slots = Slots(frame, lists)
    var means = slots.keys.map { _ in [Double?](repeating: nil, count: frame.models.count) }
    for (place, model) in frame.models.enumerated() {
      slots.means(of: model, lists, frame) { slot, mean in means[slot][place] = mean }
    }
    let pairs = Dictionary(
      grouping: slots.keys.indices.filter { boardTask[slots.keys[$0].task] != nil }
    ) { slots.keys[$0].language }
    languages = pairs.map { language, slotsOfLanguage in
      Entry(
        name: frame.languages[language],
        pairs: slotsOfLanguage.compactMap { slot in
          boardTask[slots.keys[slot].task].map { Pair(task: $0, means: means[slot]) }
        })
    }
    .sorted { $0.name < $1.name }
  }

  /// The place on the board of each of the frame's tasks; nil for those that nobody has.
  private static func boardTasks(_ frame: Frame) -> [Int?] {
    var next = 0
    return frame.seen.map { seen in
      guard seen.required > 0 else { return nil }
      next += 1
      return next - 1
    }
  }

  /// Votes without a language: the points of its tasks away, those of what remains added.
  func change(
    _ total: [Double], without language: Entry, _ ballots: Ballots
  ) -> (votes: [Double], dropped: Int) {
    var votes = total
    var dropped = 0
    for pair in language.pairs {
      if pair.means.allSatisfy({ $0 == nil }) { dropped += 1 }
      let points = Ranks.points(pair.means, n: ballots.n)
      for i in votes.indices { votes[i] += points[i] - ballots.points[pair.task][i] }
    }
    return (votes, dropped)
  }
}

/// A place for every (task, language) that occurs together in a scored cell.
private struct Slots {
  private(set) var keys: [(task: Int, language: Int)] = []
  /// The slot of a pair, -1 where it does not occur, `[tasks][languages]`.
  private var slotOf: [[Int32]]

  init(_ frame: Frame, _ lists: [[Int]]) {
    var occurs = frame.tasks.map { _ in [Bool](repeating: false, count: lists.count) }
    for model in frame.models {
      for cell in model.cells { occurs[Int(cell.task)][Int(cell.list)] = true }
    }
    slotOf = frame.tasks.map { _ in [Int32](repeating: -1, count: frame.languages.count) }
    for task in frame.tasks.indices {
      for list in lists.indices where occurs[task][list] {
        for language in lists[list] where slotOf[task][language] < 0 {
          slotOf[task][language] = Int32(keys.count)
          keys.append((task, language))
        }
      }
    }
  }

  /// A model's mean over what each slot leaves of its task, for slots that leave anything.
  ///
  /// The exact total of a task less the exact scores of a language is the exact total of the rest,
  /// so the means round as if they had been added up afresh, and ties stay ties.
  func means(
    of model: Frame.Model, _ lists: [[Int]], _ frame: Frame, use: (Int, Double) -> Void
  ) {
    var totals = frame.tasks.map { _ in ExactSum() }
    for cell in model.cells { totals[Int(cell.task)].add(cell.score) }
    var rest = keys.map { totals[$0.task] }
    var left = keys.map { totals[$0.task].count }
    for cell in model.cells {
      for language in lists[Int(cell.list)] {
        let slot = Int(slotOf[Int(cell.task)][language])
        rest[slot].add(-cell.score)
        left[slot] -= 1
      }
    }
    for slot in keys.indices where left[slot] > 0 {
      use(slot, rest[slot].total / Double(left[slot]))
    }
  }
}
