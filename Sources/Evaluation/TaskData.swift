// Where the data of a task lie on this machine, and what they hash to.

package import Core
package import Datasets
package import Foundation
import Storage

/// Finds the data folder of a task.
package struct DataLocator: Sendable {
  /// A folder with one folder per task, for tasks whose data would come from a hub.
  package let override: URL?
  /// Reads tables that are not read natively; nil where it is not installed.
  package let duckDB: DuckDB?

  package init(override: URL? = nil, duckDB: DuckDB? = .find()) {
    self.override = override
    self.duckDB = duckDB
  }

  /// Opens a task's data and hashes every file of it.
  ///
  /// Cost: reads all files once, at the speed of SHA-256 (about 1 GB/s).
  ///
  /// - Throws: `.missing` when the data are not there, `.malformed` when a declared hash differs.
  package func open(_ task: TaskDefinition) throws(Failure) -> (data: DataFolder, hash: String) {
    let place = try place(of: task)
    let data =
      FilePaths.kind(of: place) == .file
      ? try DataFolder(
        file: place, splits: task.splits, transforms: task.transforms, duckDB: duckDB)
      : try DataFolder(place, transforms: task.transforms, duckDB: duckDB)
    let hash = try ContentHash.of(files: try data.allFiles(), below: data.root)
    if case .path(_, let declared?) = task.data, declared != hash {
      throw Failure(
        .malformed, FilePaths.display(place),
        "the data of \(task.name) hash to \(hash.prefix(12))…, its task file declares "
          + "\(declared.prefix(12))…",
        hint: "restore the data, or correct sha256 in \(FilePaths.display(task.file))")
    }
    return (data, hash)
  }

  /// The folder of a task's data, or the file where they are one.
  private func place(of task: TaskDefinition) throws(Failure) -> URL {
    if let override {
      let own = override.appending(path: task.name)
      if FilePaths.kind(of: own) == .folder { return own }
    }
    switch task.data {
    case .path(let url, _):
      guard FilePaths.kind(of: url) != nil else {
        throw Failure(
          .missing, FilePaths.display(url), "the data of \(task.name) are not there",
          hint: "correct data.path in \(FilePaths.display(task.file))")
      }
      return url
    case .hub(let repository, let revision):
      throw Failure(
        .missing, task.name, "its data are not on this machine",
        hint: "put \(repository) at revision \(revision.prefix(8)) into a folder named "
          + "\(task.name), and name the folder above it with --data")
    }
  }
}
