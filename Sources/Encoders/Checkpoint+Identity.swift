// Which files of a checkpoint folder make it the model that it is.

package import Foundation

extension Checkpoint {
  private static let names: Set<String> = [
    "config.json", "modules.json", "config_sentence_transformers.json",
    "sentence_bert_config.json", "tokenizer.json", "tokenizer_config.json", "vocab.txt",
  ]

  /// The weights, the tokenizer and the settings below a folder, in any order: every file that can
  /// change a vector, and no other, so that a note beside the weights does not make a new revision.
  package static func identityFiles(below folder: URL) -> [URL] {
    let names = FileManager.default.enumerator(atPath: folder.path(percentEncoded: false))
    return (names?.allObjects as? [String] ?? [])
      .map { folder.appending(path: $0) }
      .filter { $0.pathExtension == "safetensors" || Self.names.contains($0.lastPathComponent) }
  }
}
