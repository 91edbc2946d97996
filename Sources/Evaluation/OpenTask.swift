// A task in the middle of a run: its data, the rows it has and the cells it still lacks.

import Core
import Datasets
import Foundation
import Storage

struct OpenTask {
  let task: TaskDefinition
  let evaluator: any Evaluator
  let data: DataFolder
  var sidecar: Sidecar
  var rows: [Cell: TaskResult.Row] = [:]
  var todo: [Cell] = []
  /// Why there is nothing to do, or why a result that is there does not count.
  var reason: String?
  /// Whether rows may be computed again for the sake of their details.
  private var mayRepeat = true

  init(task: TaskDefinition, evaluator: any Evaluator, data: DataFolder, sidecar: Sidecar) {
    self.task = task
    self.evaluator = evaluator
    self.data = data
    self.sidecar = sidecar
  }

  /// Takes over rows that earlier runs have finished from the same inputs.
  mutating func resume(from store: ResultStore, model: ModelIdentity, rerun: Rerun) {
    guard rerun != .always else {
      reason = "evaluated anew, as asked"
      return
    }
    let inputs = sidecar.inputs
    if let partial = store.partial(of: task.name, model: model, inputs: inputs) {
      sidecar = partial.sidecar
      take(partial.result)
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
    case .stale(let changed):
      if rerun == .never {
        reason = "its result is kept, though made from another \(changed.joined(separator: ", "))"
        takeFinished(from: store, model: model)
      } else {
        reason = "changed since its result: \(changed.joined(separator: ", "))"
      }
    case .broken(let failure):
      reason = "its result cannot be read (\(failure.message))"
    }
  }

  /// Leaves the cells to do that have no row, and those without details where these are wanted.
  ///
  /// A row whose details are wanted is computed again, and will be the same. Results that are to
  /// stay as they are (other programs' ones, and all with `--rerun never`) are left alone.
  mutating func choose(
    from cells: [Cell], keepingDetailsIn store: DetailStore?, rerun: Rerun
  ) {
    todo = cells.filter { rows[$0] == nil }
    guard let store, rerun == .missing, mayRepeat else { return }
    let index = try? store.index(of: task.name)
    let kept =
      index?.fingerprint == sidecar.fingerprint ? Set(store.cells(of: task.name)) : []
    let bare = cells.filter { rows[$0] != nil && !kept.contains($0.inDetails) }
    guard !bare.isEmpty else { return }
    reason = "its result has no details"
    todo = cells.filter { rows[$0] == nil || !kept.contains($0.inDetails) }
    for cell in bare {
      rows[cell] = nil
      sidecar.forgetNotes(of: cell)
    }
    // What it cost to make all rows anew is told once; rows that stay keep the sum.
    if rows.isEmpty { sidecar = Sidecar(inputs: sidecar.inputs) }
  }

  /// Rows of a finished result, with its sidecar where there is one.
  private mutating func takeFinished(from store: ResultStore, model: ModelIdentity) {
    guard let result = try? ResultStore.read(store.file(of: task.name, model: model)) else {
      return
    }
    if let old = store.sidecar(of: task.name, model: model) { sidecar = old }
    take(result)
  }

  private mutating func take(_ result: TaskResult) {
    for split in result.splits {
      for row in split.rows {
        guard let subset = task.subsets.first(where: { $0.name == row.subset }) else { continue }
        rows[Cell(subset: subset, split: split.name)] = row
      }
    }
  }

  /// What is finished so far, in the order of the task file whatever the order of work.
  var result: TaskResult {
    let splits = task.splits.compactMap { split -> TaskResult.Split? in
      let rows = task.subsets.compactMap { self.rows[Cell(subset: $0, split: split)] }
      return rows.isEmpty ? nil : TaskResult.Split(name: split, rows: rows)
    }
    return TaskResult(
      taskName: task.name, datasetRevision: task.dataRevision, mtebVersion: nil, splits: splits,
      evaluationTime: nil, date: nil)
  }
}

extension Sidecar {
  /// Adds what one cell cost and met.
  mutating func add(
    _ counts: EmbeddingCounts, readSeconds: Double, scoreSeconds: Double, cell: Cell,
    isScored: Bool
  ) {
    texts += counts.texts
    tokens += counts.tokens
    truncatedTexts += counts.truncated
    emptyTexts += counts.empty
    seconds["read", default: 0] += readSeconds
    seconds["embed", default: 0] += counts.seconds
    seconds["score", default: 0] += scoreSeconds
    notes += counts.notes.map { "\(cell.place): \($0)" }
    if !isScored { notes.append("\(cell.place): the main score is undefined (constant values)") }
  }

  /// Removes the remarks about a cell that is to be evaluated again.
  mutating func forgetNotes(of cell: Cell) {
    notes.removeAll { $0.hasPrefix("\(cell.place): ") }
  }
}

extension Cell {
  /// How remarks name it.
  fileprivate var place: String { "\(subset.name), \(split)" }

  /// How files of details name it.
  var inDetails: DetailCell { DetailCell(split: split, subset: subset.name) }
}

extension Evaluator {
  /// Loads one cell and says what it will embed.
  func plannedTexts(_ cell: Cell, from data: DataFolder) async throws(Failure) -> [TextGroup] {
    texts(of: try await load(cell, from: data))
  }

  /// Loads a cell that is not scored now and draws what it would have drawn.
  func pass(
    _ cell: Cell, of data: DataFolder, with session: EmbeddingSession
  ) async throws(Failure) {
    guard Self.drawsAcrossCells else { return }
    try skip(try await load(cell, from: data), with: session)
  }

  /// Loads and scores one cell; the seconds are those of loading.
  func solve(
    _ cell: Cell, from data: DataFolder, with session: EmbeddingSession
  ) async throws(Failure) -> (scores: Scores, readSeconds: Double) {
    let start = ContinuousClock.now
    let problem = try await load(cell, from: data)
    let readSeconds = (ContinuousClock.now - start).seconds
    return (try await scores(of: problem, with: session), readSeconds)
  }
}
