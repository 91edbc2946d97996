// One question to a server, asked until it is answered: pauses, repetitions, and what they teach about
// the server's load.

import Core
import Network

/// Asks a server in its dialect.
struct ServerClient: Sendable {
  let transport: ServerTransport
  let load: ServerLoad
  var dialect: Dialect
  /// Width of its vectors, once that is known.
  var width: Int?

  var settings: ServerSettings { transport.settings }
  var subject: String { transport.subject }

  /// What became of a question.
  enum Reply<Value: Sendable>: Sendable {
    case answer(Value)
    /// The server wants none of it; asking again does not help.
    case refused(ServerRefusal)
  }

  /// Sends a request until there is an answer or patience ends.
  ///
  /// - Parameters:
  ///   - path: below the address
  ///   - body: JSON to post; nil for a GET
  ///   - limit: bytes of a good answer
  ///   - weight: about how many tokens it has; nil for what says nothing about the load
  ///   - retries: after how many failures to give up; nil for the settings' number
  /// - Returns: the answer of status 200, or the refusal
  /// - Throws: `.tryAgain` for a server that stays busy, away or silent, `.interrupted`,
  ///   `.malformed` for an answer that is too long
  func ask(
    _ path: String, posting body: JSON? = nil, limit: Int, weight: Int? = nil, retries: Int? = nil
  ) async throws(Failure) -> Reply<ServerAnswer> {
    try await settings.patience.persisting(
      on: subject, retries: retries, advice: .server,
      onRetry: { pause, reason in
        guard load.isNews(reason) else { return }
        let seconds = pause.components.seconds
        settings.onNote(
          "\(reason); asking again" + (seconds > 0 ? " in \(seconds) s" : ""))
      }
    ) { () async throws(Trouble) -> Reply<ServerAnswer> in
      if let quiet = load.quiet { try? await settings.patience.sleep(quiet) }
      let (round, start) = (load.round, ContinuousClock.now)
      do throws(Trouble) {
        let answer = try await transport.exchange(path, posting: body, limit: limit)
        guard answer.status == 200 else {
          let refusal = ServerRefusal(answer, from: transport)
          if refusal.kind == .busy { throw refusal.trouble }
          return .refused(refusal)
        }
        if let weight {
          load.succeeded(
            round: round, seconds: start.duration(to: .now) / .seconds(1), tokens: weight)
        }
        return .answer(answer)
      } catch {
        switch error.remedy {
        case .none: break
        case .again: load.slowDown(round: round, pause: nil)
        case .after(let pause):
          let isShort = pause <= settings.patience.longestRequestedPause
          load.slowDown(round: round, pause: isShort ? pause : nil)
        }
        throw error
      }
    }
  }

  /// The vectors of texts that go into one request.
  ///
  /// - Parameters:
  ///   - texts: with their prompts
  ///   - retries: as for `ask`
  /// - Returns: a vector for each text in their order, or the refusal
  /// - Throws: as `ask`; `.malformed`, naming the text, for vectors that cannot be right
  func vectors(
    of texts: [String], retries: Int? = nil
  ) async throws(Failure) -> Reply<VectorTable> {
    let weight = texts.reduce(0) { $0 + TextSize($1).tokens }
    let reply = try await ask(
      dialect.path, posting: dialect.request(texts),
      limit: settings.limits.answer(vectors: texts.count, dimensions: width), weight: weight,
      retries: retries)
    switch reply {
    case .refused(let refusal): return .refused(refusal)
    case .answer(let answer):
      do throws(BadAnswer) {
        return .answer(
          try dialect.vectors(
            answer, count: texts.count, width: width, limit: settings.limits.dimensions))
      } catch {
        throw transport.failure(error, text: error.text.map { texts[$0] })
      }
    }
  }

  /// A JSON document; nil where the server has nothing of that kind.
  ///
  /// - Throws: as `ask`; what the server says to someone who is not allowed to ask
  func document(
    _ path: String, posting body: JSON? = nil, retries: Int? = nil
  ) async throws(Failure) -> JSON? {
    switch try await ask(path, posting: body, limit: settings.limits.facts, retries: retries) {
    case .answer(let answer): return try? answer.json()
    case .refused(let refusal):
      guard refusal.kind == .final else { return nil }
      throw refusal.trouble.failure
    }
  }

  /// What the server says of itself.
  ///
  /// - Parameter retries: as for `ask`
  /// - Returns: what it says; for OpenAI's protocol it may be no more than the name after `#`
  /// - Throws: as `document`; what makes no sense
  func facts(retries: Int? = nil) async throws(Failure) -> ServerFacts {
    let wanted = transport.spec.model
    switch dialect.kind {
    case .openAI:
      for path in OpenAIPaths.models(below: transport.spec.address) {
        if let list = try await document(path, retries: retries), list["data"]?.array != nil {
          return try ServerFacts(openAI: list, wanted: wanted, subject: subject)
        }
      }
      return try ServerFacts(openAI: nil, wanted: wanted, subject: subject)
    case .tei:
      switch try await ask("/info", limit: settings.limits.facts, retries: retries) {
      case .refused(let refusal): throw refusal.trouble.failure
      case .answer(let answer):
        do throws(BadAnswer) {
          return try ServerFacts(tei: try answer.json())
        } catch {
          throw transport.failure(error)
        }
      }
    case .ollama:
      guard let tags = try await document("/api/tags", retries: retries) else {
        throw Failure(
          .missing, subject, "\(transport.origin) has no list of models at /api/tags",
          hint: "check the address and the protocol: \(ServerSpec.forms)")
      }
      let named = try ServerFacts(ollama: tags, wanted: wanted, subject: subject)
      return try ServerFacts(
        ollama: tags, wanted: named.model, subject: subject,
        show: try await document(
          "/api/show", posting: .object([("model", .string(named.model))]), retries: retries),
        version: try await document("/api/version", retries: retries))
    }
  }
}

/// Where servers of OpenAI's kind have things; some leave out the version.
enum OpenAIPaths {
  /// Paths below the address that may have the vectors, the likeliest first.
  static func vectors(below address: String) -> [String] {
    if address.hasSuffix("/embeddings") { return [""] }
    return isVersioned(address) ? ["/embeddings"] : ["/v1/embeddings", "/embeddings"]
  }

  /// Paths that may have the list of models; none below an address that is the vectors' own.
  static func models(below address: String) -> [String] {
    if address.hasSuffix("/embeddings") { return [] }
    return isVersioned(address) ? ["/models"] : ["/v1/models", "/models"]
  }

  private static func isVersioned(_ address: String) -> Bool {
    address.wholeMatch(of: /.*:\/\/[^\/]+\/(?:.*\/)?v\d+[a-z0-9]*/) != nil
  }
}
