// The folder that a report is written into: what an earlier report left there goes, what is the
// user's stays.

import Core
import Dispatch
import Foundation
import Leaderboard
import Storage
import Synchronization

/// A folder with a list of the files that Borda wrote into it, so that nothing else is ever removed
/// or written over.
struct ReportFolder {
  /// The list of written files with their hashes, which is a file of the report too.
  static let manifest = ".borda-report.json"
  private static let schema = 1
  /// What reports were before they had a list.
  private static let firstFiles = [
    "index.html", "report.md", "ranking.csv", "languages.csv", "tasks.csv", "board.json",
  ]
  let folder: URL

  /// Writes the files, in parallel, and removes those of an earlier report that are none of these.
  ///
  /// A page of an earlier report that was changed since stays.
  ///
  /// - Throws: `.usage` for a file in the way that Borda did not write; `.system` for what the
  ///   operating system refuses.
  func write(_ files: [ReportPage.File]) throws(Failure) {
    try AtomicFile.makeFolder(folder)
    let known = try written()
    try checkFree(files.map(\.path), known: known)
    for name in Set(files.map { $0.path.split(separator: "/").dropLast().joined(separator: "/") })
    where !name.isEmpty {
      try AtomicFile.makeFolder(folder.appending(path: name))
    }
    // Listed before they are written: a run that is stopped leaves nothing that nobody knows of.
    let planned = Dictionary(files.map { ($0.path, "") }, uniquingKeysWith: { $1 })
    try write(list: known.merging(planned) { old, _ in old })
    let hashes = try writeAll(files)
    let list = Dictionary(zip(files.map(\.path), hashes), uniquingKeysWith: { $1 })
    let stale = known.filter { list[$0.key] == nil }
    for (path, hash) in stale { remove(path, hash: hash) }
    try write(list: list)
  }

  private func writeAll(_ files: [ReportPage.File]) throws(Failure) -> [String] {
    let folder = folder
    let outcomes = Mutex([Result<String, Failure>?](repeating: nil, count: files.count))
    DispatchQueue.concurrentPerform(iterations: files.count) { place in
      let hasFailed = outcomes.withLock { outcomes in
        outcomes.contains { if case .failure = $0 { true } else { false } }
      }
      guard !hasFailed else { return }
      let outcome = Result { () throws(Failure) in
        let bytes = Array(files[place].contents().utf8)
        try AtomicFile.write(bytes, to: folder.appending(path: files[place].path))
        return ContentHash.of(bytes)
      }
      outcomes.withLock { $0[place] = outcome }
    }
    let all = outcomes.withLock { $0 }
    for case .failure(let failure) in all { throw failure }
    return all.map { outcome in
      if case .success(let hash) = outcome { hash } else { "" }
    }
  }

  /// Paths that an earlier report wrote, with hashes of their contents; an empty hash is unknown.
  private func written() throws(Failure) -> [String: String] {
    let file = folder.appending(path: Self.manifest)
    guard let data = try? Data(contentsOf: file) else { return firstReport }
    do {
      let json = try JSON(parsing: String(decoding: data, as: UTF8.self))
      guard json["schema"]?.integer == Self.schema, let files = json["files"]?.members else {
        return [:]
      }
      return Dictionary(
        files.entries.filter { FilePaths.staysBelow($0.key) }.map {
          ($0.key, $0.value.string ?? "")
        },
        uniquingKeysWith: { $1 })
    } catch {
      throw Failure(
        .malformed, FilePaths.display(file), "the list of the report's files cannot be read",
        hint: "choose another --out, or remove this file and the report beside it",
        cause: error.description)
    }
  }

  /// The files of a report from before there was a list: there where a board is.
  private var firstReport: [String: String] {
    guard
      let data = try? Data(contentsOf: folder.appending(path: "board.json")),
      let json = try? JSON(parsing: String(decoding: data, as: UTF8.self)),
      json["schema"] != nil, json["benchmark"] != nil
    else { return [:] }
    return Dictionary(Self.firstFiles.map { ($0, "") }, uniquingKeysWith: { $1 })
  }

  private func checkFree(_ paths: [String], known: [String: String]) throws(Failure) {
    for path in paths where known[path] == nil {
      let file = folder.appending(path: path)
      guard FilePaths.kind(of: file) != nil else { continue }
      throw Failure(
        .usage, FilePaths.display(file), "is there already, and no report of borda's wrote it",
        hint: "choose another --out, or move this file away")
    }
  }

  /// Removes a file that is still as it was written, and its folder where nothing else is in it.
  private func remove(_ path: String, hash: String) {
    let file = folder.appending(path: path)
    guard !hash.isEmpty, (try? ContentHash.of(file: file)) == hash else { return }
    unlink(file.path(percentEncoded: false))
    let parent = file.deletingLastPathComponent()
    if path.contains("/") { rmdir(parent.path(percentEncoded: false)) }
  }

  private func write(list: [String: String]) throws(Failure) {
    let files = list.sorted { $0.key < $1.key }.map { ($0.key, JSON.string($0.value)) }
    let json = JSON.object([("schema", .integer(Self.schema)), ("files", .object(files))])
    try AtomicFile.write(json.pretty + "\n", to: folder.appending(path: Self.manifest))
  }
}
