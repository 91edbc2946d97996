// Where Borda keeps what it can make again.

import Foundation

enum CacheFolder {
  /// `$XDG_CACHE_HOME/borda`, else `~/.cache/borda`.
  static let url: URL = {
    let environment = ProcessInfo.processInfo.environment
    if let cache = environment["XDG_CACHE_HOME"], cache.hasPrefix("/") {
      return URL(filePath: cache).appending(path: "borda")
    }
    return FileManager.default.homeDirectoryForCurrentUser.appending(path: ".cache/borda")
  }()
}
