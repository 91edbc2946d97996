// What stands beside merged weights: the configuration and the tokenizer of the first parent, the
// index of several files, and the card that says how the merge was made.

import Core
import Foundation
import Storage
import Tensors

extension Merger {
  /// Copies configuration and tokenizer of the first parent.
  func copySmallFiles(to place: MergePlace) throws(Failure) {
    let first = folders[0]
    // Folders of modules without files, such as that of Normalize, belong to the layout as well.
    for module in first.modules { _ = try place.folder(module.path) }
    for path in first.smallFiles {
      guard var bytes = try SmallFile.bytes(first.url.appending(path: path)) else { continue }
      let part = path.split(separator: "/").dropLast().joined(separator: "/")
      if path.split(separator: "/").last == "config.json", let type = newType(of: part) {
        bytes = Self.restated(bytes, type)
      }
      try place.write(bytes, to: path)
    }
  }

  /// The type of a part's weights where it is not the first parent's; nil where nothing changed.
  private func newType(of part: String) -> FloatType? {
    let tensors = folders[0].weights[part]?.tensors ?? [:]
    let types = Set(tensors.keys.compactMap { type(of: $0, in: part) })
    let isOld = tensors.values.allSatisfy { tensor in
      type(of: tensor.name, in: part).map { $0.code == tensor.type } ?? true
    }
    return isOld || types.count != 1 ? nil : types.first
  }

  /// A configuration that names the type of the weights names the new one; all others stay as they
  /// are, byte for byte.
  private static func restated(_ bytes: [UInt8], _ type: FloatType) -> [UInt8] {
    guard let json = try? JSON(parsing: bytes, leniency: .nonFinite), var members = json.members
    else { return bytes }
    var isChanged = false
    for key in ["torch_dtype", "dtype"] {
      guard let stated = members[key]?.string, stated != type.rawValue else { continue }
      members[key] = .string(type.rawValue)
      isChanged = true
    }
    return isChanged ? Array((JSON.object(members).pretty + "\n").utf8) : bytes
  }

  /// `model.safetensors.index.json`, as readers of several files expect it.
  func writeIndex(_ shards: [Shard], into folder: URL) throws(Failure) {
    let entries = shards.flatMap { shard in
      shard.entries.map { (name: $0.name, file: shard.file, bytes: $0.byteCount) }
    }
    let json = JSON.object([
      ("metadata", .object([("total_size", .integer(entries.reduce(0) { $0 + $1.bytes }))])),
      ("weight_map", .object(entries.map { ($0.name, .string($0.file)) })),
    ])
    try AtomicFile.write(
      json.pretty + "\n", to: folder.appending(path: "model.safetensors.index.json"))
  }
}

/// How a merge was made: for people in `README.md`, for programs in `borda_merge.json`.
///
/// Nothing in it depends on the clock or the processor: the same merge gives the same files.
struct MergeCard {
  private let merger: Merger
  private let summary: MergeSummary

  init(_ merger: Merger, _ summary: MergeSummary) {
    self.merger = merger
    self.summary = summary
  }

  // MARK: JSON

  var json: JSON {
    .object([
      ("schema", .integer(1)), ("tool", .string(merger.options.tool)),
      ("method", .string(merger.method.name)),
      ("parameters", .object(merger.method.parameters)),
      ("dtype", .optional(merger.options.type) { .string($0.rawValue) }),
      (
        "parents",
        .array(
          merger.parents.enumerated().map { place, parent in
            .object(Self.facts(parent) + summary.parents[place].statistics)
          })
      ),
      ("base", .optional(merger.base) { .object(Self.facts($0)) }),
      ("statistics", summary.statistics), ("files", .strings(summary.files)),
      ("notes", .strings(summary.notes)), ("warnings", .strings(summary.warnings)),
    ])
  }

  private static func facts(_ parent: MergeParent) -> [(String, JSON)] {
    [
      ("name", .string(parent.name)), ("revision", .string(parent.revision)),
      ("sha256", .string(parent.hash)),
      ("files", .object(parent.files.map { ($0.path, .string($0.hash)) })),
    ]
  }

  // MARK: README.md

  var readme: String {
    // Folders of this machine are no names that others could look up.
    let known = (merger.parents + (merger.base.map { [$0] } ?? [])).filter {
      !$0.name.hasPrefix("local/")
    }
    var lines = ["---", "library_name: sentence-transformers", "pipeline_tag: sentence-similarity"]
    if !known.isEmpty {
      lines.append("base_model:")
      lines += known.map { "- \(JSON.string($0.name).line)" }
      lines.append("base_model_relation: merge")
    }
    lines += ["tags:", "- sentence-transformers", "- merge", "- borda", "---", ""]
    lines += ["# Merged checkpoint", "", sentence, ""]
    lines += ["| checkpoint | revision | SHA-256 | share |", "|---|---|---|---|"]
    for (place, parent) in merger.parents.enumerated() { lines.append(row(parent, share(place))) }
    if let base = merger.base { lines.append(row(base, "base")) }
    lines += ["", "Configuration and tokenizer are those of \(code(merger.parents[0].name))."]
    lines += ["`borda_merge.json` has the hash of every file and the statistics of the merge."]
    for (title, texts) in [("Warnings", summary.warnings), ("Notes", summary.notes)]
    where !texts.isEmpty {
      lines += ["", "## \(title)", ""] + texts.map { "- \($0)" }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private var sentence: String {
    let formula =
      switch merger.method {
      case .linear: "the weighted mean of the parents"
      case .slerp(let t): "spherical interpolation of two parents, tensor by tensor, at t = \(t)"
      case .ties(_, let density):
        "base plus the agreeing part of trimmed changes, density \(density)"
      case .taskArithmetic: "base plus the weighted sum of the parents' changes"
      }
    let types = summary.types.keys.sorted().joined(separator: ", ")
    return "Made by \(merger.options.tool) with the method `\(merger.method.name)`: \(formula)."
      + " \(summary.tensors) tensors, \(summary.parameters) parameters, \(types)."
  }

  private func share(_ place: Int) -> String {
    switch merger.method {
    case .linear(let weights), .ties(let weights, _), .taskArithmetic(let weights):
      "\(weights[place])"
    case .slerp(let t): "\(place == 0 ? 1 - t : t)"
    }
  }

  private func row(_ parent: MergeParent, _ share: String) -> String {
    "| \(code(parent.name)) | \(code(parent.revision)) | `\(parent.hash)` | \(share) |"
  }

  /// A name in a cell of a table.
  private func code(_ text: String) -> String {
    "`\(text.replacing("`", with: "'").replacing("|", with: "\\|").replacing("\n", with: " "))`"
  }
}
