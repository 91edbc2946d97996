// Which files of a checkpoint folder make it the model that it is.

package import Foundation

extension Checkpoint {
  private static let names: Set<String> = Set(lengthFiles).union([
    "config.json", "modules.json", "config_sentence_transformers.json", "tokenizer.json",
    "tokenizer_config.json", "vocab.txt", "vocab.json", "merges.txt",
    "model.safetensors.index.json",
  ])

  /// Weights, and the vocabularies of SentencePiece.
  private static let extensions: Set<String> = ["safetensors", "model"]

  /// Whether a file of this name can change a vector, wherever in a checkpoint it lies.
  static func isPart(_ name: String) -> Bool {
    names.contains(name) || extensions.contains { name.hasSuffix(".\($0)") }
  }

  /// The weights, the tokenizer and the settings below a folder, in any order: every file that can
  /// change a vector, and no other, so that a note beside the weights does not make a new revision.
  ///
  /// What is no regular file is left out; reading the model refuses it.
  package static func identityFiles(below folder: URL) -> [URL] {
    let names = FileManager.default.enumerator(atPath: folder.path(percentEncoded: false))
    let files = (names?.allObjects as? [String] ?? []).map { folder.appending(path: $0) }
    // Next to a tokenizer.json nobody reads it.
    let hasTokenizer = files.contains { $0.lastPathComponent == "tokenizer.json" }
    return files.filter { file in
      let name = file.lastPathComponent
      return isPart(name) || (name == "special_tokens_map.json" && !hasTokenizer)
    }
    .filter(isRegular)
  }

  private static func isRegular(_ file: URL) -> Bool {
    let path = file.resolvingSymlinksInPath().path(percentEncoded: false)
    let facts = try? FileManager.default.attributesOfItem(atPath: path)
    return facts?[.type] as? FileAttributeType == .typeRegular
  }
}
