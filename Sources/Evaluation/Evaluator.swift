// The contract of an evaluator: one per task type, from a task's data and an embedder to scores.

package import Core
package import Datasets

/// One subset of one split: the smallest thing that has a score of its own.
package struct Cell: Sendable, Hashable {
  package let subset: Subset
  package let split: String

  package init(subset: Subset, split: String) {
    self.subset = subset
    self.split = split
  }
}

/// Texts that are embedded together.
package struct TextGroup: Sendable {
  package let texts: [String]
  package let role: Role?
  /// A name under which their vectors are kept for the rest of the task, so that another cell with
  /// the same name embeds nothing; nil for texts of one cell only.
  package let keptAs: String?

  package init(_ texts: [String], role: Role? = nil, keptAs: String? = nil) {
    self.texts = texts
    self.role = role
    self.keptAs = keptAs
  }
}

/// Evaluates all tasks of one type.
///
/// The work is cut in two so that a plan can be made without a model: `load` reads a cell's data
/// into a `Problem`, `scores` solves it.
package protocol Evaluator: Sendable {
  associatedtype Problem: Sendable

  static var type: TaskType { get }
  /// Every metric that a row of this type can have; the main score is one of them.
  static var metrics: [String] { get }

  /// - Throws: `.malformed` when the task asks for something this type does not know.
  init(_ task: TaskDefinition) throws(Failure)

  /// Reads the data of one cell.
  ///
  /// - Throws: `.missing` or `.malformed` naming file, row and column; an empty data set is
  ///   malformed.
  func load(_ cell: Cell, from data: DataFolder) async throws(Failure) -> Problem

  /// The parts of a data set that `load` reads, so that no more than these need be fetched.
  func parts(of cell: Cell, in data: DataFolder) -> [DataPart]

  /// What `scores` will embed, for plans and progress; draws what it has to, as `scores` does.
  func texts(of problem: Problem, drawing streams: TaskStreams) -> [TextGroup]

  /// The documents that `scores` embeds beside these texts, block by block; nil where there are
  /// none.
  func documents(of problem: Problem) -> CorpusReader?

  /// What `scores` costs beside embedding.
  func needs(of problem: Problem, _ amount: CellAmount, dimensions: Int) -> CellNeeds

  /// Embeds and scores. The row's metrics come in the order in which mteb writes them.
  func scores(
    of problem: Problem, with session: EmbeddingSession
  ) async throws(Failure) -> Scores

  /// The same problem with at most so many of its items, for a quick look; `limit` is above 0.
  ///
  /// Items are what the type is about: pairs, rows, documents to cluster, queries. Which ones is the
  /// same in every run, and those of a smaller limit are among those of a larger one.
  func limited(_ problem: Problem, to limit: Int) async throws(Failure) -> Problem

  /// Whether `scores` draws from `session.streams`, which go on from cell to cell of a task.
  ///
  /// Then a cell's score depends on all cells before it, and a run that leaves some of them out
  /// calls `skip` for these.
  static var drawsAcrossCells: Bool { get }

  /// Draws what `scores` would draw for this problem, and embeds nothing.
  func skip(_ problem: Problem, with session: EmbeddingSession) throws(Failure)
}

extension Evaluator {
  package func documents(of problem: Problem) -> CorpusReader? { nil }
  package static var drawsAcrossCells: Bool { false }
  package func skip(_ problem: Problem, with session: EmbeddingSession) throws(Failure) {}
}

extension Evaluator {
  /// Refuses a key that only other types read, so that no key is silently without effect.
  static func refuse(
    _ key: String, in task: TaskDefinition, when isSet: Bool
  ) throws(Failure) {
    guard isSet else { return }
    throw Failure(
      .malformed, FilePaths.display(task.file), "the key '\(key)' means nothing to \(type)",
      hint: "remove it, or check the type")
  }
}
