// Where a merge is written: a hidden folder beside its target, renamed into place at the very end.

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

/// A folder that appears whole or not at all.
///
/// It goes with the object unless `finish` is reached. Only a process that is killed outright leaves
/// it behind, as `.<name>.<process>.<number>.tmp`.
final class MergePlace {
  private let target: URL
  private let temporary: URL
  private var isFinished = false

  /// Makes the hidden folder.
  ///
  /// - Parameters:
  ///   - target: the folder to come; made by renaming, so it must not be there or be empty.
  ///   - bytes: how many will be written, to find out early that the disk is too small.
  ///   - parents: none of them may be the target.
  /// - Throws: `.usage` for a target that is taken; `.system` for one that cannot be written.
  init(for target: URL, bytes: Int, besides parents: [ParentFolder]) throws(Failure) {
    let name = FilePaths.display(target)
    switch FilePaths.kind(of: target) {
    case nil: break
    case .file:
      throw Failure(.usage, name, "is a file", hint: "name a new folder with --out")
    case .folder:
      let path = target.path(percentEncoded: false)
      guard let names = try? FileManager.default.contentsOfDirectory(atPath: path), names.isEmpty
      else {
        let isParent = parents.contains { $0.url.standardizedFileURL == target.standardizedFileURL }
        throw Failure(
          .usage, name, isParent ? "is one of the parents" : "is there already and not empty",
          hint: "name a new folder with --out, or remove this one; a merge replaces nothing")
      }
    }
    self.target = target
    let parent = target.standardizedFileURL.deletingLastPathComponent()
    try AtomicFile.makeFolder(parent)
    try Self.checkSpace(in: parent, bytes)
    let last = target.standardizedFileURL.lastPathComponent
    temporary = parent.appending(
      path: ".\(last).\(getpid()).\(UInt32.random(in: 0 ... .max)).tmp")
    try AtomicFile.makeFolder(temporary)
  }

  deinit {
    if !isFinished { try? FileManager.default.removeItem(at: temporary) }
  }

  /// A folder below, made where it is not there.
  func folder(_ path: String) throws(Failure) -> URL {
    guard !path.isEmpty else { return temporary }
    let folder = temporary.appending(path: path)
    try AtomicFile.makeFolder(folder)
    return folder
  }

  func write(_ text: String, to path: String) throws(Failure) {
    try write(Array(text.utf8), to: path)
  }

  func write(_ bytes: [UInt8], to path: String) throws(Failure) {
    try AtomicFile.write(bytes, to: temporary.appending(path: path))
  }

  /// Renames the folder into its place.
  func finish() throws(Failure) {
    // An empty folder is replaced by the rename; one that has filled up meanwhile is refused.
    let paths = [temporary, target.standardizedFileURL].map { url in
      let path = url.path(percentEncoded: false)
      return path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }
    guard rename(paths[0], paths[1]) == 0 else {
      throw NewFile.refused(FilePaths.display(target), "cannot be put in its place")
    }
    isFinished = true
  }

  private static func checkSpace(in folder: URL, _ bytes: Int) throws(Failure) {
    let facts = try? FileManager.default.attributesOfFileSystem(
      forPath: folder.path(percentEncoded: false))
    guard let free = (facts?[.systemFreeSize] as? NSNumber)?.intValue, free < bytes else { return }
    throw Failure(
      .system, FilePaths.display(folder), "has \(free) bytes free, but the merge takes \(bytes)",
      hint: "free some space, or choose another disk with --out")
  }
}
