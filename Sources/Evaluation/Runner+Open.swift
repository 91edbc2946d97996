// What is open of a task before a run: what is kept of it, what is left to do, and its data.

package import Core
import Datasets
import Storage

extension Runner {
  /// Opens a task: its data, what is kept of it, what is left to do.
  func open(_ task: TaskDefinition, _ selection: Selection) throws(Failure) -> OpenTask {
    var work = try begin(task, selection)
    if !work.todo.isEmpty, work.opened == nil { work.opened = try locator.open(task).data }
    return work
  }

  /// The cells of a task whose data a run would read.
  ///
  /// Reads no data of a hub, so that those of finished tasks need not be fetched.
  ///
  /// - Throws: what the run will report of the task
  package func cellsToDo(
    of task: TaskDefinition, in selection: Selection
  ) throws(Failure) -> [Cell] {
    guard locator.identity(of: task) != nil else { return selection.cells(of: task) }
    return try begin(task, selection).todo
  }

  /// What is kept of a task and what is left to do; its data only where they have to be hashed.
  private func begin(
    _ task: TaskDefinition, _ selection: Selection
  ) throws(Failure) -> OpenTask {
    if let reason = task.unsupported {
      throw Failure(
        .usage, task.name, "cannot be evaluated yet: \(reason)",
        hint: "leave it out; results made by other programs can be ranked")
    }
    let evaluator = try Evaluators.evaluator(for: task)
    let cells = selection.cells(of: task)
    guard !cells.isEmpty else {
      let wanted = selection.languages.map(\.description).joined(separator: ", ")
      throw Failure(
        .usage, task.name, "has no subset in \(wanted)",
        hint: "borda tasks show \(task.name) lists its languages")
    }
    // A finished result needs no data where a name stands for them.
    let known = locator.identity(of: task)
    let opened = known == nil ? try locator.open(task) : nil
    var work = OpenTask(
      task: task, evaluator: evaluator, data: opened?.data, wanted: cells,
      inputs: inputs(task, known ?? opened?.hash ?? ""))
    resume(&work)
    return work
  }

  /// Finds out what is left of a task to do.
  func resume(_ work: inout OpenTask) {
    work.resume(from: store, model: embedder.model, rerun: rerun)
    work.choose(
      keepingDetailsIn: keepsDetails ? store.details(of: embedder.model) : nil, rerun: rerun)
  }
}
