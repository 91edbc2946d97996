// The scored cells of a pool as integers and doubles: what the board is computed from.

package import Core

/// Result files reduced to the cells that count for one benchmark.
///
/// A cell is one (task, split, subset) that a model has a score for, the split and the subset being
/// among those of the benchmark's task. Names are looked up once here; later steps see places.
package struct Frame: Sendable {
  /// All tasks of the benchmark, in its order.
  package let tasks: [TaskDefinition]
  /// The splits and subsets that anybody has a score for, `[tasks]`.
  package private(set) var seen: [Seen]
  /// Which splits and subsets single models have, every combination once, `[tasks]`.
  package private(set) var coverages: [[Seen]]
  /// Every language of a scored cell, as `eng-Latn`, in no order.
  package private(set) var languages: [String]
  /// Lists of languages as cells have them: places in `languages`, one listed twice twice.
  package private(set) var lists: [[Int]]
  /// The models with at least one scored cell, by name.
  package private(set) var models: [Model]
  /// Whether the models have their cells; without them nothing can be said of languages.
  package private(set) var hasCells: Bool

  /// Which splits and subsets of a task somebody has a score for.
  package struct Seen: Sendable, Hashable {
    /// In the order of the task's definition.
    package var subsets: [Bool]
    package var splits: [Bool]

    init(subsets: [Bool], splits: [Bool]) {
      self.subsets = subsets
      self.splits = splits
    }

    init(_ task: TaskDefinition) {
      subsets = Array(repeating: false, count: task.subsets.count)
      splits = Array(repeating: false, count: task.splits.count)
    }

    /// Cells of a complete entry: distinct subsets scored by anybody times distinct splits.
    package var required: Int { subsets.count { $0 } * splits.count { $0 } }

    mutating func formUnion(_ other: Self) {
      for i in subsets.indices where other.subsets[i] { subsets[i] = true }
      for i in splits.indices where other.splits[i] { splits[i] = true }
    }
  }

  package struct Model: Sendable {
    package var name: String
    package var revisions: [String]
    /// What the model has, `[tasks]`.
    package var means: [TaskMean]
    /// Its scored cells, in no order.
    package var cells: [Cell]
    package var facts: Board.Facts
  }

  /// The plain mean over a model's scored cells of a task.
  package struct TaskMean: Sendable, Equatable {
    /// nil without a scored cell.
    package var value: Double?
    /// Distinct (split, subset) cells scored.
    package var cells: Int
    /// Which splits and subsets they are of: the place in the task's coverages; -1 without a cell.
    package var coverage: Int32

    static let none = TaskMean(value: nil, cells: 0, coverage: -1)
  }

  /// One scored (split, subset) of a task.
  package struct Cell: Sendable, Equatable {
    /// A place in `tasks`.
    package var task: Int32
    /// A place in `lists`.
    package var list: Int32
    package var score: Double
  }

  /// Reads models in any order, one result per task.
  package init(pool: PoolScores, benchmark: Benchmark) {
    var reader = FrameReader(benchmark, pool.names)
    let models = pool.models.sorted { $0.model < $1.model }.map { reader.read($0) }
    tasks = benchmark.tasks
    coverages = reader.coverages
    languages = reader.languages
    lists = reader.lists
    self.models = models.filter { !$0.cells.isEmpty }
    hasCells = true
    seen = Self.union(of: self.models, coverages, tasks)
  }

  /// A frame without cells, of models that have their means from elsewhere.
  init(tasks: [TaskDefinition], coverages: [[Seen]], models: [Model]) {
    self.tasks = tasks
    self.coverages = coverages
    self.models = models.sorted { $0.name < $1.name }
    hasCells = false
    (languages, lists) = ([], [])
    seen = Self.union(of: models, coverages, tasks)
  }

  /// What anybody has, `[tasks]`.
  private static func union(
    of models: [Model], _ coverages: [[Seen]], _ tasks: [TaskDefinition]
  ) -> [Seen] {
    tasks.indices.map { task in
      let used = Set(models.map(\.means[task].coverage)).subtracting([-1])
      return used.reduce(into: Seen(tasks[task])) { $0.formUnion(coverages[task][Int($1)]) }
    }
  }

  /// The same frame with the models that are kept alone.
  package func keeping(where isKept: (String) -> Bool) -> Frame {
    var rest = self
    rest.models.removeAll { !isKept($0.name) }
    if rest.models.count < models.count {
      rest.seen = Self.union(of: rest.models, coverages, tasks)
    }
    return rest
  }

  /// The same frame without what only languages ask for, which makes copies small.
  package var withoutCells: Frame {
    Frame(
      tasks: tasks, coverages: coverages,
      models: models.map { model in
        var model = model
        model.cells = []
        return model
      })
  }

  /// The same frame with the models of another one of the same benchmark beside its own.
  ///
  /// Two models of one name stay two models; who puts frames together decides beforehand.
  package func adding(_ other: Frame) -> Frame {
    precondition(tasks.map(\.name) == other.tasks.map(\.name), "frames of two benchmarks")
    var sum = self
    var placeOfLanguage = Dictionary(uniqueKeysWithValues: languages.enumerated().map { ($1, $0) })
    var placeOfList = Dictionary(uniqueKeysWithValues: lists.enumerated().map { ($1, $0) })
    let newLists = other.lists.map { list in
      let list = list.map { place in
        placeOfLanguage.place(of: other.languages[place], in: &sum.languages)
      }
      return Int32(placeOfList.place(of: list, in: &sum.lists))
    }
    var newCoverages: [[Int32]] = []
    for i in seen.indices {
      sum.seen[i].formUnion(other.seen[i])
      var placeOfCoverage = Dictionary(
        uniqueKeysWithValues: coverages[i].enumerated().map { ($1, $0) })
      newCoverages.append(
        other.coverages[i].map { Int32(placeOfCoverage.place(of: $0, in: &sum.coverages[i])) })
    }
    sum.hasCells = hasCells && other.hasCells
    for var model in other.models {
      for i in model.means.indices where model.means[i].coverage >= 0 {
        model.means[i].coverage = newCoverages[i][Int(model.means[i].coverage)]
      }
      for i in model.cells.indices {
        model.cells[i].list = newLists[Int(model.cells[i].list)]
      }
      sum.models.append(model)
    }
    sum.models.sort { $0.name < $1.name }
    return sum
  }
}

extension Dictionary where Value == Int {
  /// The place of a key in a list, which gets it at its end where it is new.
  mutating func place(of key: Key, in list: inout [Key]) -> Int {
    if let known = self[key] { return known }
    self[key] = list.count
    list.append(key)
    return list.count - 1
  }
}
