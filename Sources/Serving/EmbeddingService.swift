// What the server does with a request, HTTP left aside: paths, the key, and the way to the desk. The
// two families are in `OpenAIInterface` and `TEIInterface`.

import Core
import NIOCore
import NIOHTTP1

/// Answers requests.
struct EmbeddingService: Sendable {
  let model: ServedModel
  let limits: ServingLimits
  let key: ServingKey?
  let desk: EmbeddingDesk
  let memory: MemoryLedger
  /// Seconds since 1970 when the server started.
  let started: Int

  /// A path that is served.
  enum Endpoint: Sendable, CaseIterable {
    case embeddings, models, oneModel, embed, info, health

    var family: Family {
      switch self {
      case .embeddings, .models, .oneModel: .openAI
      case .embed, .info, .health: .tei
      }
    }

    var takesBody: Bool { self == .embeddings || self == .embed }
  }

  /// What a path without its query means, whatever the method.
  static func endpoint(_ path: Substring) -> Endpoint? {
    switch path {
    case "/v1/embeddings": .embeddings
    case "/v1/models": .models
    case _ where path.hasPrefix("/v1/models/"): .oneModel
    // Clients that are given only an address post to it.
    case "/embed", "/": .embed
    case "/info": .info
    case "/health": .health
    default: nil
    }
  }

  static func path(_ uri: String) -> Substring { uri.prefix { $0 != "?" && $0 != "#" } }

  /// The family whose errors a client of this path expects.
  static func family(_ uri: String) -> Family {
    endpoint(path(uri))?.family ?? (uri.hasPrefix("/v1") ? .openAI : .tei)
  }

  /// Judges a request by its head, before its body is taken.
  ///
  /// - Throws: the refusal.
  /// - Returns: where it goes.
  func endpoint(for head: HTTPRequestHead) throws(Refusal) -> Endpoint {
    let path = Self.path(head.uri)
    let endpoint = Self.endpoint(path)
    if let key, endpoint != .health, !key.opens(head.headers.first(name: "Authorization")) {
      throw Refusal(
        .keyRefused, "this server asks for its key: send the header Authorization: Bearer <key>")
    }
    guard let endpoint else {
      throw Refusal(
        .unknownPath,
        "there is nothing here; this server has POST /v1/embeddings, GET /v1/models, POST /embed,"
          + " GET /info and GET /health")
    }
    let allowed = endpoint.takesBody ? "POST" : "GET, HEAD"
    guard endpoint.takesBody ? head.method == .POST : [.GET, .HEAD].contains(head.method) else {
      throw Refusal(.wrongMethod(allowed: allowed), "this path takes \(allowed) only")
    }
    guard endpoint.takesBody else { return endpoint }
    let type = head.headers.first(name: "Content-Type") ?? ""
    guard type.lowercased().prefix(while: { $0 != ";" && $0 != " " }) == "application/json" else {
      throw Refusal(.wrongType, "send JSON, with the header Content-Type: application/json")
    }
    if let coding = head.headers.first(name: "Content-Encoding"), coding != "identity" {
      throw Refusal(.wrongType, "compressed bodies are not taken; leave Content-Encoding out")
    }
    if let length = head.headers.first(name: "Content-Length").flatMap({ Int($0) }) {
      try check(bodyOf: length)
    }
    return endpoint
  }

  /// - Throws: a refusal for a body of more bytes than the limit.
  func check(bodyOf bytes: Int) throws(Refusal) {
    guard bytes <= limits.body else {
      throw Refusal(
        .bodyTooLarge, "a body may have \(limits.body) bytes; send the texts in several requests")
    }
  }

  /// Answers a request whose head has passed; never fails.
  ///
  /// - Parameters:
  ///   - endpoint: where the request goes.
  ///   - uri: its path and query.
  ///   - body: its body.
  ///   - hold: grows by what the vectors need, and lives until the reply is sent.
  /// - Returns: the reply.
  func answer(
    _ endpoint: Endpoint, uri: String, body: ByteBuffer, hold: MemoryHold
  ) async -> Reply {
    do throws(Refusal) {
      switch endpoint {
      case .health: return .empty
      case .info: return Reply(.ok, json: info)
      case .models: return Reply(.ok, json: models)
      case .oneModel: return try oneModel(uri)
      case .embeddings: return try await embeddings(body, hold)
      case .embed: return try await embed(body, hold)
      }
    } catch {
      return error.reply(endpoint.family)
    }
  }

  /// The vectors of texts, by way of the desk.
  func vectors(
    of texts: [String], _ manner: ServedModel.Manner, _ hold: MemoryHold
  ) async throws(Refusal) -> DeskAnswer {
    guard hold.grow(by: texts.count * model.identity.dimensions * MemoryLayout<Float>.size) else {
      throw Self.fullMemory
    }
    return try (await desk.embed(texts, manner)).mapError { Refusal($0) }.get()
  }

  static let fullMemory = Refusal(.overloaded(seconds: 1), "too much is in hand; try again later")

  /// Whether vectors can be cut to so many dimensions.
  func check(dimensions: Int?) throws(Refusal) {
    guard let dimensions, dimensions > model.identity.dimensions else { return }
    throw .parameter(
      "dimensions", "is \(dimensions), but the model's vectors have \(model.identity.dimensions)")
  }

  func headers(_ answer: DeskAnswer) -> HTTPHeaders {
    answer.truncated == 0 ? [:] : ["Borda-Truncated-Texts": "\(answer.truncated)"]
  }
}
