// A server on this machine for tests, and embedders that wait for a word from the test.

import Core
import Serving
import Synchronization
import TestSupport
import Testing

/// Serves an embedder for as long as the body takes; afterwards nothing may be left in hand.
func withServer<T: Sendable>(
  _ embedder: any Embedder, prompts: Prompts = Prompts(), limits: ServingLimits = ServingLimits(),
  key: ServingKey? = nil, role: Role? = nil,
  onEvent: @escaping @Sendable (EmbeddingServer.Event) -> Void = { _ in },
  _ body: @Sendable (EmbeddingServer, _ port: Int, _ run: Task<Void, any Error>) async throws -> T
) async throws -> T {
  var model = ServedModel(embedder, prompts: prompts, software: "borda test")
  model.role = role
  let server = EmbeddingServer(model, limits: limits, key: key, onEvent: onEvent)
  let (ports, announce) = AsyncStream.makeStream(of: Int.self)
  let run = Task {
    try await server.run(host: "127.0.0.1", port: 0) { address throws(Failure) in
      announce.yield(address.port)
      announce.finish()
    }
  }
  var port = 0
  for await announced in ports { port = announced }
  let result = try await body(server, port, run)
  run.cancel()
  try await run.value
  #expect(server.connectionCount == 0)
  #expect(server.requestsInHand == 0)
  await eventually { server.memoryInHand == 0 }
  return result
}

func withServer<T: Sendable>(
  _ embedder: any Embedder, _ body: @Sendable (EmbeddingServer, Int) async throws -> T
) async throws -> T {
  try await withServer(embedder) { server, port, _ in try await body(server, port) }
}

/// Waits for something that is about to be true.
func eventually(
  _ isTrue: () -> Bool, sourceLocation: SourceLocation = #_sourceLocation
) async {
  let end = ContinuousClock.now + .seconds(60)
  while !isTrue(), ContinuousClock.now < end { try? await Task.sleep(for: .milliseconds(2)) }
  #expect(isTrue(), sourceLocation: sourceLocation)
}

/// Embeds like a toy, but every call waits until the test lets it through; tells one token for each
/// byte of a text and cuts texts of more than 100 bytes.
final class HeldEmbedder: Embedder {
  private let toy: ToyEmbedder
  private let allowed = Mutex(0)
  private let seen = Mutex<[EmbedRequest]>([])

  init(allowed: Int = 0, dimensions: Int = 2, failsAt: String? = nil) {
    toy = ToyEmbedder(dimensions: dimensions, failsAt: failsAt)
    self.allowed.withLock { $0 = allowed }
  }

  var model: ModelIdentity { toy.model }
  /// The calls so far, those that wait included.
  var calls: [EmbedRequest] { seen.withLock { $0 } }

  /// Lets so many more calls through.
  func allow(_ calls: Int) { allowed.withLock { $0 += calls } }

  func embed(_ request: EmbedRequest) async throws(Failure) -> EmbedOutcome {
    seen.withLock { $0.append(request) }
    while !allowed.withLock({ allowed in
      guard allowed > 0 else { return false }
      allowed -= 1
      return true
    }) {
      try? await Task.sleep(for: .milliseconds(1))
    }
    var outcome = try await toy.embed(request)
    let lengths = request.texts.map(\.utf8.count)
    outcome.costs = lengths.map { TextCost(tokens: min($0, 100), isTruncated: $0 > 100) }
    return outcome
  }
}

/// The vectors of an answer in TEI's form.
func vectors(_ answer: RawAnswer) -> [[Float]]? {
  answer.json?.array?.map { ($0.array ?? []).map { Float($0.double ?? .nan) } }
}
