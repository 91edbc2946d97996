// Which files of a repository make a checkpoint: for those who fetch no more than the engine reads.

package import Core
package import Foundation
import Tensors

/// The files of a checkpoint among those of a repository, which may hold the same weights in other
/// formats beside them.
package struct CheckpointFiles: Sendable, Equatable {
  /// Relative to the repository, sorted.
  package let paths: [String]

  /// Weights that are there only as a Python pickle, which is never opened.
  package private(set) var pickle: String?

  /// Whether there are weights that the engine reads.
  package var hasWeights: Bool { paths.contains { $0.hasSuffix(".safetensors") } }

  /// The most bytes that a list of modules or of shards may have.
  package static let limit = 32 << 20

  private static let modules = "modules.json"
  private static let weights = "model.safetensors"
  private static let index = "model.safetensors.index.json"
  /// Read beside those that make a checkpoint what it is.
  private static let others: Set<String> = [
    "special_tokens_map.json", "added_tokens.json", "adapter_config.json",
  ]

  /// The files that say which other files there are: to be fetched before `init` is asked.
  package static func indexes(among paths: [String]) -> [String] {
    paths.filter { $0 == modules || name(of: $0) == index && !paths.contains(weights(beside: $0)) }
  }

  /// Chooses among the files of a repository.
  ///
  /// nil where one of `indexes` is not there. The root and the folders that `modules.json` names are looked at. Of weights only
  /// `model.safetensors` counts or, where there is none, what its index lists.
  ///
  /// - Parameters:
  ///   - all: the paths of all files of the repository
  ///   - read: the bytes of one of `indexes`; nil where it is not there
  /// - Throws: `.unusable` for a list that makes no sense; what `read` throws
  package init?(
    _ all: [String], read: (_ path: String) throws(Failure) -> [UInt8]?
  ) throws(Failure) {
    var folders: Set<String> = [""]
    var withWeights = folders
    if all.contains(Self.modules) {
      guard let bytes = try read(Self.modules) else { return nil }
      let list = try Self.json(bytes, Self.modules).array ?? []
      withWeights = Set(list.compactMap { $0["path"]?.string })
      folders.formUnion(withWeights)
    }
    let known = Set(all)
    var paths: Set<String> = []
    for path in all {
      let name = Self.name(of: path)
      guard folders.contains(Self.folder(of: path)) else { continue }
      let isPart = Checkpoint.isPart(name) || Self.others.contains(name)
      if isPart, !name.hasSuffix(".safetensors") || name == Self.weights { paths.insert(path) }
      guard name == Self.index, !known.contains(Self.weights(beside: path)) else { continue }
      guard let bytes = try read(path) else { return nil }
      let map = try Self.json(bytes, path)["weight_map"]?.members?.entries ?? []
      let folder = Self.folder(of: path)
      for shard in Set(map.compactMap(\.value.string)) where FilePaths.staysBelow(shard) {
        paths.insert(folder.isEmpty ? shard : "\(folder)/\(shard)")
      }
    }
    // An index beside the whole weights is not read.
    self.paths = paths.filter { path in
      Self.name(of: path) != Self.index || !known.contains(Self.weights(beside: path))
    }.sorted()
    pickle = all.filter { path in
      withWeights.contains(Self.folder(of: path))
        && Self.name(of: path).hasPrefix("pytorch_model") && path.hasSuffix(".bin")
        && !known.contains(Self.weights(beside: path))
        && !known.contains(Self.weights(beside: path) + ".index.json")
    }.min()
  }

  /// The bytes of a list of modules or of shards.
  ///
  /// - Throws: `.unusable` where it is longer than `limit` or cannot be read
  package static func read(_ file: URL) throws(Failure) -> [UInt8] {
    do throws(Failure) {
      return try MappedFile.contents(of: file, sizeLimit: limit)
    } catch {
      throw unusable(FilePaths.display(file), error.message)
    }
  }

  private static func json(_ bytes: [UInt8], _ name: String) throws(Failure) -> JSON {
    do throws(JSON.SyntaxError) {
      return try JSON(parsing: bytes)
    } catch {
      throw unusable(name, "is not JSON: \(error)")
    }
  }

  private static func unusable(_ name: String, _ message: String) -> Failure {
    Failure(.unusable, name, message, hint: "fetch the model again, or name another one")
  }

  private static func name(of path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }

  private static func folder(of path: String) -> String {
    path.split(separator: "/").dropLast().joined(separator: "/")
  }

  private static func weights(beside path: String) -> String {
    let folder = folder(of: path)
    return folder.isEmpty ? weights : "\(folder)/\(weights)"
  }
}
