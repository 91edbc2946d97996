// No path leaves the checkpoint: neither one that a file names nor a symbolic link. Links into the
// blobs of a hub cache are how caches store snapshots, and are followed.

import Core
import Foundation

/// The places that files of one checkpoint may lie in.
struct CheckpointBoundary {
  /// The folder with every link resolved.
  private let root: String
  /// Names whose contents the engine may read.
  private static let extensions: Set<String> = ["json", "safetensors", "txt", "model"]

  init(_ folder: URL) {
    root = Self.resolved(folder)
  }

  private static func resolved(_ url: URL) -> String {
    let path = url.resolvingSymlinksInPath().standardizedFileURL.path(percentEncoded: false)
    return path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
  }

  /// A module's folder below the checkpoint's.
  ///
  /// - Throws: `Failure` for a path that is absent, leads outside, or is a link that does; also for
  ///   a file in it that is such a link.
  func folder(
    _ path: String?, of place: Int, in folder: URL, _ file: String
  ) throws(Failure) -> URL {
    guard let path else { throw Failure(.malformed, file, "module \(place) has no path") }
    if path.isEmpty || path == "." { return folder }
    let components = path.split(separator: "/", omittingEmptySubsequences: false)
    guard !path.hasPrefix("/"), !path.contains("\\"), !path.contains("\0"),
      !components.dropLast().contains(""), !components.contains("..")
    else {
      throw Failure(
        .malformed, file, "module \(place): the path '\(path)' leads outside the checkpoint")
    }
    let url = folder.appending(path: path)
    try check(url)
    try checkFiles(in: url)
    return url
  }

  /// Checks everything in a folder that could be read as part of the checkpoint.
  ///
  /// A folder that is not there holds nothing to check.
  func checkFiles(in folder: URL) throws(Failure) {
    let path = folder.path(percentEncoded: false)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    for name in names.sorted() {
      let file = folder.appending(path: name)
      if Self.extensions.contains(file.pathExtension) { try check(file) }
    }
    for shard in Self.shards(in: folder) { try check(folder.appending(path: shard)) }
  }

  /// The files of weights that an index names, as far as it can be read.
  private static func shards(in folder: URL) -> Set<String> {
    let index = folder.appending(path: "model.safetensors.index.json")
    let map = (try? ConfigFile(index))?["weight_map"]?.members
    return Set((map?.entries ?? []).compactMap(\.value.string)).filter { $0.contains("/") }
  }

  /// What is not there, or leads nowhere, is for the reader to miss.
  private func check(_ url: URL) throws(Failure) {
    guard FilePaths.kind(of: url) != nil else { return }
    let target = Self.resolved(url)
    if target == root || target.hasPrefix(root + "/") || Self.isBlob(target) { return }
    throw Failure(
      .malformed, FilePaths.display(url),
      "is a symbolic link that leads outside the checkpoint, to \(target)",
      hint: "put the file itself there, or name the folder where it lies")
  }

  /// `models--org--name/blobs/<hash>`, or `blobs/<two digits>/<hash>`, the store that newer caches
  /// share among models.
  private static func isBlob(_ path: String) -> Bool {
    let parts = path.split(separator: "/").suffix(3).map(String.init)
    guard parts.count == 3 else { return false }
    let isHash = parts[2].count >= 40 && parts[2].allSatisfy(\.isHexDigit)
    let isShared = parts[0] == "blobs" && parts[1].count == 2 && parts[2].hasPrefix(parts[1])
    return isHash && (parts[0].hasPrefix("models--") && parts[1] == "blobs" || isShared)
  }
}
