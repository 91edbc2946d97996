// A merge from beginning to end: parents opened and compared, tensors merged one after the other,
// the folder put in its place when it is whole.

package import Core
package import Foundation
import Storage
package import Tensors

/// Merges checkpoints into a new one.
///
/// Memory stays the same whatever the size of the model: parents are mapped, tensors are merged in
/// slices of 131,072 numbers, results go to the disk at once. The bits of the result do not depend
/// on the number of threads.
package struct Merger: Sendable {
  /// What a caller may choose.
  package struct Options: Sendable {
    /// nil for the parents' own, the wider one where they differ.
    package var type: FloatType?
    /// nil for one per core.
    package var threads: Int?
    /// Bytes of tensors in one file; a model with more gets several and an index.
    package var shardLimit = 5_000_000_000
    /// Recorded in the card: `borda 1.2.3`.
    package var tool = "borda"

    package init() {}
  }

  package let method: MergeMethod
  /// Differences that do not stand against merging.
  package let notes: [String]
  let options: Options
  let parents: [MergeParent]
  let base: MergeParent?
  let folders: [ParentFolder]
  let baseFolder: ParentFolder?
  private let kernels: Kernels

  /// Opens the parents and compares them.
  ///
  /// - Parameters:
  ///   - parents: at least one; the small files of the first are copied.
  ///   - base: for methods that work on changes.
  ///   - method: with its parameters.
  ///   - options: what a caller may choose.
  /// - Throws: `.malformed` naming every difference, where the parents do not match.
  package init(
    _ parents: [MergeParent], base: MergeParent?, method: MergeMethod, options: Options = Options()
  ) throws(Failure) {
    precondition(method.needsBase == (base != nil), "\(method.name) with base \(base != nil)")
    self.method = method
    self.options = options
    self.parents = parents
    self.base = base
    folders = try parents.map { parent throws(Failure) in try ParentFolder(parent.folder) }
    baseFolder = try base.map { base throws(Failure) in try ParentFolder(base.folder) }
    kernels = try Kernels()
    notes = try Self.match(folders + (baseFolder.map { [$0] } ?? []))
  }

  private var everyFolder: [ParentFolder] { folders + (baseFolder.map { [$0] } ?? []) }

  /// Compares folders with the first without merging them.
  ///
  /// - Returns: differences that do not stand against merging.
  /// - Throws: `.malformed` naming every one that does.
  package static func match(_ folders: [URL]) throws(Failure) -> [String] {
    try match(folders.map { folder throws(Failure) in try ParentFolder(folder) })
  }

  private static func match(_ folders: [ParentFolder]) throws(Failure) -> [String] {
    guard let first = folders.first else {
      throw Failure(.usage, "merge", "names no checkpoint", hint: "give at least one folder")
    }
    var differences: [String] = []
    var notes: [String] = []
    for other in folders.dropFirst() {
      let match = try Match(first, other)
      differences += match.differences
      notes += match.notes
    }
    guard differences.isEmpty else {
      let places = differences.count == 1 ? "1 difference" : "\(differences.count) differences"
      throw Failure(
        .malformed, folders.map(\.label).joined(separator: ", "),
        "do not match, \(places):\n    " + differences.joined(separator: "\n    "),
        hint: "merge checkpoints of one model only: same architecture, modules and tokenizer")
    }
    return notes
  }

  // MARK: The plan

  /// The file of a part: which tensors, in which type.
  struct Shard: Sendable {
    let file: String
    let entries: [TensorEntry]
  }

  /// The type in which a tensor is written; nil for one that is copied.
  func type(of name: String, in part: String) -> FloatType? {
    let tensors = folders.compactMap { $0.weights[part]?.tensors[name] }
    guard let first = tensors.first, first.isFloatingPoint else { return nil }
    if let type = options.type { return type }
    let types = Set(tensors.map(\.type))
    guard types.count == 1, let type = FloatType(code: first.type) else { return .float32 }
    return type
  }

  /// The files of one part: one, or several with numbers in their names.
  func shards(of part: String) throws(Failure) -> [Shard] {
    let tensors = folders[0].weights[part]?.tensors ?? [:]
    var groups: [[TensorEntry]] = []
    var size = 0
    for tensor in tensors.values.sorted(by: { $0.name < $1.name }) {
      let type = type(of: tensor.name, in: part)?.code ?? tensor.type
      let entry = try TensorEntry(name: tensor.name, type: type, shape: tensor.shape)
      if groups.isEmpty || size + entry.byteCount > options.shardLimit {
        groups.append([])
        size = 0
      }
      groups[groups.count - 1].append(entry)
      size += entry.byteCount
    }
    if groups.count <= 1 { return [Shard(file: "model.safetensors", entries: groups.first ?? [])] }
    return groups.enumerated().map { number, entries in
      Shard(
        file: "model-\(Self.digits(number + 1))-of-\(Self.digits(groups.count)).safetensors",
        entries: entries)
    }
  }

  private static func digits(_ number: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, 5 - text.count)) + text
  }

  // MARK: Merging

  /// Writes the merged checkpoint into `folder`, which must not exist or be empty.
  ///
  /// Everything is written into a hidden folder beside it first; whatever goes wrong, that one is
  /// removed and `folder` is as it was.
  ///
  /// - Throws: `Failure`, `.interrupted` when the task is cancelled.
  package func write(
    to folder: URL, onEvent: @Sendable (MergeEvent) -> Void = { _ in }
  ) async throws(Failure) -> MergeSummary {
    var tally = MergeTally(parents: parents.count)
    let paths = folders[0].weights.keys.sorted()
    var plan: [(part: String, shards: [Shard])] = []
    for path in paths { plan.append((path, try shards(of: path))) }
    let entries = plan.flatMap { $0.shards.flatMap(\.entries) }
    let bytes = entries.reduce(0) { $0 + $1.byteCount }
    let place = try MergePlace(
      for: folder, bytes: bytes, besides: everyFolder)
    onEvent(.started(tensors: entries.count, bytes: bytes))
    for (part, shards) in plan {
      let target = try place.folder(part)
      for shard in shards {
        try await write(shard, of: part, into: target, &tally, onEvent)
        tally.summary.files.append(part.isEmpty ? shard.file : "\(part)/\(shard.file)")
      }
      if shards.count > 1 { try writeIndex(shards, into: target) }
    }
    tally.summary.bytes = bytes
    let summary = tally.finished(
      method, parents.map(\.label), base: base?.label, notes: notes)
    try copySmallFiles(to: place)
    let card = MergeCard(self, summary)
    try place.write(card.json.pretty + "\n", to: "borda_merge.json")
    try place.write(card.readme, to: "README.md")
    if Task.isCancelled { throw Slices.interruption }
    try place.finish()
    return summary
  }

  private func write(
    _ shard: Shard, of part: String, into folder: URL, _ tally: inout MergeTally,
    _ onEvent: @Sendable (MergeEvent) -> Void
  ) async throws(Failure) {
    let writer = try SafetensorsWriter(
      creating: folder.appending(path: shard.file), entries: shard.entries)
    for entry in writer.order {
      if let type = type(of: entry.name, in: part) {
        try await write(entry, type, of: part, to: writer, &tally, onEvent)
      } else {
        try copy(entry, of: part, to: writer)
        tally.addCopy(type: entry.type)
        onEvent(.copied(tensor: entry.name))
      }
    }
    try writer.finish()
  }

  private func write(
    _ entry: TensorEntry, _ type: FloatType, of part: String, to writer: SafetensorsWriter,
    _ tally: inout MergeTally, _ onEvent: @Sendable (MergeEvent) -> Void
  ) async throws(Failure) {
    let merge = TensorMerge(
      name: entry.name,
      parents: try folders.map { folder throws(Failure) in try folder.tensor(entry.name, part) },
      base: try baseFolder.map { folder throws(Failure) in try folder.tensor(entry.name, part) },
      method: method, kernels: kernels)
    let slices = Slices(
      threads: max(1, options.threads ?? ProcessInfo.processInfo.activeProcessorCount))
    var angles: [Double?] = []
    let rule = try await merge.rule(slices) { angles.append($0) }
    angles.forEach { tally.add(angle: $0) }
    var sums = SliceSums(parents: parents.count)
    try await slices.forEach(of: merge.count) { number, range throws(Failure) in
      let slice = try merge.slice(number, range, rule)
      if let beyond = type.firstBeyond(slice.values) {
        throw Failure(
          .unsupported, entry.name, "becomes \(beyond), which \(type) cannot hold",
          hint: type == .float16
            ? "write --dtype bfloat16 or float32" : "check the parents' weights")
      }
      return (type.bytes(of: slice.values), slice.sums)
    } then: { (result: ([UInt8], SliceSums)) throws(Failure) in
      try writer.append(result.0, of: entry.name)
      sums += result.1
    }
    tally.add(sums, shape: entry.shape, type: type.code)
    let cosines = parents.indices.compactMap { base == nil && $0 == 0 ? nil : sums.cosine($0) }
    onEvent(
      .merged(tensor: entry.name, shape: entry.shape, type: type.code, cosine: cosines.min()))
  }

  /// Copies a tensor that is no floating-point one; all parents have the same bytes.
  private func copy(
    _ entry: TensorEntry, of part: String, to writer: SafetensorsWriter
  ) throws(Failure) {
    let tensor = try folders[0].tensor(entry.name, part)
    let piece = 1 << 20
    for start in stride(from: 0, to: entry.byteCount, by: piece) {
      try writer.append(tensor.bytes(start..<min(start + piece, entry.byteCount)), of: entry.name)
    }
  }
}

extension ParentFolder {
  /// - Throws: `.malformed` where it is not there; the comparison of parents has found it before.
  fileprivate func tensor(_ name: String, _ part: String) throws(Failure) -> Tensor {
    guard let weights = weights[part] else {
      throw Failure(.malformed, label, "has no weights in \(part)")
    }
    return try weights.tensor(name)
  }
}
