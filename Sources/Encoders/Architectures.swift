// The registry of model architectures: which `model_type` of a config.json leads to which file.

import Core
import Foundation
import Tensors

/// The architectures that Borda runs: a file in `Architectures/` each, and a line here.
enum Architectures {
  /// Builds a model from its configuration and its tensors.
  typealias Loader =
    @Sendable (ConfigFile, Safetensors, Kernels) throws(Failure) -> any Architecture

  /// By the `model_type` of `config.json`; one file may serve several.
  static let all: [(modelType: String, load: Loader)] = [
    ("bert", Bert.init),
    ("camembert", Roberta.init),
    ("distilbert", DistilBert.init),
    ("electra", Electra.init),
    ("eurobert", EuroBert.init),
    ("gemma3_text", Gemma3.init),
    ("gte", Gte.init),
    ("jina_embeddings_v3", JinaV3.init),
    ("llama", Llama.init),
    ("llama_bidirec", Llama.init),
    ("ministral", Mistral.init),
    ("mistral", Mistral.init),
    ("modernbert", ModernBert.init),
    ("mpnet", MPNet.init),
    ("mt5", T5Encoder.init),
    ("new", Gte.init),
    ("nomic_bert", NomicBert.init),
    ("qwen2", Qwen2.init),
    ("qwen3", Qwen3.init),
    ("roberta", Roberta.init),
    ("t5", T5Encoder.init),
    ("xlm-roberta", Roberta.init),
  ]

  /// Reads `config.json` and the weights beside it, or takes `tensors` in their place.
  ///
  /// - Throws: `.unsupported` for an architecture that is not listed, by name.
  static func load(
    _ folder: URL, _ kernels: Kernels, tensors: Safetensors? = nil
  ) throws(Failure) -> any Architecture {
    let config = try ConfigFile(folder.appending(path: "config.json"))
    let loader = try loader(for: config)
    let tensors = if let tensors { tensors } else { try Safetensors(folder: folder) }
    return try loader(config, tensors, kernels)
  }

  /// The file that runs a configuration's `model_type`.
  ///
  /// - Throws: `.malformed` without one, `.unsupported` for one that is not listed, by name.
  static func loader(for config: ConfigFile) throws(Failure) -> Loader {
    guard let modelType = try config.string("model_type") else {
      throw Failure(
        .malformed, config.name, "has no model_type", hint: "it should say one of \(names)")
    }
    guard let entry = all.first(where: { $0.modelType == modelType }) else {
      throw config.unsupported(
        "model_type", "is '\(modelType)', which Borda does not run itself",
        hint: "it runs \(names); vectors that another program made can be measured as vectors:DIR")
    }
    return entry.load
  }

  private static var names: String { all.map(\.modelType).joined(separator: ", ") }
}
