// Ctrl-C and its relatives: the first asks the work to finish its batch and save, the second ends
// the process.

import Core
import Foundation
import Synchronization

/// Milliseconds on a clock when the first signal came; 0 before.
///
/// Written by the handler, which may do nothing that takes a lock or memory.
private let firstSignal = Atomic<Int>(0)
/// Whether there is work that saves what it has when it is cancelled.
private let isWatching = Atomic<Bool>(false)

/// Signals that come together are one: `timeout` and others send theirs to the process and to its
/// group.
private let togetherMilliseconds = 100

private func receive(_ signal: Int32) {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  let now = Int(time.tv_sec) * 1000 + Int(time.tv_nsec) / 1_000_000
  let (isFirst, first) = firstSignal.compareExchange(
    expected: 0, desired: now, ordering: .relaxed)
  if isFirst, isWatching.load(ordering: .relaxed) { return }
  if !isFirst, now - first <= togetherMilliseconds { return }
  let words: StaticString = "\nstopped at once\n"
  _ = words.withUTF8Buffer { write(STDERR_FILENO, $0.baseAddress, $0.count) }
  _exit(130)
}

/// Whether watched work has ended.
private final class Ending: Sendable {
  let isOver = Atomic<Bool>(false)
}

enum Interruption {
  /// SIGUSR1 is what Slurm sends ahead of a time limit, SIGHUP what a closed terminal sends.
  private static let signals = [SIGINT, SIGTERM, SIGUSR1, SIGHUP]

  /// From now on a signal ends the process with exit code 130, whichever it is.
  ///
  /// For commands that load a model before there is anything to save.
  static func arm() {
    // Made here, so that the handler does not make them.
    _ = (firstSignal.load(ordering: .relaxed), isWatching.load(ordering: .relaxed))
    for number in signals where !(number == SIGHUP && isIgnored(number)) {
      signal(number, receive)
    }
  }

  /// Whether somebody wants the process to live on: `nohup` does that.
  private static func isIgnored(_ number: Int32) -> Bool {
    let old = signal(number, SIG_IGN)
    let ignored = unsafeBitCast(old, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    if !ignored { signal(number, old) }
    return ignored
  }

  /// Runs work that the first signal cancels and the second one ends at once, with exit code 130.
  static func watching<T: Sendable>(
    _ work: @escaping @Sendable () async throws -> T
  ) async throws -> T {
    arm()
    isWatching.store(true, ordering: .relaxed)
    let task = Task { try await work() }
    let ending = Ending()
    // A thread of its own: scoring may keep those of all tasks busy for minutes.
    Thread.detachNewThread {
      while !ending.isOver.load(ordering: .relaxed) {
        if firstSignal.load(ordering: .relaxed) > 0 {
          task.cancel()
          Terminal.note("\nstopping after the batch in hand; once more to stop at once")
          return
        }
        Thread.sleep(forTimeInterval: 0.02)
      }
    }
    defer {
      ending.isOver.store(true, ordering: .relaxed)
      isWatching.store(false, ordering: .relaxed)
    }
    return try await task.value
  }
}
