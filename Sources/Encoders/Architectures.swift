// The registry of model architectures: which `model_type` of a config.json leads to which file.

import Core
import Foundation
import Tensors

/// The architectures that Borda runs.
///
/// A new one is a file of its own and a line here; the second one turns `Bert`'s surface into a
/// protocol.
enum Architectures {
  /// Reads a model's configuration and weights from its transformer folder.
  typealias Loader = @Sendable (ConfigFile, URL, Kernels) throws(Failure) -> Bert

  static let all: [(modelType: String, load: Loader)] = [
    ("bert", { config, folder, kernels throws(Failure) in try Bert(config, folder, kernels) })
  ]

  /// Reads `config.json` and the weights beside it.
  ///
  /// - Throws: `.unsupported` for an architecture that is not listed, by name.
  static func load(_ folder: URL, _ kernels: Kernels) throws(Failure) -> Bert {
    let config = try ConfigFile(folder.appending(path: "config.json"))
    guard let modelType = try config.string("model_type") else {
      throw Failure(
        .malformed, config.name, "has no model_type", hint: "it should say one of \(names)")
    }
    guard let entry = all.first(where: { $0.modelType == modelType }) else {
      throw config.unsupported(
        "model_type", "is '\(modelType)', which Borda does not run itself",
        hint: "it runs \(names); any other model can be served over HTTP and measured there")
    }
    return try entry.load(config, folder, kernels)
  }

  private static var names: String { all.map(\.modelType).joined(separator: ", ") }
}
