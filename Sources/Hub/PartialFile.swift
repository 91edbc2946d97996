// A blob that is being fetched: `<etag>.incomplete`, which a later run goes on with.

import Core
import Crypto
import Foundation
import Storage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The bytes of a file that are there so far; stays on the disk when it is let go unfinished.
final class PartialFile {
  /// Bytes from the start that are there.
  private(set) var count = 0
  private let path: String
  /// How messages name it.
  private let name: String
  private var descriptor: Int32 = -1

  /// Opens what an earlier run left, or makes a new file.
  ///
  /// - Parameters:
  ///   - url: the file
  ///   - name: what messages call it
  ///   - resumes: whether what is there may be kept
  /// - Throws: `.system` with what the operating system said
  init(_ url: URL, name: String, resumes: Bool) throws(Failure) {
    path = url.path(percentEncoded: false)
    self.name = name
    if !resumes { unlink(path) }
    try open()
    let end = lseek(descriptor, 0, SEEK_END)
    guard end >= 0 else { throw NewFile.refused(name, "cannot be read in the cache") }
    count = Int(end)
  }

  deinit { close() }

  private func open() throws(Failure) {
    #if canImport(Glibc)
      descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o666)
    #elseif canImport(Musl)
      descriptor = Musl.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o666)
    #else
      descriptor = Darwin.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o666)
    #endif
    guard descriptor >= 0 else { throw NewFile.refused(name, "cannot be written to the cache") }
  }

  private func close() {
    guard descriptor >= 0 else { return }
    #if canImport(Glibc)
      _ = Glibc.close(descriptor)
    #elseif canImport(Musl)
      _ = Musl.close(descriptor)
    #else
      _ = Darwin.close(descriptor)
    #endif
    descriptor = -1
  }

  /// Begins again with an empty file.
  ///
  /// A new file rather than a shortened one: another process that also writes, where locks do nothing,
  /// keeps its own.
  func restart() throws(Failure) {
    guard count > 0 else { return }
    close()
    unlink(path)
    try open()
    count = 0
  }

  /// Writes bytes behind those that are there.
  ///
  /// - Throws: `.system`, for instance for a full disk; what was written before stays.
  func append(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
    var done = 0
    while done < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
      let written = pwrite(descriptor, rest.baseAddress, rest.count, off_t(count))
      if written < 0 {
        if errno == EINTR { continue }
        throw NewFile.refused(name, "cannot be written to the cache")
      }
      done += written
      count += written
    }
  }

  /// Whether the bytes are the ones that the hub speaks of.
  func matches(_ check: ContentCheck) throws(Failure) -> Bool {
    switch check {
    case .none: true
    case .sha256(let hash): try ContentHash.of(file: URL(filePath: path)) == hash
    case .gitObject(let hash): try gitObject() == hash
    }
  }

  /// SHA-1 of `blob <size>\0` and the bytes: git's name for a file.
  private func gitObject() throws(Failure) -> String {
    var hash = Insecure.SHA1()
    hash.update(data: Array("blob \(count)\0".utf8))
    do {
      let handle = try FileHandle(forReadingFrom: URL(filePath: path))
      defer { try? handle.close() }
      var block: [UInt8] = []
      while try handle.readBlock(into: &block) { hash.update(data: block) }
    } catch {
      throw Failure(
        .system, name, "cannot be read back from the cache", hint: "check the disk",
        cause: error.localizedDescription)
    }
    return hash.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// Flushes the file and gives it its name.
  ///
  /// - Throws: `.system`; `.tryAgain` where another process, unseen by locks, put its own file here
  func finish(as blob: URL) throws(Failure) {
    guard fsync(descriptor) == 0 else {
      throw NewFile.refused(name, "cannot be flushed to the disk")
    }
    var mine = stat()
    var there = stat()
    guard fstat(descriptor, &mine) == 0, stat(path, &there) == 0, mine.st_ino == there.st_ino,
      Int(there.st_size) == count
    else {
      throw Failure(
        .tryAgain, name, "another process changed it while it was fetched",
        hint: "run the same command again")
    }
    close()
    try HubCache.move(path, to: blob)
  }
}

/// What the content of a file can be checked against.
enum ContentCheck: Hashable, Sendable {
  case sha256(String)
  /// The hash of git's object, for files that are not in large-file storage.
  case gitObject(String)
  case none
}
