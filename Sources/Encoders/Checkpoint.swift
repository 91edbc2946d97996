// A checkpoint folder as sentence-transformers lays it out: which modules it lists, how long texts
// may be, which prompts it carries. Reads the small files only; `Architectures` reads the weights.

package import Core
package import Foundation

/// What the small files of a checkpoint folder say, checked against each other.
package struct Checkpoint: Sendable {
  /// A module after pooling, in the order of `modules.json`.
  enum Step: Sendable {
    /// Divide by the Euclidean norm.
    case normalize
    /// A linear layer whose configuration and weights lie in this folder.
    case dense(URL)
  }

  /// The folder, as messages name it.
  package let name: String
  /// Where the transformer's `config.json`, weights and tokenizer lie: the folder or one below it.
  package let transformerFolder: URL
  let steps: [Step]
  /// Chosen by the caller, or nil to read it from `poolingFile`.
  let chosenPooling: Pooling?
  let poolingFile: URL?
  package let prompts: Prompts
  package let similarity: Similarity
  /// Longest input in tokens that `sentence_bert_config.json` asks for.
  package let maxTokens: Int?
  /// Whether texts are lower-cased before the tokenizer sees them.
  package let lowercasesFirst: Bool
  /// How many leading dimensions the checkpoint keeps; nil for all.
  package let keptDimensions: Int?

  /// Reads a folder.
  ///
  /// `pooling` takes the place of the folder's own; it is needed where there is no `modules.json`.
  ///
  /// - Throws: `Failure` naming the file and what is wrong with it.
  package init(folder: URL, pooling: Pooling? = nil) throws(Failure) {
    name = FilePaths.display(folder)
    guard FilePaths.kind(of: folder) == .folder else {
      throw Failure(
        .missing, name, "is not a checkpoint folder",
        hint: FilePaths.nearestSibling(of: folder).map { "did you mean \($0)?" })
    }
    let modules = try Self.modules(in: folder, pooling: pooling)
    transformerFolder = modules.transformer
    poolingFile = modules.pooling
    steps = modules.steps
    chosenPooling = pooling

    let lengths = try ConfigFile.ifPresent(
      transformerFolder.appending(path: "sentence_bert_config.json"))
    maxTokens = try lengths?.integer("max_seq_length", in: 1...(1 << 24))
    lowercasesFirst = try lengths?.bool("do_lower_case", fallback: false) ?? false

    let settings = try ConfigFile.ifPresent(
      folder.appending(path: "config_sentence_transformers.json"))
    prompts = try settings.map(Self.prompts) ?? Prompts()
    similarity = try settings.map(Self.similarity) ?? .cosine
    keptDimensions = try settings?.integer("truncate_dim", in: 1...(1 << 24))
  }

  // MARK: modules.json

  private struct Modules {
    var transformer: URL
    var pooling: URL?
    var steps: [Step] = []
  }

  /// The chain of modules: Transformer, Pooling, then any of Dense and Normalize.
  private static func modules(in folder: URL, pooling: Pooling?) throws(Failure) -> Modules {
    let url = folder.appending(path: "modules.json")
    guard let file = try readModules(url) else {
      // Guessing here would be silent: sentence-transformers takes the mean for some models and
      // the last token for others.
      if pooling != nil { return Modules(transformer: folder) }
      try requireConfig(folder)
      throw Failure(
        .missing, FilePaths.display(url), "does not exist, so the pooling is unknown",
        hint: "say --pooling mean, cls or lasttoken, as the model was trained")
    }
    guard let entries = file.json.array else {
      throw Failure(.malformed, file.name, "holds no list of modules")
    }
    var modules = Modules(transformer: folder)
    for (place, entry) in entries.enumerated() {
      guard let type = entry["type"]?.string else {
        throw Failure(.malformed, file.name, "module \(place) has no type")
      }
      let path = try self.path(of: entry, place, in: folder, file)
      // Only the last part of the Python path means anything; the rest differs by version.
      let kind = type.split(separator: ".").last.map(String.init) ?? type
      switch (place, kind) {
      case (0, "Transformer"): modules.transformer = path
      case (1, "Pooling"): modules.pooling = path.appending(path: "config.json")
      case (2..., "Normalize"): modules.steps.append(.normalize)
      case (2..., "Dense"): modules.steps.append(.dense(path))
      case (_, "Dropout"): break  // only trains
      default:
        throw Failure(
          .unsupported, file.name, "module \(place) is \(type)",
          hint: "Borda runs Transformer, Pooling, then any of Dense and Normalize")
      }
    }
    guard modules.pooling != nil else {
      throw Failure(
        .unsupported, file.name, "lists \(entries.count) modules, expected Transformer and Pooling")
    }
    return modules
  }

  private static func readModules(_ url: URL) throws(Failure) -> ConfigFile? {
    do throws(Failure) {
      return try ConfigFile(url, isObject: false)
    } catch  where error.code == .missing {
      return nil
    } catch {
      throw error
    }
  }

  /// Says first what is missing most: a folder without config.json is no checkpoint at all.
  private static func requireConfig(_ folder: URL) throws(Failure) {
    _ = try ConfigFile(folder.appending(path: "config.json"))
  }

  private static func path(
    of entry: JSON, _ place: Int, in folder: URL, _ file: ConfigFile
  ) throws(Failure) -> URL {
    guard let path = entry["path"]?.string else {
      throw Failure(.malformed, file.name, "module \(place) has no path")
    }
    if path.isEmpty { return folder }
    let components = path.split(separator: "/", omittingEmptySubsequences: false)
    guard !path.hasPrefix("/"), !path.contains("\\"), !path.contains("\0"),
      !components.dropLast().contains(""), !components.contains("..")
    else {
      throw Failure(
        .malformed, file.name, "module \(place): the path '\(path)' leads outside the checkpoint")
    }
    return folder.appending(path: path)
  }

  // MARK: config_sentence_transformers.json

  private static func prompts(_ file: ConfigFile) throws(Failure) -> Prompts {
    guard let value = file["prompts"] else { return Prompts() }
    guard let members = value.members else { throw file.wrong("prompts", "is no object of texts") }
    var byKey: [String: String] = [:]
    for (key, value) in members.entries where !value.isNull {
      guard let text = value.string else {
        throw file.wrong("prompts", "holds no text for '\(key)'")
      }
      byKey[key] = text
    }
    guard let name = try file.string("default_prompt_name") else { return Prompts(byKey: byKey) }
    guard let standard = byKey[name] else {
      throw file.wrong(
        "default_prompt_name", "is '\(name)', which is not among the prompts",
        hint: Suggest.hint(
          for: name, among: byKey.keys, otherwise: "add it to prompts, or set it to null"))
    }
    return Prompts(byKey: byKey, standard: standard)
  }

  private static func similarity(_ file: ConfigFile) throws(Failure) -> Similarity {
    guard let name = try file.string("similarity_fn_name") else { return .cosine }
    switch name {
    case "cosine": return .cosine
    case "dot", "dot_score": return .dot
    default:
      throw file.unsupported(
        "similarity_fn_name", "is '\(name)'", hint: "Borda compares by cosine or dot")
    }
  }
}
