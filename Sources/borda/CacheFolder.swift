// Where Borda keeps what it can make again.

import Core
import Foundation

enum CacheFolder {
  /// `$BORDA_CACHE`, else `embeddings` in the folder of all that Borda can make again.
  static let embeddings: URL = {
    let named = ProcessInfo.processInfo.environment["BORDA_CACHE"] ?? ""
    guard named.isEmpty else { return URL(filePath: FilePaths.expandingTilde(named)) }
    return url.appending(path: "embeddings")
  }()

  /// `$XDG_CACHE_HOME/borda`, else `~/.cache/borda`.
  static let url: URL = {
    let environment = ProcessInfo.processInfo.environment
    if let cache = environment["XDG_CACHE_HOME"], cache.hasPrefix("/") {
      return URL(filePath: cache).appending(path: "borda")
    }
    return FileManager.default.homeDirectoryForCurrentUser.appending(path: ".cache/borda")
  }()
}
