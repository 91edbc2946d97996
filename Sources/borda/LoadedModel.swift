// The one place that turns a SPEC into an embedder: backend, then decorators.

import Core
import Encoders
import Foundation
import Storage

/// A model ready to embed, and the prompts it puts before texts.
struct LoadedModel {
  let embedder: any Embedder
  let choice: PromptChoice
  /// What lies below the embedder where it is a checkpoint.
  private(set) var checkpoint: (files: Checkpoint, engine: LocalEmbedder)?

  var prompts: Prompts { choice.prompts }

  /// Loads the model behind a SPEC.
  ///
  /// - Throws: whatever is wrong with the SPEC, the folder or the options.
  init(spec text: String, options: ModelOptions) throws(Failure) {
    let spec = try ModelSpec(text)
    let (choice, checkpoint) = try Self.choice(for: spec, named: text, options)
    self.choice = choice
    switch spec {
    case .checkpoint(let folder):
      let checkpoint =
        if let checkpoint { checkpoint } else { try Self.checkpoint(folder, options) }
      let local = try Failure.ofModel { () throws(Failure) in
        try Self.local(checkpoint, folder, options)
      }
      self.checkpoint = (checkpoint, local)
      embedder = Prompted(local, prompts: choice.prompts)
    case .merge(let shares):
      let first =
        if let checkpoint { checkpoint } else { try Self.checkpoint(shares[0].folder, options) }
      let (files, local) = try Failure.ofModel { () throws(Failure) in
        try AveragedModel.load(shares, first, name: options.name, Self.engine(options))
      }
      self.checkpoint = (files, local)
      embedder = Prompted(local, prompts: choice.prompts)
    case .vectors(let folder):
      let stored = try Failure.ofModel { () throws(Failure) in
        let revision = try ContentHash.of(files: try StoredVectors.files(in: folder), below: folder)
        return try StoredVectors(folder: folder, revision: String(revision.prefix(40)))
      }
      embedder = Prompted(stored, prompts: choice.prompts)
    case .hashBaseline:
      embedder = Prompted(HashBaseline(threads: options.threads), prompts: choice.prompts)
    }
  }

  /// The prompts of a model, without its weights.
  ///
  /// - Throws: whatever is wrong with the SPEC, the small files of the folder or the options.
  static func prompts(spec text: String, options: ModelOptions) throws(Failure) -> PromptChoice {
    try choice(for: try ModelSpec(text), named: text, options).prompts
  }

  private static func choice(
    for spec: ModelSpec, named text: String, _ options: ModelOptions
  ) throws(Failure) -> (prompts: PromptChoice, checkpoint: Checkpoint?) {
    let folder: URL
    switch spec {
    case .checkpoint(let only): folder = only
    case .merge(let shares): folder = shares[0].folder
    case .vectors, .hashBaseline:
      try refuse(options, for: text)
      return (try PromptChoice(asked: options.prompts), nil)
    }
    let checkpoint = try checkpoint(folder, options)
    let name = options.name ?? CheckpointOrigin(folder, hash: "").name
    let modelType = try Failure.ofModel { () throws(Failure) in try checkpoint.modelType }
    let choice = try PromptChoice(
      asked: options.prompts, own: checkpoint.prompts, modelType: modelType, name: name)
    return (choice, checkpoint)
  }

  private static func checkpoint(
    _ folder: URL, _ options: ModelOptions
  ) throws(Failure) -> Checkpoint {
    let pooling = try options.pooling.map { text throws(Failure) in try Pooling(named: text) }
    return try Failure.ofModel { () throws(Failure) in
      try Checkpoint(folder: folder, pooling: pooling)
    }
  }

  private static func local(
    _ checkpoint: Checkpoint, _ folder: URL, _ options: ModelOptions
  ) throws(Failure) -> LocalEmbedder {
    let hash = try ContentHash.of(
      files: Checkpoint.identityFiles(below: folder), below: folder)
    let origin = CheckpointOrigin(folder, hash: hash)
    var engine = engine(options)
    engine.weightsHash = hash
    return try LocalEmbedder(
      checkpoint, name: options.name ?? origin.name, revision: origin.revision, options: engine)
  }

  private static func engine(_ options: ModelOptions) -> LocalEmbedder.Options {
    var engine = LocalEmbedder.Options()
    engine.threads = options.threads
    engine.maxTokens = options.maxTokens
    engine.dimensions = options.dimensions
    engine.normalizesResult = options.normalizes
    return engine
  }

  /// No option may be silently without effect.
  private static func refuse(_ options: ModelOptions, for spec: String) throws(Failure) {
    let given: [(String, Bool)] = [
      ("--pooling", options.pooling != nil), ("--max-tokens", options.maxTokens != nil),
      ("--name", options.name != nil), ("--dimensions", options.dimensions != nil),
      ("--normalize", options.normalizes),
    ]
    for (option, isGiven) in given where isGiven {
      throw Failure(
        .usage, option, "means nothing to \(spec)", hint: "leave it out, or name a checkpoint")
    }
  }
}

extension Failure {
  /// Reads a model; whatever is wrong with its files makes it unusable, which has an exit code.
  static func ofModel<T>(_ read: () throws(Failure) -> T) throws(Failure) -> T {
    do throws(Failure) {
      return try read()
    } catch {
      var failure = error
      if [.malformed, .unsupported].contains(error.code) { failure.code = .unusable }
      throw failure
    }
  }
}

/// Name and revision of a checkpoint folder.
struct CheckpointOrigin {
  let name: String
  let revision: String

  /// A snapshot in a hub cache, `models--org--name/snapshots/<commit>`, says both itself.
  ///
  /// Any other folder is `local/<folder name>` at the first 40 digits of the hash of its files.
  init(_ folder: URL, hash: String) {
    let resolved = folder.standardizedFileURL
    let parts = resolved.pathComponents.filter { $0 != "/" }
    if parts.count >= 3, parts[parts.count - 2] == "snapshots",
      parts[parts.count - 3].hasPrefix("models--")
    {
      name = String(parts[parts.count - 3].dropFirst("models--".count)).replacing("--", with: "/")
      revision = parts[parts.count - 1]
    } else {
      name = "local/\(parts.last ?? "model")"
      revision = String(hash.prefix(40))
    }
  }
}
