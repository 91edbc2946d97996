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
package struct TextGroup: Sendable, Hashable {
  package let count: Int
  /// A name under which their vectors are kept for the rest of the task, so that another cell with
  /// the same name embeds nothing; nil for texts of one cell only.
  package let keptAs: String?

  package init(_ count: Int, keptAs: String? = nil) {
    self.count = count
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

  /// What `scores` will embed, for plans and progress.
  func texts(of problem: Problem) -> [TextGroup]

  /// Embeds and scores. The row's metrics come in the order in which mteb writes them.
  func scores(
    of problem: Problem, with session: EmbeddingSession
  ) async throws(Failure) -> Scores

  /// Whether `scores` draws from `session.streams`, which go on from cell to cell of a task.
  ///
  /// Then a cell's score depends on all cells before it, and a run that leaves some of them out
  /// calls `skip` for these.
  static var drawsAcrossCells: Bool { get }

  /// Draws what `scores` would draw for this problem, and embeds nothing.
  func skip(_ problem: Problem, with session: EmbeddingSession) throws(Failure)
}

extension Evaluator {
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
