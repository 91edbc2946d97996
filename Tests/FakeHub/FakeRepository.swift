// What a fake hub has: repositories with commits, branches and files.

import Crypto
import Foundation

/// A file of a repository.
package struct FakeFile: Sendable, Equatable {
  package let bytes: [UInt8]
  /// Whether the hub keeps it in large-file storage and sends readers there.
  package let isLarge: Bool

  package static func small(_ text: String) -> FakeFile {
    FakeFile(bytes: Array(text.utf8), isLarge: false)
  }

  package static func large(_ bytes: [UInt8]) -> FakeFile { FakeFile(bytes: bytes, isLarge: true) }

  package var sha256: String { hex(SHA256.hash(data: bytes)) }

  /// Git's name of its object.
  package var gitObject: String {
    hex(Insecure.SHA1.hash(data: Array("blob \(bytes.count)\0".utf8) + bytes))
  }

  /// What the hub calls its bytes.
  package var etag: String { isLarge ? sha256 : gitObject }

  private func hex(_ digest: some Sequence<UInt8>) -> String {
    digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}

/// A repository; who may see it, and what is where.
package struct FakeRepository: Sendable {
  package enum Access: Sendable { case open, hidden, gated }

  package var access = Access.open
  /// Branch to commit.
  package var branches: [String: String]
  /// Commit to files.
  package var commits: [String: [String: FakeFile]]

  package init(commit: String, _ files: [String: FakeFile]) {
    branches = ["main": commit]
    commits = [commit: files]
  }

  /// The commit that a revision means.
  func commit(_ revision: String) -> String? {
    branches[revision] ?? (commits[revision] == nil ? nil : revision)
  }
}
