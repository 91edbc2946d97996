// What became of every text that was summarized: how similarities follow the ratings of its
// summaries.

import Core
import Metrics
import Storage

extension SummarizationEvaluator {
  /// Ratings and similarities of every text's machine summaries, and their correlation.
  func details(
    of problem: Problem, _ result: SummarizationScores, _ similarity: Similarity
  ) -> CellDetails {
    let main = task.mainScore.rawValue
    let isDot = main.hasPrefix("dot_") || (!main.hasPrefix("cosine_") && similarity == .dot)
    let outcomes = result.texts.enumerated().map { row, text in
      let found = text.correlation(main)
      // As the main score has it: with its p-value for a second value where the task says so.
      let share = found.flatMap { found -> Double? in
        task.averagesPValues ? found.pValue.map { (found.value + $0) / 2 } : found.value
      }
      return Outcome([
        ("row", .integer(row + 1)), ("text", .excerpt(problem.human[row].first ?? "")),
        ("human", .integer(problem.human[row].count)),
        ("ratings", .numbers(problem.ratings[row])),
        ("similarities", .numbers(isDot ? text.dots : text.cosines)),
        ("correlation", .double(found?.value)), ("p_value", .double(found?.pValue)),
        (main, .double(share)),
      ])
    }
    let shape = OutcomeShape(
      item: "text", name: "row", measures: [.init(main), .init("correlation")],
      columns: [
        .init("human", "Human summaries"), .init("text", "First human summary", isText: true),
      ])
    return CellDetails(shape: shape, outcomes: outcomes)
  }
}
