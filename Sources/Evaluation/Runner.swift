// The run: plan every task, evaluate what is open cell by cell, keep each cell as it finishes.

package import Core
import Datasets
import Foundation
package import Storage

/// What to do about results that are there.
package enum Rerun: String, Sendable, CaseIterable {
  /// Evaluate what is absent or made from other inputs.
  case missing
  /// Evaluate everything anew.
  case always
  /// Evaluate only what is absent, whatever a result was made from.
  case never
}

/// Evaluates tasks with one embedder into one store.
package struct Runner: Sendable {
  package let embedder: any Embedder
  /// What `embedder` puts before texts; recorded with every result.
  package let prompts: Prompts
  package let store: ResultStore
  package var locator: DataLocator
  package var rerun = Rerun.missing
  /// Whether what became of every query, pair or text is kept beside the results.
  package var keepsDetails = false
  /// When to stop, and to order the work so that stopping costs least; nil for never.
  package var deadline: ContinuousClock.Instant?
  /// What the work on one cell may take beside the model.
  package var memory = WorkMemory.unlimited
  /// Facts about this machine for the sidecar.
  package var machine: [String: String] = [:]

  package init(
    embedder: any Embedder, prompts: Prompts, store: ResultStore, locator: DataLocator
  ) {
    self.embedder = embedder
    self.prompts = prompts
    self.store = store
    self.locator = locator
  }

  // MARK: Plan

  /// What each selected task needs, in the order of work.
  ///
  /// Reads the data of open tasks, embeds nothing. `gauge` measures the texts too; without one they
  /// are counted.
  package func plan(_ selection: Selection, gauge: TextGauge? = nil) async -> [TaskPlan] {
    await plan(selection, gauge, keepingIn: ReadCells(in: memory, isForRun: false))
  }

  private func plan(
    _ selection: Selection, _ gauge: TextGauge?, keepingIn read: ReadCells
  ) async -> [TaskPlan] {
    var plans: [TaskPlan] = []
    for task in selection.tasks {
      do throws(Failure) {
        if Task.isCancelled { throw .interrupted(task.name) }
        plans.append(try await plan(task, selection, gauge, keepingIn: read))
      } catch {
        plans.append(TaskPlan(task: task, state: .failed(error)))
      }
    }
    return deadline == nil ? plans : TaskPlan.ordered(plans)
  }

  private func plan(
    _ task: TaskDefinition, _ selection: Selection, _ gauge: TextGauge?,
    keepingIn read: ReadCells
  ) async throws(Failure) -> TaskPlan {
    let work = try open(task, selection)
    if work.isDone {
      return TaskPlan(task: task, state: .done(reason: work.reason ?? "current"), work: work)
    }
    var remaining = try await work.plan(
      Selection(tasks: [task]).cells(of: task), embedder, memory, gauge, keepingIn: read,
      limit: store.limit)
    // Only where there is a deadline: a run without one keeps the order of the file.
    if deadline != nil, !type(of: work.evaluator).drawsAcrossCells {
      remaining = WorkOrder.spread(remaining.map(\.cell)).map { remaining[$0] }
    }
    let before = store.failure(of: task.name, model: embedder.model)?.failure
    let reason =
      work.reason ?? work.damages.first
      ?? before.map { "failed last time: \($0.line)" }
    return TaskPlan(task: task, state: .open(reason: reason), remaining: remaining, work: work)
  }

  // MARK: Run

  /// Evaluates every open task; a failing one never stops the others.
  ///
  /// Cancelling the surrounding task finishes the batch in hand, keeps all finished cells and
  /// returns with `isInterrupted`. The deadline does the same and leaves `unfinished` tasks; no cell
  /// is begun that would not finish before it at the pace so far. A model that fails for three tasks
  /// in a row ends the run, with `gaveUp`. Tasks that another process works on come last.
  package func run(
    _ selection: Selection, onEvent: @escaping @Sendable (RunEvent) -> Void
  ) async -> RunSummary {
    guard let deadline else { return await run(selection, within: nil, onEvent) }
    let clock = RunClock(until: deadline)
    var summary = await clock.watching { await run(selection, within: clock, onEvent) }
    // What the deadline has cancelled was no interruption.
    if summary.isInterrupted, clock.isOver, !Task.isCancelled { summary.isInterrupted = false }
    return summary
  }

  private func run(
    _ selection: Selection, within clock: RunClock?,
    _ onEvent: @escaping @Sendable (RunEvent) -> Void
  ) async -> RunSummary {
    let read = ReadCells(in: memory, isForRun: true)
    let plans = await plan(selection, nil, keepingIn: read)
    let open = plans.filter(\.isOpen)
    let largest = open.flatMap(\.remaining).map(\.needs.leastMemory).max() ?? 0
    // What a cell cannot do without goes first.
    if largest > memory.bytes - read.bytes { read.removeAll() }
    onEvent(.planned(tasks: open.count, texts: open.reduce(0) { $0 + $1.texts }))
    var state = RunState(clock: clock, read: read)
    var queue = plans[...]
    while let plan = queue.popFirst() {
      guard await settle(plan, &state, waits: false, onEvent) else { break }
    }
    var postponed = state.postponed[...]
    while state.goesOn, let plan = postponed.popFirst() {
      guard await settle(plan, &state, waits: true, onEvent) else { break }
    }
    for plan in queue + postponed {
      if case .done = plan.state {
        state.summary.skipped.append(plan.task.name)
      } else {
        state.summary.untried.append(plan.task.name)
      }
    }
    if let failure = state.summary.gaveUp {
      onEvent(.gaveUp(failure, untried: state.summary.untried.count))
    }
    state.summary.addUnfinished(plans, of: selection, clock)
    return state.summary
  }

  /// What a run has to remember from task to task.
  private struct RunState {
    /// The time that is left; nil for all that is needed.
    let clock: RunClock?
    /// What the plan has read.
    let read: ReadCells
    var summary = RunSummary()
    var watch = BackendWatch()
    /// Tasks that another process works on.
    var postponed: [TaskPlan] = []

    var goesOn: Bool { !summary.isInterrupted && summary.gaveUp == nil }
  }

  /// Does what a plan says.
  ///
  /// - Returns: whether the run goes on.
  private func settle(
    _ plan: TaskPlan, _ state: inout RunState, waits: Bool,
    _ onEvent: @escaping @Sendable (RunEvent) -> Void
  ) async -> Bool {
    let name = plan.task.name
    let session = EmbeddingSession(
      embedder: embedder, task: TaskContext(plan.task), keepsDetails: keepsDetails,
      memory: WorkMemory(bytes: memory.bytes - state.read.bytes),
      onProgress: { onEvent(.embedded(texts: $0)) })
    do throws(Failure) {
      switch plan.state {
      case .done(let reason):
        if let work = plan.work, let lock = try? store.lock(name, model: embedder.model) {
          store.tidy(name, model: embedder.model, inputs: work.sidecar.inputs)
          lock.releaseAndRemove()
        }
        skip(name, reason, &state, onEvent)
      case .failed(let failure): throw failure
      case .open:
        guard let lock = try await lock(name, waits: waits, onEvent) else {
          state.postponed.append(plan)
          onEvent(.postponed(task: name))
          return true
        }
        defer { lock.releaseAndRemove() }
        try await evaluate(plan, &state, session, onEvent)
      }
    } catch {
      // Whatever an interruption made fail is no failure of the task.
      guard error.code != .interrupted, !Task.isCancelled else {
        state.summary.isInterrupted = true
        return false
      }
      state.summary.failed.append((name, error))
      try? store.keepFailure(error, of: name, model: embedder.model)
      onEvent(.failed(task: name, error))
      if error == session.failure, state.watch.fail(error) { state.summary.gaveUp = error }
    }
    return state.goesOn
  }

  private func skip(
    _ name: String, _ reason: String, _ state: inout RunState,
    _ onEvent: @escaping @Sendable (RunEvent) -> Void
  ) {
    state.summary.skipped.append(name)
    onEvent(.skipped(task: name, reason: reason))
  }

  /// Takes a task for this process; nil where another one has it and this one does not wait.
  private func lock(
    _ task: String, waits: Bool, _ onEvent: @escaping @Sendable (RunEvent) -> Void
  ) async throws(Failure) -> FileLock? {
    var hasTold = false
    while true {
      if let lock = try store.lock(task, model: embedder.model) { return lock }
      guard waits else { return nil }
      if !hasTold { onEvent(.waiting(task: task)) }
      hasTold = true
      do {
        try await Task.sleep(for: .milliseconds(200))
      } catch {
        throw .interrupted(task)
      }
    }
  }

  private func evaluate(
    _ plan: TaskPlan, _ state: inout RunState, _ session: EmbeddingSession,
    _ onEvent: @escaping @Sendable (RunEvent) -> Void
  ) async throws(Failure) {
    guard var work = plan.work else { preconditionFailure("\(plan.task.name) was not opened") }
    let name = plan.task.name
    // A task none of whose cells has time is not begun at all.
    guard
      plan.remaining.isEmpty || plan.remaining.contains(where: { has(state.clock, $0.texts, plan) })
    else { return }
    // Another process may have finished some of it since the plan was made.
    resume(&work)
    if work.isDone {
      store.tidy(name, model: embedder.model, inputs: work.sidecar.inputs)
      return skip(name, work.reason ?? "current", &state, onEvent)
    }
    onEvent(.started(task: name, texts: plan.texts))
    for what in work.damages { onEvent(.damaged(task: name, what: what)) }
    if let reason = work.reason { onEvent(.reopened(task: name, reason: reason)) }
    if work.finished > 0, !work.isKept { onEvent(.resumed(task: name, cells: work.finished)) }
    let start = ContinuousClock.now
    var total = EmbeddingCounts()
    let keeper = CellKeeper(name, in: store, model: embedder.model)
    do throws(Failure) {
      let details = try DetailRecorder(of: work, in: store.details(of: embedder.model))
      let isWhole = try await evaluate(
        &work, plan, details, keeper, session, &total, &state, onEvent)
      if !isWhole {
        if keeper.needsClosing { try keeper.close((work.result, work.sidecar)) }
        return
      }
      try details.finish()
    } catch {
      if keeper.needsClosing { try? keeper.close((work.result, work.sidecar)) }
      throw error
    }
    var result = work.result
    result.evaluationTime = work.sidecar.cost.seconds.values.reduce(0, +)
    result.date = Date().timeIntervalSince1970.rounded(decimals: 3)
    try store.keep(result, sidecar: work.sidecar, model: embedder.model)
    state.summary.evaluated.append(name)
    onEvent(
      .finished(
        task: name, score: result.mainScore,
        seconds: (ContinuousClock.now - start).seconds, counts: total))
  }

  /// Whether there is time for a cell of so many texts.
  private func has(_ clock: RunClock?, _ texts: Int, _ plan: TaskPlan) -> Bool {
    clock?.hasTime(for: texts, of: plan.task) ?? true
  }

  /// Evaluates the open cells of a task and keeps each as it finishes.
  ///
  /// - Returns: whether there was time for all of them.
  private func evaluate(
    _ work: inout OpenTask, _ plan: TaskPlan, _ details: DetailRecorder, _ keeper: CellKeeper,
    _ session: EmbeddingSession, _ total: inout EmbeddingCounts, _ state: inout RunState,
    _ onEvent: @escaping @Sendable (RunEvent) -> Void
  ) async throws(Failure) -> Bool {
    let task = work.task
    let plans = Dictionary(plan.remaining.map { ($0.cell, $0) }) { first, _ in first }
    var open = Set(work.todo)
    var isWhole = true
    // All cells of the task in order, so that random streams reach the open ones as they should.
    let isInFileOrder = state.clock == nil || type(of: work.evaluator).drawsAcrossCells
    let cells =
      isInFileOrder ? Selection(tasks: [task]).cells(of: task) : plan.remaining.map(\.cell)
    for cell in cells where !open.isEmpty {
      if Task.isCancelled { throw .interrupted(task.name) }
      let isOpen = open.remove(cell) != nil
      guard isOpen, has(state.clock, plans[cell]?.texts ?? 0, plan) else {
        if isOpen { isWhole = false }
        try await work.evaluator.pass(cell, of: work.data, with: session, limit: store.limit)
        continue
      }
      let begin = ContinuousClock.now
      let known = state.read.take(cell, of: task).map {
        (problem: $0, seconds: plans[cell]?.readSeconds ?? 0)
      }
      let (row, cost) = try await row(
        of: cell, of: work, known: known, session: session, total: &total)
      state.watch.succeed()
      state.clock?.add(
        texts: plans[cell]?.texts ?? 0, seconds: (ContinuousClock.now - begin).seconds, of: task)
      // Before the row: a row without its details would count as finished.
      try details.record(session.takeDetails(), of: cell)
      onEvent(
        .finishedCell(
          task: task.name, subset: cell.subset.name, split: cell.split,
          score: row.mainScore))
      // What was evaluated for its details alone is kept already, and its cost was told.
      let isKept = work.rows.updateValue(row, forKey: cell) != nil
      if !isKept {
        work.sidecar.add(cost)
        work.sidecar.machine = machine
        try keeper.keep(work.result(of: row, in: cell), cost: cost, finished: work.rows.count) {
          (work.result, work.sidecar)
        }
      }
      state.summary.finishedCells[task.name, default: []].insert(cell)
    }
    return isWhole
  }

  /// The scores of a cell, and what they cost; `known` is its problem, and what reading that took.
  private func row(
    of cell: Cell, of work: OpenTask, known: (problem: any Sendable, seconds: Double)?,
    session: EmbeddingSession, total: inout EmbeddingCounts
  ) async throws(Failure) -> (TaskResult.Row, CellCost) {
    let start = ContinuousClock.now
    let (scores, readSeconds) = try await work.evaluator.solve(
      cell, from: work.data, known: known?.problem, with: session, limit: store.limit)
    let seconds = (ContinuousClock.now - start).seconds
    let counts = session.takeCounts()
    let main = scores[work.task.mainScore]
    total.texts += counts.texts
    total.tokens += counts.tokens
    total.truncated += counts.truncated
    total.cached += counts.cached
    total.seconds += counts.seconds
    let row = TaskResult.Row(
      subset: cell.subset.name, languages: cell.subset.languages.map(\.description),
      mainScore: main, scores: scores)
    let cost = CellCost(
      counts, readSeconds: known?.seconds ?? readSeconds,
      scoreSeconds: seconds - readSeconds - counts.seconds, cell: cell, isScored: main != nil)
    return (row, cost)
  }
}

extension Failure {
  static func interrupted(_ task: String) -> Failure {
    Failure(.interrupted, task, "was interrupted", hint: "run the same command again to go on")
  }
}
