// A proxy on a port of this machine for tests: opens connections for others, whatever name they ask
// for, to one address, and notes what it was asked.

import NIOCore
import NIOPosix
import Synchronization

package final class FakeProxy: Sendable {
  private struct State {
    var heads: [String] = []
    var port = 0
  }

  private let state = Mutex(State())
  /// Where every connection leads.
  private let target: Int
  /// What the proxy answers instead of opening a connection, such as `407 Proxy Authentication
  /// Required`; nil for a willing one.
  private let refusal: String?

  private init(target: Int, refusal: String?) {
    self.target = target
    self.refusal = refusal
  }

  /// Runs a proxy to a port of this machine for as long as the body takes.
  package static func run<Result: Sendable>(
    to target: Int, refusal: String? = nil,
    _ body: @Sendable (FakeProxy) async throws -> Result
  ) async throws -> Result {
    let proxy = FakeProxy(target: target, refusal: refusal)
    let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(Entrance(proxy))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    proxy.state.withLock { $0.port = server.localAddress?.port ?? 0 }
    do {
      let result = try await body(proxy)
      try await server.close()
      return result
    } catch {
      try? await server.close()
      throw error
    }
  }

  /// `127.0.0.1:<port>`.
  package var address: String { "127.0.0.1:\(state.withLock { $0.port })" }
  /// The heads of all requests, in order: first line and headers.
  package var heads: [String] { state.withLock { $0.heads } }

  /// Reads the head of a request, then passes on what comes.
  private final class Entrance: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let proxy: FakeProxy
    private var head = ""
    private var isOpening = false

    init(_ proxy: FakeProxy) { self.proxy = proxy }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      let buffer = unwrapInboundIn(data)
      guard !isOpening else { return }
      head += String(buffer: buffer)
      guard head.contains("\r\n\r\n") else { return }
      isOpening = true
      proxy.state.withLock { $0.heads.append(head) }
      if let refusal = proxy.refusal {
        let answer = ByteBuffer(string: "HTTP/1.1 \(refusal)\r\nContent-Length: 0\r\n\r\n")
        context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
        return
      }
      open(context)
    }

    private func open(_ context: ChannelHandlerContext) {
      let inner = context.channel
      let own = NIOLoopBound(self, eventLoop: context.eventLoop)
      ClientBootstrap(group: context.eventLoop)
        .channelInitializer { outer in
          outer.eventLoop.makeCompletedFuture {
            try outer.pipeline.syncOperations.addHandler(Passage(to: inner))
          }
        }
        .connect(host: "127.0.0.1", port: proxy.target)
        .whenComplete { result in
          guard case .success(let outer) = result else {
            inner.close(promise: nil)
            return
          }
          let pipeline = inner.pipeline.syncOperations
          try? pipeline.addHandler(Passage(to: outer))
          pipeline.removeHandler(own.value, promise: nil)
          let answer = ByteBuffer(string: "HTTP/1.1 200 Connection established\r\n\r\n")
          inner.writeAndFlush(answer, promise: nil)
        }
    }
  }

  /// Writes what comes in at one end out at the other.
  private final class Passage: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let other: any Channel

    init(to other: any Channel) { self.other = other }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      other.writeAndFlush(unwrapInboundIn(data), promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
      other.close(promise: nil)
      context.fireChannelInactive()
    }
  }
}
