// Whether checkpoints can be merged at all: the same modules, tensors and shapes, the same
// settings, the same tokenizer. Every difference is collected, none is passed over.

import Core
import Foundation
import Tensors

/// What stands against merging one parent with the first, and what is only worth knowing.
struct Match {
  /// One line each; empty for parents that match.
  private(set) var differences: [String] = []
  private(set) var notes: [String] = []
  private let first: ParentFolder
  private let other: ParentFolder

  /// Compares everything.
  ///
  /// - Throws: `Failure` for a file that cannot be read, as opposed to one that differs.
  init(_ first: ParentFolder, _ other: ParentFolder) throws(Failure) {
    self.first = first
    self.other = other
    if first.modules != other.modules {
      differ("modules.json", text(first.modules), text(other.modules))
    }
    // Folders that only one of them has are named by the line above.
    let common = Set(first.modules.map(\.path)).intersection(other.modules.map(\.path))
    for path in common.sorted() { try comparePart(path) }
    try compareSettings()
  }

  private func text(_ modules: [ParentFolder.Module]) -> String {
    modules.map { $0.path.isEmpty ? $0.kind : "\($0.kind) in \($0.path)" }.joined(separator: ", ")
  }

  private mutating func differ(_ what: String, _ inFirst: String, _ inOther: String) {
    differences.append("\(what): \(inFirst) in \(first.label), \(inOther) in \(other.label)")
  }

  // MARK: Tensors

  private mutating func comparePart(_ path: String) throws(Failure) {
    let mine = first.weights[path]?.tensors ?? [:]
    let theirs = other.weights[path]?.tensors ?? [:]
    let place = path.isEmpty ? "" : "\(path)/"
    var types: [String: [String]] = [:]
    for name in Set(mine.keys).union(theirs.keys).sorted() {
      switch (mine[name], theirs[name]) {
      case (let mine?, nil): lacks(place + name, mine, other, first)
      case (nil, let theirs?): lacks(place + name, theirs, first, other)
      case (let mine?, let theirs?):
        compare(mine, theirs, place + name)
        if mine.type != theirs.type {
          types["\(mine.type) in \(first.label), \(theirs.type) in \(other.label)", default: []]
            .append(place + name)
        }
      case (nil, nil): break
      }
    }
    for (pair, names) in types.sorted(by: { $0.key < $1.key }) {
      let more = names.count > 1 ? " and \(names.count - 1) more" : ""
      notes.append("types differ: \(pair) (\(names[0])\(more)); computed in float32")
    }
    try compareConfig(place + "config.json")
    for name in ParentFolder.tokenizer { try compareTokenizer(place, name) }
  }

  private mutating func lacks(
    _ name: String, _ tensor: Tensor, _ without: ParentFolder, _ with: ParentFolder
  ) {
    differences.append(
      "\(without.label) lacks the tensor \(name) \(tensor.shape), which \(with.label) has")
  }

  private mutating func compare(_ mine: Tensor, _ theirs: Tensor, _ name: String) {
    guard mine.shape == theirs.shape else {
      return differ("shape of \(name)", "\(mine.shape)", "\(theirs.shape)")
    }
    for (tensor, parent) in [(mine, first), (theirs, other)]
    where tensor.isFloatingPoint && !Self.mergeable.contains(tensor.type) {
      differences.append("\(name) is \(tensor.type) in \(parent.label), which cannot be averaged")
    }
    guard mine.isFloatingPoint == theirs.isFloatingPoint else {
      return differ("type of \(name)", mine.type, theirs.type)
    }
    if !mine.isFloatingPoint, !mine.hasSameBytes(as: theirs) {
      differences.append(
        "\(name) (\(mine.type)) has other numbers in \(other.label) than in \(first.label), and only"
          + " floating-point tensors can be averaged")
    }
  }

  /// The types that are read as f32 without loss of meaning.
  static let mergeable: Set<String> = ["F32", "F16", "BF16", "F64"]

  // MARK: Settings

  /// Keys of `config.json` that change no vector; everything else has to be equal.
  ///
  /// They say where a model came from, how it was saved, and what only training uses.
  private static let harmless: Set<String> = [
    "_name_or_path", "name_or_path", "_commit_hash", "_attn_implementation",
    "_attn_implementation_autoset", "_attn_implementation_internal", "_experts_implementation",
    "architectures", "attn_implementation", "auto_map", "transformers_version", "torch_dtype",
    "dtype", "use_cache", "initializer_range", "initializer_factor", "gradient_checkpointing",
    "attention_probs_dropout_prob", "hidden_dropout_prob", "attention_dropout", "dropout",
    "dropout_rate", "embedding_dropout", "mlp_dropout", "activation_dropout", "resid_pdrop",
    "embd_pdrop", "attn_pdrop", "classifier_dropout", "classifier_dropout_prob",
    "cls_dropout", "finetuning_task", "id2label", "label2id", "problem_type", "output_attentions",
    "output_hidden_states", "return_dict", "temperature", "sentence_transformers",
  ]

  private mutating func compareConfig(_ path: String) throws(Failure) {
    let mine = try SmallFile.json(first.url.appending(path: path))?.json
    let theirs = try SmallFile.json(other.url.appending(path: path))?.json
    compareKeys(path, mine, theirs) { !Self.harmless.contains($0) }
  }

  /// Absent and null are the same.
  private mutating func compareKeys(
    _ path: String, _ mine: JSON?, _ theirs: JSON?, where matters: (String) -> Bool
  ) {
    let keys = Set(mine?.members?.keys ?? []).union(theirs?.members?.keys ?? [])
    for key in keys.sorted() where matters(key) {
      let (a, b) = (mine?[key] ?? .null, theirs?[key] ?? .null)
      if a.isSame(as: b) { continue }
      if Self.shown(a) == Self.shown(b) {
        // Long values that begin alike.
        differences.append("\(path): \(key) differs between \(first.label) and \(other.label)")
      } else {
        differ("\(path): \(key)", Self.shown(a), Self.shown(b))
      }
    }
  }

  private static func shown(_ value: JSON) -> String {
    let text = value.isNull ? "absent" : value.line
    return text.count > 60 ? text.prefix(60) + "…" : text
  }

  /// Sentence-transformers' own files: what changes vectors has to be equal, what changes how they
  /// are used is the first parent's.
  private mutating func compareSettings() throws(Failure) {
    let path = "config_sentence_transformers.json"
    let mine = try SmallFile.json(first.url.appending(path: path))?.json
    let theirs = try SmallFile.json(other.url.appending(path: path))?.json
    let strict: Set = ["similarity_fn_name", "truncate_dim"]
    compareKeys(path, mine, theirs, where: strict.contains)
    note(path, ["prompts", "default_prompt_name"], mine, theirs)
    let folder = first.modules[0].path
    let lengths =
      folder.isEmpty ? "sentence_bert_config.json" : "\(folder)/sentence_bert_config.json"
    let myLengths = try SmallFile.json(first.url.appending(path: lengths))?.json
    let theirLengths = try SmallFile.json(other.url.appending(path: lengths))?.json
    compareKeys(lengths, myLengths, theirLengths) { $0 == "do_lower_case" }
    note(lengths, ["max_seq_length"], myLengths, theirLengths)
  }

  private mutating func note(_ path: String, _ keys: [String], _ mine: JSON?, _ theirs: JSON?) {
    for key in keys {
      let (a, b) = (mine?[key] ?? .null, theirs?[key] ?? .null)
      if !a.isSame(as: b) {
        notes.append(
          "\(path): \(key) is \(Self.shown(a)) in \(first.label), \(Self.shown(b)) in"
            + " \(other.label); the first one's is kept")
      }
    }
  }

  // MARK: Tokenizers

  /// Settings that change token ids also where a `tokenizer.json` rules.
  private static let tokenizerKeys: Set<String> = [
    "do_lower_case", "strip_accents", "tokenize_chinese_chars", "add_bos_token", "add_eos_token",
    "add_prefix_space", "legacy", "padding_side", "truncation_side", "bos_token", "eos_token",
    "unk_token", "pad_token", "cls_token", "sep_token", "mask_token",
  ]

  private mutating func compareTokenizer(_ place: String, _ name: String) throws(Failure) {
    let path = place + name
    let urls = (first.url.appending(path: path), other.url.appending(path: path))
    let (mine, theirs) = (try SmallFile.bytes(urls.0), try SmallFile.bytes(urls.1))
    if mine == theirs { return }
    switch name {
    case "tokenizer_config.json":
      compareKeys(
        path, try SmallFile.json(urls.0)?.json, try SmallFile.json(urls.1)?.json,
        where: Self.tokenizerKeys.contains)
    case "tokenizer.json" where mine != nil && theirs != nil:
      let (a, b) = (try SmallFile.json(urls.0)?.json, try SmallFile.json(urls.1)?.json)
      let before = differences.count
      compareKeys(path, a, b) { !["truncation", "padding", "version"].contains($0) }
      if differences.count == before {
        notes.append(
          "\(path): differs in padding, truncation or layout only; the first one is kept")
      }
    case "special_tokens_map.json", "added_tokens.json":
      // Copies of what the two files above say; where those are equal, these cannot matter.
      notes.append("\(path): differs; the first one is kept")
    default:
      let rules = place + "tokenizer.json"
      let isSpare =
        FilePaths.kind(of: first.url.appending(path: rules)) == .file
        && FilePaths.kind(of: other.url.appending(path: rules)) == .file
      if isSpare, mine == nil || theirs == nil { return }
      differ(path, Self.described(mine), Self.described(theirs))
    }
  }

  private static func described(_ bytes: [UInt8]?) -> String {
    bytes.map { "\($0.count) bytes of another content" } ?? "absent"
  }
}

extension JSON {
  /// Equal as settings: whole numbers equal fractions of their value, the order of keys does not
  /// count, a member that is null counts as absent.
  fileprivate func isSame(as other: JSON) -> Bool {
    switch (self, other) {
    case (.array(let a), .array(let b)):
      return a.count == b.count && zip(a, b).allSatisfy { $0.isSame(as: $1) }
    case (.object(let a), .object(let b)):
      return Set(a.keys).union(b.keys).allSatisfy { (a[$0] ?? .null).isSame(as: b[$0] ?? .null) }
    default:
      if let a = double, let b = other.double { return a == b }
      return self == other
    }
  }
}
