// Instruction reranking: whether a ranking follows when the instruction behind a query changes
// (FollowIR). Every query `q` occurs as `q-og` and `q-changed`, each with its own instruction.

package import Core
package import Datasets
import Metrics

extension TaskType {
  package static let instructionReranking = TaskType(rawValue: "InstructionReranking")
}

package struct InstructionRerankingEvaluator: RankingEvaluation {
  package static let type = TaskType.instructionReranking
  package static let metrics = ["p-MRR"] + rankingMetrics

  package let task: TaskDefinition

  package init(_ task: TaskDefinition) throws(Failure) {
    try Self.refuse("score_range", in: task, when: task.scoreRange != nil)
    try Self.refuse("parallel", in: task, when: task.isParallel)
    self.task = task
  }

  static let originalSuffix = "-og"
  static let changedSuffix = "-changed"

  /// Both forms of a query go together.
  package func unit(ofQuery id: String) -> String {
    for suffix in [Self.originalSuffix, Self.changedSuffix] where id.hasSuffix(suffix) {
      return String(id.dropLast(suffix.count))
    }
    return id
  }

  package func load(
    _ cell: Cell, from data: DataFolder
  ) async throws(Failure) -> RetrievalProblem {
    let reader = RetrievalReader(task: task, data: data, cell: cell)
    var problem = try await reader.read()
    let originals = problem.queryIDs.count { $0.hasSuffix(Self.originalSuffix) }
    guard originals > 0, originals < problem.queryIDs.count else {
      throw Failure(
        .malformed, reader.place(of: "queries"),
        "\(originals) of \(problem.queryIDs.count) queries end in '\(Self.originalSuffix)'",
        hint: "give every query as '<id>-og' and as '<id>-changed'")
    }
    problem.changes = try await reader.changes()
    return problem
  }

  /// Scores over all queries, p-MRR, and as details `og` and `changed`: the same scores over the
  /// queries under either instruction.
  package func scores(
    of problem: RetrievalProblem, with session: EmbeddingSession
  ) async throws(Failure) -> Scores {
    let rankings = try await rankings(of: problem, with: session)
    let all = problem.scores(of: rankings)
    var scores = all.scores
    let changes = changes(problem, rankings, session)
    scores["p-MRR"] = InstructionChange.pMRR(changes)
    for (name, isOriginal) in [("og", true), ("changed", false)] {
      let half = rankings.filter { $0.queryID.hasSuffix(Self.originalSuffix) == isOriginal }
      scores.details[name] = Self.members(
        RetrievalScores(
          half, judgements: problem.judgements, queries: half.map(\.queryID)
        ).scores)
    }
    try await session.keepDetails { () async throws(Failure) in
      task.mainScore == "p-MRR"
        ? try await details(of: problem, rankings, all, changes)
        : try await details(of: problem, rankings, all)
    }
    return scores
  }

  /// The rankings of every query that occurs under both instructions.
  private func changes(
    _ problem: RetrievalProblem, _ rankings: [RankedQuery], _ session: EmbeddingSession
  ) -> [InstructionChange] {
    let byQuery = Dictionary(
      rankings.map { ($0.queryID, $0) }, uniquingKeysWith: { first, _ in first })
    let pairs = problem.changes.compactMap { change -> InstructionChange? in
      guard let original = byQuery[change.query + Self.originalSuffix],
        let changed = byQuery[change.query + Self.changedSuffix]
      else { return nil }
      return InstructionChange(
        original: original, changed: changed, documents: change.documents)
    }
    if pairs.count < problem.changes.count {
      session.note(
        "\(problem.changes.count - pairs.count) changed queries are not ranked under both "
          + "instructions and were left out of p-MRR")
    }
    return pairs
  }

  private static func members(_ scores: Scores) -> JSON {
    .object(scores.entries.map { ($0.metric.rawValue, .number($0.value)) })
  }
}
