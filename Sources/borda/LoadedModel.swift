// The one place that turns a SPEC into an embedder: backend, then decorators.

import Core
import Encoders
import Foundation
import Storage

/// A model ready to embed, and the prompts it puts before texts.
struct LoadedModel {
  let embedder: any Embedder
  let prompts: Prompts

  /// Loads the model behind a SPEC.
  ///
  /// - Throws: whatever is wrong with the SPEC, the folder or the options.
  init(spec text: String, options: ModelOptions) throws(Failure) {
    let asked = try options.prompts.map { path throws(Failure) in try PromptFile.read(path) }
    switch try ModelSpec(text) {
    case .checkpoint(let folder):
      let local = try Self.local(folder, options)
      prompts = asked ?? local.prompts
      embedder = Prompted(local, prompts: prompts)
    case .vectors(let folder):
      try Self.refuse(options, for: text)
      let files = ["embeddings.npy", "texts.jsonl"].map { folder.appending(path: $0) }
      for file in files where FilePaths.kind(of: file) == nil {
        throw Failure(
          .missing, FilePaths.display(file), "there is no such file",
          hint: "stored vectors are a folder with embeddings.npy and texts.jsonl")
      }
      let revision = try ContentHash.of(files: files, below: folder)
      prompts = asked ?? Prompts()
      embedder = Prompted(
        try StoredVectors(folder: folder, revision: String(revision.prefix(40))), prompts: prompts)
    case .hashBaseline:
      try Self.refuse(options, for: text)
      prompts = asked ?? Prompts()
      embedder = Prompted(HashBaseline(threads: options.threads), prompts: prompts)
    }
  }

  private static func local(
    _ folder: URL, _ options: ModelOptions
  ) throws(Failure) -> LocalEmbedder {
    let pooling = try options.pooling.map { text throws(Failure) in try Pooling(named: text) }
    let checkpoint = try Checkpoint(folder: folder, pooling: pooling)
    let hash = try ContentHash.of(
      files: Checkpoint.identityFiles(below: folder), below: folder)
    let origin = CheckpointOrigin(folder, hash: hash)
    var engine = LocalEmbedder.Options()
    engine.threads = options.threads
    engine.maxTokens = options.maxTokens
    engine.weightsHash = hash
    return try LocalEmbedder(
      checkpoint, name: options.name ?? origin.name, revision: origin.revision, options: engine)
  }

  /// No option may be silently without effect.
  private static func refuse(_ options: ModelOptions, for spec: String) throws(Failure) {
    let given: [(String, Bool)] = [
      ("--pooling", options.pooling != nil), ("--max-tokens", options.maxTokens != nil),
      ("--name", options.name != nil),
    ]
    for (option, isGiven) in given where isGiven {
      throw Failure(
        .usage, option, "means nothing to \(spec)", hint: "leave it out, or name a checkpoint")
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

/// A file of prompts: one JSON object from key to prompt text.
enum PromptFile {
  static func read(_ path: String) throws(Failure) -> Prompts {
    let file = URL(filePath: FilePaths.expandingTilde(path))
    guard FilePaths.kind(of: file) == .file else {
      throw Failure(.missing, path, "there is no such file", hint: "correct --prompts")
    }
    let hint = "write one JSON object from task, type or role to a text: {\"query\": \"query: \"}"
    let json: JSON
    do {
      json = try JSON(parsing: try Data(contentsOf: file))
    } catch {
      throw Failure(.malformed, path, "is not JSON", hint: hint, cause: "\(error)")
    }
    guard let members = json.members else {
      throw Failure(.malformed, path, "is no JSON object", hint: hint)
    }
    var prompts = Prompts()
    for (key, value) in members.entries {
      guard let text = value.string else {
        throw Failure(.malformed, path, "the prompt for '\(key)' is no text", hint: hint)
      }
      prompts.byKey[key] = text
    }
    return prompts
  }
}
