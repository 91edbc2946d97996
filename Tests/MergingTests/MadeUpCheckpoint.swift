// Small checkpoints that a test makes up, and merging them.

import Core
import Foundation
import Storage
import Tensors
import TestSupport

@testable import Merging

/// A tensor of a made-up checkpoint.
struct MadeUpTensor {
  let name: String
  let shape: [Int]
  var values: [Float]
  var type = FloatType.float32

  init(_ name: String, _ values: [Float], shape: [Int]? = nil, _ type: FloatType = .float32) {
    self.name = name
    self.values = values
    self.shape = shape ?? [values.count]
    self.type = type
  }

  /// Numbers between -1 and 1.
  static func random(_ name: String, _ shape: [Int], seed: UInt64) -> MadeUpTensor {
    var random = SplitMix(state: seed)
    return MadeUpTensor(
      name, (0..<shape.reduce(1, *)).map { _ in Float.random(in: -1...1, using: &random) },
      shape: shape)
  }

  /// The same tensor with something random added to every number.
  func changed(by spread: Float, seed: UInt64) -> MadeUpTensor {
    var random = SplitMix(state: seed)
    var copy = self
    copy.values = values.map { $0 + Float.random(in: -spread...spread, using: &random) }
    return copy
  }
}

/// A folder with weights and a configuration; nothing that could embed.
struct MadeUpCheckpoint {
  var tensors: [MadeUpTensor] = []
  /// Whole numbers: name, type, bytes.
  var integers: [(name: String, type: String, bytes: [UInt8])] = []
  var config: [(String, JSON)] = [
    ("model_type", .string("bert")), ("hidden_size", .integer(2)),
    ("torch_dtype", .string("float32")),
  ]
  var files: [(path: String, text: String)] = []

  init(_ tensors: MadeUpTensor...) { self.tensors = tensors }

  func write(to folder: URL) throws {
    try folder.write("config.json", JSON.object(config).pretty)
    for (path, text) in files { try folder.write(path, text) }
    try Self.write(tensors, integers, to: folder.appending(path: "model.safetensors"))
  }

  static func write(
    _ tensors: [MadeUpTensor], _ integers: [(name: String, type: String, bytes: [UInt8])] = [],
    to file: URL
  ) throws {
    var data: [String: [UInt8]] = [:]
    var entries: [TensorEntry] = []
    for tensor in tensors {
      entries.append(
        try TensorEntry(name: tensor.name, type: tensor.type.code, shape: tensor.shape))
      data[tensor.name] = tensor.type.bytes(of: tensor.values)
    }
    for (name, type, bytes) in integers {
      let width = type == "I64" ? 8 : 1
      entries.append(try TensorEntry(name: name, type: type, shape: [bytes.count / width]))
      data[name] = bytes
    }
    let writer = try SafetensorsWriter(creating: file, entries: entries)
    for entry in writer.order { try writer.append(data[entry.name] ?? [], of: entry.name) }
    try writer.finish()
  }
}

func parent(_ folder: URL) throws -> MergeParent {
  let names = ["config.json", "model.safetensors"].map { folder.appending(path: $0) }
  let files = try ContentHash.listing(names.filter(exists), below: folder)
  return MergeParent(
    folder: folder, name: "local/\(folder.lastPathComponent)",
    revision: String(ContentHash.of(files).prefix(40)), files: files)
}

/// A place with the folders `p0`, `p1`, … and perhaps `base`, and the merge of them.
struct MergeTrial {
  let place: TemporaryFolder
  let parents: [URL]
  private(set) var base: URL?

  init(_ checkpoints: [MadeUpCheckpoint], base: MadeUpCheckpoint? = nil) throws {
    place = try TemporaryFolder()
    var folders: [URL] = []
    for (number, checkpoint) in checkpoints.enumerated() {
      let folder = place.url.appending(path: "p\(number)")
      try checkpoint.write(to: folder)
      folders.append(folder)
    }
    parents = folders
    guard let base else { return }
    let folder = place.url.appending(path: "base")
    try base.write(to: folder)
    self.base = folder
  }

  /// One tensor `w` for each parent.
  init(_ values: [[Float]], base: [Float]? = nil) throws {
    try self.init(
      values.map { MadeUpCheckpoint(MadeUpTensor("w", $0)) },
      base: base.map { MadeUpCheckpoint(MadeUpTensor("w", $0)) })
  }

  var out: URL { place.url.appending(path: "out") }

  @discardableResult
  func merge(
    _ method: MergeMethod, _ change: (inout Merger.Options) -> Void = { _ in }
  ) async throws -> MergeSummary {
    var options = Merger.Options()
    options.threads = 2
    change(&options)
    let merger = try Merger(
      parents.map(parent), base: method.needsBase ? base.map(parent) : nil, method: method,
      options: options)
    return try await merger.write(to: out)
  }

  /// The merged numbers of a tensor.
  func merged(_ name: String = "w") throws -> [Float] { try numbers(of: name, in: out) }

  func numbers(of name: String, in folder: URL) throws -> [Float] {
    let tensor = try Safetensors(folder: folder).tensor(name)
    return try tensor.values(0..<tensor.count, try Kernels())
  }

  /// Names in the place, hidden ones too.
  var names: [String] {
    get throws {
      try FileManager.default.contentsOfDirectory(atPath: place.url.path(percentEncoded: false))
        .sorted()
    }
  }
}
