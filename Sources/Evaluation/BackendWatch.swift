// When a run ends early: a model that has failed in the same way for several tasks in a row will fail
// for the rest too.

import Core

/// Counts failures of the embedder between successes.
struct BackendWatch {
  /// How many tasks in a row.
  static let patience = 3

  private var last: Failure?
  private var count = 0

  /// Something was embedded and scored.
  mutating func succeed() {
    last = nil
    count = 0
  }

  /// A task failed because its texts could not be embedded.
  ///
  /// Failures are the same if they are equal, or if all of them say to try again later, in whatever
  /// words.
  ///
  /// - Returns: whether it is time to give up.
  mutating func fail(_ failure: Failure) -> Bool {
    let isSame = failure == last || (failure.code == .tryAgain && last?.code == .tryAgain)
    count = isSame ? count + 1 : 1
    last = failure
    return count >= Self.patience
  }
}
