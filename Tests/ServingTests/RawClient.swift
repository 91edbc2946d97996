// A client that sends whatever bytes a test wants and tells what came back.

import Core
import Foundation
import NIOCore
import NIOPosix
import Testing

/// A connection to a server on this machine.
struct RawClient: Sendable {
  private let channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>

  /// Connects and runs the body; the connection is closed after it.
  static func connect<T: Sendable>(
    _ port: Int,
    _ body: (inout Inbound, NIOAsyncChannelOutboundWriter<ByteBuffer>) async throws -> T
  ) async throws -> T {
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connect(host: "127.0.0.1", port: port) { channel in
        channel.eventLoop.makeCompletedFuture {
          try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
        }
      }
    return try await channel.executeThenClose { inbound, outbound in
      var reader = Inbound(parts: inbound.makeAsyncIterator())
      return try await body(&reader, outbound)
    }
  }

  /// Sends bytes and reads until the server closes the connection.
  static func exchange(_ port: Int, _ text: String) async throws -> String {
    try await exchange(port, Array(text.utf8))
  }

  static func exchange(_ port: Int, _ bytes: [UInt8]) async throws -> String {
    try await connect(port) { inbound, outbound in
      try? await outbound.write(ByteBuffer(bytes: bytes))
      return try await inbound.rest()
    }
  }

  /// What comes in.
  struct Inbound {
    fileprivate var parts: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private var bytes: [UInt8] = []

    fileprivate init(parts: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator) {
      self.parts = parts
    }

    /// Everything up to the end of the connection, which may be a rough one.
    mutating func rest() async throws -> String {
      while let part = try? await parts.next() { bytes.append(contentsOf: part.readableBytesView) }
      return String(decoding: bytes, as: UTF8.self)
    }

    /// One answer with a length.
    mutating func answer() async throws -> RawAnswer {
      while true {
        if let answer = RawAnswer(&bytes) { return answer }
        guard let part = try await parts.next() else { throw Ended() }
        bytes.append(contentsOf: part.readableBytesView)
      }
    }
  }

  struct Ended: Error {}
}

/// An answer of the server.
struct RawAnswer: Sendable {
  let status: Int
  let head: String
  let body: [UInt8]

  var text: String { String(decoding: body, as: UTF8.self) }
  var json: JSON? { try? JSON(parsing: body) }

  /// Takes the first whole answer from the bytes; nil where there is none yet.
  init?(_ bytes: inout [UInt8]) {
    guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
    head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
    let length =
      head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
      .flatMap { Int($0.split(separator: " ").last ?? "") } ?? 0
    let isWhole = head.lowercased().contains("transfer-encoding") == false
    let stop = isWhole ? end.upperBound + length : bytes.count
    guard bytes.count >= stop else { return nil }
    status = head.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    body = Array(bytes[end.upperBound..<stop])
    bytes.removeFirst(stop)
  }

  /// The status of what `exchange` read; 0 for nothing.
  static func status(of text: String) -> Int {
    guard text.hasPrefix("HTTP/1.") else { return 0 }
    return text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
  }
}

/// A request as it goes over the wire.
func request(
  _ line: String, _ body: String = "", headers: [String] = [], closes: Bool = true
) -> String {
  var lines = ["\(line) HTTP/1.1", "Host: x"]
  if !body.isEmpty {
    lines += ["Content-Type: application/json", "Content-Length: \(body.utf8.count)"]
  }
  if closes { lines.append("Connection: close") }
  return (lines + headers).joined(separator: "\r\n") + "\r\n\r\n" + body
}

/// Asks once, on a connection of its own.
func ask(
  _ port: Int, _ line: String, _ body: String = "", headers: [String] = []
) async throws -> RawAnswer {
  try await RawClient.connect(port) { inbound, outbound in
    try await outbound.write(
      ByteBuffer(string: request(line, body, headers: headers, closes: false)))
    return try await inbound.answer()
  }
}

/// Asks once, for a status alone.
func expectStatus(
  _ status: Int, _ port: Int, _ line: String, _ body: String = "", headers: [String] = [],
  sourceLocation: SourceLocation = #_sourceLocation
) async throws {
  let answer = try await ask(port, line, body, headers: headers)
  #expect(answer.status == status, "\(answer.text)", sourceLocation: sourceLocation)
}
