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
  /// Every language of a scored cell, as `eng-Latn`, in no order.
  package private(set) var languages: [String]
  /// Lists of languages as cells have them: places in `languages`, one listed twice twice.
  package private(set) var lists: [[Int]]
  /// The models with at least one scored cell, by name.
  package private(set) var models: [Model]

  /// Which splits and subsets of a task somebody has a score for.
  package struct Seen: Sendable, Equatable {
    /// In the order of the task's definition.
    package var subsets: [Bool]
    package var splits: [Bool]

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
    seen = reader.seen
    languages = reader.languages
    lists = reader.lists
    self.models = models.filter { !$0.cells.isEmpty }
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
    for i in seen.indices { sum.seen[i].formUnion(other.seen[i]) }
    for var model in other.models {
      for i in model.cells.indices {
        model.cells[i].list = newLists[Int(model.cells[i].list)]
      }
      sum.models.append(model)
    }
    sum.models.sort { $0.name < $1.name }
    return sum
  }

  /// Mean score and number of scores of each language, `[models][languages]`.
  func languageMeans() -> [[(mean: Double?, cells: Int)]] {
    models.map { model in
      // A counting sort: where each language's scores begin, then the scores themselves.
      var starts = [Int](repeating: 0, count: languages.count + 1)
      for cell in model.cells {
        for language in lists[Int(cell.list)] { starts[language + 1] += 1 }
      }
      for i in languages.indices { starts[i + 1] += starts[i] }
      var sorted = [Double](repeating: 0, count: starts[languages.count])
      var next = starts
      for cell in model.cells {
        for language in lists[Int(cell.list)] {
          sorted[next[language]] = cell.score
          next[language] += 1
        }
      }
      var sum = ExactSum()
      return languages.indices.map { language in
        sum.reset()
        for place in starts[language]..<starts[language + 1] { sum.add(sorted[place]) }
        return (sum.mean, sum.count)
      }
    }
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
