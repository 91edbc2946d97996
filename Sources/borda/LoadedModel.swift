// The one place that turns a SPEC into an embedder: backend, then decorators.

import Core
import Encoders
import Evaluation
import Foundation
import Network
import Remote
import Storage

/// A model ready to embed, and the prompts it puts before texts.
struct LoadedModel {
  let embedder: any Embedder
  let choice: PromptChoice
  /// What lies below the embedder where it is a checkpoint.
  private(set) var checkpoint: (files: Checkpoint, engine: LocalEmbedder)?
  /// Whether vectors of such a model are kept where there is a cache.
  let isCacheable: Bool
  /// What a user should know of the model before it is used.
  private(set) var notes: [String] = []
  /// Whether a server computes, of which less is known than of files.
  private(set) var isRemote = false

  var prompts: Prompts { choice.prompts }

  /// Loads the model behind a SPEC; one of a hub is fetched first where the cache lacks it.
  ///
  /// - Parameters:
  ///   - text: the SPEC.
  ///   - options: how the model runs.
  ///   - cache: where vectors are kept; nil to compute every one. The baseline, stored vectors and
  ///     static models are faster than any cache and go without.
  ///   - memory: what may be taken.
  ///   - onNote: told what comes up while it is used.
  /// - Throws: whatever is wrong with the SPEC, the folder, the server or the options; a refusal of
  ///   weights that do not fit into `memory`, before they are read.
  init(
    spec text: String, options: ModelOptions, cache: EmbeddingCache.Settings? = nil,
    memory: MemoryBudget = .none, onNote: @escaping @Sendable (String) -> Void = Terminal.note
  ) async throws(Failure) {
    let spec = try await HubModel.local(try ModelSpec(text), isOffline: options.isOffline)
    let (choice, checkpoint, server) = try await Self.choice(
      for: spec, named: text, options, onNote)
    self.choice = choice
    switch spec {
    case .checkpoint(let folder):
      let checkpoint =
        if let checkpoint { checkpoint } else { try Self.checkpoint(folder, options) }
      let local = try Failure.ofModel { () throws(Failure) in
        try memory.check(weights: checkpoint.weightBytes(), text)
        return try Self.local(checkpoint, folder, options)
      }
      self.checkpoint = (checkpoint, local)
      isCacheable = !checkpoint.isStatic
      embedder = Self.composed(
        local, choice.prompts, isCacheable ? cache : nil, threads: options.threadCount)
    case .merge(let shares):
      let first =
        if let checkpoint { checkpoint } else { try Self.checkpoint(shares[0].folder, options) }
      let (files, local) = try Failure.ofModel { () throws(Failure) in
        try memory.check(weights: first.weightBytes(), text)
        return try AveragedModel.load(shares, first, name: options.name, Self.engine(options))
      }
      self.checkpoint = (files, local)
      isCacheable = !files.isStatic
      embedder = Self.composed(
        local, choice.prompts, isCacheable ? cache : nil, threads: options.threadCount)
    case .vectors(let folder):
      let stored = try Failure.ofModel { () throws(Failure) in
        let revision = try ContentHash.of(files: try StoredVectors.files(in: folder), below: folder)
        return try StoredVectors(folder: folder, revision: String(revision.prefix(40)))
      }
      isCacheable = false
      embedder = Self.composed(stored, choice.prompts, nil)
    case .server:
      guard let server else { preconditionFailure("\(text) was not opened") }
      isRemote = true
      notes = server.notes.map { "\(text): \($0)" }
      isCacheable = true
      embedder = Self.composed(server, choice.prompts, cache)
    case .hub(let repository, _): preconditionFailure("\(repository) was not fetched")
    case .hashBaseline:
      isCacheable = false
      embedder = Self.composed(HashBaseline(threads: options.threads), choice.prompts, nil)
    }
  }

  /// Puts the decorators around a backend: the cache next to it, prompts outside.
  ///
  /// With `threads` a chunk has enough texts to keep all of them at work.
  private static func composed(
    _ backend: some Embedder, _ prompts: Prompts, _ cache: EmbeddingCache.Settings?,
    threads: Int = 1
  ) -> any Embedder {
    guard let cache else { return Prompted(backend, prompts: prompts) }
    let kept = EmbeddingCache(
      model: backend.model, engineVersion: LocalEmbedder.vectorsVersion, cache)
    var chunking = CacheChunking()
    chunking.minimum = min(max(chunking.minimum, 16 * threads), chunking.maximum)
    return Prompted(Cached(backend, in: kept, chunking: chunking), prompts: prompts)
  }

  /// The prompts of a model, without its weights.
  ///
  /// A server is asked who it is, for the name of its model.
  ///
  /// - Throws: whatever is wrong with the SPEC, the small files of the folder or the options.
  static func prompts(
    spec text: String, options: ModelOptions
  ) async throws(Failure) -> PromptChoice {
    let spec = try await HubModel.local(try ModelSpec(text), isOffline: options.isOffline)
    return try await choice(for: spec, named: text, options, Terminal.note).prompts
  }

  private static func choice(
    for spec: ModelSpec, named text: String, _ options: ModelOptions,
    _ onNote: @escaping @Sendable (String) -> Void
  ) async throws(Failure) -> (prompts: PromptChoice, Checkpoint?, ServerEmbedder?) {
    let folder: URL
    if options.apiKeyFile != nil, !spec.isServer {
      throw Failure(
        .usage, "--api-key-file", "means nothing to \(text)", hint: "leave it out, or name a server"
      )
    }
    switch spec {
    case .checkpoint(let only): folder = only
    case .merge(let shares): folder = shares[0].folder
    case .server(let spec):
      try refuse(options, for: text, isServer: true)
      let server = try await ServerEmbedder.open(spec, try settings(options, onNote))
      let choice = try PromptChoice(
        asked: options.prompts, own: Prompts(), modelType: nil, name: server.model.name)
      return (choice, nil, server)
    case .vectors, .hashBaseline, .hub:
      try refuse(options, for: text)
      return (try PromptChoice(asked: options.prompts), nil, nil)
    }
    let checkpoint = try checkpoint(folder, options)
    let name = options.name ?? CheckpointOrigin(folder, hash: "").name
    let modelType = try Failure.ofModel { () throws(Failure) in try checkpoint.modelType }
    let choice = try PromptChoice(
      asked: options.prompts, own: checkpoint.prompts, modelType: modelType, name: name)
    return (choice, checkpoint, nil)
  }

  private static func settings(
    _ options: ModelOptions, _ onNote: @escaping @Sendable (String) -> Void
  ) throws(Failure) -> ServerSettings {
    var settings = ServerSettings()
    settings.key = try ServerSettings.key(file: options.apiKeyFile)
    settings.proxies = Proxies(environment: ProcessInfo.processInfo.environment)
    settings.dimensions = options.dimensions
    settings.name = options.name
    if let threads = options.threads { settings.connections = threads }
    settings.onNote = onNote
    return settings
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
  private static func refuse(
    _ options: ModelOptions, for spec: String, isServer: Bool = false
  ) throws(Failure) {
    let given: [(String, Bool)] = [
      ("--pooling", options.pooling != nil), ("--max-tokens", options.maxTokens != nil),
      ("--name", options.name != nil && !isServer),
      ("--dimensions", options.dimensions != nil && !isServer), ("--normalize", options.normalizes),
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
