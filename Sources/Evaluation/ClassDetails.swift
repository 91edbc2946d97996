// What classifiers made of every text: one label, any number of labels.

import Core
import Metrics
import Storage

extension ClassificationEvaluator {
  /// The label of every row and what each experiment predicted, `predictions` [experiments][rows].
  func details(of problem: Problem, _ predictions: [[Int]]) -> CellDetails {
    let labels = problem.labels.labels.map(\.json)
    let outcomes = problem.truth.indices.map { row in
      let gold = problem.truth[row]
      let predicted = predictions.map { $0[row] }
      let share = Double(predicted.count { $0 == gold }) / Double(predicted.count)
      return Outcome([
        ("row", .integer(row + 1)), ("text", .excerpt(problem.texts[row])), ("gold", labels[gold]),
        ("predicted", .array(predicted.map { labels[$0] })), ("accuracy", .number(share)),
      ])
    }
    return CellDetails(shape: .labelled([.init("accuracy")]), outcomes: outcomes)
  }
}

extension MultilabelClassificationEvaluator {
  /// The labels of every row and what each experiment predicted, `predictions` [experiments][rows].
  func details(of problem: Problem, _ predictions: [[Set<Int>]]) -> CellDetails {
    let labels = problem.labels.labels.map(\.json)
    let list = { (set: Set<Int>) in JSON.array(set.sorted().map { labels[$0] }) }
    let outcomes = problem.truth.indices.map { row in
      let gold = problem.truth[row]
      let shares = predictions.map {
        MultilabelScores.shares(actual: gold, predicted: $0[row])
      }
      let count = Double(shares.count)
      return Outcome([
        ("row", .integer(problem.rows[row] + 1)), ("text", .excerpt(problem.texts[row])),
        ("gold", list(gold)),
        ("predicted", .array(predictions.map { list($0[row]) })),
        ("accuracy", .number(shares.reduce(0) { $0 + $1.accuracy } / count)),
        ("hamming", .number(shares.reduce(0) { $0 + $1.hamming } / count)),
      ])
    }
    return CellDetails(
      shape: .labelled([.init("accuracy"), .init("hamming")]), outcomes: outcomes)
  }
}

extension OutcomeShape {
  fileprivate static func labelled(_ measures: [Measure]) -> OutcomeShape {
    OutcomeShape(
      item: "row", name: "row", measures: measures,
      columns: [
        .init("gold", "Gold"), .init("predicted", "Predicted"), .init("text", "Text", isText: true),
      ])
  }
}
