// Reading a whole body that has to fit into memory: a limit before every allocation, and a look at
// whether all of it came.

import AsyncHTTPClient
package import Core
import Foundation
import NIOCore
package import NIOHTTP1

package import struct AsyncHTTPClient.HTTPClientResponse

/// A body on its way in.
package struct AnswerBody: Sendable {
  private let body: HTTPClientResponse.Body
  private let headers: HTTPHeaders

  package init(_ body: HTTPClientResponse.Body, _ headers: HTTPHeaders) {
    self.body = body
    self.headers = headers
  }

  /// What the head says of its length; nil for nothing, or for a body that is compressed.
  private var announced: Int? {
    let coding = headers.first(name: "Content-Encoding")?.lowercased() ?? ""
    guard ["", "identity"].contains(coding) else { return nil }
    return headers.first(name: "Content-Length").flatMap { Int($0) }
  }

  /// All of its bytes.
  ///
  /// - Parameters:
  ///   - limit: in bytes
  ///   - tooLong: the failure of a longer body
  ///   - source: what failures name, who sends it and how patient to be
  /// - Returns: at most `limit` bytes
  /// - Throws: trouble when it is longer, breaks off or stalls
  package func bytes(
    limit: Int, tooLong: Failure, from source: Source
  ) async throws(Trouble) -> [UInt8] {
    if let announced, announced > limit { throw Trouble(tooLong) }
    var bytes: [UInt8] = []
    do {
      for try await piece in body {
        if bytes.count + piece.readableBytes > limit { throw Trouble(tooLong) }
        bytes.append(contentsOf: piece.readableBytesView)
      }
    } catch {
      throw Trouble(error, source.subject, host: source.host, source.patience, source.advice)
    }
    if let announced, announced != bytes.count {
      throw Trouble(
        Failure(
          .tryAgain, source.subject,
          "\(source.host) announced \(announced) bytes and sent \(bytes.count)",
          hint: "run the same command again"), .again)
    }
    return bytes
  }

  /// Where a body comes from, for failures.
  package struct Source: Sendable {
    let subject: String
    let host: String
    let patience: Patience
    let advice: Advice

    package init(subject: String, host: String, patience: Patience, advice: Advice) {
      self.subject = subject
      self.host = host
      self.patience = patience
      self.advice = advice
    }
  }
}
