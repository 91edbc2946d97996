// A task in the middle of a run: its data, the rows it has and the cells it still lacks.

import Core
import Datasets
import Foundation
import Storage

struct OpenTask {
  let task: TaskDefinition
  let evaluator: any Evaluator
  /// nil until it is known that there is anything to read.
  var opened: DataFolder?
  /// The cells that were asked for.
  let wanted: [Cell]
  /// Everything the scores depend on.
  let inputs: [String: String]
  var sidecar: Sidecar
  var rows: [Cell: TaskResult.Row] = [:]
  /// Cells to evaluate; those that have a row all the same are evaluated for their details.
  private(set) var todo: [Cell] = []
  /// Why there is nothing to do, or why a result that is there does not count.
  private(set) var reason: String?
  /// Files of earlier runs that cannot be used, each as a sentence.
  private(set) var damages: [String] = []
  /// Whether the result file holds all rows; of a quick look, which has none, whether there are rows.
  private(set) var isKept = false
  /// Whether rows may be computed again for the sake of their details.
  private var mayRepeat = true

  init(
    task: TaskDefinition, evaluator: any Evaluator, data: DataFolder?, wanted: [Cell],
    inputs: [String: String]
  ) {
    self.task = task
    self.evaluator = evaluator
    opened = data
    self.wanted = wanted
    self.inputs = inputs
    sidecar = Sidecar(inputs: inputs)
  }

  /// The data of a task that has something to do.
  var data: DataFolder {
    guard let opened else { preconditionFailure("the data of \(task.name) were not opened") }
    return opened
  }

  /// Whether nothing is left to do, not even to write the result.
  var isDone: Bool { todo.isEmpty && isKept }

  /// Cells that an earlier run has finished and this one leaves as they are.
  var finished: Int { rows.count - todo.count { rows[$0] != nil } }

  /// Takes over rows that earlier runs have finished from the same inputs; forgets all others.
  mutating func resume(from store: ResultStore, model: ModelIdentity, rerun: Rerun) {
    self = OpenTask(
      task: task, evaluator: evaluator, data: opened, wanted: wanted, inputs: inputs)
    guard rerun != .always else {
      reason = "evaluated anew, as asked"
      return
    }
    switch store.state(of: task.name, model: model, inputs: inputs) {
    case .absent: break
    case .current:
      reason = "its result is current"
      takeFinished(from: store, model: model)
    case .foreign:
      reason = "its result was made by another program"
      mayRepeat = false
      takeFinished(from: store, model: model)
    case .stale(let changed) where rerun == .never:
      reason = "its result is kept, though made from another \(changed.joined(separator: ", "))"
      takeFinished(from: store, model: model)
    case .altered where rerun == .never:
      reason = "its result is kept, though changed after it was made"
      takeFinished(from: store, model: model)
    case .stale(let changed):
      reason = "changed since its result: \(changed.joined(separator: ", "))"
    case .altered:
      reason = "its result is not the one that its sidecar tells of"
    case .broken(let failure):
      damages.append("\(failure.subject) is damaged (\(failure.message))")
    }
    takeUnfinished(from: store, model: model)
  }

  /// Leaves the cells to do that have no row, and those without details where these are wanted.
  ///
  /// A row whose details are wanted is computed again, and will be the same. Results that are to
  /// stay as they are (other programs' ones, and all with `--rerun never`) are left alone.
  mutating func choose(keepingDetailsIn store: DetailStore?, rerun: Rerun) {
    todo = wanted.filter { rows[$0] == nil }
    if isKept, !todo.isEmpty { reason = "its result lacks \(todo.count) of its subsets" }
    guard let store, rerun == .missing, mayRepeat, !rows.isEmpty else { return }
    let whole = wholeDetails(in: store)
    let bare = wanted.filter { rows[$0] != nil && !whole.contains($0.inDetails) }
    guard !bare.isEmpty else { return }
    reason =
      isKept && bare.count == rows.count
      ? "its result has no details" : "the details of \(bare.count) of its subsets are missing"
    todo = wanted.filter { rows[$0] == nil || !whole.contains($0.inDetails) }
  }

  /// The cells whose details are there, belong to these scores, and are as they were written.
  private mutating func wholeDetails(in store: DetailStore) -> Set<DetailCell> {
    do throws(Failure) {
      guard try store.index(of: task.name)?.fingerprint == sidecar.fingerprint else { return [] }
    } catch {
      damages.append("\(error.subject) is damaged (\(error.message))")
      return []
    }
    let (whole, damaged) = store.check(task.name)
    damages += damaged.map { "\($0) is damaged (its hash differs)" }
    return whole
  }

  /// Rows of a finished result, with its sidecar where there is one.
  private mutating func takeFinished(from store: ResultStore, model: ModelIdentity) {
    guard let result = try? ResultStore.read(store.file(of: task.name, model: model)) else {
      return
    }
    if let old = store.sidecar(of: task.name, model: model) { sidecar = old }
    rows = self.rows(of: result)
    isKept = true
  }

  /// Rows of an unfinished one, where it has all that the finished one has, and more.
  private mutating func takeUnfinished(from store: ResultStore, model: ModelIdentity) {
    switch store.unfinished(task.name, model: model, inputs: sidecar.inputs) {
    case .absent, .other: break
    case .damaged(let what):
      damages.append("\(what); what it held is evaluated again")
    case .cells(let result, let old):
      let more = rows(of: result)
      guard more.count > rows.count, rows.keys.allSatisfy({ more[$0] != nil }) else { return }
      rows = more
      sidecar = old
      isKept = store.limit != nil
    }
  }

  private func rows(of result: TaskResult) -> [Cell: TaskResult.Row] {
    let subsets = Dictionary(
      task.subsets.map { (ExactText($0.name), $0) }, uniquingKeysWith: { first, _ in first })
    var rows: [Cell: TaskResult.Row] = [:]
    for split in result.splits {
      for row in split.rows {
        guard let subset = subsets[ExactText(row.subset)] else { continue }
        rows[Cell(subset: subset, split: split.name)] = row
      }
    }
    return rows
  }

  /// What is finished so far, in the order of the task file whatever the order of work.
  var result: TaskResult {
    let splits = task.splits.compactMap { split -> TaskResult.Split? in
      let rows = task.subsets.compactMap { self.rows[Cell(subset: $0, split: split)] }
      return rows.isEmpty ? nil : TaskResult.Split(name: split, rows: rows)
    }
    return result(of: splits)
  }

  /// A result of one cell alone.
  func result(of row: TaskResult.Row, in cell: Cell) -> TaskResult {
    result(of: [TaskResult.Split(name: cell.split, rows: [row])])
  }

  private func result(of splits: [TaskResult.Split]) -> TaskResult {
    TaskResult(
      taskName: task.name, datasetRevision: task.dataRevision, mtebVersion: nil, splits: splits,
      evaluationTime: nil, date: nil)
  }
}

extension CellCost {
  /// What one cell cost and met.
  init(
    _ counts: EmbeddingCounts, readSeconds: Double, scoreSeconds: Double, cell: Cell,
    isScored: Bool
  ) {
    self.init()
    texts = counts.texts
    tokens = counts.tokens
    truncatedTexts = counts.truncated
    cachedTexts = counts.cached
    emptyTexts = counts.empty
    seconds = ["read": readSeconds, "embed": counts.seconds, "score": scoreSeconds]
    notes = counts.notes.map { "\(cell.place): \($0)" }
    if !isScored { notes.append("\(cell.place): the main score is undefined (constant values)") }
  }
}

extension Cell {
  /// How remarks name it.
  fileprivate var place: String { "\(subset.name), \(split)" }

  /// How files of details name it.
  var inDetails: DetailCell { DetailCell(split: split, subset: subset.name) }
}

extension Evaluator {
  /// Loads one cell, or at most so many items of it.
  func problem(
    _ cell: Cell, from data: DataFolder, limit: Int?
  ) async throws(Failure) -> Problem {
    let problem = try await load(cell, from: data)
    guard let limit else { return problem }
    return try await limited(problem, to: limit)
  }

  /// Loads a cell that is not scored now and draws what it would have drawn.
  func pass(
    _ cell: Cell, of data: DataFolder, with session: EmbeddingSession, limit: Int?
  ) async throws(Failure) {
    guard Self.drawsAcrossCells else { return }
    try skip(try await problem(cell, from: data, limit: limit), with: session)
  }

  /// Loads and scores one cell; the seconds are those of loading, 0 where `known` is its problem.
  func solve(
    _ cell: Cell, from data: DataFolder, known: (any Sendable)?, with session: EmbeddingSession,
    limit: Int?
  ) async throws(Failure) -> (scores: Scores, readSeconds: Double) {
    if let known = known as? Problem { return (try await scores(of: known, with: session), 0) }
    let start = ContinuousClock.now
    let problem = try await problem(cell, from: data, limit: limit)
    let readSeconds = (ContinuousClock.now - start).seconds
    return (try await scores(of: problem, with: session), readSeconds)
  }
}
