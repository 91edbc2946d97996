// A reply on its way out, and what the log says of it.

import Core
import NIOCore
import NIOHTTP1

extension Reply {
  /// Bytes that are made before the first are sent; a smaller body is sent with its length.
  private static let pieceSize = 1 << 18

  private static func knowsChunks(_ version: HTTPVersion) -> Bool {
    (version.major, version.minor) >= (1, 1)
  }

  func head(_ version: HTTPVersion, length: Int?, keepsAlive: Bool) -> HTTPResponseHead {
    var headers = headers
    if let length { headers.replaceOrAdd(name: "Content-Length", value: "\(length)") }
    headers.replaceOrAdd(name: "Connection", value: keepsAlive ? "keep-alive" : "close")
    return HTTPResponseHead(version: version, status: status, headers: headers)
  }

  /// Sends all but the end, piece by piece as the client takes them.
  ///
  /// - Parameters:
  ///   - request: the head of what is answered.
  ///   - channel: the client's; closed when the client takes no piece for `patience`.
  ///   - patience: for each piece.
  /// - Throws: what the network does.
  /// - Returns: whether the connection can be kept after the end.
  func send(
    to request: HTTPRequestHead, _ channel: any Channel, patience: Duration
  ) async throws -> Bool {
    var row = 0
    var piece: ByteBuffer?
    var length: Int?
    switch body {
    case .bytes(let bytes): (piece, length) = (bytes, bytes.readableBytes)
    case .rows(let rows):
      piece = rows.next(&row, size: Self.pieceSize)
      if row > rows.count { length = piece?.readableBytes }
    }
    // Before HTTP/1.1 only the end of the connection tells the end of a body without a length.
    let keepsAlive = request.isKeepAlive && (length != nil || Self.knowsChunks(request.version))
    channel.write(
      HTTPServerResponsePart.head(head(request.version, length: length, keepsAlive: keepsAlive)),
      promise: nil)
    if request.method == .HEAD { return keepsAlive }
    while let bytes = piece {
      let deadline = channel.eventLoop.scheduleTask(in: TimeAmount(patience)) {
        channel.close(promise: nil)
      }
      defer { deadline.cancel() }
      try await channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(bytes))).get()
      guard case .rows(let rows) = body else { break }
      piece = rows.next(&row, size: Self.pieceSize)
    }
    return keepsAlive
  }
}

/// A finished request, for the log; nothing of its texts.
package struct ServedRequest: Sendable {
  /// Method and path, without query and special characters, cut where they are long.
  package let line: String
  package let status: Int
  package let texts: Int
  package let tokens: Int
  package let seconds: Double

  init(_ head: HTTPRequestHead, _ reply: Reply, _ start: ContinuousClock.Instant) {
    let path = EmbeddingService.path(head.uri).unicodeScalars.prefix(100).map { scalar in
      scalar.isASCII && scalar.value > 0x20 && scalar.value < 0x7F ? Character(scalar) : "?"
    }
    line = "\(head.method.rawValue.prefix(20)) \(String(path))"
    status = Int(reply.status.code)
    texts = reply.texts
    tokens = reply.tokens
    seconds = (ContinuousClock.now - start).seconds
  }
}
