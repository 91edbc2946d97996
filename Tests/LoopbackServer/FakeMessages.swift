// What comes to a server of the tests and what it sends.

/// A request as it came.
package struct FakeRequest: Sendable {
  package let method: String
  /// With the query.
  package let path: String
  /// Names in lower case.
  package let headers: [String: String]
  package let body: [UInt8]

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
    /// The body again and again; goes with a length of `.none`.
    case endless
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
