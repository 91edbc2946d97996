// The scores of single models by language and task, so that pairs are compared task by task.

import Core

/// For every language and task, the mean over the cells that list the language.
struct LanguageScores {
  private let tasks: [Int]
  private let placeOfLanguage: [String: Int]
  /// By model, then place of the language, then place of the task in the frame.
  private let scores: [String: [Int: [Int: (mean: Double, cells: Int)]]]

  init(_ board: Board, of models: [String]) {
    let frame = board.frame
    let placeOfTask = Dictionary(
      frame.tasks.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    tasks = board.tasks.map { placeOfTask[$0.name] ?? -1 }
    placeOfLanguage = Dictionary(
      frame.languages.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    // A cell that lists a language twice is still one cell.
    let lists = frame.lists.map { Array(Set($0)) }
    var scores: [String: [Int: [Int: (mean: Double, cells: Int)]]] = [:]
    for model in frame.models where models.contains(model.name) {
      var sums: [Int: [Int: ExactSum]] = [:]
      for cell in model.cells {
        for language in lists[Int(cell.list)] {
          sums[language, default: [:]][Int(cell.task), default: ExactSum()].add(cell.score)
        }
      }
      scores[model.name] = sums.mapValues { tasks in
        tasks.compactMapValues { sum in sum.mean.map { ($0, sum.count) } }
      }
    }
    self.scores = scores
  }

  /// The two models' scores on the common tasks that have cells of the language, as many for one
  /// as for the other: files may disagree about the languages of a cell.
  func paired(
    _ pair: Pairing.Pair, in language: String
  ) -> [(first: Double, other: Double)] {
    guard let place = placeOfLanguage[language],
      let first = scores[pair.first.model]?[place], let other = scores[pair.other.model]?[place]
    else { return [] }
    return pair.tasks.compactMap { task in
      guard let a = first[tasks[task]], let b = other[tasks[task]], a.cells == b.cells else {
        return nil
      }
      return (a.mean, b.mean)
    }
  }
}
