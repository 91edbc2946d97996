// The weights of a checkpoint folder: one file, or several that an index lists.

package import Core
package import Foundation

extension Safetensors {
  private static let single = "model.safetensors"
  private static let index = "model.safetensors.index.json"
  private static let indexLimit = 100_000_000

  /// Opens `model.safetensors` or, where there is none, what `model.safetensors.index.json` lists.
  ///
  /// - Throws: `.missing` where there is neither; `.unsupported` where there are only pickled
  ///   weights, which are never opened; `.malformed` for every fault in the files.
  package init(folder: URL) throws(Failure) {
    do throws(Failure) {
      self = try Safetensors(file: folder.appending(path: Self.single))
      return
    } catch  where error.code != .missing {
      throw error
    } catch {
      // Nothing of that name: look for the index.
    }
    let url = folder.appending(path: Self.index)
    let bytes: [UInt8]
    do throws(Failure) {
      bytes = try MappedFile.contents(of: url, sizeLimit: Self.indexLimit)
    } catch {
      throw error.code == .missing ? Self.noWeights(in: folder) : error
    }
    try self.init(index: bytes, name: FilePaths.display(url), folder: folder)
  }

  private init(index bytes: [UInt8], name: String, folder: URL) throws(Failure) {
    let parsed: JSON
    do throws(JSON.SyntaxError) {
      parsed = try JSON(parsing: bytes)
    } catch {
      throw Failure(.malformed, name, "is not JSON: \(error)")
    }
    guard let map = parsed["weight_map"]?.members else {
      throw Failure(.malformed, name, "has no weight_map object")
    }
    var shards: [String: Safetensors] = [:]
    var tensors: [String: Tensor] = [:]
    for (tensorName, value) in map.entries {
      guard let shardName = value.string else {
        throw Failure(.malformed, name, "weight_map: the place of \(tensorName) is no file name")
      }
      try Self.checkShardName(shardName, in: name)
      let shard: Safetensors
      if let known = shards[shardName] {
        shard = known
      } else {
        shard = try Safetensors(file: folder.appending(path: shardName))
        shards[shardName] = shard
      }
      guard let tensor = shard.tensors[tensorName] else {
        throw Failure(
          .malformed, name, "weight_map puts \(tensorName) into \(shardName), which lacks it")
      }
      tensors[tensorName] = tensor
    }
    self.init(name: name, tensors: tensors)
  }

  /// A shard lies in the folder of its index or below it.
  private static func checkShardName(_ shard: String, in index: String) throws(Failure) {
    guard FilePaths.staysBelow(shard) else {
      throw Failure(
        .malformed, index,
        "weight_map: the path '\(shard)' is absolute or leads outside the checkpoint")
    }
  }

  private static func noWeights(in folder: URL) -> Failure {
    let path = folder.path(percentEncoded: false)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    let pickles = names.filter { name in
      [".bin", ".pt", ".pth", ".ckpt"].contains { name.hasSuffix($0) }
    }
    let name = FilePaths.display(folder)
    if let pickle = pickles.min() {
      return Failure(
        .unsupported, name,
        "has its weights only as a Python pickle (\(pickle)), which runs code when it is opened",
        hint: "convert it to model.safetensors where you trust it")
    }
    return Failure(
      .missing, name, "has no weights: neither \(single) nor \(index)",
      hint: "download the whole checkpoint")
  }
}
