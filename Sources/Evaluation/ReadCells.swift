// What the plan of a run has read, kept where it is small until the run comes to it: most data are
// read once, though plans are made before any work.

import Core
import Synchronization

/// Cells that have been read and not yet been evaluated, as long as they fit into a share of memory.
final class ReadCells: Sendable {
  private struct Place: Hashable {
    let task: String
    let cell: Cell
  }

  private struct State {
    var problems: [Place: any Sendable] = [:]
    var bytes = 0
  }

  private let state = Mutex(State())
  private let capacity: Int
  let isForRun: Bool

  /// More is not worth the memory: reading it again is little beside embedding it.
  private static let most = 256 << 20

  /// - Parameters:
  ///   - memory: what a cell may take; an eighth of it at most is kept.
  ///   - isForRun: whether a run follows the plan; else what would be kept is only counted.
  init(in memory: WorkMemory, isForRun: Bool) {
    capacity = min(Self.most, memory.bytes / 8)
    self.isForRun = isForRun
  }

  /// Bytes that have been kept, those handed back included.
  var bytes: Int { state.withLock(\.bytes) }

  /// Bytes that there is still room for.
  var room: Int { capacity - bytes }

  /// Keeps a problem that takes so many bytes, if there is room; whether there is.
  func keep(_ problem: any Sendable, bytes: Int, of cell: Cell, of task: TaskDefinition) -> Bool {
    state.withLock { state in
      guard bytes <= capacity - state.bytes else { return false }
      state.bytes += bytes
      if isForRun { state.problems[Place(task: task.name, cell: cell)] = problem }
      return true
    }
  }

  /// Hands a problem over, once.
  func take(_ cell: Cell, of task: TaskDefinition) -> (any Sendable)? {
    state.withLock { $0.problems.removeValue(forKey: Place(task: task.name, cell: cell)) }
  }

  func removeAll() { state.withLock { $0 = State() } }
}
