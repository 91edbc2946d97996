// What a run tells while it goes on, and what it ends with.

package import Core

/// A step of a run, in order, for a progress display or a log.
package enum RunEvent: Sendable {
  /// Texts of all cells still to do, once they are known.
  case planned(tasks: Int, texts: Int)
  /// A task needs no work; why.
  case skipped(task: String, reason: String)
  case started(task: String, texts: Int)
  /// A result that is there is not enough; why.
  case reopened(task: String, reason: String)
  /// A file of an earlier run cannot be used and is made anew; a sentence.
  case damaged(task: String, what: String)
  /// Cells that an earlier, interrupted run had finished.
  case resumed(task: String, cells: Int)
  /// Another process works on the task; it comes later.
  case postponed(task: String)
  /// Nothing else is left, so the run waits for that other process.
  case waiting(task: String)
  case embedded(texts: Int)
  case finishedCell(task: String, subset: String, split: String, score: Double?)
  case finished(task: String, score: Double?, seconds: Double, counts: EmbeddingCounts)
  case failed(task: String, Failure)
  /// The model has failed so often that no other task is tried.
  case gaveUp(Failure, untried: Int)
}

/// How a run ended.
package struct RunSummary: Sendable {
  package var evaluated: [String] = []
  package var skipped: [String] = []
  package var failed: [(task: String, failure: Failure)] = []
  package var isInterrupted = false
  /// Why the run ended before all tasks were tried.
  package var gaveUp: Failure?
  /// Open tasks that were not tried, because the run was interrupted or gave up.
  package var untried: [String] = []
  /// Tasks that are not finished, for want of time or because the run was interrupted.
  package var unfinished: [Unfinished] = []
  /// Cells finished in this run, by task.
  var finishedCells: [String: Set<Cell>] = [:]

  /// What there is of a task, and what is left.
  package struct Unfinished: Sendable, Equatable {
    package let task: String
    /// Cells that are finished and kept.
    package let finished: Int
    /// Cells that are left.
    package let cells: Int
    /// Texts that are left; nil where they have not been counted.
    package let texts: Int?
    /// How long they take at the pace of the run; nil where none is known.
    package let seconds: Double?
  }

  package init() {}

  /// Notes what the open tasks still lack, and those for whose plan there was no time.
  mutating func addUnfinished(
    _ plans: [TaskPlan], of selection: Selection, _ clock: RunClock?
  ) {
    for plan in plans {
      guard case .failed(let failure) = plan.state, failure.code == .interrupted else { continue }
      unfinished.append(
        Unfinished(
          task: plan.task.name, finished: 0, cells: selection.cells(of: plan.task).count,
          texts: nil, seconds: nil))
    }
    let closed = Set(evaluated + skipped)
    for plan in plans where plan.isOpen && !closed.contains(plan.task.name) {
      let done = finishedCells[plan.task.name] ?? []
      let left = plan.remaining.filter { !done.contains($0.cell) }
      let texts = left.reduce(0) { $0 + $1.texts }
      unfinished.append(
        Unfinished(
          task: plan.task.name, finished: (plan.work?.finished ?? 0) + done.count,
          cells: left.count, texts: texts, seconds: clock?.seconds(texts: texts, of: plan.task)))
    }
  }
}
