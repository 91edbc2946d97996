// From the names in result files to places in a frame.

import Core

/// Turns cells into places, remembering every name met.
struct FrameReader {
  private let tasks: [TaskDefinition]
  private let taskIndex: [String: Int]
  private let names: ScoreNames
  /// Place of a name among the splits of a task, `[tasks][names]`; built for tasks that are met.
  private var splitIndex: [[Int32]]
  private var subsetIndex: [[Int32]]
  private(set) var languages: [String] = []
  private var languageIndex: [String: Int] = [:]
  private(set) var lists: [[Int]] = []
  private var listIndex: [[Int]: Int] = [:]
  /// The place in `lists` of a list of names; built for lists that are met.
  private var placeOfList: [Int32?]
  /// Which splits and subsets models have a score for, `[tasks][combinations]`.
  private(set) var coverages: [[Frame.Seen]]
  private var coverageIndex: [[Frame.Seen: Int]]

  init(_ benchmark: Benchmark, _ names: ScoreNames) {
    tasks = benchmark.tasks
    taskIndex = Self.index(tasks.map(\.name))
    self.names = names
    splitIndex = tasks.map { _ in [] }
    subsetIndex = splitIndex
    placeOfList = Array(repeating: nil, count: names.lists.count)
    coverages = tasks.map { _ in [] }
    coverageIndex = tasks.map { _ in [:] }
  }

  private static func index(_ names: [String]) -> [String: Int] {
    Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The place of every name among some of them, -1 for the others.
  private func places(among names: [String]) -> [Int32] {
    let index = Self.index(names)
    return self.names.texts.map { Int32(index[$0] ?? -1) }
  }

  mutating func read(_ scores: ModelScores) -> Frame.Model {
    var model = Frame.Model(
      name: scores.model, revisions: scores.revisions,
      means: Array(repeating: .none, count: tasks.count), cells: [],
      facts: Board.Facts())
    for result in scores.tasks {
      guard let task = taskIndex[result.task], model.means[task].value == nil else { continue }
      if splitIndex[task].isEmpty {
        splitIndex[task] = places(among: tasks[task].splits)
        subsetIndex[task] = places(among: tasks[task].subsets.map(\.name))
      }
      read(result, task: task, into: &model)
    }
    return model
  }

  private mutating func read(_ scores: TaskScores, task: Int, into model: inout Frame.Model) {
    var sum = ExactSum()
    let width = tasks[task].subsets.count
    var seen = Frame.Seen(tasks[task])
    var scored = [Bool](repeating: false, count: width * tasks[task].splits.count)
    func take(_ score: Double, split: Int, subset: Int, list: Int32) {
      sum.add(score)
      scored[split * width + subset] = true
      seen.subsets[subset] = true
      seen.splits[split] = true
      model.cells.append(Frame.Cell(task: Int32(task), list: list, score: score))
    }
    for cell in scores.cells where !cell.score.isNaN {
      let split = splitIndex[task][Int(cell.split)]
      let subset = subsetIndex[task][Int(cell.subset)]
      guard split >= 0, subset >= 0 else { continue }
      take(
        cell.score, split: Int(split), subset: Int(subset), list: place(ofList: Int(cell.languages))
      )
    }
    for row in scores.oldRows {
      guard let split = tasks[task].splits.firstIndex(of: row.split) else { continue }
      for (subset, definition) in tasks[task].subsets.enumerated()
      where row.subset == nil || row.subset == definition.name {
        // Some of these files do say which number was the main score then, and mteb believes them.
        let score = row.metrics["main_score"] ?? row.metrics[tasks[task].mainScore.rawValue]
        guard let score, score.isFinite else { continue }
        take(
          score, split: split, subset: subset,
          list: place(of: definition.languages.map(\.description)))
      }
    }
    guard sum.count > 0 else { return }
    model.means[task] = Frame.TaskMean(
      value: sum.mean, cells: scored.count { $0 },
      coverage: Int32(coverageIndex[task].place(of: seen, in: &coverages[task])))
    model.facts.add(scores)
  }

  private mutating func place(ofList list: Int) -> Int32 {
    if let known = placeOfList[list] { return known }
    let place = place(of: names.lists[list])
    placeOfList[list] = place
    return place
  }

  private mutating func place(of names: [String]) -> Int32 {
    let list = names.map { name in
      languageIndex.place(of: Language(name)?.description ?? name, in: &languages)
    }
    return Int32(listIndex.place(of: list, in: &lists))
  }
}
