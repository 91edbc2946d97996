// One client's connection: takes its requests one after the other, with a limit on the time of every
// step, and sends the replies.

import Core
import NIOCore
import NIOHTTP1

/// Everything that connections have in common.
struct ConnectionContext: Sendable {
  let service: EmbeddingService
  let executor: LoopExecutor
  let onServed: @Sendable (ServedRequest) -> Void
}

final class Connection: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private enum Phase {
    /// Between requests; whether bytes of the next one have come.
    case idle(hasBegun: Bool)
    /// Collecting a body.
    case reading(Incoming)
    /// The reply is sent; the rest of the body is thrown away, up to so many bytes.
    case discarding(left: Int, keepsAlive: Bool)
    /// The reply is being made or sent.
    case answering(Task<Void, Never>)
    case closed
  }

  /// A request on its way in.
  private struct Incoming: Sendable {
    let head: HTTPRequestHead
    let endpoint: EmbeddingService.Endpoint
    let hold: MemoryHold
    let start: ContinuousClock.Instant
    var body = ByteBuffer()
  }

  private let shared: ConnectionContext
  private var limits: ServingLimits { shared.service.limits }
  private var phase = Phase.idle(hasBegun: false)
  private var deadline: Scheduled<Void>?
  /// Whether nothing that comes is of interest any more.
  private(set) var isDeaf = false

  init(_ shared: ConnectionContext) { self.shared = shared }

  // MARK: Time

  /// Closes the connection unless another deadline replaces this one before.
  private func close(after duration: Duration?, _ context: ChannelHandlerContext) {
    deadline?.cancel()
    deadline = duration.map { duration in
      context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(duration)) {
        context.close(promise: nil)
      }
    }
  }

  /// The first bytes of something, which the parser has not seen yet.
  func bytesArrived(_ context: ChannelHandlerContext) {
    guard case .idle(hasBegun: false) = phase else { return }
    phase = .idle(hasBegun: true)
    close(after: limits.head, context)
  }

  // MARK: What comes in

  func channelActive(context: ChannelHandlerContext) {
    close(after: limits.head, context)
    context.fireChannelActive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): begin(head, context)
    case .body(let bytes): add(bytes, context)
    case .end: end(context)
    }
  }

  private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    guard case .idle = phase else { return }
    let start = ContinuousClock.now
    do throws(Refusal) {
      let endpoint = try shared.service.endpoint(for: head)
      phase = .reading(
        Incoming(
          head: head, endpoint: endpoint, hold: MemoryHold(shared.service.memory), start: start))
      close(after: limits.receiving, context)
      if head.headers.contains(name: "Expect") {
        let go = HTTPResponseHead(version: head.version, status: .continue)
        context.writeAndFlush(wrapOutboundOut(.head(go)), promise: nil)
      }
    } catch {
      refuse(error, head, start, context)
    }
  }

  private func add(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
    switch phase {
    case .reading(var incoming):
      // The body in the phase has to go, or appending copies it.
      phase = .closed
      do throws(Refusal) {
        try shared.service.check(bodyOf: incoming.body.readableBytes + bytes.readableBytes)
        guard incoming.hold.grow(by: bytes.readableBytes) else { throw EmbeddingService.fullMemory }
        incoming.body.writeImmutableBuffer(bytes)
        phase = .reading(incoming)
      } catch {
        refuse(error, incoming.head, incoming.start, context)
      }
    case .discarding(let left, let keepsAlive):
      guard bytes.readableBytes <= left else { return context.close(promise: nil) }
      phase = .discarding(left: left - bytes.readableBytes, keepsAlive: keepsAlive)
    case .idle, .answering, .closed: break
    }
  }

  private func end(_ context: ChannelHandlerContext) {
    switch phase {
    case .reading(let incoming): answer(incoming, context)
    case .discarding(_, keepsAlive: true): rest(context)
    case .discarding(_, keepsAlive: false): context.close(promise: nil)
    case .idle, .answering, .closed: break
    }
  }

  private func rest(_ context: ChannelHandlerContext) {
    phase = .idle(hasBegun: false)
    close(after: limits.idle, context)
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    // A client that sends no more has gone; nobody would read the answer.
    if case ChannelEvent.inputClosed = event { context.close(promise: nil) }
    context.fireUserInboundEventTriggered(event)
  }

  func channelInactive(context: ChannelHandlerContext) {
    if case .answering(let task) = phase { task.cancel() }
    phase = .closed
    close(after: nil, context)
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    let isOpenForReply =
      switch phase {
      case .idle, .reading: true
      case .discarding, .answering, .closed: false
      }
    guard isOpenForReply, error is HTTPParserError else { return context.close(promise: nil) }
    phase = .closed
    let refusal = Refusal(.invalid, "this is no HTTP request")
    var reply = refusal.reply(.openAI)
    reply.status =
      error as? HTTPParserError == .headerOverflow
      ? .requestHeaderFieldsTooLarge : .badRequest
    write(reply, .http1_1, keepsAlive: false, context)
    // What the client still sends is read and dropped: closed on it, the answer might not arrive.
    context.close(mode: .output, promise: nil)
    isDeaf = true
    close(after: min(limits.head, .seconds(2)), context)
  }

  // MARK: What goes out

  /// Replies before the end of the request; the rest of it is read, so that the client sees the reply
  /// and not a broken connection.
  private func refuse(
    _ refusal: Refusal, _ head: HTTPRequestHead, _ start: ContinuousClock.Instant,
    _ context: ChannelHandlerContext
  ) {
    let reply = refusal.reply(EmbeddingService.family(head.uri))
    // A client that waits to be told to go on may leave its body out.
    let keepsAlive =
      head.isKeepAlive && refusal.reason != .bodyTooLarge && !head.headers.contains(name: "Expect")
    phase = .discarding(left: limits.body, keepsAlive: keepsAlive)
    close(after: limits.head, context)
    shared.onServed(ServedRequest(head, reply, start))
    write(reply, head.version, isHead: head.method == .HEAD, keepsAlive: keepsAlive, context)
  }

  private func write(
    _ reply: Reply, _ version: HTTPVersion, isHead: Bool = false, keepsAlive: Bool,
    _ context: ChannelHandlerContext
  ) {
    guard case .bytes(let bytes) = reply.body else { return }
    let head = reply.head(version, length: bytes.readableBytes, keepsAlive: keepsAlive)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    if !isHead { context.write(wrapOutboundOut(.body(.byteBuffer(bytes))), promise: nil) }
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }

  private func answer(_ incoming: Incoming, _ context: ChannelHandlerContext) {
    close(after: nil, context)
    let place = NIOLoopBound(
      Place(connection: self, context: context), eventLoop: context.eventLoop)
    let (shared, channel) = (shared, context.channel)
    let work: @Sendable () async -> Void = {
      await Self.answer(incoming, shared, channel, place)
    }
    phase = .answering(Task(executorPreference: shared.executor, operation: work))
  }

  private static func answer(
    _ incoming: Incoming, _ shared: ConnectionContext, _ channel: any Channel,
    _ place: NIOLoopBound<Place>
  ) async {
    let head = incoming.head
    let reply = await shared.service.answer(
      incoming.endpoint, uri: head.uri, body: incoming.body, hold: incoming.hold)
    if Task.isCancelled { return }
    shared.onServed(ServedRequest(head, reply, incoming.start))
    do {
      let keepsAlive = try await reply.send(
        to: head, channel, patience: shared.service.limits.sending)
      place.value.connection.finish(keepsAlive, place.value.context)
    } catch {
      channel.close(promise: nil)
    }
  }

  /// What only the event loop's thread may touch.
  private struct Place {
    let connection: Connection
    let context: ChannelHandlerContext
  }

  /// Ends a reply; the connection is ready for the next request or closed.
  private func finish(_ keepsAlive: Bool, _ context: ChannelHandlerContext) {
    guard case .answering = phase else { return }
    // The end may bring the next request, which waited: the phase has to be right before.
    if keepsAlive { rest(context) } else { phase = .closed }
    let end = context.writeAndFlush(wrapOutboundOut(.end(nil)))
    guard !keepsAlive else { return }
    let channel = context.channel
    end.whenComplete { _ in channel.close(promise: nil) }
  }
}

/// Tells a connection of bytes before they are parsed: the time for a head runs from its first one.
final class FirstBytes: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let connection: Connection
  init(_ connection: Connection) { self.connection = connection }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if connection.isDeaf { return }
    connection.bytesArrived(context)
    context.fireChannelRead(data)
  }
}

/// Tells a client, as soon as it is connected, that there are too many.
final class TurnedAway: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  func channelActive(context: ChannelHandlerContext) {
    let words =
      "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n"
      + "Connection: close\r\n\r\n"
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: words)), promise: nil)
    context.close(promise: nil)
  }
}
