// What a run tells while it goes on, and what it ends with.

package import Core

/// A step of a run, in order, for a progress display or a log.
package enum RunEvent: Sendable {
  /// Texts of all cells still to do, once they are known.
  case planned(tasks: Int, texts: Int)
  /// A task needs no work; why.
  case skipped(task: String, reason: String)
  case started(task: String, texts: Int)
  /// Cells that an earlier, interrupted run had finished.
  case resumed(task: String, cells: Int)
  case embedded(texts: Int)
  case finishedCell(task: String, subset: String, split: String, score: Double?)
  case finished(task: String, score: Double?, seconds: Double, counts: EmbeddingCounts)
  case failed(task: String, Failure)
}

/// How a run ended.
package struct RunSummary: Sendable {
  package var evaluated: [String] = []
  package var skipped: [String] = []
  package var failed: [(task: String, failure: Failure)] = []
  package var isInterrupted = false
}
