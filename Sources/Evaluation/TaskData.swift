// Where the data of a task lie on this machine, and what they hash to.

package import Core
package import Datasets
package import Foundation
import Storage

/// A data set of a hub as it lies on this machine, perhaps with only some of its files.
package struct HubSnapshot: Sendable {
  package let folder: URL
  package let commit: String
  /// All files of the data set; nil where nobody knows of more than those that are there.
  package let files: [String]?

  package init(folder: URL, commit: String, files: [String]?) {
    self.folder = folder
    self.commit = commit
    self.files = files
  }
}

/// Finds the data folder of a task.
package struct DataLocator: Sendable {
  /// A folder with one folder per task, for tasks whose data would come from a hub.
  package let override: URL?
  /// Reads tables that are not read natively; nil where it is not installed.
  package let duckDB: DuckDB?
  /// Where the data of a task lie that name a hub; throws where they are not on this machine.
  package var snapshot: @Sendable (TaskDefinition) throws(Failure) -> HubSnapshot = {
    task throws(Failure) in throw Self.absent(task)
  }

  package init(override: URL? = nil, duckDB: DuckDB? = .find()) {
    self.override = override
    self.duckDB = duckDB
  }

  /// The hub's data set and revision that a task reads; nil where its data are a folder here.
  package func hubSource(of task: TaskDefinition) -> (repository: String, revision: String)? {
    guard folder(in: override, of: task) == nil,
      case .hub(let repository, let revision) = task.data
    else { return nil }
    return (repository, revision)
  }

  /// What stands for the contents of a task's data, where that is known without reading them: data of
  /// a hub at a commit.
  func identity(of task: TaskDefinition) -> String? {
    guard let (repository, revision) = hubSource(of: task), Self.isCommit(revision) else {
      return nil
    }
    return Self.identity(repository, revision)
  }

  /// Opens a task's data.
  ///
  /// Every file of a folder is read once and hashed, at the speed of SHA-256 (about 1 GB/s). Data of
  /// a hub were checked when they were fetched; `hub:<repository>@<commit>` stands for them.
  ///
  /// - Throws: `.missing` when the data are not there, `.malformed` when a declared hash differs.
  package func open(_ task: TaskDefinition) throws(Failure) -> (data: DataFolder, hash: String) {
    if let (repository, _) = hubSource(of: task) {
      let snapshot = try snapshot(task)
      let data = try DataFolder(
        snapshot.folder, files: snapshot.files, transforms: task.transforms, duckDB: duckDB)
      return (data, Self.identity(repository, snapshot.commit))
    }
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

  private static func isCommit(_ revision: String) -> Bool {
    revision.utf8.count == 40
      && revision.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
  }

  private static func identity(_ repository: String, _ commit: String) -> String {
    "hub:\(repository)@\(commit)"
  }

  /// The folder of a task's own below the one that `--data` names.
  private func folder(in parent: URL?, of task: TaskDefinition) -> URL? {
    guard let own = parent?.appending(path: task.name), FilePaths.kind(of: own) == .folder
    else { return nil }
    return own
  }

  /// The folder of a task's data, or the file where they are one.
  private func place(of task: TaskDefinition) throws(Failure) -> URL {
    if let own = folder(in: override, of: task) { return own }
    guard case .path(let url, _) = task.data else { throw Self.absent(task) }
    guard FilePaths.kind(of: url) != nil else {
      throw Failure(
        .missing, FilePaths.display(url), "the data of \(task.name) are not there",
        hint: "correct data.path in \(FilePaths.display(task.file))")
    }
    return url
  }

  private static func absent(_ task: TaskDefinition) -> Failure {
    Failure(
      .missing, task.name, "its data are not on this machine",
      hint: "fetch them with borda fetch --tasks \(task.name), or put them into a folder named "
        + "\(task.name) and name the folder above it with --data")
  }
}
