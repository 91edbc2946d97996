// A folder of results in mteb's layout: where a result lies, whether it is current, how it is kept.

package import Core
package import Foundation

/// `<root>/<org>__<model>/<revision>/<Task>.json`, with `model_meta.json` beside and Borda's own
/// facts one folder deeper in `borda/`.
package struct ResultStore: Sendable {
  package let root: URL
  /// Of a store of quick looks: the items of each cell that they are limited to.
  ///
  /// Quick looks never become results. Their rows lie in a folder of their own and in the form of an
  /// unfinished task, which nobody takes for a result wherever it is copied to.
  package let limit: Int?

  package init(root: URL, limit: Int? = nil) {
    self.root = root
    self.limit = limit
  }

  /// The folder that holds the results of one revision of a model.
  package func folder(of model: ModelIdentity) -> URL {
    root.appending(path: ModelIdentity.folderName(model.name))
      .appending(path: ModelIdentity.folderName(model.revision))
  }

  package func file(of task: String, model: ModelIdentity) -> URL {
    folder(of: model).appending(path: "\(task).json")
  }

  /// The folder of what is Borda's alone: `borda/`, or `borda/limit-N/` for quick looks.
  package func ownFolder(of model: ModelIdentity) -> URL {
    folder(of: model).appending(path: limit.map { "borda/limit-\($0)" } ?? "borda")
  }

  private func sidecarFile(of task: String, model: ModelIdentity) -> URL {
    ownFolder(of: model).appending(path: "\(task).json")
  }

  /// What a rerun should think of the result that is there.
  package enum State: Sendable, Equatable {
    case absent
    /// Made by Borda from the very same inputs.
    case current
    /// Made by Borda, but these inputs have changed since.
    case stale(changed: [String])
    /// Another program's result: taken as it is.
    case foreign
    /// The sidecar tells of other scores: a run ended between writing the two, or somebody has
    /// changed the file.
    case altered
    /// A file is there that is no result, or whose sidecar is none.
    case broken(Failure)
  }

  /// How the result that is there stands to what a new run would record as its inputs.
  package func state(
    of task: String, model: ModelIdentity, inputs: [String: String]
  ) -> State {
    // What there is of a quick look is what is kept of an unfinished task.
    guard limit == nil else { return .absent }
    let file = file(of: task, model: model)
    guard FilePaths.kind(of: file) != nil else { return .absent }
    let sidecarFile = sidecarFile(of: task, model: model)
    do throws(Failure) {
      let json = try Self.json(file)
      _ = try TaskResult(json: json, file: FilePaths.display(file))
      guard FilePaths.kind(of: sidecarFile) != nil else { return .foreign }
      guard let old = Sidecar(json: try Self.json(sidecarFile)) else {
        throw Failure(.malformed, FilePaths.display(sidecarFile), "is no sidecar of a result")
      }
      if let hash = old.scoresHash, hash != Self.scoresHash(of: json) { return .altered }
      let keys = Set(old.inputs.keys).union(inputs.keys).sorted()
      let changed = keys.filter { old.inputs[$0] != inputs[$0] }
      return changed.isEmpty ? .current : .stale(changed: changed)
    } catch {
      return .broken(error)
    }
  }

  /// The sidecar of a result; nil where there is none, as with other programs' results.
  package func sidecar(of task: String, model: ModelIdentity) -> Sidecar? {
    (try? Self.json(sidecarFile(of: task, model: model))).flatMap { Sidecar(json: $0) }
  }

  /// Keeps a finished task: the sidecar first, then the result, so that a result without its
  /// sidecar is always another program's.
  ///
  /// What was kept of the unfinished task is removed, and the record of its last failure. A quick look
  /// stays in the form of an unfinished task.
  package func keep(_ result: TaskResult, sidecar: Sidecar, model: ModelIdentity) throws(Failure) {
    guard limit == nil else {
      try keepPartial(result, sidecar: sidecar, model: model)
      return forgetFailure(of: result.taskName, model: model)
    }
    try keepMeta(of: model)
    let task = result.taskName
    let json = result.json
    var sidecar = sidecar
    sidecar.scoresHash = Self.scoresHash(of: json)
    try AtomicFile.write(
      sidecar.json.pretty + "\n", to: sidecarFile(of: task, model: model))
    try AtomicFile.write(json.pretty + "\n", to: file(of: task, model: model))
    removeUnfinished(task, model: model)
    forgetFailure(of: task, model: model)
  }

  private func keepMeta(of model: ModelIdentity) throws(Failure) {
    let file = folder(of: model).appending(path: ResultLayout.meta)
    let text = model.meta.pretty + "\n"
    if let old = try? Data(contentsOf: file), old == Data(text.utf8) { return }
    try AtomicFile.write(text, to: file)
  }

  /// Makes a folder of results ready for a run: sweeps up after processes that were killed, and
  /// replaces a damaged `model_meta.json`.
  ///
  /// - Returns: what was damaged, as a sentence; nil where nothing was.
  /// - Throws: `.system` where the folder cannot be written to.
  package func prepare(for model: ModelIdentity) throws(Failure) -> String? {
    let folder = folder(of: model)
    let own = ownFolder(of: model)
    try AtomicFile.checkWritable(own)
    for place in [folder, own, own.appending(path: "details"), own.appending(path: "failures")] {
      Leftovers.sweep(place)
    }
    sweepLocks(in: own)
    let meta = folder.appending(path: ResultLayout.meta)
    guard FilePaths.kind(of: meta) != nil else { return nil }
    let name = (try? Self.json(meta))?["name"]?.string
    guard name != model.name else { return nil }
    try keepMeta(of: model)
    return "\(FilePaths.display(meta)) was damaged and is written anew"
  }

  /// Hash of what counts in a result file: the scores, not the times.
  static func scoresHash(of json: JSON) -> String { ContentHash.of((json["scores"] ?? .null).line) }

  /// Reads one result file.
  ///
  /// - Throws: `.malformed` or `.system` naming the file.
  package static func read(_ file: URL) throws(Failure) -> TaskResult {
    try TaskResult(json: try json(file), file: FilePaths.display(file))
  }

  /// Larger than any result file (Flores, with 41,412 subsets, has 8.5 MB).
  private static let sizeLimit = 256 << 20

  static func json(_ file: URL) throws(Failure) -> JSON {
    let name = FilePaths.display(file)
    let data: Data
    do {
      let size = try file.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
      guard size <= sizeLimit else {
        throw Failure(.malformed, name, "is larger than any result file", hint: "remove it")
      }
      data = try Data(contentsOf: file)
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure(
        .system, name, "cannot be read", hint: "check its permissions",
        cause: error.localizedDescription)
    }
    do throws(JSON.SyntaxError) {
      return try JSON(parsing: data, leniency: [.nonFinite, .duplicateKeys])
    } catch {
      throw Failure(
        .malformed, name, "is not JSON", hint: "delete it and evaluate again",
        cause: error.description)
    }
  }
}
