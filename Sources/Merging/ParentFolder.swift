// A checkpoint folder as merging sees it: the folders of its modules, the weights in them, and the
// small files that a merge copies.

import Core
package import Foundation
package import Storage
import Tensors

/// A checkpoint that goes into a merge, as the merge card records it.
package struct MergeParent: Sendable {
  package let folder: URL
  /// `org/name`.
  package let name: String
  /// A commit or a hash.
  package let revision: String
  /// The files that make the model what it is, with their SHA-256.
  package let files: [ContentHash.Line]

  package init(folder: URL, name: String, revision: String, files: [ContentHash.Line]) {
    self.folder = folder
    self.name = name
    self.revision = revision
    self.files = files
  }

  /// How messages name it.
  package var label: String { FilePaths.display(folder) }

  package var hash: String { ContentHash.of(files) }
}

/// An opened parent.
struct ParentFolder: Sendable {
  /// A line of `modules.json`.
  struct Module: Sendable, Equatable {
    /// The last component of the Python path, all that versions agree on.
    let kind: String
    /// Below the checkpoint; empty for the checkpoint itself.
    let path: String
  }

  let label: String
  let url: URL
  /// In the order of the file; one nameless Transformer where there is no `modules.json`.
  let modules: [Module]
  /// The weights by the path of their folder.
  let weights: [String: Safetensors]

  /// - Throws: `Failure` naming the file that is missing or broken.
  init(_ folder: URL) throws(Failure) {
    url = folder
    label = FilePaths.display(folder)
    guard FilePaths.kind(of: folder) == .folder else {
      throw Failure(
        .missing, label, "is not a checkpoint folder",
        hint: FilePaths.nearestSibling(of: folder).map { "did you mean \($0)?" })
    }
    modules = try Self.modules(in: folder)
    var weights: [String: Safetensors] = [:]
    for path in Set(modules.map(\.path)).sorted() {
      do throws(Failure) {
        weights[path] = try Safetensors(folder: Self.place(path, in: folder))
      } catch  where error.code == .missing && path != modules[0].path {
        // Pooling and Normalize have no weights.
      } catch {
        throw error
      }
    }
    self.weights = weights
  }

  static func place(_ path: String, in folder: URL) -> URL {
    path.isEmpty ? folder : folder.appending(path: path)
  }

  private static func modules(in folder: URL) throws(Failure) -> [Module] {
    guard let file = try SmallFile.json(folder.appending(path: "modules.json")) else {
      return [Module(kind: "Transformer", path: "")]
    }
    guard let entries = file.json.array, !entries.isEmpty else {
      throw Failure(.malformed, file.name, "holds no list of modules")
    }
    return try entries.enumerated().map { number, entry throws(Failure) in
      guard let type = entry["type"]?.string, let path = entry["path"]?.string else {
        throw Failure(.malformed, file.name, "module \(number) has no type or no path")
      }
      // A folder may be written with a slash at its end.
      let plain = path == "." ? "" : path.hasSuffix("/") ? String(path.dropLast()) : path
      guard plain.isEmpty || FilePaths.staysBelow(plain) else {
        throw Failure(
          .malformed, file.name, "module \(number): the path '\(path)' leads outside the checkpoint"
        )
      }
      return Module(kind: type.split(separator: ".").last.map(String.init) ?? type, path: plain)
    }
  }

  // MARK: Small files

  /// What is copied from the folder of a module: configuration and tokenizer, and nothing else, so
  /// that no pickle, no code and no stray file gets into a merge.
  static let copied =
    [
      "config.json", "modules.json", "config_sentence_transformers.json",
      "sentence_bert_config.json", "sentence_roberta_config.json",
      "sentence_distilbert_config.json",
      "sentence_xlm-roberta_config.json", "sentence_xlnet_config.json",
    ] + tokenizer

  /// The files of tokenizers, in all the ways that they are stored.
  static let tokenizer = [
    "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
    "vocab.txt", "vocab.json", "merges.txt", "sentencepiece.bpe.model", "spiece.model",
    "tokenizer.model",
  ]

  /// The small files that are there, by their path below the folder.
  var smallFiles: [String] {
    Set(modules.map(\.path)).union([""]).sorted().flatMap { path in
      Self.copied.map { path.isEmpty ? $0 : "\(path)/\($0)" }
        .filter { FilePaths.kind(of: url.appending(path: $0)) == .file }
    }
  }
}

/// Reading the small files of checkpoints.
enum SmallFile {
  /// Larger than the largest tokenizer.
  static let sizeLimit = 256 << 20

  /// The bytes, or nil where there is no file.
  ///
  /// - Throws: as `MappedFile` does for every other fault.
  static func bytes(_ url: URL) throws(Failure) -> [UInt8]? {
    do throws(Failure) {
      return try MappedFile.contents(of: url, sizeLimit: sizeLimit)
    } catch  where error.code == .missing {
      return nil
    } catch {
      throw error
    }
  }

  /// The parsed file, or nil where there is none.
  static func json(_ url: URL) throws(Failure) -> (name: String, json: JSON)? {
    guard let bytes = try bytes(url) else { return nil }
    let name = FilePaths.display(url)
    do throws(JSON.SyntaxError) {
      return (name, try JSON(parsing: bytes, leniency: .nonFinite))
    } catch {
      throw Failure(.malformed, name, "is not JSON: \(error)")
    }
  }
}
