// Finding the details of one task of one model among folders of results, and refusing those that
// belong to other scores.

package import Core
package import Foundation

/// The details of one task of one model.
package struct DetailSource: Sendable {
  /// `org/name`.
  package let model: String
  package let revision: String
  package let store: DetailStore
  package let index: DetailIndex
  /// All cells with details, sorted by split and subset.
  package let cells: [DetailCell]
  /// Hash of the data that were evaluated.
  package let dataHash: String?

  /// Finds the details of a task.
  ///
  /// `name` is a folder of results (of one revision, or of a model), or the name of a model that
  /// has results below `roots`. Of several revisions the one with the newest result is taken.
  ///
  /// - Throws: `.usage` for unknown names, with the nearest; `.incomplete` where there is a result
  ///   but no details, or only those of another evaluation.
  package init(of task: String, for name: String, below roots: [URL]) throws(Failure) {
    try self.init(of: task, for: name, in: try Self.revisions(of: name, below: roots))
  }

  /// Finds the details of a task of the model `name` in the folders of its revisions.
  ///
  /// - Throws: As the other one.
  package init(of task: String, for name: String, in revisions: [URL]) throws(Failure) {
    let withDetails = revisions.filter { !DetailStore(besideResultsIn: $0).cells(of: task).isEmpty }
    guard let folder = withDetails.max(by: { Self.age($0, task) < Self.age($1, task) }) else {
      throw Self.absence(of: task, for: name, in: revisions)
    }
    model =
      ResultLayout.modelName(of: folder)
      ?? ResultLayout.name(ofFolder: folder.deletingLastPathComponent().lastPathComponent)
    revision = folder.lastPathComponent
    store = DetailStore(besideResultsIn: folder)
    cells = store.cells(of: task)
    guard let index = try store.index(of: task) else {
      throw Self.absence(of: task, for: name, in: [folder])
    }
    self.index = index
    let sidecars = Self.sidecars(of: task, in: folder)
    guard let sidecar = sidecars.first(where: { $0.fingerprint == index.fingerprint }) else {
      throw Failure(
        .incomplete, task, "the details of \(model) belong to another evaluation than its result",
        hint: "evaluate again with --details")
    }
    dataHash = sidecar.inputs["data_sha256"]
  }

  /// The folders of results, one for each revision, that a name or a path stands for.
  private static func revisions(of name: String, below roots: [URL]) throws(Failure) -> [URL] {
    let place = URL(filePath: FilePaths.expandingTilde(name)).standardizedFileURL
    if FilePaths.kind(of: place) == .folder {
      if holdsResults(place) { return [place] }
      let inside = ResultLayout.folders(in: place).filter(holdsResults)
      if !inside.isEmpty { return inside }
    }
    let folders = try Self.folders(below: roots)
    guard let found = folders[name] else {
      let names = folders.keys.sorted()
      throw Failure(
        .usage, name, "no results of such a model, and no folder of results",
        hint: Suggest.hint(
          for: name, among: names,
          otherwise: names.isEmpty
            ? "run borda evaluate first, or name the folder with --results"
            : "there are results of \(names.prefix(8).joined(separator: ", "))"))
    }
    return found
  }

  /// The folders of the results below some roots, one for each revision, by the model's name.
  ///
  /// - Throws: `.missing` for a root that does not exist.
  package static func folders(below roots: [URL]) throws(Failure) -> [String: [URL]] {
    var found: [String: [URL]] = [:]
    for root in roots {
      guard FilePaths.kind(of: root) == .folder else {
        throw Failure(
          .missing, FilePaths.display(root), "there is no such results folder",
          hint: "run borda evaluate first, or name the folder with --results")
      }
      for folder in ResultLayout.folders(in: root) {
        for revision in ResultLayout.folders(in: folder) where holdsResults(revision) {
          let model =
            ResultLayout.modelName(of: revision)
            ?? ResultLayout.name(ofFolder: folder.lastPathComponent)
          found[model, default: []].append(revision)
        }
      }
    }
    return found
  }

  private static func holdsResults(_ folder: URL) -> Bool {
    FilePaths.kind(of: folder.appending(path: "borda")) == .folder
      || FilePaths.kind(of: folder.appending(path: "model_meta.json")) == .file
  }

  /// When the result was made, then the revision's name; results that are not finished are oldest.
  private static func age(_ folder: URL, _ task: String) -> (Double, String) {
    let result = try? ResultStore.read(folder.appending(path: "\(task).json"))
    return (result?.date ?? 0, folder.lastPathComponent)
  }

  /// Why there are no details.
  private static func absence(of task: String, for name: String, in revisions: [URL]) -> Failure {
    let tasks = Set(
      revisions.flatMap { ResultLayout.resultFiles(in: $0) }
        .map { $0.deletingPathExtension().lastPathComponent })
    guard tasks.contains(task) else {
      return Failure(
        .usage, task, "\(name) has no result of such a task",
        hint: Suggest.hint(
          for: task, among: tasks,
          otherwise: tasks.isEmpty
            ? "evaluate it with --details"
            : "there are results of \(tasks.sorted().prefix(8).joined(separator: ", "))"))
    }
    return Failure(
      .incomplete, task, "no details were kept of the result of \(name)",
      hint: "evaluate again with --details")
  }

  /// The sidecars of the result and of an unfinished one.
  private static func sidecars(of task: String, in folder: URL) -> [Sidecar] {
    let whole = try? ResultStore.json(folder.appending(path: "borda/\(task).json"))
    let partial = try? ResultStore.json(folder.appending(path: "borda/\(task).partial.json"))
    return [whole, partial?["sidecar"]].compactMap { $0.flatMap { Sidecar(json: $0) } }
  }
}

extension DetailSource {
  /// The cells of one split and of one subset, of all where nil is given.
  ///
  /// - Throws: `.usage` for a split or subset without details, with the nearest.
  package func cells(split: String?, subset: String?) throws(Failure) -> [DetailCell] {
    for (name, known) in [(split, cells.map(\.split)), (subset, cells.map(\.subset))] {
      guard let name, !known.contains(name) else { continue }
      let names = Set(known)
      throw Failure(
        .usage, name,
        "\(index.task) has no details of such a \(name == split ? "split" : "subset")",
        hint: Suggest.hint(
          for: name, among: names,
          otherwise: "there are \(names.sorted().prefix(12).joined(separator: ", "))"))
    }
    let chosen = cells.filter {
      (split == nil || $0.split == split) && (subset == nil || $0.subset == subset)
    }
    guard !chosen.isEmpty else {
      throw Failure(
        .usage, "--split, --subset", "\(index.task) has no details of these two together",
        hint: "leave one of them out")
    }
    return chosen
  }

  /// A measure of the outcomes by name, the first one for nil.
  package func measure(_ name: String?) throws(Failure) -> OutcomeShape.Measure {
    let measures = index.shape.measures
    if let found = measures.first(where: { name == nil || $0.key == name }) { return found }
    let names = measures.map(\.key)
    throw Failure(
      .usage, name ?? "", "is no measure of single results of \(index.task)",
      hint: Suggest.hint(
        for: name ?? "", among: names, otherwise: "use one of \(names.joined(separator: ", "))"))
  }
}
