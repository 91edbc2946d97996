// The embedder as an evaluator sees it during one task: it adds the task's context and keeps count.

package import Core
import Foundation
package import Sampling
package import Storage
import Synchronization

/// What was embedded during one cell.
package struct EmbeddingCounts: Sendable, Equatable {
  package var texts = 0
  package var tokens = 0
  package var truncated = 0
  /// Texts that needed no work, because a cache had their vectors or an equal text was embedded.
  package var cached = 0
  package var empty = 0
  /// Wall-clock seconds inside the embedder.
  package var seconds = 0.0
  /// Remarks that belong into the sidecar.
  package var notes: [String] = []

  package init() {}
}

/// The random streams of one task, as long-lived as the reference's task object.
///
/// Both start from seed 42 at the task's first cell and go on through all its cells.
package final class TaskStreams: Sendable {
  private let python = Mutex(PythonRandom(seed: 42))
  private let numpy = Mutex(PCG64(seed: 42))

  /// CPython's `random.Random(42)`: clustering.
  package func withPython<T: Sendable>(_ draw: (inout PythonRandom) -> T) -> T {
    python.withLock { draw(&$0) }
  }

  /// numpy's `default_rng(42)`: multilabel classification.
  package func withNumPy<T: Sendable>(_ draw: (inout PCG64) -> T) -> T {
    numpy.withLock { draw(&$0) }
  }
}

/// One embedder, one task.
///
/// Safe to share; counts are summed under a lock.
package final class EmbeddingSession: Sendable {
  private let embedder: any Embedder
  /// What the texts are for.
  let task: TaskContext
  private let onProgress: (@Sendable (Int) -> Void)?
  private let state = Mutex(State())
  /// Whether evaluators tell what became of every item of a cell.
  package let keepsDetails: Bool
  /// What evaluators choose block sizes from.
  package let memory: WorkMemory
  /// The random streams of the task; they live as long as the session.
  package let streams = TaskStreams()

  private struct State {
    var counts = EmbeddingCounts()
    var kept: [String: Embeddings] = [:]
    var details: CellDetails?
    var failure: Failure?
  }

  package init(
    embedder: any Embedder, task: TaskContext, keepsDetails: Bool = false,
    memory: WorkMemory = .unlimited,
    onProgress: (@Sendable (Int) -> Void)? = nil
  ) {
    self.embedder = embedder
    self.task = task
    self.keepsDetails = keepsDetails
    self.memory = memory
    self.onProgress = onProgress
  }

  package var model: ModelIdentity { embedder.model }

  /// Vectors of the texts, in order.
  package func embed(_ texts: [String], role: Role? = nil) async throws(Failure) -> Embeddings {
    let start = ContinuousClock.now
    let request = EmbedRequest(texts: texts, role: role, task: task, onProgress: onProgress)
    let outcome: EmbedOutcome
    do throws(Failure) {
      outcome = try await embedder.embed(request)
    } catch {
      state.withLock { $0.failure = error }
      throw error
    }
    let seconds = (ContinuousClock.now - start).seconds
    let empty = texts.count { $0.isEmpty }
    state.withLock { state in
      state.counts.texts += texts.count
      state.counts.tokens += outcome.tokens
      state.counts.truncated += outcome.truncated
      state.counts.cached += outcome.cached
      state.counts.empty += empty
      state.counts.seconds += seconds
    }
    return outcome.embeddings
  }

  /// The same, but vectors kept under a name are not made twice in one task.
  ///
  /// For columns that several subsets share. The caller vouches that a name means the same texts.
  package func embed(_ texts: [String], keptAs name: String) async throws(Failure) -> Embeddings {
    if let kept = state.withLock({ $0.kept[name] }) { return kept }
    let embeddings = try await embed(texts)
    state.withLock { $0.kept[name] = embeddings }
    return embeddings
  }

  /// Adds a remark for the sidecar.
  package func note(_ remark: String) {
    state.withLock { $0.counts.notes.append(remark) }
  }

  /// Takes what became of the items of the cell in hand; makes it only where it is asked for.
  package func keepDetails(
    _ make: () async throws(Failure) -> CellDetails
  ) async throws(Failure) {
    guard keepsDetails else { return }
    let details = try await make()
    state.withLock { $0.details = details }
  }

  /// The details of the cell in hand; forgets them.
  package func takeDetails() -> CellDetails? {
    state.withLock { state in
      defer { state.details = nil }
      return state.details
    }
  }

  /// What the embedder failed with, as against the data or the disk; nil if it did not.
  package var failure: Failure? { state.withLock { $0.failure } }

  /// The counts so far; starts again from zero.
  package func takeCounts() -> EmbeddingCounts {
    state.withLock { state in
      defer { state.counts = EmbeddingCounts() }
      return state.counts
    }
  }
}
