// The chain of modules of a checkpoint: modules.json in all its dialects, and what holds without it.

import Core
import Foundation

/// Where the modules of a checkpoint lie, and in which order they compute.
struct CheckpointModules {
  /// The transformer or the static table.
  private(set) var model: URL
  private(set) var isStatic = false
  private(set) var pooling: Checkpoint.PoolingSource
  private(set) var steps: [Checkpoint.Step] = []

  private static let understood =
    "Borda runs Transformer and Pooling, or StaticEmbedding, then any of Dense, LayerNorm and"
    + " Normalize"

  /// Reads `modules.json`; `chosen` takes the place of its pooling, and is needed without it.
  ///
  /// - Throws: `Failure` naming the file and the module that is not understood, or the path that
  ///   leaves the checkpoint.
  /// - Returns: the chain.
  static func read(
    _ folder: URL, pooling chosen: Pooling?, _ boundary: CheckpointBoundary
  ) throws(Failure) -> CheckpointModules {
    guard let file = try list(folder.appending(path: "modules.json")) else {
      return try CheckpointModules(rootOnly: folder, pooling: chosen)
    }
    return try CheckpointModules(listed: file, in: folder, pooling: chosen, boundary)
  }

  private static func list(_ url: URL) throws(Failure) -> ConfigFile? {
    do throws(Failure) {
      return try ConfigFile(url, isObject: false)
    } catch  where error.code == .missing {
      return nil
    } catch {
      throw error
    }
  }

  private init(
    listed file: ConfigFile, in folder: URL, pooling chosen: Pooling?,
    _ boundary: CheckpointBoundary
  ) throws(Failure) {
    guard let entries = file.json.array else {
      throw Failure(.malformed, file.name, "holds no list of modules")
    }
    model = folder
    var pooling = chosen.map { Checkpoint.PoolingSource.chosen($0) }
    var (hasModel, hasPooling) = (false, chosen != nil)
    for (place, entry) in entries.enumerated() {
      guard let type = entry["type"]?.string else {
        throw Failure(.malformed, file.name, "module \(place) has no type")
      }
      let path = try boundary.folder(entry["path"]?.string, of: place, in: folder, file.name)
      // Only the last part of the Python path means anything; the rest differs by version.
      let kind = type.split(separator: ".").last.map(String.init) ?? type
      switch (place, kind) {
      case (0, "Transformer"): (model, hasModel) = (path, true)
      case (0, "StaticEmbedding"):
        (model, hasModel, isStatic) = (path, true, true)
        pooling = .chosen(try Self.poolingOfStatic(chosen, file.name))
        hasPooling = true
      case (1, "Pooling") where !isStatic:
        pooling = pooling ?? .file(path.appending(path: "config.json"))
        hasPooling = true
      case (_, "Dropout"): break  // only trains
      case (1..., "Normalize") where hasPooling:
        try Self.checkNormalize(path)
        steps.append(.normalize)
      case (1..., "Dense") where hasPooling: steps.append(.dense(path))
      case (1..., "LayerNorm") where hasPooling: steps.append(.layerNorm(path))
      default:
        throw Failure(
          .unsupported, file.name, "module \(place) is \(type)", hint: Self.understood)
      }
    }
    guard hasModel, hasPooling, let pooling else {
      throw Failure(
        .unsupported, file.name,
        "lists \(entries.count) modules, expected Transformer and Pooling",
        hint: Self.understood)
    }
    self.pooling = pooling
  }

  /// The mean is what makes a static table a model of texts.
  private static func poolingOfStatic(
    _ chosen: Pooling?, _ name: String
  ) throws(Failure) -> Pooling {
    let mean = Pooling([.mean])
    guard let chosen, chosen != mean else { return mean }
    throw Failure(
      .usage, name, "a StaticEmbedding takes the mean, not \(chosen.description)",
      hint: "leave --pooling out")
  }

  /// Newer files may normalise something else than the text's vector.
  private static func checkNormalize(_ folder: URL) throws(Failure) {
    guard let config = try ConfigFile.ifPresent(folder.appending(path: "config.json")) else {
      return
    }
    // The root's own config.json where the module has no folder of its own.
    for key in ["module_input_name", "module_output_name"] {
      if let name = try config.string(key), name != "sentence_embedding" {
        throw config.unsupported(key, "of Normalize is '\(name)'")
      }
    }
  }

  // MARK: Without modules.json

  /// A folder that holds a model and nothing about what follows it.
  ///
  /// Guessing the pooling would be silent: sentence-transformers takes the last token where the
  /// architecture is a causal language model, the mean everywhere else.
  private init(rootOnly folder: URL, pooling chosen: Pooling?) throws(Failure) {
    model = folder
    let config = try Self.config(of: folder)
    if try config.string("model_type") == "model2vec" {
      isStatic = true
      pooling = .chosen(try Self.poolingOfStatic(chosen, config.name))
      if try config.bool("normalize", fallback: false) { steps = [.normalize] }
      return
    }
    guard let chosen else {
      // A model that does not run at all needs no pooling: that is said first.
      _ = try Architectures.loader(for: config)
      throw try Self.unknownPooling(folder, config)
    }
    pooling = .chosen(chosen)
  }

  /// Says first what is missing most: a folder without config.json is no checkpoint at all.
  private static func config(of folder: URL) throws(Failure) -> ConfigFile {
    let adapter = folder.appending(path: "adapter_config.json")
    do throws(Failure) {
      return try ConfigFile(folder.appending(path: "config.json"))
    } catch  where error.code == .missing && FilePaths.kind(of: adapter) != nil {
      throw Failure(
        .unsupported, FilePaths.display(adapter),
        "says that the folder holds an adapter, not a whole model",
        hint: "merge the adapter into its base model and save the result")
    } catch {
      throw error
    }
  }

  private static func unknownPooling(_ folder: URL, _ config: ConfigFile) throws(Failure) -> Failure
  {
    let name = FilePaths.display(folder.appending(path: "modules.json"))
    let stated = ["avg": "mean", "mean": "mean", "cls": "cls", "last": "lasttoken"]
    if let pooling = config["pooling"]?.string, let option = stated[pooling] {
      return Failure(
        .missing, name,
        "does not exist, so what follows the token vectors is unknown; config.json says pooling"
          + " '\(pooling)'",
        hint: "say --pooling \(option), and --normalize if its vectors have norm 1")
    }
    let architecture = config["architectures"]?.array?.first?.string ?? ""
    if architecture.hasSuffix("ForCausalLM"), try config.bool("is_causal", fallback: true) {
      return Failure(
        .missing, name,
        "does not exist, so the pooling is unknown: \(architecture) may be a model of the last"
          + " token, or one made bidirectional that takes the mean",
        hint: "say --pooling lasttoken or --pooling mean, as it was trained, and --normalize if its"
          + " vectors have norm 1")
    }
    return Failure(
      .missing, name, "does not exist, so the pooling is unknown",
      hint: "say --pooling mean, cls or lasttoken, as the model was trained, and --normalize if its"
        + " vectors have norm 1")
  }
}
