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
    var name: String
    var revisions: [String]
    /// What the model has, `[tasks]`.
    var entries: [Board.Entry]
    /// Mean score and number of scores of each language, `[languages]`.
    var languages: [(mean: Double?, cells: Int)]
    var facts: Board.Facts
  }

  /// Reads models in any order, one result per task.
  init(pool: PoolScores, benchmark: Benchmark) {
    var reader = FrameReader(benchmark, pool.names)
    let models = pool.models.sorted { $0.model < $1.model }
    let read = models.map { reader.read($0) }
    let kept = benchmark.tasks.indices.filter { reader.seen[$0].subsetCount > 0 }
    tasks = kept.map { benchmark.tasks[$0] }
    unscored = benchmark.tasks.indices
      .filter { reader.seen[$0].subsetCount == 0 }.map { benchmark.tasks[$0].name }
    required = kept.map { reader.seen[$0].subsetCount * reader.seen[$0].splitCount }
    let order = reader.languages.indices.sorted { reader.languages[$0] < reader.languages[$1] }
    languages = order.map { reader.languages[$0] }
    for (model, cells) in zip(models, read) where cells.entries.contains(where: { $0.mean != nil })
    {
      let means = cells.languageMeans(count: order.count)
      let entries = zip(kept, required).map { task, required in
        Board.Entry(
          mean: cells.entries[task].mean, cells: cells.entries[task].cells, required: required)
      }
      self.models.append(
        Model(
          name: model.model, revisions: model.revisions, entries: entries,
          languages: order.map { means[$0] }, facts: cells.facts))
    }
  }
}

/// Turns cells into indices, remembering every name met.
private struct FrameReader {
  let tasks: [TaskDefinition]
  let taskIndex: [String: Int]
  let names: ScoreNames
  /// Place of a name among the splits of a task, `[tasks][names]`; built for tasks that are met.
  private var splitIndex: [[Int32]]
  private var subsetIndex: [[Int32]]
  private(set) var languages: [String] = []
  private var languageIndex: [String: Int] = [:]
  /// Indices of the languages of a list, `[lists]`; built for lists that are met.
  private var indicesOfList: [[Int]?]
  /// What anybody has a score for, `[tasks]`.
  private(set) var seen: [Seen]

  struct Seen {
    var subsets: [Bool]
    var splits: [Bool]
    var subsetCount: Int { subsets.count { $0 } }
    var splitCount: Int { splits.count { $0 } }
  }

  init(_ benchmark: Benchmark, _ names: ScoreNames) {
    tasks = benchmark.tasks
    taskIndex = Self.index(tasks.map(\.name))
    self.names = names
    splitIndex = tasks.map { _ in [] }
    subsetIndex = splitIndex
    indicesOfList = Array(repeating: nil, count: names.lists.count)
    seen = tasks.map {
      Seen(
        subsets: Array(repeating: false, count: $0.subsets.count),
        splits: Array(repeating: false, count: $0.splits.count))
    }
  }

  private static func index(_ names: [String]) -> [String: Int] {
    Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The place of every name among some of them, -1 for the others.
  private func places(among names: [String]) -> [Int32] {
    let index = Self.index(names)
    return self.names.texts.map { Int32(index[$0] ?? -1) }
  }

  mutating func read(_ model: ModelScores) -> ModelCells {
    var cells = ModelCells(tasks: tasks.count)
    for scores in model.tasks {
      guard let task = taskIndex[scores.task], cells.entries[task].mean == nil else { continue }
      if splitIndex[task].isEmpty {
        splitIndex[task] = places(among: tasks[task].splits)
        subsetIndex[task] = places(among: tasks[task].subsets.map(\.name))
      }
      read(scores, task: task, into: &cells)
    }
    return cells
  }

  private mutating func read(_ scores: TaskScores, task: Int, into cells: inout ModelCells) {
    var sum = ExactSum()
    let width = tasks[task].subsets.count
    var scored = [Bool](repeating: false, count: width * tasks[task].splits.count)
    func take(_ score: Double, split: Int, subset: Int) {
      sum.add(score)
      scored[split * width + subset] = true
      seen[task].subsets[subset] = true
      seen[task].splits[split] = true
    }
    for cell in scores.cells where !cell.score.isNaN {
      let split = splitIndex[task][Int(cell.split)]
      let subset = subsetIndex[task][Int(cell.subset)]
      guard split >= 0, subset >= 0 else { continue }
      take(cell.score, split: Int(split), subset: Int(subset))
      for language in indices(ofList: Int(cell.languages)) {
        cells.scores.append((language, cell.score))
      }
    }
    for row in scores.oldRows {
      guard let split = tasks[task].splits.firstIndex(of: row.split) else { continue }
      for (subset, definition) in tasks[task].subsets.enumerated()
      where row.subset == nil || row.subset == definition.name {
        guard let score = row.metrics[tasks[task].mainScore.rawValue], score.isFinite else {
          continue
        }
        take(score, split: split, subset: subset)
        for language in indices(of: definition.languages.map(\.description)) {
          cells.scores.append((language, score))
        }
      }
    }
    cells.entries[task] = (sum.mean, scored.count { $0 })
    if sum.count > 0 { cells.facts.add(scores) }
  }

  private mutating func indices(ofList list: Int) -> [Int] {
    if let known = indicesOfList[list] { return known }
    let indices = indices(of: names.lists[list])
    indicesOfList[list] = indices
    return indices
  }

  private mutating func indices(of names: [String]) -> [Int] {
    names.map { name in
      let spelled = Language(name)?.description ?? name
      if let known = languageIndex[spelled] { return known }
      languageIndex[spelled] = languages.count
      languages.append(spelled)
      return languages.count - 1
    }
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
