// One process at a time works on a task in a folder of results.

package import Core
import Foundation

extension ResultStore {
  private static let lockEnding = ".lock"

  /// Takes a task for this process; nil while another one works on it.
  ///
  /// - Throws: `.system` where the folder cannot be written to.
  package func lock(_ task: String, model: ModelIdentity) throws(Failure) -> FileLock? {
    try FileLock.attempt(ownFolder(of: model).appending(path: "\(task)\(Self.lockEnding)"))
  }

  /// Removes the locks of processes that have ended.
  func sweepLocks(in folder: URL) {
    let path = folder.path(percentEncoded: false)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    for name in names where name.hasSuffix(Self.lockEnding) {
      (try? FileLock.attempt(folder.appending(path: name)))?.releaseAndRemove()
    }
  }
}
