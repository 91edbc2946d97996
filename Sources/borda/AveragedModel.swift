// `merge:A+B+C`: the mean of several checkpoints, embedded with and written nowhere.

import Core
import Encoders
import Foundation
import Merging
import Storage

enum AveragedModel {
  /// Loads the mean of checkpoints; its vectors are those of their linear merge in float32.
  ///
  /// - Parameters:
  ///   - shares: folders and weights.
  ///   - checkpoint: the first folder's small files.
  ///   - name: the name that results carry; nil for `local/merge-` and a hash.
  ///   - options: for the engine.
  /// - Throws: `.malformed` naming every difference between the checkpoints.
  /// - Returns: the first checkpoint with the mean in the place of its weights, and its embedder.
  static func load(
    _ shares: [ModelSpec.Share], _ checkpoint: Checkpoint, name: String?,
    _ options: LocalEmbedder.Options
  ) throws(Failure) -> (Checkpoint, LocalEmbedder) {
    let folders = shares.map(\.folder)
    for note in try Merger.match(folders) { Terminal.note("note: \(note)") }
    let weights = try MergeMethod.meanWeights(shares.map(\.weight), shares.count)
    let parents = try folders.map { folder throws(Failure) in
      try MergeParent(checkpoint: folder)
    }
    let lines = zip(parents, weights).map { "\($0.hash) \($1)\n" }
    let hash = ContentHash.of(lines.joined())
    var averaged = checkpoint
    averaged.average = CheckpointAverage(folders, weights: shares.map(\.weight))
    var options = options
    options.weightsHash = hash
    options.settings["merge"] = "linear"
    for (number, (parent, weight)) in zip(parents, weights).enumerated() {
      options.settings["merge_parent_\(number + 1)"] =
        "\(parent.name)@\(parent.revision) \(weight)"
    }
    let embedder = try LocalEmbedder(
      averaged, name: name ?? "local/merge-\(hash.prefix(12))", revision: String(hash.prefix(40)),
      options: options)
    return (averaged, embedder)
  }
}
