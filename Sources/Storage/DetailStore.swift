// The files behind single scores: `borda/details/` in the folder of a result. One file of outcomes
// for every cell, written when the cell is finished, and one that says how to read them.

package import Core
package import Foundation

/// A cell as files name it.
package struct DetailCell: Sendable, Hashable {
  package let split: String
  package let subset: String

  package init(split: String, subset: String) {
    self.split = split
    self.subset = subset
  }
}

/// What all details of one task have in common.
package struct DetailIndex: Sendable, Equatable {
  package var task: String
  package var type: String
  package var mainScore: String
  /// That of the sidecar: details are worth something only beside the scores they belong to.
  package var fingerprint: String
  package var shape: OutcomeShape

  package init(
    task: String, type: String, mainScore: String, fingerprint: String, shape: OutcomeShape
  ) {
    self.task = task
    self.type = type
    self.mainScore = mainScore
    self.fingerprint = fingerprint
    self.shape = shape
  }
}

/// The details of the results of one revision of a model.
///
/// `<Task>.<split>.<subset>.jsonl` holds outcomes, one object per line; files with other endings
/// are attachments. `<Task>.json` is the index, `<Task>.sha256` the hashes of the other files. In the names of splits and subsets every byte but
/// letters, digits, `_`, `-` and what is not ASCII is written as `%` and two hexadecimal digits.
package struct DetailStore: Sendable {
  package let folder: URL

  /// The store beside the results in this folder.
  package init(besideResultsIn folder: URL) {
    self.folder = folder.appending(path: "borda/details")
  }

  private static let outcomes = "jsonl"

  package func indexFile(of task: String) -> URL { folder.appending(path: "\(task).json") }

  package func file(of task: String, _ cell: DetailCell, _ suffix: String = "jsonl") -> URL {
    folder.appending(
      path: "\(task).\(Self.escaped(cell.split)).\(Self.escaped(cell.subset)).\(suffix)")
  }

  // MARK: Writing

  /// Keeps the details of one cell, the outcomes last, so that they tell that all is there.
  ///
  /// Details of the task with another fingerprint are removed.
  package func keep(
    _ details: CellDetails, of cell: DetailCell, index: DetailIndex
  ) throws(Failure) {
    let task = index.task
    try removeForeign(of: task, fingerprint: index.fingerprint)
    if (try? self.index(of: task)) != index {
      try AtomicFile.write(index.json.pretty + "\n", to: indexFile(of: task))
    }
    var sums: [DetailSum] = []
    for attachment in details.attachments {
      let file = file(of: task, cell, attachment.suffix)
      let hash = try AtomicFile.write(
        pieces: (0..<attachment.pieces).lazy.map(attachment.piece), to: file)
      sums.append(DetailSum(name: file.lastPathComponent, hash: hash))
    }
    let file = file(of: task, cell)
    let hash = try AtomicFile.write(
      pieces: details.outcomes.lazy.map { $0.json.line + "\n" }, to: file)
    sums.append(DetailSum(name: file.lastPathComponent, hash: hash))
    try add(sums, of: task)
  }

  /// Removes the details of a task that belong to other scores than those of this fingerprint.
  package func removeForeign(of task: String, fingerprint: String) throws(Failure) {
    let index = try? self.index(of: task)
    guard index?.fingerprint != fingerprint else { return }
    for name in names(of: task) { try remove(folder.appending(path: name)) }
    for file in [indexFile(of: task), sumsFile(of: task)] where FilePaths.kind(of: file) != nil {
      try remove(file)
    }
  }

  /// Removes the details of one cell, the outcomes first.
  package func remove(_ cell: DetailCell, of task: String) throws(Failure) {
    let names = names(of: task).filter { Self.cell(in: $0, of: task)?.cell == cell }
    for name in names.sorted(by: { a, _ in a.hasSuffix(".\(Self.outcomes)") }) {
      try remove(folder.appending(path: name))
    }
  }

  private func remove(_ file: URL) throws(Failure) {
    do {
      try FileManager.default.removeItem(at: file)
    } catch {
      throw Failure(
        .system, FilePaths.display(file), "cannot be removed, and it is out of date",
        hint: "check its permissions", cause: error.localizedDescription)
    }
  }

  // MARK: Reading

  /// The tasks that have an index here, sorted.
  package var tasks: [String] {
    let names = FileFacts.entries(of: folder.path(percentEncoded: false)) ?? []
    return names.filter { !$0.isFolder && $0.name.hasSuffix(".json") }
      .map { String($0.name.dropLast(5)) }.sorted()
  }

  /// What the details of a task have in common; nil where there are none.
  ///
  /// - Throws: `.malformed` or `.system` naming the file.
  package func index(of task: String) throws(Failure) -> DetailIndex? {
    let file = indexFile(of: task)
    guard FilePaths.kind(of: file) == .file else { return nil }
    guard let index = DetailIndex(json: try ResultStore.json(file)) else {
      throw Failure(
        .malformed, FilePaths.display(file), "is no index of details that this borda can read",
        hint: "delete it and evaluate again with --details")
    }
    return index
  }

  /// The cells of a task that have outcomes, sorted by name.
  package func cells(of task: String) -> [DetailCell] {
    names(of: task).compactMap { name in
      Self.cell(in: name, of: task).flatMap { $0.suffix == Self.outcomes ? $0.cell : nil }
    }
  }

  /// The outcomes of a cell, in the order of the data.
  ///
  /// - Throws: `.malformed` naming file and line, `.system` where it cannot be read.
  package func outcomes(of task: String, _ cell: DetailCell) throws(Failure) -> [Outcome] {
    let file = file(of: task, cell)
    let data: Data
    do {
      data = try Data(contentsOf: file)
    } catch {
      throw Failure(
        .system, FilePaths.display(file), "cannot be read", hint: "check its permissions",
        cause: error.localizedDescription)
    }
    var outcomes: [Outcome] = []
    for (number, line) in data.split(separator: UInt8(ascii: "\n")).enumerated() {
      guard let json = try? JSON(parsing: Data(line)), let outcome = Outcome(json: json) else {
        throw Failure(
          .malformed, "\(FilePaths.display(file)), line \(number + 1)", "is no JSON object",
          hint: "evaluate again with --details --rerun always")
      }
      outcomes.append(outcome)
    }
    return outcomes
  }

  /// The names of the files that belong to cells of a task, sorted.
  func names(of task: String) -> [String] {
    let names =
      (try? FileManager.default.contentsOfDirectory(
        atPath: folder.path(percentEncoded: false))) ?? []
    return names.filter { Self.cell(in: $0, of: task) != nil }.sorted()
  }

  /// The cell and the ending in a file's name; nil for files of other tasks.
  ///
  /// Neither split nor subset nor ending holds a dot, so `A.v2.test.x.jsonl` is none of task `A`.
  static func cell(
    in name: String, of task: String
  ) -> (cell: DetailCell, suffix: String)? {
    guard name.hasPrefix("\(task).") else { return nil }
    let parts = name.dropFirst(task.count + 1)
      .split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, let split = String(parts[0]).removingPercentEncoding,
      let subset = String(parts[1]).removingPercentEncoding
    else { return nil }
    return (DetailCell(split: split, subset: subset), String(parts[2]))
  }

  private static func escaped(_ name: String) -> String {
    var bytes: [UInt8] = []
    for byte in name.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), 0x80...:
        bytes.append(byte)
      default:
        bytes += Array((byte < 16 ? "%0" : "%").utf8) + Array(String(byte, radix: 16).utf8)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension ResultStore {
  /// Where the details of a model's results lie.
  package func details(of model: ModelIdentity) -> DetailStore {
    DetailStore(besideResultsIn: limit == nil ? folder(of: model) : ownFolder(of: model))
  }
}

extension DetailIndex {
  var json: JSON {
    .object([
      ("schema", .integer(1)), ("task", .string(task)), ("type", .string(type)),
      ("main_score", .string(mainScore)), ("fingerprint", .string(fingerprint)),
      ("outcomes", shape.json),
    ])
  }

  /// nil for anything that is no index of this schema.
  init?(json: JSON) {
    guard json["schema"]?.integer == 1, let task = json["task"]?.string,
      let type = json["type"]?.string, let mainScore = json["main_score"]?.string,
      let fingerprint = json["fingerprint"]?.string,
      let shape = json["outcomes"].flatMap({ OutcomeShape(json: $0) })
    else { return nil }
    self.init(
      task: task, type: type, mainScore: mainScore, fingerprint: fingerprint, shape: shape)
  }
}
