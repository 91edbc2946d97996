// An embedding server on a port of this machine that speaks all three protocols, notes every request,
// makes vectors that anybody can compute, and does wrong on demand.

package import Core
import Foundation
package import LoopbackServer
import Synchronization

package final class FaultyServer: Sendable {
  /// The model that it serves.
  package struct Model: Sendable {
    package var name = "org/toy"
    package var revision: String? = String(repeating: "c0ffee12", count: 5)
    package var dimensions = 8
    /// Another seed, other vectors.
    package var seed: UInt64 = 1
    /// Most texts of a request; more are refused with 422.
    package var maxItems = 32
    /// Whether it makes a vector for the empty text.
    package var takesEmpty = true
    /// Whether it takes `dimensions`.
    package var canShorten = true
    package var owner = "toy"
    /// What it does to a text before it computes.
    package var clean: @Sendable (String) -> String = { $0 }
  }

  /// A question for vectors.
  package struct Call: Sendable {
    package let request: FakeRequest
    package let texts: [String]
    /// From 1, counted since the last change of what is spoilt.
    package let number: Int
  }

  /// One vector on its way out.
  package struct Item: Sendable {
    package var index: Int?
    package var vector: JSON
  }

  private struct State {
    var model = Model()
    var key: String?
    var requests: [FakeRequest] = []
    var calls = 0
    var alter: @Sendable (Call, inout [Item]) -> Void = { _, _ in }
    var spoil: @Sendable (Call, inout FakeReply) -> Void = { _, _ in }
    var port = 0
  }

  private let state = Mutex(State())

  private init() {}

  /// Runs a server for as long as the body takes.
  package static func run<Result: Sendable>(
    _ body: @Sendable (FaultyServer) async throws -> Result
  ) async throws -> Result {
    let server = FaultyServer()
    return try await Loopback.run("faulty server", respond: { server.reply(to: $0) }) { port in
      server.state.withLock { $0.port = port }
      return try await body(server)
    }
  }

  package var port: Int { state.withLock { $0.port } }
  /// `http://127.0.0.1:<port>`.
  package var address: String { "http://127.0.0.1:\(port)" }
  /// Everything that was asked, in order.
  package var requests: [FakeRequest] { state.withLock { $0.requests } }

  package func change(_ change: (inout Model) -> Void) { state.withLock { change(&$0.model) } }

  /// Wants a key from now on.
  package func lock(with key: String) { state.withLock { $0.key = key } }

  /// Alters the vectors of answers from now on.
  package func alter(_ alter: @escaping @Sendable (Call, inout [Item]) -> Void) {
    state.withLock { state in
      state.alter = alter
      state.calls = 0
    }
  }

  /// Spoils replies to questions for vectors from now on.
  package func spoil(_ spoil: @escaping @Sendable (Call, inout FakeReply) -> Void) {
    state.withLock { state in
      state.spoil = spoil
      state.calls = 0
    }
  }

  // MARK: Vectors

  /// The right vector of a text, of norm 1.
  package static func vector(of text: String, dimensions: Int = 8, seed: UInt64 = 1) -> [Float] {
    // FNV-1a, then SplitMix64.
    var state = text.utf8.reduce(0xCBF2_9CE4_8422_2325 ^ seed) {
      ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3
    }
    let values = (0..<dimensions).map { _ -> Double in
      state &+= 0x9E37_79B9_7F4A_7C15
      var word = state
      word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
      word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
      return Double(word >> 11) / Double(1 << 52) - 1
    }
    let norm = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return values.map { Float($0 / norm) }
  }

  /// As OpenAI's servers send it when base64 is asked for.
  package static func base64(_ vector: [Float]) -> JSON {
    .string(
      Data(vector.flatMap { value in (0..<4).map { UInt8(value.bitPattern >> ($0 * 8) & 255) } })
        .base64EncodedString())
  }

  package static func list(_ vector: [Float]) -> JSON { .numbers(vector.map { Double($0) }) }

  // MARK: Answering

  private func reply(to request: FakeRequest) -> FakeReply {
    let (model, key) = state.withLock { state in
      state.requests.append(request)
      return (state.model, state.key)
    }
    if let key, request.headers["authorization"] != "Bearer \(key)" {
      return Self.error(401, "the key \(request.headers["authorization"] ?? "") is not known here")
    }
    let sent = (try? JSON(parsing: request.body)) ?? .null
    switch (request.method, request.path) {
    case ("GET", "/v1/models"):
      return Self.json(
        .object([
          (
            "data",
            .array([.object([("id", .string(model.name)), ("owned_by", .string(model.owner))])])
          )
        ]))
    case ("GET", "/info"): return Self.json(Self.info(model))
    case ("GET", "/api/tags"):
      return Self.json(
        .object([
          (
            "models",
            .array([
              .object([
                ("name", .string("\(model.name):latest")),
                ("digest", .optional(model.revision) { .string($0) }),
                ("details", .object([("quantization_level", .string("F16"))])),
              ])
            ])
          )
        ]))
    case ("GET", "/api/version"): return Self.json(.object([("version", .string("0.9"))]))
    case ("POST", "/api/show"):
      return Self.json(
        .object([("model_info", .object([("toy.context_length", .integer(512))]))]))
    case ("POST", "/v1/embeddings"): return vectors(sent, "input", model, request)
    case ("POST", "/api/embed"): return vectors(sent, "input", model, request)
    case ("POST", "/embed"): return vectors(sent, "inputs", model, request)
    default: return Self.error(404, "Not Found")
    }
  }

  private func vectors(
    _ sent: JSON, _ field: String, _ model: Model, _ request: FakeRequest
  ) -> FakeReply {
    let texts = sent[field]?.array?.compactMap(\.string) ?? []
    let (alter, spoil, number) = state.withLock { state in
      state.calls += 1
      return (state.alter, state.spoil, state.calls)
    }
    let call = Call(request: request, texts: texts, number: number)
    var reply = answer(call, sent, model, alter)
    spoil(call, &reply)
    return reply
  }

  private func answer(
    _ call: Call, _ sent: JSON, _ model: Model, _ alter: (Call, inout [Item]) -> Void
  ) -> FakeReply {
    if call.texts.isEmpty { return Self.error(400, "the input is empty") }
    if !model.takesEmpty, call.texts.contains("") {
      return Self.error(400, "inputs cannot be empty")
    }
    if call.texts.count > model.maxItems {
      return Self.error(
        422, "batch size \(call.texts.count) > maximum allowed batch size \(model.maxItems)")
    }
    var dimensions = model.dimensions
    if model.canShorten, let asked = sent["dimensions"]?.integer { dimensions = asked }
    let usesBase64 = sent["encoding_format"]?.string == "base64"
    var items = call.texts.enumerated().map { index, text in
      let vector = Self.vector(
        of: model.clean(text), dimensions: dimensions, seed: model.seed)
      return Item(index: index, vector: usesBase64 ? Self.base64(vector) : Self.list(vector))
    }
    alter(call, &items)
    let tokens = call.texts.reduce(0) { $0 + $1.split(separator: " ").count }
    switch call.request.path {
    case "/embed":
      var reply = Self.json(.array(items.map(\.vector)))
      reply.headers["x-compute-tokens"] = String(tokens)
      return reply
    case "/api/embed":
      return Self.json(
        .object([
          ("model", .string("\(model.name):latest")), ("embeddings", .array(items.map(\.vector))),
          ("prompt_eval_count", .integer(tokens)),
        ]))
    default:
      let data = items.map { item in
        JSON.object([
          ("object", .string("embedding")), ("index", .optional(item.index) { .integer($0) }),
          ("embedding", item.vector),
        ])
      }
      return Self.json(
        .object([
          ("object", .string("list")), ("data", .array(data)), ("model", .string(model.name)),
          ("usage", .object([("prompt_tokens", .integer(tokens))])),
        ]))
    }
  }

  private static func info(_ model: Model) -> JSON {
    .object([
      ("model_id", .string(model.name)), ("model_sha", .optional(model.revision) { .string($0) }),
      ("model_dtype", .string("float16")),
      ("model_type", .object([("embedding", .object([("pooling", .string("mean"))]))])),
      ("max_concurrent_requests", .integer(512)), ("max_input_length", .integer(512)),
      ("max_client_batch_size", .integer(model.maxItems)), ("auto_truncate", .bool(true)),
      ("version", .string("1.8.0")),
    ])
  }

  package static func json(_ json: JSON, status: Int = 200) -> FakeReply {
    FakeReply(status, ["Content-Type": "application/json"], Array(json.line.utf8))
  }

  /// A refusal in OpenAI's shape, which the others' readers understand too.
  package static func error(_ status: Int, _ message: String) -> FakeReply {
    json(.object([("error", .object([("message", .string(message))]))]), status: status)
  }
}
