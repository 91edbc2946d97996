// A checkpoint whose weights are the mean of several folders': everything else is its own.

package import Core
package import Foundation
import Tensors

/// Checkpoints of one layout that are read as one, nothing written.
package struct CheckpointAverage: Sendable {
  /// In the order in which they are added up; the first one's small files count.
  package let folders: [URL]
  /// One each; divided by their sum.
  package let weights: [Double]

  package init(_ folders: [URL], weights: [Double]) {
    precondition(
      !folders.isEmpty && folders.count == weights.count,
      "\(weights.count) weights for \(folders.count) folders")
    self.folders = folders
    self.weights = weights
  }

  /// The weights in a folder of the first checkpoint, averaged with those in the same folder of the
  /// others.
  ///
  /// - Throws: `.malformed` where the tensors are not the same ones.
  fileprivate func tensors(in folder: URL) throws(Failure) -> Safetensors {
    let root = folders[0].standardizedFileURL.path(percentEncoded: false)
    let path = folder.standardizedFileURL.path(percentEncoded: false)
    let below = path.hasPrefix(root) ? path.dropFirst(root.count).drop { $0 == "/" } : ""
    let parents = try folders.map { parent throws(Failure) in
      try Safetensors(folder: below.isEmpty ? parent : parent.appending(path: String(below)))
    }
    return try Safetensors(averaging: parents, weights: weights)
  }
}

extension Checkpoint {
  /// The weights in a folder of this checkpoint.
  ///
  /// - Throws: as reading them does.
  func tensors(in folder: URL) throws(Failure) -> Safetensors {
    guard let average else { return try Safetensors(folder: folder) }
    return try average.tensors(in: folder)
  }
}
