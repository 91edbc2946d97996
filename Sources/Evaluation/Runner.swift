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
  package let locator: DataLocator
  package var rerun = Rerun.missing
  /// Whether what became of every query, pair or text is kept beside the results.
  package var keepsDetails = false
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

  /// The version of mteb whose scoring rules Borda follows; part of every fingerprint.
  package static let protocolVersion = "mteb 2.26.24"
  /// Raised whenever a change to Borda can change a score, so that older results count as stale.
  private static let scoringVersion = "1"

  // MARK: Plan

  /// What each selected task needs.
  ///
  /// Reads the data of open tasks, embeds nothing.
  package func plan(_ selection: Selection) async -> [TaskPlan] {
    var plans: [TaskPlan] = []
    for task in selection.tasks {
      do throws(Failure) {
        plans.append(try await plan(task, selection))
      } catch {
        plans.append(TaskPlan(task: task, state: .failed(error)))
      }
    }
    return plans
  }

  private func plan(
    _ task: TaskDefinition, _ selection: Selection
  ) async throws(Failure) -> TaskPlan {
    let work = try open(task, selection)
    if work.todo.isEmpty {
      return TaskPlan(task: task, state: .done(reason: work.reason ?? "current"))
    }
    var remaining: [(cell: Cell, texts: Int)] = []
    var kept: Set<String> = []
    for cell in work.todo {
      let groups = try await work.evaluator.plannedTexts(cell, from: work.data)
      let new = groups.filter { group in group.keptAs.map { kept.insert($0).inserted } ?? true }
      remaining.append((cell, new.reduce(0) { $0 + $1.count }))
    }
    return TaskPlan(
      task: task, state: .open(reason: work.reason), remaining: remaining, work: work)
  }

  // MARK: Run

  /// Evaluates every open task; a failing one never stops the others.
  ///
  /// Cancelling the surrounding task finishes the batch in hand, keeps all finished cells and
  /// returns with `isInterrupted`.
  package func run(
    _ selection: Selection, onEvent: @escaping @Sendable (RunEvent) -> Void
  ) async -> RunSummary {
    var summary = RunSummary()
    let plans = await plan(selection)
    let open = plans.filter { if case .open = $0.state { true } else { false } }
    onEvent(.planned(tasks: open.count, texts: open.reduce(0) { $0 + $1.texts }))
    for plan in plans {
      let name = plan.task.name
      switch plan.state {
      case .done(let reason):
        summary.skipped.append(name)
        onEvent(.skipped(task: name, reason: reason))
      case .failed(let failure) where failure.code == .interrupted:
        summary.isInterrupted = true
        return summary
      case .failed(let failure):
        summary.failed.append((name, failure))
        onEvent(.failed(task: name, failure))
      case .open:
        do throws(Failure) {
          try await evaluate(plan, onEvent: onEvent)
          summary.evaluated.append(name)
        } catch {
          if error.code == .interrupted {
            summary.isInterrupted = true
            return summary
          }
          summary.failed.append((name, error))
          onEvent(.failed(task: name, error))
        }
      }
    }
    return summary
  }

  private func evaluate(
    _ plan: TaskPlan, onEvent: @escaping @Sendable (RunEvent) -> Void
  ) async throws(Failure) {
    guard var work = plan.work else { preconditionFailure("\(plan.task.name) was not opened") }
    let task = plan.task
    onEvent(.started(task: task.name, texts: plan.texts))
    if !work.rows.isEmpty { onEvent(.resumed(task: task.name, cells: work.rows.count)) }
    let session = EmbeddingSession(
      embedder: embedder, task: TaskContext(task), keepsDetails: keepsDetails,
      onProgress: { onEvent(.embedded(texts: $0)) })
    let start = ContinuousClock.now
    var total = EmbeddingCounts()
    let todo = Set(work.todo)
    let details = try DetailRecorder(of: work, in: store.details(of: embedder.model))
    // All cells of the task in order, so that random streams reach the open ones as they should.
    for cell in Selection(tasks: [task]).cells(of: task) {
      if Task.isCancelled { throw .interrupted(task.name) }
      guard todo.contains(cell) else {
        try await work.evaluator.pass(cell, of: work.data, with: session)
        continue
      }
      let row = try await row(of: cell, work: &work, session: session, total: &total)
      try details.record(session.takeDetails(), of: cell)
      work.rows[cell] = row
      work.sidecar.machine = machine
      onEvent(
        .finishedCell(
          task: task.name, subset: cell.subset.name, split: cell.split, score: row.mainScore))
      try store.keepPartial(work.result, sidecar: work.sidecar, model: embedder.model)
    }
    var result = work.result
    result.evaluationTime = work.sidecar.seconds.values.reduce(0, +)
    result.date = Date().timeIntervalSince1970.rounded(decimals: 3)
    try store.keep(result, sidecar: work.sidecar, model: embedder.model)
    onEvent(
      .finished(
        task: task.name, score: result.mainScore,
        seconds: (ContinuousClock.now - start).seconds, counts: total))
  }

  private func row(
    of cell: Cell, work: inout OpenTask, session: EmbeddingSession,
    total: inout EmbeddingCounts
  ) async throws(Failure) -> TaskResult.Row {
    let start = ContinuousClock.now
    let (scores, readSeconds) = try await work.evaluator.solve(cell, from: work.data, with: session)
    let seconds = (ContinuousClock.now - start).seconds
    let counts = session.takeCounts()
    let main = scores[work.task.mainScore]
    work.sidecar.add(
      counts, readSeconds: readSeconds, scoreSeconds: seconds - readSeconds - counts.seconds,
      cell: cell, isScored: main != nil)
    total.texts += counts.texts
    total.tokens += counts.tokens
    total.truncated += counts.truncated
    total.seconds += counts.seconds
    return TaskResult.Row(
      subset: cell.subset.name, languages: cell.subset.languages.map(\.description),
      mainScore: main, scores: scores)
  }

  // MARK: What is open

  /// Opens a task: its data, what is kept of it, what is left to do.
  private func open(
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
    let (data, hash) = try locator.open(task)
    var work = OpenTask(
      task: task, evaluator: evaluator, data: data, sidecar: Sidecar(inputs: inputs(task, hash)))
    work.resume(from: store, model: embedder.model, rerun: rerun)
    work.choose(
      from: cells, keepingDetailsIn: keepsDetails ? store.details(of: embedder.model) : nil,
      rerun: rerun)
    return work
  }

  /// Everything the scores of a task depend on.
  private func inputs(_ task: TaskDefinition, _ dataHash: String) -> [String: String] {
    let model = embedder.model
    let context = TaskContext(task)
    var inputs = [
      "protocol": Self.protocolVersion,
      "scoring": Self.scoringVersion,
      "task": task.recipe,
      "data_sha256": dataHash,
      "model": model.name,
      "revision": model.revision,
      "dimensions": String(model.dimensions),
      "max_tokens": model.maxTokens.map(String.init) ?? "none",
      "similarity": model.similarity.rawValue,
      "dtype": model.dtype,
    ]
    for (key, value) in model.settings { inputs["model.\(key)"] = value }
    for (side, role) in [("", nil), (".query", Role.query), (".document", Role.document)] {
      let prompt = prompts.prompt(role: role, task: context)
      inputs["prompt_sha256\(side)"] = prompt.isEmpty ? "none" : ContentHash.of(prompt)
    }
    return inputs
  }
}

extension Failure {
  fileprivate static func interrupted(_ task: String) -> Failure {
    Failure(.interrupted, task, "was interrupted", hint: "run the same command again to go on")
  }
}

extension TaskDefinition {
  /// The part of a task file that decides scores, as one line.
  fileprivate var recipe: String {
    var parts = [type.rawValue, mainScore.rawValue]
    if let scoreRange { parts.append("range \(scoreRange.lowerBound) \(scoreRange.upperBound)") }
    if isParallel { parts.append("parallel") }
    if ignoresIdenticalIds { parts.append("ignore_identical_ids") }
    if mergesSubqueries { parts.append("merge_subqueries") }
    if averagesPValues { parts.append("averages_p_values") }
    if let evaluationCap { parts.append("evaluation_cap \(evaluationCap)") }
    if let samplesPerLabel { parts.append("samples_per_label \(samplesPerLabel)") }
    if let experiments { parts.append("experiments \(experiments)") }
    parts += clustering.entries.map { "\($0.key) \($0.value)" }
    parts += transforms.map(\.description)
    parts += columns.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    return parts.joined(separator: " ")
  }
}
