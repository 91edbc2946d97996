// Numbered pieces of work for several workers: each takes the next one when it is ready.

import Synchronization

/// Runs `worker` in up to `threads` child tasks until the pieces 0 ..< `count` are done.
///
/// A worker calls `next` for the number of its next piece and ends when it gets nil: after the
/// last piece, and when the task is cancelled or another worker has failed. `next` gives way to
/// other tasks first, so that they run although the workers keep every core busy.
///
/// - Returns: the first failure of a worker, or nil.
func inParallel<E: Error>(
  _ count: Int, threads: Int,
  _ worker: @escaping @Sendable (_ next: () async -> Int?) async throws(E) -> Void
) async -> E? {
  let queue = PieceCounter(count: count)
  let workers = min(threads, count)
  if workers <= 1 { return await queue.run(worker) }
  return await withTaskGroup(of: E?.self) { group in
    for _ in 0..<workers {
      group.addTask { await queue.run(worker) }
    }
    var first: E?
    for await failure in group {
      guard first == nil, let failure else { continue }
      first = failure
      group.cancelAll()
    }
    return first
  }
}

/// Hands out each number below `count` once.
private final class PieceCounter: Sendable {
  private let count: Int
  private let taken = Atomic<Int>(0)

  init(count: Int) { self.count = count }

  func run<E: Error>(
    _ worker: @Sendable (_ next: () async -> Int?) async throws(E) -> Void
  ) async -> E? {
    do throws(E) {
      try await worker {
        await Task.yield()
        if Task.isCancelled { return nil }
        let piece = self.taken.wrappingAdd(1, ordering: .relaxed).oldValue
        return piece < self.count ? piece : nil
      }
      return nil
    } catch {
      return error
    }
  }
}
