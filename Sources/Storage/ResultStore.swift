// A folder of results in mteb's layout: where a result lies, whether it is current, how it is kept.

package import Core
package import Foundation

/// `<root>/<org>__<model>/<revision>/<Task>.json`, with `model_meta.json` beside and Borda's own
/// facts one folder deeper in `borda/`.
package struct ResultStore: Sendable {
  package let root: URL

  package init(root: URL) { self.root = root }

  /// The folder that holds the results of one revision of a model.
  package func folder(of model: ModelIdentity) -> URL {
    root.appending(path: ModelIdentity.folderName(model.name))
      .appending(path: ModelIdentity.folderName(model.revision))
  }

  package func file(of task: String, model: ModelIdentity) -> URL {
    folder(of: model).appending(path: "\(task).json")
  }

  private func sidecarFile(of task: String, model: ModelIdentity) -> URL {
    folder(of: model).appending(path: "borda/\(task).json")
  }

  private func partialFile(of task: String, model: ModelIdentity) -> URL {
    folder(of: model).appending(path: "borda/\(task).partial.json")
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
    /// A file is there that is no result.
    case broken(Failure)
  }

  /// How the result that is there stands to what a new run would record as its inputs.
  package func state(
    of task: String, model: ModelIdentity, inputs: [String: String]
  ) -> State {
    let file = file(of: task, model: model)
    guard FilePaths.kind(of: file) != nil else { return .absent }
    do throws(Failure) {
      _ = try Self.read(file)
    } catch {
      return .broken(error)
    }
    guard let old = sidecar(of: task, model: model) else { return .foreign }
    let keys = Set(old.inputs.keys).union(inputs.keys).sorted()
    let changed = keys.filter { old.inputs[$0] != inputs[$0] }
    return changed.isEmpty ? .current : .stale(changed: changed)
  }

  /// The sidecar of a result; nil where there is none, as with other programs' results.
  package func sidecar(of task: String, model: ModelIdentity) -> Sidecar? {
    (try? Self.json(sidecarFile(of: task, model: model))).flatMap { Sidecar(json: $0) }
  }

  /// Keeps a finished task: the sidecar first, then the result, so that a result without its
  /// sidecar is always another program's.
  ///
  /// A kept partial result is removed.
  package func keep(_ result: TaskResult, sidecar: Sidecar, model: ModelIdentity) throws(Failure) {
    let meta = folder(of: model).appending(path: "model_meta.json")
    try AtomicFile.write(model.meta.pretty + "\n", to: meta)
    let task = result.taskName
    try AtomicFile.write(
      sidecar.json.pretty + "\n", to: sidecarFile(of: task, model: model))
    try AtomicFile.write(result.json.pretty + "\n", to: file(of: task, model: model))
    try? FileManager.default.removeItem(at: partialFile(of: task, model: model))
  }

  /// Keeps the finished rows of an unfinished task.
  package func keepPartial(
    _ result: TaskResult, sidecar: Sidecar, model: ModelIdentity
  ) throws(Failure) {
    let json = JSON.object([("sidecar", sidecar.json), ("rows", result.exactJSON)])
    try AtomicFile.write(json.line + "\n", to: partialFile(of: result.taskName, model: model))
  }

  /// The finished rows of an interrupted run with the same inputs; nil where there are none.
  package func partial(
    of task: String, model: ModelIdentity, inputs: [String: String]
  ) -> (result: TaskResult, sidecar: Sidecar)? {
    let file = partialFile(of: task, model: model)
    guard let json = try? Self.json(file), let sidecarJSON = json["sidecar"],
      let sidecar = Sidecar(json: sidecarJSON), sidecar.inputs == inputs, let rows = json["rows"],
      let result = try? TaskResult(json: rows, file: file.lastPathComponent)
    else { return nil }
    return (result, sidecar)
  }

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
