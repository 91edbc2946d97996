// What became of every query whose instruction changed: how far the documents moved that are no
// longer wanted.

import Core
import Metrics
import Storage

extension InstructionRerankingEvaluator {
  /// The outcome of every query under both instructions, and all rankings for trec_eval.
  func details(
    of problem: RetrievalProblem, _ rankings: [RankedQuery], _ scores: RetrievalScores,
    _ changes: [InstructionChange]
  ) async throws(Failure) -> CellDetails {
    let places = Dictionary(
      scores.queries.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    let measures: [Measure] = [.nDCG(5), .nDCG(10), .map(1000)]
    let columns = measures.map { scores.values(of: $0) }
    let ids = changes.lazy.flatMap { $0.moves.map(\.document) }
    let excerpts = try await problem.corpus.excerpts(of: ids)
    let outcomes = changes.map { change in
      let id = change.original.queryID
      let halves = [(id, "original"), (change.changed.queryID, "changed")].map { id, name in
        let place = places[id]
        let values = zip(measures, columns).map { measure, values in
          (measure.description, JSON.double(place.map { values[$0] }))
        }
        let text = place.map { problem.queries[$0] } ?? ""
        return (name, JSON.object([("text", .excerpt(text))] + values))
      }
      let moves = change.moves.map { move in
        JSON.object([
          ("document", .string(move.document)), ("original_rank", .integer(move.before)),
          ("changed_rank", .integer(move.after)), ("shift", .number(move.shift)),
          ("text", excerpts[ExactText(move.document)] ?? .null),
        ])
      }
      return Outcome(
        [
          ("query", .string(String(id.dropLast(Self.originalSuffix.count)))),
          ("p-MRR", .double(change.meanShift)),
        ] + halves + [
          ("moved", .array(moves))
        ])
    }
    let shape = OutcomeShape(
      item: "query", name: "query", measures: [.init("p-MRR")],
      columns: [
        .init("changed.text", "Text", isText: true),
        .init("moved.0.original_rank", "Rank before"), .init("moved.0.changed_rank", "after"),
        .init("moved.0.text", "No longer wanted", isText: true),
      ])
    return CellDetails(
      shape: shape, outcomes: outcomes,
      attachments: [
        TRECFiles.run(rankings), TRECFiles.qrels(problem.judgements, queries: problem.queryIDs),
      ])
  }
}
