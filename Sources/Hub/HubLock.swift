// One process at a time fetches a blob: an advisory lock on a file that Python's client locks too.

import Core
import Foundation
import Network
import Storage

/// Locks of the cache.
///
/// Python's filelock takes the same `flock` on the same file and leaves the file there. The lock saves
/// work, it does not keep the cache whole: on file systems where `flock` does nothing, two processes
/// that write the same blob write the same bytes at the same places, and both check what is there
/// before it gets its name.
enum HubLock {
  /// Waits until the lock is free and takes it.
  ///
  /// - Parameters:
  ///   - file: made where there is none; it stays
  ///   - settings: how often to look
  ///   - onWait: called once when another process has it
  /// - Throws: `.system` where the file cannot be made, `.interrupted` when cancelled
  /// - Returns: the lock, taken
  static func take(
    _ file: URL, _ settings: HubSettings, onWait: () -> Void
  ) async throws(Failure) -> FileLock {
    var hasWaited = false
    while true {
      if let lock = try FileLock.attempt(file) { return lock }
      if !hasWaited { onWait() }
      hasWaited = true
      do {
        try await settings.patience.sleep(settings.lockPause)
      } catch {
        throw Failure(
          .interrupted, FilePaths.display(file), "stopped while waiting for another process")
      }
    }
  }
}
