// A checkpoint folder as sentence-transformers lays it out: what its small files say of lengths,
// prompts and similarity. `Checkpoint+Modules` reads the chain of modules, `Checkpoint+Links` keeps
// every path inside the folder; `Architectures` reads the weights.

package import Core
package import Foundation
import Tensors

/// What the small files of a checkpoint folder say, checked against each other.
package struct Checkpoint: Sendable {
  /// A module after pooling, in the order of `modules.json`.
  enum Step: Sendable {
    /// Divide by the Euclidean norm.
    case normalize
    /// A linear layer whose configuration and weights lie in this folder.
    case dense(URL)
    /// A layer norm whose configuration and weights lie in this folder.
    case layerNorm(URL)
  }

  /// The folder, as messages name it.
  package let name: String
  /// Where the `config.json`, weights and tokenizer of the transformer, or of the static table, lie:
  /// the folder or one below it.
  package let transformerFolder: URL
  /// Whether the model is a table of vectors, one for each token, without a transformer.
  package let isStatic: Bool
  let steps: [Step]
  let pooling: PoolingSource
  package let prompts: Prompts
  package let similarity: Similarity
  /// Longest input in tokens that `sentence_bert_config.json` asks for.
  package let maxTokens: Int?
  /// Whether texts are lower-cased before the tokenizer sees them.
  package let lowercasesFirst: Bool
  /// How many leading dimensions the checkpoint keeps; nil for all.
  package let keptDimensions: Int?
  /// Where the weights come from instead of this folder.
  package var average: CheckpointAverage?

  /// Who says how token vectors become one vector.
  enum PoolingSource: Sendable {
    case chosen(Pooling)
    case file(URL)
  }

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
    let boundary = CheckpointBoundary(folder)
    try boundary.checkFiles(in: folder)
    let modules = try CheckpointModules.read(folder, pooling: pooling, boundary)
    transformerFolder = modules.model
    isStatic = modules.isStatic
    steps = modules.steps
    self.pooling = modules.pooling
    if !isStatic { try Self.refuseAdapter(transformerFolder) }

    let lengths = try Self.lengths(transformerFolder)
    maxTokens = try lengths?.integer("max_seq_length", in: 1...(1 << 24))
    lowercasesFirst = try lengths?.bool("do_lower_case", fallback: false) ?? false

    let settings = try ConfigFile.ifPresent(
      folder.appending(path: "config_sentence_transformers.json"))
    prompts = try settings.map(Self.prompts) ?? Prompts()
    similarity = try settings.map(Self.similarity) ?? .cosine
    keptDimensions = try settings?.integer("truncate_dim", in: 1...(1 << 24))
  }

  /// The `model_type` of `config.json`, or nil where there is none.
  package var modelType: String? {
    get throws(Failure) {
      try ConfigFile.ifPresent(transformerFolder.appending(path: "config.json"))?.string(
        "model_type")
    }
  }

  /// The types that the model's weights are stored in, such as `BF16`, by name.
  ///
  /// - Throws: `Failure` as reading the weights does.
  package func storedTypes() throws(Failure) -> [String] {
    let tensors = try tensors(in: transformerFolder).tensors.values
    return Set(tensors.filter(\.isFloatingPoint).map(\.type)).sorted()
  }

  /// Bytes of all weights as float32, by the headers of the files.
  ///
  /// - Throws: `Failure` as reading the weights does.
  package func weightBytes() throws(Failure) -> Int {
    let tensors = try tensors(in: transformerFolder).tensors.values
    return tensors.reduce(0) { $0 + ($1.isFloatingPoint ? 4 * $1.count : 0) }
  }

  /// The names that `sentence_bert_config.json` has had; the first one that is there counts.
  static let lengthFiles = ["bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta"]
    .map { "sentence_\($0)_config.json" }

  private static func lengths(_ folder: URL) throws(Failure) -> ConfigFile? {
    for name in lengthFiles {
      guard let file = try ConfigFile.ifPresent(folder.appending(path: name)) else { continue }
      if let output = try file.string("module_output_name"), output != "token_embeddings" {
        throw file.unsupported(
          "module_output_name", "is '\(output)'", hint: "Borda pools the token vectors itself")
      }
      for key in ["query_length", "document_length"] where file[key] != nil {
        throw file.unsupported(
          key, "is set, as for models with a vector for each token",
          hint: "Borda measures models with one vector for each text")
      }
      return file
    }
    return nil
  }

  /// An adapter alone is not a model, and without its base its weights mean nothing.
  private static func refuseAdapter(_ folder: URL) throws(Failure) {
    let adapter = folder.appending(path: "adapter_config.json")
    guard FilePaths.kind(of: adapter) != nil else { return }
    throw Failure(
      .unsupported, FilePaths.display(adapter),
      "says that the folder holds an adapter, not a whole model",
      hint: "merge the adapter into its base model (merge_and_unload in peft) and save the result")
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
