// Details during a run: each cell's are written before its row, and none outlive the scores they
// belong to.

import Core
import Storage

/// Writes the details of one task, cell by cell.
struct DetailRecorder {
  private let store: DetailStore
  private let task: TaskDefinition
  private let fingerprint: String
  /// Cells with details from earlier runs.
  private let known: Set<DetailCell>

  /// Starts by removing the details that belong to scores from other inputs.
  init(of work: OpenTask, in store: DetailStore) throws(Failure) {
    self.store = store
    task = work.task
    fingerprint = work.sidecar.fingerprint
    try store.removeForeign(of: task.name, fingerprint: fingerprint)
    known = Set(store.cells(of: task.name))
  }

  /// Keeps the details of a cell that has just been scored.
  ///
  /// Without any, those of an earlier evaluation go: they tell about another computation.
  func record(_ details: CellDetails?, of cell: Cell) throws(Failure) {
    if let details {
      try store.keep(
        details, of: cell.inDetails,
        index: DetailIndex(
          task: task.name, type: task.type.rawValue, mainScore: task.mainScore.rawValue,
          fingerprint: fingerprint, shape: details.shape))
    } else if known.contains(cell.inDetails) {
      try store.remove(cell.inDetails, of: task.name)
    }
  }

  /// Ends the task: nothing more will come.
  func finish() throws(Failure) { try store.finishSums(of: task.name) }
}
