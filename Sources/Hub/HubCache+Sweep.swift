// What transfers left that nobody goes on with: found by age, and by a lock that nobody holds.

import Core
import Foundation
import Storage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension HubCache {
  /// Removes `.incomplete` files of every repository that were last written long ago and whose lock is
  /// free.
  ///
  /// Only saves space, so what cannot be removed stays without a word.
  ///
  /// - Parameters:
  ///   - age: since the last byte was written
  ///   - now: seconds since 1970
  /// - Returns: how many files went, and their bytes
  func sweep(
    olderThan age: Duration, now: Double = Date().timeIntervalSince1970
  ) -> (files: Int, bytes: Int) {
    var swept = (files: 0, bytes: 0)
    for folder in Self.names(in: root) where folder.contains("--") {
      let blobs = root.appending(path: "\(folder)/blobs")
      for name in Self.names(in: blobs) where name.hasSuffix(Self.partialSuffix) {
        let file = blobs.appending(path: name).path(percentEncoded: false)
        // A partial file is the blob's name, with newer Python clients something behind it.
        let blob = name.prefix { $0 != "." }
        let lock = root.appending(path: ".locks/\(folder)/\(blob).lock")
        guard let size = Self.size(of: file, olderThan: age, now) else { continue }
        var held: FileLock?
        if FilePaths.kind(of: lock) == .file {
          held = (try? FileLock.attempt(lock)) ?? nil
          if held == nil { continue }
        }
        // Again under the lock: its holder may just have finished.
        if Self.size(of: file, olderThan: age, now) != nil, unlink(file) == 0 {
          swept.files += 1
          swept.bytes += size
        }
        held?.release()
      }
    }
    return swept
  }

  private static func names(in folder: URL) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false)))?
      .sorted() ?? []
  }

  /// The size of a regular file that is old enough; nil for anything else.
  private static func size(of file: String, olderThan age: Duration, _ now: Double) -> Int? {
    var facts = stat()
    guard lstat(file, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else { return nil }
    #if canImport(Darwin)
      let written = facts.st_mtimespec.tv_sec
    #else
      let written = facts.st_mtim.tv_sec
    #endif
    return now - Double(written) > Double(age.components.seconds) ? Int(facts.st_size) : nil
  }
}
