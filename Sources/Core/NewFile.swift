// A file that is being written: from its creation to the moment when it is whole on the disk. What
// the operating system refuses is said in words here, once for all writers.

package import struct Foundation.URL

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A file of one writer's own; removed again unless `finish` is reached.
package final class NewFile {
  private let path: String
  /// How messages name it.
  private let name: String
  // -1 once closed.
  private var descriptor: Int32

  /// Creates a file where there is none.
  ///
  /// - Parameters:
  ///   - url: where the bytes go.
  ///   - target: the file that messages name, where the bytes are renamed later; nil for `url`.
  /// - Throws: `.system` with what the operating system said.
  package init(creating url: URL, for target: URL? = nil) throws(Failure) {
    path = url.path(percentEncoded: false)
    name = FilePaths.display(target ?? url)
    descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Self.refused(name, "cannot be written") }
  }

  deinit { discard() }

  /// Writes bytes behind those that are there.
  ///
  /// - Throws: `.system`, for instance for a full disk.
  package func append(_ bytes: [UInt8]) throws(Failure) {
    precondition(descriptor >= 0, "\(name) was finished before")
    var done = 0
    while done < bytes.count {
      let written = bytes[done...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if written < 0 {
        if errno == EINTR { continue }
        throw Self.refused(name, "cannot be written")
      }
      done += written
    }
  }

  /// Flushes what is written so far to the disk; the file is still an unfinished one.
  package func flush() throws(Failure) {
    precondition(descriptor >= 0, "\(name) was finished before")
    guard fsync(descriptor) == 0 else {
      throw Self.refused(name, "cannot be flushed to the disk")
    }
  }

  /// Flushes the file to the disk and closes it; from now on it stays.
  package func finish() throws(Failure) {
    try flush()
    let old = descriptor
    descriptor = -1
    guard close(old) == 0 else {
      let failure = Self.refused(name, "cannot be written")
      unlink(path)
      throw failure
    }
  }

  /// Closes and removes an unfinished file; does nothing to a finished one.
  package func discard() {
    guard descriptor >= 0 else { return }
    close(descriptor)
    descriptor = -1
    unlink(path)
  }

  /// What `errno` says, as a failure about this file or folder.
  package static func refused(_ name: String, _ what: String) -> Failure {
    let code = errno
    let hint =
      switch code {
      case ENOSPC, EDQUOT:
        "free some space on this disk, then run the same command again"
      case EFBIG: "raise the limit on the size of files (ulimit -f), or write to another disk"
      default: "choose a folder you may write to"
      }
    return Failure(.system, name, what, hint: hint, cause: String(cString: strerror(code)))
  }
}
