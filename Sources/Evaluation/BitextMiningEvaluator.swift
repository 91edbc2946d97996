// Bitext mining: for every sentence, find its translation among all sentences of the other side.

package import Core
package import Datasets
import Metrics
import Tensors

extension TaskType {
  package static let bitextMining = TaskType(rawValue: "BitextMining")
}

package struct BitextMiningEvaluator: Evaluator {
  package static let type = TaskType.bitextMining
  package static let metrics = ["precision", "recall", "f1", "accuracy"]

  let task: TaskDefinition

  package init(_ task: TaskDefinition) throws(Failure) {
    try Self.refuse("score_range", in: task, when: task.scoreRange != nil)
    try Self.refuse("ignore_identical_ids", in: task, when: task.ignoresIdenticalIds)
    if task.isParallel {
      for subset in task.subsets where Self.columns(of: subset) == nil {
        throw Failure(
          .malformed, FilePaths.display(task.file),
          "subset '\(subset.name)' of a parallel task names no two columns",
          hint: "write it as columnA-columnB, such as eng_Latn-deu_Latn")
      }
    }
    self.task = task
  }

  /// Row i of one side translates row i of the other.
  package struct Problem: Sendable {
    var first: [String] = []
    var second: [String] = []
    /// Names of the columns where several subsets share them; then each is embedded once.
    var sharedColumns: (first: String, second: String)?
  }

  /// The two columns that a parallel subset pairs.
  private static func columns(of subset: Subset) -> (first: String, second: String)? {
    let parts = subset.name.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
    return (String(parts[0]), String(parts[1]))
  }

  package func load(_ cell: Cell, from data: DataFolder) async throws(Failure) -> Problem {
    var problem = Problem()
    let table = PairTable(task: task, data: data)
    var columns = ["sentence1", "sentence2"]
    if task.isParallel, let shared = Self.columns(of: cell.subset) {
      columns = [shared.first, shared.second]
      problem.sharedColumns = ("\(cell.split)/\(shared.first)", "\(cell.split)/\(shared.second)")
    }
    try await table.forEachRow(
      of: cell, columns.map { Column($0, as: .text) },
      configuration: task.isParallel ? "default" : cell.subset.name
    ) { row throws(Failure) in
      problem.first.append(try row.text(0))
      problem.second.append(try row.text(1))
    }
    return problem
  }

  package func texts(of problem: Problem) -> [TextGroup] {
    let count = problem.first.count
    return [
      TextGroup(count, keptAs: problem.sharedColumns?.first),
      TextGroup(count, keptAs: problem.sharedColumns?.second),
    ]
  }

  package func scores(
    of problem: Problem, with session: EmbeddingSession
  ) async throws(Failure) -> Scores {
    let first: Embeddings
    let second: Embeddings
    if let shared = problem.sharedColumns {
      first = try await session.embed(problem.first, keptAs: shared.first)
      second = try await session.embed(problem.second, keptAs: shared.second)
    } else {
      first = try await session.embed(problem.first)
      second = try await session.embed(problem.second)
    }
    // For details the second best too, which a right choice is compared with.
    var search = try NearestSearch(
      queries: first, similarity: session.model.similarity, keep: session.keepsDetails ? 2 : 1)
    await search.add(second)
    let hits = search.results()
    try await session.keepDetails { () async throws(Failure) in
      try await details(of: problem, hits, first, second, session.model.similarity)
    }
    return BitextScores.scores(chosen: hits.map { $0.first?.document ?? 0 })
  }
}
