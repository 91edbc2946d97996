// Ctrl-C and its relatives: the first asks the work to finish its batch and save, the second ends
// the process.

import Core
import Foundation
import Synchronization

/// Signals received so far; written by the handler, which may do nothing else.
private let received = Atomic<Int>(0)

enum Interruption {
  /// SIGUSR1 is what Slurm sends ahead of a time limit.
  private static let signals = [SIGINT, SIGTERM, SIGUSR1]

  /// Runs work that the first signal cancels and the second one ends at once, with exit code 130.
  static func watching<T: Sendable>(
    _ work: @escaping @Sendable () async throws -> T
  ) async throws -> T {
    for number in signals {
      signal(number) { _ in
        if received.add(1, ordering: .relaxed).newValue > 1 { _exit(130) }
      }
    }
    let task = Task { try await work() }
    let watcher = Task {
      while !Task.isCancelled {
        if received.load(ordering: .relaxed) > 0 {
          Terminal.note("\nstopping after the batch in hand; once more to stop at once")
          task.cancel()
          return
        }
        try? await Task.sleep(for: .milliseconds(50))
      }
    }
    defer { watcher.cancel() }
    return try await task.value
  }
}
