// How fast a run is, learnt from its finished cells, and what it has time for.

package import Core
import Synchronization

/// Seconds per text so far: of a task, of a type, of everything.
package struct Pace: Sendable {
  private var tasks: [String: Work] = [:]
  private var types: [TaskType: Work] = [:]
  private var all = Work()

  private struct Work {
    var texts = 0
    var seconds = 0.0

    /// nil until a text was embedded.
    var secondsPerText: Double? { texts > 0 ? seconds / Double(texts) : nil }

    mutating func add(_ texts: Int, _ seconds: Double) {
      self.texts += texts
      self.seconds += seconds
    }
  }

  /// Texts of other tasks may be longer: another task of the same type is given half as much time
  /// again, one of another type twice the time.
  private static let caution = (sameType: 1.5, otherType: 2.0)

  package init() {}

  /// Takes what one cell took: reading, embedding and scoring.
  package mutating func add(texts: Int, seconds: Double, of task: TaskDefinition) {
    tasks[task.name, default: Work()].add(texts, seconds)
    types[task.type, default: Work()].add(texts, seconds)
    all.add(texts, seconds)
  }

  /// How long some texts of a task will take at most, as far as can be told; nil while nothing is
  /// known.
  package func mostSeconds(texts: Int, of task: TaskDefinition) -> Double? {
    let perText =
      tasks[task.name]?.secondsPerText
      ?? types[task.type]?.secondsPerText.map { $0 * Self.caution.sameType }
      ?? all.secondsPerText.map { $0 * Self.caution.otherType }
    return perText.map { $0 * Double(texts) }
  }

  /// How long they can be expected to take; nil while nothing is known.
  package func seconds(texts: Int, of task: TaskDefinition) -> Double? {
    let perText =
      (tasks[task.name] ?? types[task.type])?.secondsPerText ?? all.secondsPerText
    return perText.map { $0 * Double(texts) }
  }
}

/// The time of a run with a deadline.
final class RunClock: Sendable {
  private let deadline: ContinuousClock.Instant
  private let pace = Mutex(Pace())

  init(until deadline: ContinuousClock.Instant) { self.deadline = deadline }

  var isOver: Bool { ContinuousClock.now >= deadline }

  /// Whether a cell that embeds so many texts can be expected to finish in time.
  ///
  /// The first of a run is tried: nothing is known of it.
  func hasTime(for texts: Int, of task: TaskDefinition) -> Bool {
    let left = (deadline - .now).seconds
    guard left > 0 else { return false }
    return pace.withLock { $0.mostSeconds(texts: texts, of: task) }.map { $0 <= left } ?? true
  }

  func add(texts: Int, seconds: Double, of task: TaskDefinition) {
    pace.withLock { $0.add(texts: texts, seconds: seconds, of: task) }
  }

  /// How long some texts of a task will take; nil while nothing is known.
  func seconds(texts: Int, of task: TaskDefinition) -> Double? {
    pace.withLock { $0.seconds(texts: texts, of: task) }
  }

  /// Does work that is cancelled at the deadline, or with the surrounding task.
  func watching<T: Sendable>(_ work: @escaping @Sendable () async -> T) async -> T {
    let deadline = deadline
    let worker = Task { await work() }
    let timer = Task {
      do { try await Task.sleep(until: deadline, clock: .continuous) } catch { return }
      worker.cancel()
    }
    defer { timer.cancel() }
    return await withTaskCancellationHandler {
      await worker.value
    } onCancel: {
      worker.cancel()
    }
  }
}
