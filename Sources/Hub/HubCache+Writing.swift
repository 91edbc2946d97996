// Putting things into the cache so that no reader, whatever program it is, ever sees half of one:
// everything is made under another name and renamed.

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
  /// Notes which commit a branch or tag means now.
  ///
  /// Only saves a later question, so a cache that cannot be written to is no failure.
  func note(_ commit: String, for repository: HubRepository) {
    guard repository.revision != commit else { return }
    let ref = folder(of: repository).appending(path: "refs/\(repository.revision)")
    if (try? String(contentsOf: ref, encoding: .utf8)) == commit { return }
    try? AtomicFile.write(commit, to: ref)
  }

  /// Notes that a commit has no such file; as above.
  func noteAbsence(of path: String, _ repository: HubRepository, _ commit: String) {
    guard ServerName.isSafePath(path) else { return }
    let mark = absence(path, repository, commit)
    if FilePaths.kind(of: mark) == nil { try? AtomicFile.write("", to: mark) }
  }

  /// Makes the folders that a blob needs, and the mark that keeps caches out of backups.
  func prepare(for repository: HubRepository) throws(Failure) {
    try AtomicFile.makeFolder(folder(of: repository).appending(path: "blobs"))
    let tag = root.appending(path: "CACHEDIR.TAG")
    guard FilePaths.kind(of: tag) == nil else { return }
    // The first line is fixed by the Cache Directory Tagging Specification.
    let text = "Signature: 8a477f597d28d172789f06886806bc55\n# A cache of files from a hub.\n"
    try? AtomicFile.write(text, to: tag)
  }

  /// Lets a snapshot show a blob under its path.
  ///
  /// A relative link; where the file system has none or the user wants none, the file itself: moved
  /// when nothing else can know the blob yet, copied otherwise.
  ///
  /// - Throws: `.system` naming the file in the snapshot
  func show(_ blob: URL, at pointer: URL, isNew: Bool) throws(Failure) {
    try AtomicFile.makeFolder(pointer.deletingLastPathComponent())
    if usesLinks {
      let depth = pointer.pathComponents.count - blob.pathComponents.count
      // blobs/<name> and snapshots/<commit>/<path> branch at the repository's folder.
      let target = String(repeating: "../", count: depth + 1) + "blobs/" + blob.lastPathComponent
      let temporary = Self.temporaryName(beside: pointer)
      if symlink(target, temporary) == 0 { return try Self.move(temporary, to: pointer) }
      guard [EPERM, EACCES, ENOTSUP, EOPNOTSUPP, ENOSYS].contains(errno) else {
        throw NewFile.refused(FilePaths.display(pointer), "the link cannot be made")
      }
    }
    if isNew { return try Self.move(blob.path(percentEncoded: false), to: pointer) }
    let temporary = Self.temporaryName(beside: pointer)
    do {
      try FileManager.default.copyItem(atPath: blob.path(percentEncoded: false), toPath: temporary)
    } catch {
      unlink(temporary)
      throw Failure(
        .system, FilePaths.display(pointer), "cannot be copied from the cache's blobs",
        hint: "see that the disk has room and the folder can be written to",
        cause: error.localizedDescription)
    }
    try Self.move(temporary, to: pointer)
  }

  private static func temporaryName(beside file: URL) -> String {
    let name = ".\(file.lastPathComponent.prefix(100)).\(UInt32.random(in: 0 ... .max)).tmp"
    return file.deletingLastPathComponent().appending(path: name).path(percentEncoded: false)
  }

  static func move(_ old: String, to file: URL) throws(Failure) {
    guard rename(old, file.path(percentEncoded: false)) == 0 else {
      let failure = NewFile.refused(FilePaths.display(file), "cannot be put into the cache")
      unlink(old)
      throw failure
    }
  }

  /// Bytes that a user may still write to the disk of the cache; nil where nobody knows.
  package func freeSpace() -> Int? {
    var place = root
    while FilePaths.kind(of: place) == nil, place.pathComponents.count > 1 {
      place.deleteLastPathComponent()
    }
    return DiskSpace.of(place)?.free
  }
}
