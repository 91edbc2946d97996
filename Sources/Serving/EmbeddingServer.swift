// The server: an address, its connections, and an orderly end.

package import Core
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// Offers an embedder to clients of OpenAI's and text-embeddings-inference's interfaces.
package final class EmbeddingServer: Sendable {
  /// Where a server can be reached.
  package struct Address: Sendable {
    /// `http://127.0.0.1:8080`.
    package let url: String
    package let port: Int
    /// Whether only this machine can reach it.
    package let isLoopback: Bool
  }

  /// What happens while the server runs; nothing holds a text.
  package enum Event: Sendable {
    case served(ServedRequest)
    /// The embedder failed, of this kind.
    case failed(subject: String, Failure.Code)
  }

  private struct Open {
    var channels: [ObjectIdentifier: any Channel] = [:]
    var isStopping = false
    var allClosed: EventLoopPromise<Void>?
  }

  private let service: EmbeddingService
  private let rounds: EmbeddingRounds
  private let onEvent: @Sendable (Event) -> Void
  private let open = Mutex(Open())

  /// - Parameters:
  ///   - model: what is served.
  ///   - limits: what clients may do.
  ///   - key: what clients have to show; nil for nothing.
  ///   - onEvent: told of every request; has to be quick.
  package init(
    _ model: ServedModel, limits: ServingLimits = ServingLimits(), key: ServingKey? = nil,
    onEvent: @escaping @Sendable (Event) -> Void = { _ in }
  ) {
    let desk = EmbeddingDesk(waiting: limits.waiting)
    service = EmbeddingService(
      model: model, limits: limits, key: key, desk: desk,
      memory: MemoryLedger(limit: limits.memory), started: Int(Date().timeIntervalSince1970))
    rounds = EmbeddingRounds(model: model, desk: desk, limits: limits) { failure in
      onEvent(.failed(subject: failure.subject, failure.code))
    }
    self.onEvent = onEvent
  }

  /// Bytes that requests hold at the moment.
  package var memoryInHand: Int { service.memory.bytes }
  /// Requests that wait for the model or are with it.
  package var requestsInHand: Int { service.desk.count }
  package var connectionCount: Int { open.withLock { $0.channels.count } }

  /// Serves until the task is cancelled, then answers what is in hand and returns.
  ///
  /// - Parameters:
  ///   - host: a name or address of this machine.
  ///   - port: 0 for a free one.
  ///   - onReady: told the address once clients can connect.
  /// - Throws: `.usage` or `.system` where nothing can listen there, or what `onReady` throws.
  package func run(
    host: String, port: Int, onReady: @escaping @Sendable (Address) throws(Failure) -> Void
  ) async throws(Failure) {
    // One thread for all connections: they only read and write, the model does the work.
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let listener = try await listen(host, port, loop)
    let worker = Task.detached { [rounds] in await rounds.run() }
    let failure = Mutex<Failure?>(nil)
    do throws(Failure) {
      try onReady(Self.address(host, listener))
    } catch {
      failure.withLock { $0 = error }
    }
    if failure.withLock({ $0 == nil }) { await untilCancelled() }
    await stop(listener)
    service.desk.close()
    await worker.value
    if let failure = failure.withLock({ $0 }) { throw failure }
  }

  private func untilCancelled() async {
    let (never, end) = AsyncStream.makeStream(of: Void.self)
    await withTaskCancellationHandler {
      for await _ in never {}
    } onCancel: {
      end.finish()
    }
  }

  // MARK: Listening

  private func listen(
    _ host: String, _ port: Int, _ loop: any EventLoop
  ) async throws(Failure) -> any Channel {
    let shared = ConnectionContext(
      service: service, executor: LoopExecutor(loop),
      onServed: { [onEvent] in onEvent(.served($0)) })
    let bootstrap = ServerBootstrap(group: loop)
      .serverChannelOption(.backlog, value: 256)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { [self] channel in setUp(channel, shared) }
    do {
      return try await bootstrap.bind(host: host, port: port).get()
    } catch {
      throw Self.failure(toListen: host, port, error)
    }
  }

  private static func failure(toListen host: String, _ port: Int, _ error: any Error) -> Failure {
    switch (error as? IOError)?.errnoCode {
    case EADDRINUSE:
      Failure(
        .system, "--port \(port)", "is taken by another program",
        hint: "give another, or --port 0 for a free one")
    case EACCES:
      Failure(
        .system, "--port \(port)", "is not allowed to this user", hint: "give one above 1023")
    case EADDRNOTAVAIL:
      Failure(
        .usage, "--host \(host)", "is no address of this machine",
        hint: "leave it out to serve this machine alone")
    case let number:
      Failure(
        .usage, "--host \(host)", "cannot be listened on",
        hint: "leave it out to serve this machine alone",
        cause: number.map { String(cString: strerror($0)) } ?? "the name has no address")
    }
  }

  private static func address(_ host: String, _ listener: any Channel) -> Address {
    let local = listener.localAddress
    let port = local?.port ?? 0
    let numbers = local?.ipAddress ?? ""
    return Address(
      url: "http://\(host.contains(":") ? "[\(host)]" : host):\(port)", port: port,
      isLoopback: numbers == "::1" || numbers.hasPrefix("127."))
  }

  /// Lets a new connection in, or turns it away where there are too many.
  private func setUp(_ channel: any Channel, _ shared: ConnectionContext) -> EventLoopFuture<Void> {
    let isWelcome = open.withLock { open in
      guard !open.isStopping, open.channels.count < service.limits.connections else { return false }
      open.channels[ObjectIdentifier(channel)] = channel
      return true
    }
    guard isWelcome else {
      return channel.eventLoop.makeCompletedFuture {
        try channel.pipeline.syncOperations.addHandler(TurnedAway())
      }
    }
    channel.closeFuture.whenComplete { [self] _ in
      let allClosed = open.withLock { open in
        open.channels[ObjectIdentifier(channel)] = nil
        return open.channels.isEmpty ? open.allClosed : nil
      }
      allClosed?.succeed()
    }
    return channel.eventLoop.makeCompletedFuture {
      let pipeline = channel.pipeline.syncOperations
      let connection = Connection(shared)
      var heads = NIOHTTPDecoderLimitConfiguration()
      (heads.maxHeaderFieldSize, heads.maxHeaderListSize) = (16_384, 32_768)
      heads.maxHeaderFieldCount = 100
      try pipeline.addHandler(FirstBytes(connection))
      try pipeline.configureHTTPServerPipeline(
        withPipeliningAssistance: true, withErrorHandling: false,
        withOutboundHeaderValidation: true, withEncoderConfiguration: .init(),
        withDecoderLimitConfiguration: heads)
      try pipeline.addHandler(connection)
    }
  }

  // MARK: Stopping

  /// Listens no more, closes connections that ask for nothing, waits for the others.
  private func stop(_ listener: any Channel) async {
    try? await listener.close().get()
    let promise = listener.eventLoop.makePromise(of: Void.self)
    let channels = open.withLock { open in
      open.isStopping = true
      if !open.channels.isEmpty { open.allClosed = promise }
      return Array(open.channels.values)
    }
    if channels.isEmpty { promise.succeed() }
    for channel in channels {
      channel.eventLoop.execute {
        channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
      }
    }
    try? await promise.futureResult.get()
  }
}
