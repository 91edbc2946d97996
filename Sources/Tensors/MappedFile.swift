// A read-only file in memory: opened without blocking, checked to be a regular file, mapped whole.
// The only file of the package that asks the operating system for memory maps.

package import Core
package import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A file's bytes, mapped into memory for as long as this object lives.
///
/// The map is private and read-only. Replacing the file by a rename leaves it untouched; whoever
/// shortens the file in place ends the process at the next read of a lost page (SIGBUS), and
/// whoever rewrites it in place changes what is read.
package final class MappedFile: @unchecked Sendable {
  /// The file, as messages name it.
  package let name: String
  /// Bytes in the file.
  package let count: Int
  // nil for an empty file, which cannot be mapped. Never written: that is what makes it Sendable.
  private let base: UnsafeMutableRawPointer?

  /// Maps a file of at most `sizeLimit` bytes, the most that make sense for its kind.
  ///
  /// - Throws: `.missing` where there is nothing, `.malformed` for what is no regular file (a
  ///   folder, a pipe, links in a circle) or too large, `.system` for what may not be read.
  package init(_ url: URL, sizeLimit: Int = 1 << 44) throws(Failure) {
    let name = FilePaths.display(url)
    let path = url.path(percentEncoded: false)
    // O_NONBLOCK: opening a pipe that nobody writes to would wait for ever.
    var descriptor: Int32
    repeat {
      descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    } while descriptor < 0 && errno == EINTR
    guard descriptor >= 0 else { throw Self.failure(name, errno) }
    defer { close(descriptor) }

    var facts = stat()
    guard fstat(descriptor, &facts) == 0 else { throw Self.failure(name, errno) }
    guard facts.st_mode & S_IFMT == S_IFREG else {
      let kind = facts.st_mode & S_IFMT == S_IFDIR ? "a folder" : "a pipe or a device"
      throw Failure(.malformed, name, "is \(kind), not a regular file")
    }
    let count = Int(facts.st_size)
    guard count <= sizeLimit else {
      throw Failure(
        .malformed, name, "is too large: \(count) bytes, where at most \(sizeLimit) make sense")
    }
    var base: UnsafeMutableRawPointer?
    if count > 0 {
      base = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0)
      if base == MAP_FAILED { throw Self.failure(name, errno) }
    }
    self.name = name
    self.count = count
    self.base = base
  }

  deinit {
    if let base { munmap(base, count) }
  }

  /// All bytes, valid inside `body` only.
  func withBytes<R, E>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
    try body(UnsafeRawBufferPointer(start: base, count: count))
  }

  /// Where the byte at `offset` lies; valid as long as this object lives.
  func address(of offset: Int) -> UnsafeRawPointer? {
    precondition(offset <= count, "offset \(offset) in \(name) of \(count) bytes")
    return base.map { UnsafeRawPointer($0) + offset }
  }

  /// A copy of some of the bytes.
  package func bytes(_ range: Range<Int>) -> [UInt8] {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= count,
      "bytes \(range) of \(name), which has \(count)")
    return withBytes { Array($0[range]) }
  }

  /// A copy of all bytes of a small file.
  ///
  /// - Throws: as `init` does.
  package static func contents(of url: URL, sizeLimit: Int) throws(Failure) -> [UInt8] {
    let file = try MappedFile(url, sizeLimit: sizeLimit)
    return file.bytes(0..<file.count)
  }

  private static func failure(_ name: String, _ number: Int32) -> Failure {
    switch number {
    case ENOENT, ENOTDIR:
      Failure(.missing, name, "does not exist")
    case ELOOP:
      Failure(.malformed, name, "is a symbolic link that leads in a circle")
    case ENAMETOOLONG:
      Failure(.malformed, name, "has a longer name than files can have")
    default:
      Failure(.system, name, "cannot be read", cause: String(cString: strerror(number)))
    }
  }
}
