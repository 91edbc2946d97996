// Pair classification: whether the similarity of two texts tells that they belong together.

package import Core
package import Datasets
import Metrics

extension TaskType {
  package static let pairClassification = TaskType(rawValue: "PairClassification")
}

package struct PairClassificationEvaluator: Evaluator {
  package static let type = TaskType.pairClassification
  package static let metrics = (PairClassificationScores.similarities + ["max"]).flatMap { name in
    PairClassificationScores.measures.map { "\(name)_\($0)" }
  }

  let task: TaskDefinition

  package init(_ task: TaskDefinition) throws(Failure) {
    try Self.refuse("score_range", in: task, when: task.scoreRange != nil)
    try Self.refuse("parallel", in: task, when: task.isParallel)
    try Self.refuse("ignore_identical_ids", in: task, when: task.ignoresIdenticalIds)
    self.task = task
  }

  /// Pairs of texts, and whether they belong together.
  package struct Problem: Sendable {
    var first: [String] = []
    var second: [String] = []
    var labels: [Bool] = []
  }

  package func load(_ cell: Cell, from data: DataFolder) async throws(Failure) -> Problem {
    var problem = Problem()
    var isNested = false
    let table = PairTable(task: task, data: data)
    try await table.forEachRow(of: cell, ["sentence1", "sentence2", "labels"]) {
      row throws(Failure) in
      let lists = row.values.count { $0.array != nil }
      if lists > 0 || isNested {
        guard lists == 3, row.number == 1 else {
          throw row.malformed("only a table of one row may hold lists, and in every column")
        }
        isNested = true
        try problem.append(row, lists: row.values.compactMap(\.array))
      } else {
        try problem.append(row, row.values)
      }
    }
    guard !problem.labels.isEmpty else {
      throw Failure(
        .malformed, "\(task.name) (\(cell.subset.name), \(cell.split))", "the lists are empty",
        hint: "check the data files")
    }
    return problem
  }

  package func texts(of problem: Problem, drawing streams: TaskStreams) -> [TextGroup] {
    [TextGroup(problem.first), TextGroup(problem.second)]
  }

  package func needs(
    of problem: Problem, _ amount: CellAmount, dimensions: Int
  ) -> CellNeeds {
    CellNeeds(holding: amount, dimensions: dimensions)
  }

  package func scores(
    of problem: Problem, with session: EmbeddingSession
  ) async throws(Failure) -> Scores {
    let first = try await session.embed(problem.first)
    let second = try await session.embed(problem.second)
    let scores = PairClassificationScores.scores(
      first, second, labels: problem.labels, similarity: session.model.similarity)
    try await session.keepDetails {
      details(of: problem, first, second, scores, similarity: session.model.similarity)
    }
    return scores
  }
}

extension PairClassificationEvaluator.Problem {
  /// Adds the pairs of a row whose three columns hold lists.
  fileprivate mutating func append(_ row: PairTable.Row, lists: [[JSON]]) throws(Failure) {
    guard Set(lists.map(\.count)).count == 1 else {
      let counts = lists.map { String($0.count) }.joined(separator: ", ")
      throw row.malformed("its lists are of different lengths: \(counts)")
    }
    for pair in lists[0].indices { try append(row, lists.map { $0[pair] }) }
  }

  /// Adds one pair: two texts and a label.
  fileprivate mutating func append(_ row: PairTable.Row, _ values: [JSON]) throws(Failure) {
    let texts = values.prefix(2).map { $0.string ?? $0.integer.map(String.init) }
    guard let first = texts[0], let second = texts[1] else {
      throw row.malformed(
        "column '\(row.columns[texts[0] == nil ? 0 : 1].name)' is no text")
    }
    guard let label = Self.label(values[2]) else {
      throw row.malformed(
        "column '\(row.columns[2].name)' is \(values[2].line.prefix(60)), neither 0 nor 1")
    }
    self.first.append(first)
    self.second.append(second)
    labels.append(label)
  }

  /// 1 or 0 as a number, as true or false, or as the text that CSV and TSV files have.
  private static func label(_ value: JSON) -> Bool? {
    switch value {
    case .bool(let label): label
    case .string("1"): true
    case .string("0"): false
    default:
      switch value.double {
      case 1: true
      case 0: false
      default: nil
      }
    }
  }
}
