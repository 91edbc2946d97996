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

/// A request as it came.
package struct FakeRequest: Sendable {
  package let method: String
  /// With the query.
  package let path: String
  /// Names in lower case.
  package let headers: [String: String]

  package var isHead: Bool { method == "HEAD" }
}

/// What will be sent; a test may change all of it.
package struct FakeReply: Sendable {
  /// What the head says of the body.
  package enum Length: Sendable {
    case exact
    case claimed(Int)
    /// Chunks.
    case none
  }

  /// How the body ends.
  package enum End: Sendable {
    case whole
    /// The connection is closed after so many bytes.
    case cut(Int)
    /// Nothing more comes after so many bytes, and the connection stays.
    case stall(Int)
  }

  package var status: Int
  package var headers: [String: String]
  package var body: [UInt8]
  package var length = Length.exact
  package var end = End.whole
  /// Before the head.
  package var pause = Duration.zero

  package init(_ status: Int, _ headers: [String: String] = [:], _ body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }
}
