// Who uses a file of the embedding cache at the moment: an advisory lock beside it.

import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A lock on `<name>.lock`, held until it goes.
///
/// Every user of a cache file holds it shared; whoever removes the file takes it alone. SQLite's own
/// locks are on the file itself and cannot tell that. The time of the lock file is that of the last use.
final class EmbeddingCacheLock: Sendable {
  enum Kind { case shared, alone }

  private let descriptor: Int32

  private init(_ descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// Takes the lock without waiting.
  ///
  /// - Throws: `.refused` where the file cannot be made.
  /// - Returns: nil while others hold it; a file system without such locks gives it to everybody,
  ///   and sums over the entries keep their vectors right.
  static func attempt(_ file: URL, _ kind: Kind) throws(EmbeddingCacheTrouble)
    -> EmbeddingCacheLock?
  {
    let path = file.path(percentEncoded: false)
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard descriptor >= 0 else { throw .refused(String(cString: strerror(errno))) }
    let lock = EmbeddingCacheLock(descriptor)
    while flock(descriptor, (kind == .shared ? LOCK_SH : LOCK_EX) | LOCK_NB) != 0 {
      if errno == EINTR { continue }
      if errno == EWOULDBLOCK { return nil }
      break
    }
    return lock
  }

  /// Marks the cache file as used now.
  func markUse() { futimens(descriptor, nil) }
}

/// Why a file of the embedding cache does not do what it should; never the failure of a run.
enum EmbeddingCacheTrouble: Error, Equatable {
  /// The file is no database, or one with broken pages or another content.
  case damaged(String)
  /// Others hold it for longer than one waits.
  case busy
  /// Made by a later version of Borda.
  case newer
  /// What the operating system or SQLite says.
  case refused(String)

  /// What a person may be told.
  var reason: String {
    switch self {
    case .damaged(let reason), .refused(let reason): reason
    case .busy: "another process holds it"
    case .newer: "a later version of Borda made it"
    }
  }
}
