// Which files of a checkpoint folder make it the model that it is.

package import Foundation

extension Checkpoint {
  private static let names: Set<String> = Set(lengthFiles).union([
    "config.json", "modules.json", "config_sentence_transformers.json", "tokenizer.json",
    "tokenizer_config.json", "vocab.txt", "vocab.json", "merges.txt",
    "model.safetensors.index.json",
  ])

  /// The weights, the tokenizer and the settings below a folder, in any order: every file that can
  /// change a vector, and no other, so that a note beside the weights does not make a new revision.
  ///
  /// What is no regular file is left out; reading the model refuses it.
  package static func identityFiles(below folder: URL) -> [URL] {
    let names = FileManager.default.enumerator(atPath: folder.path(percentEncoded: false))
    return (names?.allObjects as? [String] ?? [])
      .map { folder.appending(path: $0) }
      .filter { $0.pathExtension == "safetensors" || Self.names.contains($0.lastPathComponent) }
      .filter(isRegular)
  }

  private static func isRegular(_ file: URL) -> Bool {
    let path = file.resolvingSymlinksInPath().path(percentEncoded: false)
    let facts = try? FileManager.default.attributesOfItem(atPath: path)
    return facts?[.type] as? FileAttributeType == .typeRegular
  }
}
