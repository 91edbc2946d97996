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
  /// Where more subsets share a table than it is worth reading for each of them.
  private let shared: ParallelColumns?

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
    var seen: Set<String> = []
    let names = task.subsets.flatMap { subset in
      Self.columns(of: subset).map { [$0.first, $0.second] } ?? []
    }.filter { seen.insert($0).inserted }
    shared = task.isParallel && task.subsets.count > 1 ? ParallelColumns(names: names) : nil
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

  /// Subsets of a parallel task are columns of one table.
  func configuration(of cell: Cell) -> String {
    task.isParallel ? "default" : cell.subset.name
  }

  package func load(_ cell: Cell, from data: DataFolder) async throws(Failure) -> Problem {
    var problem = Problem()
    let table = PairTable(task: task, data: data)
    var columns = ["sentence1", "sentence2"]
    if task.isParallel, let pair = Self.columns(of: cell.subset) {
      columns = [pair.first, pair.second]
      problem.sharedColumns = ("\(cell.split)/\(pair.first)", "\(cell.split)/\(pair.second)")
      if let texts = try await shared?.texts(pair.first, pair.second, of: cell, in: table) {
        (problem.first, problem.second) = texts
        return problem
      }
    }
    try await table.forEachRow(
      of: cell, columns.map { Column($0, as: .text) },
      configuration: configuration(of: cell)
    ) { row throws(Failure) in
      problem.first.append(try row.text(0))
      problem.second.append(try row.text(1))
    }
    return problem
  }

  package func texts(of problem: Problem, drawing streams: TaskStreams) -> [TextGroup] {
    [
      TextGroup(problem.first, keptAs: problem.sharedColumns?.first),
      TextGroup(problem.second, keptAs: problem.sharedColumns?.second),
    ]
  }

  package func needs(
    of problem: Problem, _ amount: CellAmount, dimensions: Int
  ) -> CellNeeds {
    var needs = CellNeeds(holding: amount, dimensions: dimensions)
    // The vectors of one side again, normalised and packed.
    let packed = 2 * problem.first.count * Footprint.vector(dimensions)
    needs.memory += packed
    needs.leastMemory += packed
    if problem.sharedColumns == nil {
      // The other side can be compared block by block.
      let spared = max(0, problem.second.count - WorkMemory.fewestRows)
      needs.leastMemory -= spared * Footprint.vector(dimensions)
    }
    needs.add(.search, multiplyAdds: dimensions, problem.first.count, problem.second.count)
    return needs
  }

  package func scores(
    of problem: Problem, with session: EmbeddingSession
  ) async throws(Failure) -> Scores {
    if problem.sharedColumns == nil, !session.keepsDetails {
      return try await scoresByBlocks(of: problem, with: session)
    }
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

  /// The scores, with the vectors of one side and of a block of the other in memory.
  private func scoresByBlocks(
    of problem: Problem, with session: EmbeddingSession
  ) async throws(Failure) -> Scores {
    let first = try await session.embed(problem.first)
    var search = try NearestSearch(
      queries: first, similarity: session.model.similarity, keep: 1)
    let count = problem.second.count
    let bytes = [problem.first, problem.second].map { side in
      side.reduce(0) { $0 + $1.utf8.count }
    }
    let held =
      zip([problem.first, problem.second], bytes)
      .reduce(0) { $0 + Footprint.texts($1.0.count, bytes: $1.1) }
      + 3 * first.count * Footprint.vector(first.dimensions)
    let perRow = Footprint.request(1, bytes: bytes[1] / max(count, 1), dimensions: first.dimensions)
    let rows = try session.memory.rows(
      of: perRow + Footprint.vector(first.dimensions), beside: held, most: max(count, 1), task.name)
    var start = 0
    while start < count {
      let block = start..<min(start + rows, count)
      await search.add(try await session.embed(Array(problem.second[block])))
      start = block.upperBound
    }
    return BitextScores.scores(chosen: search.results().map { $0.first?.document ?? 0 })
  }
}
