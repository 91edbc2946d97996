// A pool in one small file: what votes and means are counted from, without the cells behind it.

package import Core

/// The partial task means of a pool's models, with what is needed to know which are complete.
///
/// Votes, means, tasks and types of a board come out of it as out of the result files; languages do
/// not, as they are means over cells.
package struct FrozenPool: Sendable, Equatable {
  package static let schema = 1

  package let benchmark: String
  package let rules: Rules
  /// The pool's size and hash when it was frozen.
  package let models: Int
  package let hash: String
  package let tasks: [Task]
  /// By name.
  package let entries: [Entry]

  /// A task as it was when the pool was frozen.
  package struct Task: Sendable, Equatable {
    package let name: String
    package let type: String
    /// A hash of its subsets and splits with their order: places in `coverages` mean nothing under
    /// another definition.
    package let definition: String
    package let subsets: Int
    package let splits: Int
    /// Subsets and splits that models have a score for, every combination once.
    package let coverages: [Frame.Seen]

    /// Places of the subsets and of the splits that nobody has a score for.
    package var unscored: (subsets: [Int], splits: [Int]) {
      (
        (0..<subsets).filter { place in !coverages.contains { $0.subsets[place] } },
        (0..<splits).filter { place in !coverages.contains { $0.splits[place] } }
      )
    }
  }

  /// A model of the pool.
  package struct Entry: Sendable, Equatable {
    package let model: String
    package let revisions: [String]
    /// `[tasks]`; the place of a task's coverage is one in its `coverages`.
    package let means: [Frame.TaskMean]
    package let facts: Board.Facts
  }

  init(
    benchmark: String, rules: Rules, models: Int, hash: String, tasks: [Task], entries: [Entry]
  ) {
    self.benchmark = benchmark
    self.rules = rules
    self.models = models
    self.hash = hash
    self.tasks = tasks
    self.entries = entries
  }

  /// Freezes the pool of a board.
  ///
  /// `hash` is a stable content hash in hexadecimal, here and below.
  package init(_ board: Board, hash: (String) -> String) {
    let frame = board.frame
    // Only combinations that a model still has, in the order of the models, so that equal pools are
    // equal files.
    var order: [[Int32: Int32]] = frame.tasks.map { _ in [:] }
    var used: [[Frame.Seen]] = frame.tasks.map { _ in [] }
    entries = frame.models.map { model in
      var means = model.means
      for task in means.indices where means[task].coverage >= 0 {
        let old = means[task].coverage
        if order[task][old] == nil {
          order[task][old] = Int32(used[task].count)
          used[task].append(frame.coverages[task][Int(old)])
        }
        means[task].coverage = order[task][old] ?? -1
      }
      return Entry(
        model: model.name, revisions: model.revisions.sorted(), means: means, facts: model.facts)
    }
    tasks = zip(frame.tasks, used).map { task, coverages in
      Task(
        name: task.name, type: task.type.rawValue, definition: Self.definition(of: task, hash),
        subsets: task.subsets.count, splits: task.splits.count, coverages: coverages)
    }
    benchmark = board.benchmark
    rules = board.pool.rules
    models = board.pool.models
    self.hash = board.pool.hash
  }

  /// Sixteen digits for the splits and subsets of a task with their order.
  private static func definition(of task: TaskDefinition, _ hash: (String) -> String) -> String {
    let lines = task.splits + [""] + task.subsets.map(\.name)
    return String(hash(lines.joined(separator: "\n")).prefix(16))
  }

  /// The pool as a frame of today's benchmark, to which models can be added.
  ///
  /// `today` is the benchmark of this name as the catalogue has it; messages name `file`. Throws
  /// `.unusable` when the benchmark is not what it was when the pool was frozen, `.malformed` when
  /// the models are not those of the pool's hash.
  package func frame(
    of today: Benchmark, file: String, hash: (String) -> String
  ) throws(Failure) -> Frame {
    func changed(_ what: String) -> Failure {
      Failure(
        .unusable, file, what,
        hint:
          "freeze the pool again from its results with borda pool freeze, or name the catalogue "
          + "of that time with --catalogue")
    }
    guard today.name == benchmark else {
      throw changed("is a pool of \(benchmark), not of \(today.name)")
    }
    let (names, todays) = (tasks.map(\.name), today.tasks.map(\.name))
    if names != todays {
      let gone = names.filter { !todays.contains($0) }
      let new = todays.filter { !names.contains($0) }
      let lists = [("without", gone), ("with", new)].filter { !$0.1.isEmpty }
        .map { "\($0) \($1.prefix(3).joined(separator: ", "))" }
      let how = lists.isEmpty ? "in another order" : lists.joined(separator: " and ")
      throw changed("\(benchmark) has other tasks now: \(how)")
    }
    for (old, new) in zip(tasks, today.tasks) {
      guard old.type == new.type.rawValue, old.definition == Self.definition(of: new, hash) else {
        throw changed("\(old.name) has other subsets, splits or another type now")
      }
    }
    let frame = Frame(
      tasks: today.tasks, coverages: tasks.map(\.coverages),
      models: entries.map {
        Frame.Model(
          name: $0.model, revisions: $0.revisions, means: $0.means, cells: [], facts: $0.facts)
      })
    let pool = Pool(
      frame: frame, models: models, benchmark: benchmark, rules: rules, hash: hash)
    guard pool.hash == self.hash else {
      throw Failure(
        .malformed, file, "its models make pool \(pool.hash), it says \(self.hash)",
        hint: "freeze the pool again from its results with borda pool freeze")
    }
    return frame
  }
}
