// The finished cells of an unfinished task: a file that holds most of them, and a journal of those
// that came since. Every cell is kept when it is finished, and keeping it costs the same whether the
// task has ten cells or forty thousand.

package import Core
package import Foundation

/// What an earlier run has left of a task.
package enum UnfinishedState: Sendable, Equatable {
  case absent
  /// Made from other inputs.
  case other
  /// A file is there that cannot be read; what is wrong.
  case damaged(String)
  case cells(TaskResult, Sidecar)
}

extension ResultStore {
  /// The file that holds most of the cells; of a quick look all of them in the end.
  func partialFile(of task: String, model: ModelIdentity) -> URL {
    ownFolder(of: model).appending(path: limit == nil ? "\(task).partial.json" : "\(task).json")
  }

  func journalFile(of task: String, model: ModelIdentity) -> URL {
    ownFolder(of: model).appending(path: "\(task).journal")
  }

  /// Keeps the finished rows of an unfinished task.
  package func keepPartial(
    _ result: TaskResult, sidecar: Sidecar, model: ModelIdentity
  ) throws(Failure) {
    _ = try writePartial(result, sidecar, model)
  }

  /// - Returns: the hash that a journal of later cells refers to.
  fileprivate func writePartial(
    _ result: TaskResult, _ sidecar: Sidecar, _ model: ModelIdentity
  ) throws(Failure) -> String {
    let rows = result.exactJSON
    var sidecar = sidecar
    let hash = Self.scoresHash(of: rows)
    sidecar.scoresHash = hash
    var members = JSON.Members([("sidecar", sidecar.json), ("rows", rows)])
    if let limit { members["limit"] = .integer(limit) }
    let json = JSON.object(members)
    try AtomicFile.write(json.line + "\n", to: partialFile(of: result.taskName, model: model))
    return hash
  }

  /// The finished rows of an interrupted run with the same inputs; nil where there are none.
  package func partial(
    of task: String, model: ModelIdentity, inputs: [String: String]
  ) -> (result: TaskResult, sidecar: Sidecar)? {
    guard case .cells(let result, let sidecar) = unfinished(task, model: model, inputs: inputs)
    else { return nil }
    return (result, sidecar)
  }

  /// What an earlier run with these inputs has left of a task.
  package func unfinished(
    _ task: String, model: ModelIdentity, inputs: [String: String]
  ) -> UnfinishedState {
    let file = partialFile(of: task, model: model)
    guard FilePaths.kind(of: file) != nil else { return .absent }
    do throws(Failure) {
      let json = try Self.json(file)
      guard let rows = json["rows"], var sidecar = json["sidecar"].flatMap({ Sidecar(json: $0) })
      else { return .damaged("\(FilePaths.display(file)) holds no rows") }
      let hash = Self.scoresHash(of: rows)
      guard sidecar.scoresHash == nil || sidecar.scoresHash == hash else {
        return .damaged("\(FilePaths.display(file)) holds other rows than were written")
      }
      var result = try TaskResult(json: rows, file: FilePaths.display(file))
      guard sidecar.inputs == inputs else { return .other }
      for cell in CellJournal.read(journalFile(of: task, model: model), after: hash) {
        result.add(cell.result)
        sidecar.add(cell.cost)
      }
      return .cells(result, sidecar)
    } catch {
      return .damaged("\(error.subject) \(error.message)")
    }
  }

  /// Removes what a killed process has left beside a finished result with these inputs.
  ///
  /// Rows of a run with other inputs stay: that run may yet go on.
  package func tidy(_ task: String, model: ModelIdentity, inputs: [String: String]) {
    forgetFailure(of: task, model: model)
    // A quick look stays in the form of an unfinished task.
    if limit == nil, unfinished(task, model: model, inputs: inputs) != .other {
      removeUnfinished(task, model: model)
    }
  }

  /// Removes what is kept of an unfinished task.
  package func removeUnfinished(_ task: String, model: ModelIdentity) {
    // The journal means nothing without the other file, so it goes last.
    for file in [partialFile(of: task, model: model), journalFile(of: task, model: model)] {
      try? FileManager.default.removeItem(at: file)
    }
  }
}

extension TaskResult {
  /// Puts the rows of another one behind those of the same split.
  fileprivate mutating func add(_ other: TaskResult) {
    for split in other.splits {
      if let place = splits.firstIndex(where: { $0.name == split.name }) {
        splits[place].rows += split.rows
      } else {
        splits.append(split)
      }
    }
  }
}

/// Keeps the cells of one task while it is evaluated.
package final class CellKeeper {
  private let store: ResultStore
  private let model: ModelIdentity
  private let task: String
  private var journal: CellJournal?

  package init(_ task: String, in store: ResultStore, model: ModelIdentity) {
    self.task = task
    self.store = store
    self.model = model
  }

  /// Keeps a cell that has just been finished.
  ///
  /// - Parameters:
  ///   - row: a result of this cell alone.
  ///   - cost: what it adds to the sidecar.
  ///   - finished: how many cells are finished, this one included.
  ///   - all: the result and the sidecar of all finished cells, this one included.
  /// - Throws: `.system` where it cannot be written; everything kept before stays.
  package func keep(
    _ row: TaskResult, cost: CellCost, finished: Int, all: () -> (TaskResult, Sidecar)
  ) throws(Failure) {
    // A ninth of the cells at most is in the journal, so that each is written ten times at most.
    if let journal, (journal.count + 1) * 9 <= finished {
      try journal.append(row, cost)
    } else {
      try close(all())
    }
  }

  /// Puts all finished cells into one file, in which other programs find them.
  package func close(_ all: (TaskResult, Sidecar)) throws(Failure) {
    let hash = try store.writePartial(all.0, all.1, model)
    // The old journal no longer refers to that file; only now may it go.
    journal = nil
    journal = try CellJournal(store.journalFile(of: task, model: model), after: hash)
  }

  /// Whether there are cells that are in the journal alone.
  package var needsClosing: Bool { (journal?.count ?? 0) > 0 }
}

/// Lines of finished cells, each with its hash in front, behind a line that says what they follow.
private final class CellJournal {
  private let file: NewFile
  private(set) var count = 0
  private var flushed = ContinuousClock.now

  init(_ url: URL, after hash: String) throws(Failure) {
    try? FileManager.default.removeItem(at: url)
    file = try NewFile(creating: url)
    try file.append(Self.line(.object([("schema", .integer(1)), ("after", .string(hash))])))
  }

  // Cells that found their way into no other file stay here, such as on a full disk.
  deinit { if count > 0 { try? file.finish() } }

  func append(_ row: TaskResult, _ cost: CellCost) throws(Failure) {
    try file.append(Self.line(.object([("rows", row.exactJSON), ("cost", cost.json)])))
    count += 1
    // A killed process loses nothing that is written; for a power cut a second is soon enough.
    if ContinuousClock.now - flushed > .seconds(1) {
      try file.flush()
      flushed = .now
    }
  }

  private static func line(_ json: JSON) -> [UInt8] {
    let text = json.line
    return Array("\(ContentHash.of(text).prefix(16)) \(text)\n".utf8)
  }

  /// The cells of a journal up to the first damaged line; none where it follows another file.
  static func read(_ url: URL, after hash: String) -> [(result: TaskResult, cost: CellCost)] {
    guard let data = try? Data(contentsOf: url) else { return [] }
    var cells: [(result: TaskResult, cost: CellCost)] = []
    for (number, line) in data.split(separator: UInt8(ascii: "\n")).enumerated() {
      let text = String(decoding: line.dropFirst(17), as: UTF8.self)
      guard line.prefix(16) == Data(ContentHash.of(text).prefix(16).utf8),
        let json = try? JSON(parsing: text)
      else { break }
      if number == 0 {
        guard json["after"]?.string == hash else { return [] }
        continue
      }
      guard let rows = json["rows"], let cost = json["cost"],
        let result = try? TaskResult(json: rows, file: url.lastPathComponent)
      else { break }
      cells.append((result, CellCost(json: cost)))
    }
    return cells
  }
}
