// Servers that do wrong: after each wrong either the right vectors, or a failure that names the server
// and, where it is about one, the text.

import Core
import FaultyServer
import Foundation
import LoopbackServer
import Network
import TestSupport
import Testing

@testable import Remote

/// One wrong that begins after the server was opened, and what has to come of it.
private struct Fault: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let kind: ServerKind
  /// nil for the right vectors.
  let code: Failure.Code?
  /// What the failure has to say, and what the user is told otherwise.
  let words: String
  let begin: @Sendable (FaultyServer) -> Void

  init(
    _ description: String, _ kind: ServerKind = .openAI, _ code: Failure.Code? = nil,
    _ words: String = "", _ begin: @escaping @Sendable (FaultyServer) -> Void
  ) {
    testDescription = description
    self.kind = kind
    self.code = code
    self.words = words
    self.begin = begin
  }

  /// A wrong in the vectors of every answer with more than one.
  static func vectors(
    _ description: String, _ kind: ServerKind = .openAI, _ code: Failure.Code? = .malformed,
    _ words: String = "",
    _ alter: @escaping @Sendable (inout [FaultyServer.Item]) -> Void
  ) -> Fault {
    Fault(description, kind, code, words) { server in
      server.alter { _, items in if items.count > 1 { alter(&items) } }
    }
  }

  /// A wrong in replies to requests with more than one text.
  static func reply(
    _ description: String, _ kind: ServerKind = .openAI, _ code: Failure.Code? = nil,
    _ words: String = "",
    _ spoil: @escaping @Sendable (FaultyServer.Call, inout FakeReply) -> Void
  ) -> Fault {
    Fault(description, kind, code, words) { server in
      server.spoil { call, reply in if call.texts.count > 1 { spoil(call, &reply) } }
    }
  }
}

/// The shortest of `texts(300)` comes last: `text 0`.
private let asked = texts(300)

private func raw(_ text: String) -> FakeReply {
  FakeReply(200, ["Content-Type": "application/json"], Array(text.utf8))
}

private let wrongVectors: [Fault] = [
  .vectors("another order with the right index", .openAI, nil) { $0.reverse() },
  .vectors("an index twice", .openAI, .malformed, "sends two vectors with index 0") {
    $0[1].index = 0
  },
  .vectors("an index beyond the end", .openAI, .malformed, "index 5000 for") { $0[1].index = 5000 },
  .vectors("a negative index", .openAI, .malformed, "index -1 for") { $0[1].index = -1 },
  .vectors("no index", .openAI, .malformed, "without 'index'") { $0[1].index = nil },
  .vectors("a vector too few", .openAI, .malformed, "vectors for") {
    $0.removeLast()
  },
  .vectors("a vector too many", .tei, .malformed, "vectors for") {
    $0.append($0[0])
  },
  .vectors("no vectors at all", .ollama, .malformed, "sends 0 vectors for") {
    $0 = []
  },
  .vectors("one vector of another width", .tei, .malformed, "of 7 numbers where others have 8") {
    $0[3].vector = FaultyServer.list([1, 2, 3, 4, 5, 6, 7])
  },
  .vectors("all vectors of another width", .ollama, .malformed, "of 4 numbers where others") {
    for place in $0.indices { $0[place].vector = FaultyServer.list([1, 2, 3, 4]) }
  },
  .vectors("an empty vector", .tei, .malformed, "without numbers") { $0[0].vector = .array([]) },
  .vectors("NaN in base64", .openAI, .malformed, "NaN or infinity at place 2 for the text") {
    $0[0].vector = FaultyServer.base64([1, 2, .nan, 4, 5, 6, 7, 8])
  },
  .vectors("infinity in base64", .openAI, .malformed, "NaN or infinity at place 7 for the text") {
    $0[0].vector = FaultyServer.base64([1, 2, 3, 4, 5, 6, 7, -.infinity])
  },
  .vectors("infinity as null", .tei, .malformed, "with null at place 1 for the text") {
    $0[0].vector = .array([.number(1), .null] + (0..<6).map { .integer($0) })
  },
  .vectors("a number too large for 32 bits", .ollama, .malformed, "infinity at place 0") {
    $0[0].vector = .array([.number(1e39)] + (0..<7).map { .integer($0) })
  },
  .vectors("a text among the numbers", .tei, .malformed, "something else than a number at place 0")
  {
    $0[0].vector = .array([.string("1")] + (0..<7).map { .integer($0) })
  },
  .vectors("a vector for each token", .openAI, .malformed, "something else than a number") {
    $0[0].vector = .array([.array([.number(1)])])
  },
  .vectors("base64 that is none", .openAI, .malformed, "not base64 for the text") {
    $0[2].vector = .string("§§§§")
  },
  .vectors("base64 cut short", .openAI, .malformed, "not base64 for the text") {
    $0[2].vector = .string("AAAAAAA")
  },
  .vectors("base64 of 31 bytes", .openAI, .malformed, "of 31 bytes") {
    $0[2].vector = .string(Data(count: 31).base64EncodedString())
  },
  .vectors("an object for a vector", .tei, .malformed, "no vector, neither") {
    $0[2].vector = .object([])
  },
  .vectors("a vector of zeros", .tei, nil, "sends a vector of zeros for the text") { _ in },
  .vectors("a vector twice as long", .tei, nil, "sends a vector of norm 2.0 for the text") { _ in },
]

private let wrongBodies: [Fault] = [
  .reply("a body that is no JSON", .openAI, .malformed, "is not JSON") { _, reply in
    reply = raw("[0.1, 0.2")
  },
  .reply("an empty body", .tei, .malformed, "is not JSON") { _, reply in reply = raw("") },
  .reply("JSON without end", .tei, .malformed, "nested deeper than 200") { _, reply in
    reply = raw(String(repeating: "[", count: 5000))
  },
  .reply("a bare NaN", .tei, .malformed, "NaN or infinity at place 0") { call, reply in
    reply = raw("[" + call.texts.map { _ in "[NaN,1,1,1,1,1,1,1]" }.joined(separator: ",") + "]")
  },
  .reply("a number beyond all numbers", .tei, .malformed, "infinity at place 1") { call, reply in
    reply = raw("[" + call.texts.map { _ in "[1,-1e999,1,1,1,1,1,1]" }.joined(separator: ",") + "]")
  },
  .reply("another protocol's answer", .openAI, .malformed, "no list 'data'") { _, reply in
    reply = raw("[[1,2]]")
  },
  .reply("a page of a proxy", .ollama, .malformed, "a web page instead of JSON") { _, reply in
    reply = raw("<!DOCTYPE html><html><title>Welcome</title></html>")
  },
  .reply("a body without end", .openAI, .malformed, "which no right answer needs") { _, reply in
    reply = raw(String(repeating: " ", count: 65_536))
    reply.length = .none
    reply.end = .endless
  },
  .reply("a body of announced terabytes", .tei, .malformed, "which no right answer needs") {
    _, reply in reply.length = .claimed(1 << 42)
  },
  .reply("a length that is too small", .ollama, .malformed, "is not JSON") { _, reply in
    reply.length = .claimed(reply.body.count - 1)
  },
  .reply("a body cut off once") { call, reply in
    if call.number == 1 { reply.end = .cut(1000) }
  },
  .reply("every body cut off", .tei, .tryAgain, "broke the connection off") { _, reply in
    reply.end = .cut(100)
  },
  .reply("every connection cut off at once", .ollama, .tryAgain, "broke the connection off") {
    _, reply in reply.end = .cut(0)
  },
  .reply("a body that stalls once") { call, reply in
    if call.number == 1 { reply.end = .stall(1000) }
  },
]

private let refusals: [Fault] = [
  .reply("400 for one text", .openAI, .unsupported, "refuses the text \"text 78 ") { _, _ in },
  .reply("400 for everything", .tei, .unsupported, "refuses the text \"text ") { _, _ in },
  .reply("401", .openAI, .usage, "does not accept the key") { _, reply in
    reply = FaultyServer.error(401, "no")
  },
  .reply("403", .tei, .missing, "refuses access") { _, reply in
    reply = FaultyServer.error(403, "no")
  },
  .reply("404", .ollama, .missing, "has nothing at this path") { _, reply in
    reply = FaultyServer.error(404, "page not found")
  },
  .reply("413 for more than ten texts") { call, reply in
    if call.texts.count > 10 { reply = FakeReply(413) }
  },
  .reply("413 for every text", .tei, .unsupported, "bytes too long (status 413)") { _, _ in },
  .reply("422 for more than five texts", .tei) { call, reply in
    if call.texts.count > 5 {
      reply = FaultyServer.error(422, "batch size \(call.texts.count) > maximum batch size 5")
    }
  },
  .reply("500 for more than eight texts") { call, reply in
    if call.texts.count > 8 {
      reply = FaultyServer.error(500, "input is too large to process. increase the batch size")
    }
  },
  .reply("429 with a pause, then all is well") { call, reply in
    if call.number < 3 {
      reply = FaultyServer.error(429, "slow down")
      reply.headers["Retry-After"] = "7"
    }
  },
  .reply("429 without a pause, then all is well", .tei) { call, reply in
    if call.number < 5 { reply = FaultyServer.error(429, "overloaded") }
  },
  .reply("429 with an endless pause", .openAI, .tryAgain, "asks to be left alone for 86400 s") {
    _, reply in
    reply = FaultyServer.error(429, "come back tomorrow")
    reply.headers["Retry-After"] = "86400"
  },
  .reply("429 for ever", .openAI, .tryAgain, "takes no more requests") { _, reply in
    reply = FaultyServer.error(429, "slow down")
  },
  .reply("500, 502, 503, 504, 424 and 408, then all is well", .ollama) { call, reply in
    let codes = [500, 502, 503, 504, 424, 408]
    if call.number <= 6 { reply = FaultyServer.error(codes[call.number - 1], "trouble") }
  },
  .reply("503 for ever", .tei, .tryAgain, "has trouble of its own (status 503)") { _, reply in
    reply = FaultyServer.error(503, "unhealthy")
  },
  .reply("418", .openAI, .unsupported, "refuses the request (status 418)") { _, reply in
    reply = FaultyServer.error(418, "a teapot")
  },
  .reply("204 without vectors", .tei, .unsupported, "(status 204)") { _, reply in
    reply = FakeReply(204)
    reply.length = .none
  },
]

private let replacements: [Fault] = [
  Fault("another model in the middle", .openAI, .unusable, "cosine") { server in
    server.change { $0.seed = 9 }
  },
  Fault("another model of another name", .openAI, .unusable, "name 'org/new' instead of") {
    server in server.change { $0.name = "org/new" }
  },
  Fault("another revision of the same vectors", .tei, .unusable, "has org/toy at 1234567") {
    server in server.change { $0.revision = "1234567" }
  },
  Fault("another model of another width", .ollama, .malformed, "of 9 numbers") { server in
    server.change { $0.dimensions = 9 }
  },
]

@Suite struct `A server that does wrong` {
  @Test(arguments: wrongVectors + wrongBodies + refusals + replacements)
  private func `leads to the right vectors or a clear failure`(fault: Fault) async throws {
    try await withBench { bench in
      var bench = bench
      // Tests that compute keep the threads of this process busy, this server's too: no short time
      // but where a stall is what it does.
      let stalls = fault.testDescription.contains("stalls")
      bench.settings.patience.stall = .seconds(stalls ? 10 : 120)
      bench.settings.key = try Secret("sk-secret", from: "test")
      bench.server.change { $0.maxItems = fault.kind == .tei ? 32 : 1000 }
      let embedder = try await bench.open(fault.kind)
      fault.begin(bench.server)
      Self.finish(fault, bench.server)
      let failure = await Self.failure(of: embedder, bench, fault)
      #expect(failure?.code == fault.code, "\(String(describing: failure))")
      let said = "\(String(describing: failure)) \(bench.notes.said)"
      #expect(said.contains("secret") == false)
      guard let failure else { return }
      #expect(failure.message.contains(fault.words), "\(failure)")
      #expect(failure.subject == "\(fault.kind.rawValue):\(bench.server.address)")
      #expect(failure.hint != nil)
      if fault.words.hasSuffix("for the text") { #expect(failure.message.contains("\"text ")) }
    }
  }

  /// Wrongs that need to know the texts.
  private static func finish(_ fault: Fault, _ server: FaultyServer) {
    switch fault.testDescription {
    case "400 for one text":
      server.spoil { call, reply in
        if call.texts.contains(where: { $0.hasPrefix("text 78 ") }) {
          reply = FaultyServer.error(400, "I do not like it")
        }
      }
    case "400 for everything":
      server.spoil { _, reply in reply = FaultyServer.error(400, "no") }
    case "413 for every text": server.spoil { _, reply in reply = FakeReply(413) }
    case "a vector of zeros":
      server.alter { call, items in
        if let place = call.texts.firstIndex(of: asked[3]) {
          items[place].vector = .array((0..<8).map { _ in .integer(0) })
        }
      }
    case "a vector twice as long":
      server.alter { call, items in
        if let place = call.texts.firstIndex(of: asked[3]) {
          items[place].vector = FaultyServer.list(FaultyServer.vector(of: asked[3]).map { $0 * 2 })
        }
      }
    default: break
    }
  }

  private static func failure(
    of embedder: ServerEmbedder, _ bench: Bench, _ fault: Fault
  ) async -> Failure? {
    do throws(Failure) {
      let outcome = try await embedder.embed(EmbedRequest(texts: asked))
      var right = rightVectors(asked)
      if fault.words.isEmpty {
        #expect(outcome.embeddings == right)
      } else {
        // Suspicious, yet possible.
        #expect(bench.notes.said.count { $0.contains(fault.words) } == 1)
        right = right.rows([0, 1, 2])
        #expect(outcome.embeddings.rows([0, 1, 2]) == right)
      }
      return nil
    } catch {
      return error
    }
  }
}

/// One wrong that is there from the beginning.
private struct Deformity: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let kind: ServerKind
  let code: Failure.Code
  let words: String
  let begin: @Sendable (FaultyServer) -> Void

  init(
    _ description: String, _ kind: ServerKind, _ code: Failure.Code, _ words: String,
    _ begin: @escaping @Sendable (FaultyServer) -> Void
  ) {
    testDescription = description
    self.kind = kind
    self.code = code
    self.words = words
    self.begin = begin
  }
}

private let deformities: [Deformity] = [
  Deformity("no index and another order", .tei, .unusable, "in a batch than alone") { server in
    server.alter { _, items in items.reverse() }
  },
  Deformity("vectors moved by one", .ollama, .unusable, "in a batch than alone") { server in
    server.alter { _, items in items = Array(items.dropFirst()) + items.prefix(1) }
  },
  Deformity("vectors that depend on the batch", .openAI, .unusable, "in a batch than alone") {
    server in
    server.alter { call, items in
      guard items.count > 1 else { return }
      for (place, text) in call.texts.enumerated() {
        let vector = zip(FaultyServer.vector(of: text), FaultyServer.vector(of: "other"))
        items[place].vector = FaultyServer.base64(vector.map { $0 + 0.5 * $1 })
      }
    }
  },
  Deformity("one vector for all texts", .tei, .unusable, "same vector for different texts") {
    server in server.change { model in model.clean = { _ in "same" } }
  },
  Deformity("nothing but zeros", .ollama, .unusable, "vectors of zeros") { server in
    server.alter { _, items in
      for place in items.indices { items[place].vector = FaultyServer.list([0, 0, 0, 0]) }
    }
  },
  Deformity("a hundred thousand dimensions", .openAI, .malformed, "more than 65536 numbers") {
    server in server.change { $0.dimensions = 100_000 }
  },
  Deformity("a redirect to another host", .tei, .unsupported, "redirects to example.org") {
    server in
    server.spoil { _, reply in
      reply = FakeReply(307, ["Location": "https://example.org/embed?key=secret"])
    }
  },
  Deformity("a redirect to itself", .openAI, .unsupported, "which is not followed") { server in
    server.spoil { _, reply in reply = FakeReply(301, ["Location": "/v1/embeddings/"]) }
  },
  Deformity("no revision of its own that makes sense", .tei, .malformed, "max_client_batch_size") {
    server in server.change { $0.maxItems = -1 }
  },
]

@Suite struct `A server that is wrong from the beginning` {
  @Test(arguments: deformities)
  private func `is not used`(deformity: Deformity) async throws {
    try await withBench { bench in
      var bench = bench
      bench.settings.key = try Secret("sk-secret", from: "test")
      deformity.begin(bench.server)
      let failure = await bench.refusal(deformity.kind)
      #expect(failure?.code == deformity.code, "\(String(describing: failure))")
      #expect(failure?.message.contains(deformity.words) == true, "\(String(describing: failure))")
      #expect(failure?.description.contains("secret") == false)
      #expect(failure?.hint != nil)
    }
  }

  @Test func `is told apart from one that is a little unsteady`() async throws {
    try await withBench { bench in
      bench.server.alter { call, items in
        guard items.count > 1 else { return }
        for (place, text) in call.texts.enumerated() {
          let vector = zip(FaultyServer.vector(of: text), FaultyServer.vector(of: "other"))
          items[place].vector = FaultyServer.base64(vector.map { $0 + 0.03 * $1 })
        }
      }
      let embedder = try await bench.open(.openAI)
      #expect(embedder.notes.contains { $0.contains("depends on the texts beside it") })
      #expect(embedder.probe.agreement < 0.9999)
    }
  }

  @Test func `or not there at all is said so`() async throws {
    let server = try await FaultyServer.run { $0 }
    let bench = Bench(server)
    let failure = await bench.refusal(.openAI, model: "m")
    #expect(failure?.exitCode == 75)
    #expect(
      failure?.message.hasSuffix("cannot be reached") == true, "\(String(describing: failure))")
    #expect(bench.notes.pauses.count == 3)
  }
}
