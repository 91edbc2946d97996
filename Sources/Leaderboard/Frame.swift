// The scored cells of a pool as integers and doubles: what the board is computed from.

import Core

/// Result files reduced to the cells that count for one benchmark.
///
/// A cell is one (task, split, subset) that a model has a score for, the split and the subset being
/// among those of the benchmark's task. Names are looked up once here; later steps see indices.
struct Frame {
  /// Tasks of the benchmark that some model has a score for, in its order.
  private(set) var tasks: [TaskDefinition] = []
  /// Names of tasks that nobody has a score for.
  private(set) var unscored: [String] = []
  /// Every language of a scored cell, as `eng-Latn`, sorted.
  private(set) var languages: [String] = []
  /// The models `[models]`, by name.
  private(set) var models: [Model] = []
  /// Cells that a complete entry has, `[tasks]`: distinct subsets scored by anybody times distinct
  /// splits scored by anybody.
  private(set) var required: [Int] = []

  struct Model {
    var results: ModelResults
    /// What the model has, `[tasks]`.
    var entries: [Board.Entry]
    /// Mean score and number of scores of each language, `[languages]`.
    var languages: [(mean: Double?, cells: Int)]
    var facts: Board.Facts
  }

  /// Reads models in any order, one result per task.
  init(pool: [ModelResults], benchmark: Benchmark) {
    var reader = FrameReader(benchmark)
    let pool = pool.sorted { $0.model < $1.model }
    let read = pool.map { reader.read($0) }
    let kept = benchmark.tasks.indices.filter { reader.seen[$0].subsetCount > 0 }
    tasks = kept.map { benchmark.tasks[$0] }
    unscored = benchmark.tasks.indices
      .filter { reader.seen[$0].subsetCount == 0 }.map { benchmark.tasks[$0].name }
    required = kept.map { reader.seen[$0].subsetCount * reader.seen[$0].splitCount }
    let order = reader.languages.indices.sorted { reader.languages[$0] < reader.languages[$1] }
    languages = order.map { reader.languages[$0] }
    for (results, cells) in zip(pool, read) where cells.entries.contains(where: { $0.mean != nil })
    {
      let means = cells.languageMeans(count: order.count)
      let entries = zip(kept, required).map { task, required in
        Board.Entry(
          mean: cells.entries[task].mean, cells: cells.entries[task].cells, required: required)
      }
      models.append(
        Model(
          results: results, entries: entries, languages: order.map { means[$0] },
          facts: cells.facts))
    }
  }
}

/// Turns result files into indices, remembering every name met.
private struct FrameReader {
  let tasks: [TaskDefinition]
  let taskIndex: [String: Int]
  let splitIndex: [[String: Int]]
  let subsetIndex: [[String: Int]]
  private(set) var languages: [String] = []
  private var languageIndex: [String: Int] = [:]
  /// Languages of the last row read of each subset of each task, with their indices: nearly every
  /// file lists the same ones.
  private var languagesOfSubset: [[(names: [String], indices: [Int])]]
  /// What anybody has a score for, `[tasks]`.
  private(set) var seen: [Seen]

  struct Seen {
    var subsets: [Bool]
    var splits: [Bool]
    var subsetCount: Int { subsets.count { $0 } }
    var splitCount: Int { splits.count { $0 } }
  }

  init(_ benchmark: Benchmark) {
    tasks = benchmark.tasks
    taskIndex = Self.index(tasks.map(\.name))
    splitIndex = tasks.map { Self.index($0.splits) }
    subsetIndex = tasks.map { Self.index($0.subsets.map(\.name)) }
    languagesOfSubset = tasks.map { Array(repeating: ([], []), count: $0.subsets.count) }
    seen = tasks.map {
      Seen(
        subsets: Array(repeating: false, count: $0.subsets.count),
        splits: Array(repeating: false, count: $0.splits.count))
    }
  }

  private static func index(_ names: [String]) -> [String: Int] {
    Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
  }

  mutating func read(_ model: ModelResults) -> ModelCells {
    var cells = ModelCells(tasks: tasks.count)
    for result in model.results {
      guard let task = taskIndex[result.taskName], cells.entries[task].mean == nil else { continue }
      read(result, task: task, into: &cells)
    }
    return cells
  }

  private mutating func read(_ result: TaskResult, task: Int, into cells: inout ModelCells) {
    var sum = ExactSum()
    let width = tasks[task].subsets.count
    var scored = [Bool](repeating: false, count: width * tasks[task].splits.count)
    for split in result.splits {
      guard let splitIndex = splitIndex[task][split.name] else { continue }
      for row in split.rows {
        guard let score = row.mainScore, let subset = subsetIndex[task][row.subset] else {
          continue
        }
        sum.add(score)
        scored[splitIndex * width + subset] = true
        seen[task].subsets[subset] = true
        seen[task].splits[splitIndex] = true
        for language in indices(of: row.languages, task: task, subset: subset) {
          cells.scores.append((language, score))
        }
      }
    }
    cells.entries[task] = (sum.mean, scored.count { $0 })
    if sum.count > 0 { cells.facts.add(result) }
  }

  private mutating func indices(of names: [String], task: Int, subset: Int) -> [Int] {
    if languagesOfSubset[task][subset].names == names {
      return languagesOfSubset[task][subset].indices
    }
    let indices = names.map { name in
      let spelled = Language(name)?.description ?? name
      if let known = languageIndex[spelled] { return known }
      languageIndex[spelled] = languages.count
      languages.append(spelled)
      return languages.count - 1
    }
    languagesOfSubset[task][subset] = (names, indices)
    return indices
  }
}

/// What one model's files hold.
private struct ModelCells {
  /// Mean and scored cells, `[tasks of the benchmark]`.
  var entries: [(mean: Double?, cells: Int)]
  /// One element per language that a cell lists: a language listed twice counts twice.
  var scores: [(language: Int, score: Double)] = []
  var facts = Board.Facts()

  init(tasks: Int) { entries = Array(repeating: (nil, 0), count: tasks) }

  /// Mean and number of the scores of each language, `[count]`.
  func languageMeans(count: Int) -> [(mean: Double?, cells: Int)] {
    // A counting sort: where each language's scores begin, then the scores themselves.
    var starts = [Int](repeating: 0, count: count + 1)
    for (language, _) in scores { starts[language + 1] += 1 }
    for i in 0..<count { starts[i + 1] += starts[i] }
    var sorted = [Double](repeating: 0, count: scores.count)
    var next = starts
    for (language, score) in scores {
      sorted[next[language]] = score
      next[language] += 1
    }
    var sum = ExactSum()
    return (0..<count).map { language in
      sum.reset()
      for place in starts[language]..<starts[language + 1] { sum.add(sorted[place]) }
      return (sum.mean, sum.count)
    }
  }
}
