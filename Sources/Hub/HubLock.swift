// One process at a time fetches a blob: an advisory lock on a file that Python's client locks too.

import Core
import Foundation
import Network
import Storage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A lock of the cache, held until `release`.
///
/// Python's filelock takes the same `flock` on the same file and leaves the file there. The lock saves
/// work, it does not keep the cache whole: on file systems where `flock` does nothing, two processes
/// that write the same blob write the same bytes at the same places, and both check what is there
/// before it gets its name.
final class HubLock {
  private var descriptor: Int32

  private init(_ descriptor: Int32) { self.descriptor = descriptor }

  deinit { release() }

  func release() {
    guard descriptor >= 0 else { return }
    flock(descriptor, LOCK_UN)
    close(descriptor)
    descriptor = -1
  }

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
  ) async throws(Failure) -> HubLock {
    try AtomicFile.makeFolder(file.deletingLastPathComponent())
    var hasWaited = false
    while true {
      if let lock = try attempt(file) { return lock }
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

  /// nil while somebody else has the lock.
  private static func attempt(_ file: URL) throws(Failure) -> HubLock? {
    let path = file.path(percentEncoded: false)
    // Writable for the group, as Python's client makes it: caches are shared among users.
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o664)
    guard descriptor >= 0 else {
      throw NewFile.refused(FilePaths.display(file), "the lock cannot be made")
    }
    let lock = HubLock(descriptor)
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      switch errno {
      case EINTR: continue
      case EWOULDBLOCK, EACCES: return nil
      // No locks on this file system; see above for why that is bearable.
      default: return lock
      }
    }
    // Somebody may have removed the file between opening and locking; then it protects nothing.
    var mine = stat()
    var there = stat()
    guard fstat(descriptor, &mine) == 0, stat(path, &there) == 0, mine.st_ino == there.st_ino
    else { return nil }
    return lock
  }
}
