// An HTTP server on a port of this machine for tests: hands every request to a function and sends what
// it returns, broken off, stalled or without end where a test wants that.

import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import Synchronization

package enum Loopback {
  /// Runs a server for as long as the body takes.
  ///
  /// - Parameters:
  ///   - name: for its log
  ///   - respond: what to send
  ///   - beforeCut: waited for before a connection is cut, with the number of bytes of the body that
  ///     were sent
  ///   - body: is given the port
  /// - Returns: what the body returns
  /// - Throws: what the body throws
  package static func run<Result: Sendable>(
    _ name: String, respond: @escaping @Sendable (FakeRequest) async throws -> FakeReply,
    beforeCut: @escaping @Sendable (FakeReply, Int) async -> Void = { _, _ in },
    _ body: @Sendable (_ port: Int) async throws -> Result
  ) async throws -> Result {
    let (ports, announce) = AsyncStream.makeStream(of: Int.self)
    let end = End()
    let server = try HTTPServerBuilder.http1().buildServer(
      configuration: .init(address: .hostname("127.0.0.1", port: 0)),
      eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
      logger: Logger(label: name, factory: { _ in SwiftLogNoOpLogHandler() }),
      responder: { request, writer, _ in
        let asked = try await read(request)
        try await send(try await respond(asked), to: asked, writer, beforeCut, until: end)
      },
      onServerRunning: { channel in
        announce.yield(channel.localAddress?.port ?? 0)
        announce.finish()
      })
    let running = Task { try await server.run() }
    var port = 0
    for await announced in ports { port = announced }
    let result: Swift.Result<Result, any Error>
    do {
      result = .success(try await body(port))
    } catch {
      result = .failure(error)
    }
    // A server that is merely cancelled drops connections that it has not looked at yet, which ends the
    // process (NIOAsyncWriter wants to be finished); one that closes takes them up first.
    end.come()
    let patience = Task {
      try await Task.sleep(for: .seconds(30))
      running.cancel()
    }
    try? await (server as? Server<HTTP1Channel>)?.shutdownGracefully()
    _ = await running.result
    patience.cancel()
    return try result.get()
  }

  /// Whether the test is over, so that nothing need be kept waiting.
  private final class End: Sendable {
    private let hasCome = Mutex(false)

    func come() { hasCome.withLock { $0 = true } }
    var isThere: Bool { hasCome.withLock { $0 } }

    /// Sleeps for so long at most.
    func sleep(for duration: Duration) async throws {
      let time = ContinuousClock.now + duration
      while ContinuousClock.now < time, !isThere { try await Task.sleep(for: .milliseconds(10)) }
    }
  }

  private struct Cut: Error {}

  private static func read(_ request: Request) async throws -> FakeRequest {
    var bytes: [UInt8] = []
    for try await piece in request.body { bytes += Array(piece.readableBytesView) }
    return FakeRequest(
      method: request.head.method.rawValue, path: request.head.path ?? "/",
      headers: Dictionary(
        request.headers.map { ($0.name.canonicalName, $0.value) }, uniquingKeysWith: { $1 }),
      body: bytes)
  }

  private static func send(
    _ reply: FakeReply, to asked: FakeRequest, _ writer: consuming ResponseWriter,
    _ beforeCut: @Sendable (FakeReply, Int) async -> Void, until end: End
  ) async throws {
    if reply.pause > .zero { try await end.sleep(for: reply.pause) }
    var response = HTTPResponse(status: .init(code: reply.status))
    for (name, value) in reply.headers {
      if let name = HTTPField.Name(name) { response.headerFields[name] = value }
    }
    switch reply.length {
    case .exact: response.headerFields[.contentLength] = "\(reply.body.count)"
    case .claimed(let count): response.headerFields[.contentLength] = "\(count)"
    case .none: break
    }
    var body = try await writer.writeHead(response)
    if asked.isHead { return try await body.finish(nil) }
    switch reply.end {
    case .whole:
      var sent = 0
      while sent < reply.body.count {
        let next = min(sent + 65_536, reply.body.count)
        try await body.write(ByteBuffer(bytes: reply.body[sent..<next]))
        sent = next
      }
      try await body.finish(nil)
    case .cut(let count):
      try await body.write(ByteBuffer(bytes: reply.body.prefix(count)))
      await beforeCut(reply, count)
      throw Cut()
    case .stall(let count):
      try await body.write(ByteBuffer(bytes: reply.body.prefix(count)))
      try await end.sleep(for: .seconds(60))
      throw Cut()
    case .endless:
      // Ends when the other side closes the connection.
      while !end.isThere { try await body.write(ByteBuffer(bytes: reply.body)) }
      throw Cut()
    }
  }
}
