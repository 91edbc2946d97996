// Reading folders of results: every model, every revision, every task, nothing skipped silently.

package import Core
package import Foundation

/// What was found in one or more folders of results.
package struct ResultScan: Sendable {
  /// One entry per model, sorted by name; revisions united.
  package var models: [ModelResults] = []
  package var filesRead = 0
  /// Files that are no results, with the reason.
  package var refused: [Failure] = []

  /// Reads every `<model>/<revision>/<Task>.json` below the roots.
  ///
  /// Where a model has a task more than once, the newest result wins (by its date, then by its
  /// revision's name), whatever folder it lies in.
  ///
  /// - Throws: `.missing` when a root is not there. Bad files are listed in `refused` instead.
  package init(roots: [URL]) throws(Failure) {
    var found: [String: [String: (result: TaskResult, revision: String)]] = [:]
    for root in roots {
      guard FilePaths.kind(of: root) == .folder else {
        throw Failure(
          .missing, FilePaths.display(root), "there is no such results folder",
          hint: "run borda evaluate first, or name the folder with --results")
      }
      for model in Self.folders(in: root) {
        for revision in Self.folders(in: model) {
          let name = Self.modelName(of: revision) ?? Self.name(ofFolder: model)
          for file in Self.resultFiles(in: revision) {
            filesRead += 1
            do throws(Failure) {
              let result = try ResultStore.read(file)
              let old = found[name]?[result.taskName]
              let new = (result, revision.lastPathComponent)
              if let old, !Self.isNewer(new, than: old) { continue }
              found[name, default: [:]][result.taskName] = new
            } catch {
              refused.append(error)
            }
          }
        }
      }
    }
    for (name, tasks) in found.sorted(by: { $0.key < $1.key }) {
      let sorted = tasks.sorted { $0.key < $1.key }.map(\.value)
      models.append(
        ModelResults(
          model: name, revisions: Set(sorted.map(\.revision)).sorted(),
          results: sorted.map(\.result)))
    }
  }

  private typealias Found = (result: TaskResult, revision: String)

  private static func isNewer(_ new: Found, than old: Found) -> Bool {
    (new.result.date ?? 0, new.revision) > (old.result.date ?? 0, old.revision)
  }

  static func folders(in folder: URL) -> [URL] {
    contents(of: folder).filter { FilePaths.kind(of: $0) == .folder }
  }

  static func resultFiles(in folder: URL) -> [URL] {
    contents(of: folder).filter {
      $0.pathExtension == "json" && $0.lastPathComponent != "model_meta.json"
    }
  }

  /// Sorted, hidden files left out; an unreadable folder counts as empty.
  private static func contents(of folder: URL) -> [URL] {
    let names =
      (try? FileManager.default.contentsOfDirectory(
        atPath: folder.path(percentEncoded: false))) ?? []
    return names.filter { !$0.hasPrefix(".") }.sorted().map { folder.appending(path: $0) }
  }

  static func modelName(of revision: URL) -> String? {
    try? ResultStore.json(revision.appending(path: "model_meta.json"))["name"]?.string
  }

  static func name(ofFolder folder: URL) -> String {
    folder.lastPathComponent.replacing("__", with: "/", maxReplacements: 1)
  }
}
