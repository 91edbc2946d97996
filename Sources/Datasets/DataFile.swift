// A data file on disk: that it is a regular file, opened without waiting, and that it stays the same
// while it is read.

import Core
import Foundation

/// What the system says of a regular file at one moment.
struct DataFile: Sendable, Equatable {
  /// In bytes.
  let size: Int
  private let device: UInt64
  private let inode: UInt64
  /// Seconds and nanoseconds since 1970.
  private let modified: [Int]

  /// Looks at a file, links followed.
  ///
  /// - Throws: `.missing` where nothing is, `.malformed` for what is no regular file (a folder, a
  ///   pipe, a device, links in a circle), `.system` for what may not be looked at
  init(_ file: URL) throws(Failure) {
    var facts = stat()
    guard stat(file.path(percentEncoded: false), &facts) == 0 else {
      throw Self.failure(file, errno)
    }
    try self.init(facts, of: file)
  }

  private init(_ facts: stat, of file: URL) throws(Failure) {
    let kind: String? =
      switch facts.st_mode & S_IFMT {
      case S_IFREG: nil
      case S_IFDIR: "a folder"
      case S_IFIFO: "a named pipe"
      case S_IFSOCK: "a socket"
      default: "a device"
      }
    if let kind {
      throw Failure(
        .malformed, FilePaths.display(file), "is \(kind), not a file",
        hint: "put the data into a regular file of that name")
    }
    size = Int(facts.st_size)
    device = UInt64(facts.st_dev)
    inode = UInt64(facts.st_ino)
    #if canImport(Darwin)
      let time = facts.st_mtimespec
    #else
      let time = facts.st_mtim
    #endif
    modified = [Int(time.tv_sec), Int(time.tv_nsec)]
  }

  /// Opens a file for reading; a pipe is refused and not waited for.
  static func open(_ file: URL) throws(Failure) -> FileHandle {
    let path = file.path(percentEncoded: false)
    var descriptor: Int32
    repeat {
      descriptor = Foundation.open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    } while descriptor < 0 && errno == EINTR
    guard descriptor >= 0 else { throw failure(file, errno) }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    var facts = stat()
    guard fstat(descriptor, &facts) == 0 else { throw failure(file, errno) }
    _ = try DataFile(facts, of: file)
    return handle
  }

  /// - Throws: `.tryAgain` if the file is another one by now, or has been written to.
  func requireUnchanged(_ file: URL) throws(Failure) {
    guard try DataFile(file) == self else {
      throw Failure(
        .tryAgain, FilePaths.display(file), "was changed while it was being read",
        hint: "wait until whatever writes it has finished, then run the same command again")
    }
  }

  private static func failure(_ file: URL, _ code: Int32) -> Failure {
    let name = FilePaths.display(file)
    var facts = stat()
    let isLink =
      lstat(file.path(percentEncoded: false), &facts) == 0 && facts.st_mode & S_IFMT == S_IFLNK
    switch code {
    case ELOOP:
      return Failure(
        .malformed, name, "is a link that leads back to itself", hint: "put the file itself there")
    case ENOENT where isLink:
      return Failure(
        .missing, name, "is a link to a file that is not there",
        hint: "download the data set again, or put the file itself there")
    case ENOENT, ENOTDIR:
      return Failure(.missing, name, "no such data file", hint: "download the data set again")
    default:
      return Failure(
        .system, name, "cannot be read", hint: "check its permissions",
        cause: String(cString: strerror(code)))
    }
  }
}
