// A lock among processes: an advisory lock on a file, which the system releases when its holder ends,
// however it ends.

package import Core
package import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A lock on a file, held until `release`.
package final class FileLock {
  private let path: String
  private var descriptor: Int32

  private init(_ path: String, _ descriptor: Int32) {
    self.path = path
    self.descriptor = descriptor
  }

  deinit { release() }

  /// Takes the lock if it is free.
  ///
  /// On file systems without locks everybody gets it.
  ///
  /// - Parameter file: made where there is none, with the folders above it.
  /// - Throws: `.system` where the file cannot be made.
  /// - Returns: the lock, taken; nil while somebody else has it.
  package static func attempt(_ file: URL) throws(Failure) -> FileLock? {
    try AtomicFile.makeFolder(file.deletingLastPathComponent())
    let path = file.path(percentEncoded: false)
    // Writable for the group: folders are shared among users.
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o664)
    guard descriptor >= 0 else {
      throw NewFile.refused(FilePaths.display(file), "the lock cannot be made")
    }
    let lock = FileLock(path, descriptor)
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      switch errno {
      case EINTR: continue
      case EWOULDBLOCK, EACCES: return nil
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

  /// Gives the lock back; its file stays for the next one.
  package func release() {
    guard descriptor >= 0 else { return }
    flock(descriptor, LOCK_UN)
    close(descriptor)
    descriptor = -1
  }

  /// Removes the file while the lock is still held, so that nobody loses one that they have just got,
  /// and gives the lock back.
  package func releaseAndRemove() {
    guard descriptor >= 0 else { return }
    unlink(path)
    release()
  }
}
