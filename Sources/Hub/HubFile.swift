// What a hub says about a repository's files, and what a client says while it fetches them.

package import Core
package import Foundation

/// A file of a repository at one commit.
package struct HubFile: Sendable, Hashable {
  /// Relative to the repository; names and slashes, nothing else.
  package let path: String
  /// Bytes.
  package let size: Int
  /// SHA-256 of the bytes, for files in large-file storage.
  package let sha256: String?
  /// Git's name for the file, or for the pointer that stands for it.
  let gitObject: String
  /// The name in another storage, kept for Python's client.
  let xetHash: String?

  /// The name of its bytes in the cache, which is the server's ETag.
  var blob: String { sha256 ?? gitObject }

  var check: ContentCheck {
    if let sha256 { return .sha256(sha256) }
    return HexDigits.are(gitObject, count: 40) ? .gitObject(gitObject) : .none
  }
}

/// All files of a repository at one commit.
package struct HubListing: Sendable, Equatable {
  /// The repository at that commit.
  package let repository: HubRepository
  /// Sorted by path.
  package let files: [HubFile]

  package var commit: String { repository.revision }
  package var size: Int { files.reduce(0) { $0 + $1.size } }
}

/// What happens while files are fetched; comes from several tasks at once.
package enum HubEvent: Sendable, Equatable {
  /// A transfer begins with `there` bytes of an earlier one; `size` is nil where nobody knows it.
  case started(file: String, there: Int, size: Int?)
  /// So many bytes of the file are there now; fewer than before when it had to begin again.
  case received(file: String, bytes: Int)
  case finished(file: String, at: URL)
  /// Another process fetches the same file.
  case waiting(file: String)
  case retrying(subject: String, after: Duration, reason: String)
  /// So many transfers that stopped long ago, of so many bytes, were removed from the cache.
  case swept(files: Int, bytes: Int)
  /// The hub cannot be reached, and the cache has an answer, perhaps an old one.
  case usedCache(subject: String, reason: String)
}
