// Which models are compared with which, and by which tasks: those that both have complete.

package import Core

/// Pairs of models of a board, each with its common tasks.
package struct Pairing: Sendable {
  package let board: Board
  /// The models, as they were named.
  package let models: [Board.Standing]
  package let isAllPairs: Bool
  /// Pairs with a common task: the first model with every other one, or all with all.
  package let pairs: [Pair]
  /// Pairs without one.
  package let apart: [Pair]
  /// Cells of a task with nothing missing, whatever the rules of the board ask for, `[tasks]`.
  let cells: [Int]

  /// Two models, whose difference is the first one's score minus the other's.
  package struct Pair: Sendable {
    package let first: Board.Standing
    package let other: Board.Standing
    /// Places in the board's tasks of those that both have complete, in its order.
    package let tasks: [Int]
  }

  /// Pairs the models with these names.
  ///
  /// - Throws: `.usage` for fewer than two names, a name twice or an unknown one, with the nearest;
  ///   `.incomplete` where no pair has a common task.
  package init(_ board: Board, models names: [String], isAllPairs: Bool) throws(Failure) {
    guard names.count > 1 else {
      throw Failure(
        .usage, names.first ?? "compare", "a comparison needs at least two models",
        hint: "add another one; the pool has \(NameList.text(board.models.map(\.model), most: 8))")
    }
    var models: [Board.Standing] = []
    for name in names {
      guard !models.contains(where: { $0.model == name }) else {
        throw Failure(.usage, name, "is named twice", hint: "name every model once")
      }
      models.append(try Self.model(name, of: board))
    }
    let cells = board.tasks.map { board.cells(ofTask: $0.name).count }
    var all: [Pair] = []
    for (place, first) in models.enumerated().prefix(isAllPairs ? models.count : 1) {
      all += models.dropFirst(place + 1).map { Self.pair(first, $0, cells) }
    }
    self.board = board
    self.cells = cells
    self.models = models
    self.isAllPairs = isAllPairs
    pairs = all.filter { !$0.tasks.isEmpty }
    apart = all.filter(\.tasks.isEmpty)
    if pairs.isEmpty, let pair = apart.first {
      let which = all.count == 1 ? "these two models" : "the two models of any pair"
      throw Failure(
        .incomplete, "\(pair.first.model), \(pair.other.model)",
        "no task of \(board.benchmark) is complete for \(which)",
        hint: "borda rank --by task shows what is there; evaluate what is missing")
    }
  }

  private static func model(
    _ name: String, of board: Board
  ) throws(Failure) -> Board.Standing {
    if let model = board.models.first(where: { $0.model == name }) { return model }
    if board.hidden.contains(name) {
      throw Failure(
        .incomplete, name, "has no complete task of \(board.benchmark)",
        hint: "a comparison needs tasks with all their subsets and splits; evaluate the rest")
    }
    let names = board.models.map(\.model)
    throw Failure(
      .usage, name, "there is no such model in the pool",
      hint: Suggest.hint(
        for: name, among: names, otherwise: "the pool has \(NameList.text(names, most: 8))"))
  }

  private static func pair(
    _ first: Board.Standing, _ other: Board.Standing, _ cells: [Int]
  ) -> Pair {
    let tasks = cells.indices.filter { task in
      [first, other].allSatisfy { isWhole($0.entries[task], cells[task]) }
    }
    return Pair(first: first, other: other, tasks: tasks)
  }

  private static func isWhole(_ entry: Board.Entry, _ cells: Int) -> Bool {
    !entry.isMissing && entry.cells >= cells
  }

  /// What a model lacks, `2 missing, 5 partial`; nil where all is there.
  func lack(of model: Board.Standing) -> String? {
    let lacking = zip(model.entries, cells).filter { !Self.isWhole($0, $1) }
    let missing = lacking.count { $0.0.isMissing }
    let parts = [(missing, "missing"), (lacking.count - missing, "partial")].filter { $0.0 > 0 }
    return parts.isEmpty ? nil : parts.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
  }
}

extension Board {
  /// The cells of a task that somebody has a score for, as its definition names them: what a
  /// complete entry is the mean of.
  package func cells(ofTask name: String) -> [(split: String, subset: String)] {
    guard let place = frame.tasks.firstIndex(where: { $0.name == name }) else { return [] }
    let (task, seen) = (frame.tasks[place], frame.seen[place])
    let subsets = zip(task.subsets, seen.subsets).filter(\.1).map(\.0.name)
    return zip(task.splits, seen.splits).filter(\.1).flatMap { split, _ in
      subsets.map { (split, $0) }
    }
  }
}
