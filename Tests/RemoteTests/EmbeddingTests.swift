// A server that does everything right: what it is asked, and that its vectors arrive.

import Core
import FaultyServer
import Foundation
import Network
import Synchronization
import TestSupport
import Testing

@testable import Remote

@Suite struct `A server` {
  @Test(arguments: ServerKind.allCases)
  func `gives the right vectors in the order of the texts`(kind: ServerKind) async throws {
    try await withBench { bench in
      bench.server.change { $0.maxItems = 50 }
      let embedder = try await bench.open(kind)
      let asked = texts(333)
      let progress = Mutex(0)
      let outcome = try await embedder.embed(
        EmbedRequest(
          texts: asked, prompt: "query: ",
          onProgress: { count in progress.withLock { $0 += count } }))
      #expect(outcome.embeddings == rightVectors(asked.map { "query: \($0)" }))
      #expect(progress.withLock { $0 } == 333)
      // A word is a token to this server.
      let words = asked.reduce(0) { $0 + "query: \($1)".split(separator: " ").count }
      #expect(outcome.tokens == words)
      let none = try await embedder.embed(EmbedRequest(texts: []))
      #expect(none.embeddings.count == 0)
    }
  }

  /// What a result says of the model.
  @Test func `says who its model is`() async throws {
    try await withBench { bench in
      let commit = String(repeating: "c0ffee12", count: 5)
      let tei = try await bench.open(.tei).model
      #expect(tei.name == "org/toy")
      #expect(tei.revision == commit)
      #expect(tei.dimensions == 8)
      #expect(tei.maxTokens == 512)
      #expect(tei.dtype == "float16")
      #expect(tei.engine == "tei 1.8.0")
      #expect(tei.settings["pooling"] == "mean")
      let ollama = try await bench.open(.ollama, model: "org/toy").model
      #expect(ollama.name == "org/toy:latest")
      #expect(ollama.revision == commit)
      #expect(ollama.dtype == "F16")
      #expect(ollama.engine == "ollama 0.9")
      let openAI = try await bench.open(.openAI).model
      #expect(openAI.name == "org/toy")
      #expect(openAI.engine == "openai toy")
      #expect(openAI.revision.count == 40)
      let again = try await bench.open(.openAI).model
      #expect(again == openAI)
      bench.server.change { $0.seed = 2 }
      let other = try await bench.open(.openAI).model
      #expect(other.revision != openAI.revision)
    }
  }

  @Test(arguments: [
    ("org/name", "org/name"), ("text-embedding", "server/text-embedding"),
    ("nomic:latest", "server/nomic:latest"), ("/data/models/x.gguf", "server/x.gguf"),
    ("a/b/c", "server/c"), ("../..", "server/model"), ("", "server/model"),
    ("org/na me\n", "org/na-me-"), ("../x", "server/x"),
  ])
  func `gives results a name that is safe as a folder`(name: String, result: String) {
    #expect(ServerFacts(model: name, engine: "x").resultName == result)
  }

  @Test func `is asked for what the options say`() async throws {
    try await withBench { bench in
      var bench = bench
      bench.settings.dimensions = 5
      bench.settings.name = "my/name"
      for kind in ServerKind.allCases {
        let embedder = try await bench.open(kind)
        #expect(embedder.model.dimensions == 5)
        #expect(embedder.model.name == "my/name")
        #expect(embedder.model.settings["dimensions_asked"] == "5")
        let outcome = try await embedder.embed(EmbedRequest(texts: ["a"]))
        #expect(outcome.embeddings == rightVectors(["a"], dimensions: 5))
      }
      bench.server.change { $0.canShorten = false }
      let failure = await bench.refusal(.tei)
      #expect(failure?.message == "was asked for 5 dimensions and sends 8")
      #expect(failure?.exitCode == 3)
    }
  }

  @Test func `is asked in its own words`() async throws {
    try await withBench { bench in
      bench.server.change { $0.owner = "vllm" }
      for kind in ServerKind.allCases { _ = try await bench.open(kind) }
      let bodies = bench.server.requests.filter { $0.method == "POST" }.map {
        ($0.path, try? JSON(parsing: $0.body))
      }
      let openAI = bodies.first { $0.0 == "/v1/embeddings" }?.1
      #expect(openAI?["model"]?.string == "org/toy")
      #expect(openAI?["input"]?.array == [.string(ServerProbe.short)])
      #expect(openAI?["encoding_format"]?.string == "base64")
      #expect(openAI?["truncate_prompt_tokens"]?.integer == -1)
      let tei = bodies.first { $0.0 == "/embed" }?.1
      #expect(tei?["inputs"]?.array == [.string(ServerProbe.short)])
      #expect(tei?["normalize"]?.bool == true)
      #expect(tei?["truncate"]?.bool == true)
      let ollama = bodies.first { $0.0 == "/api/embed" }?.1
      #expect(ollama?["model"]?.string == "org/toy:latest")
      #expect(ollama?["truncate"]?.bool == true)
    }
  }

  @Test func `that knows no base64 is asked for numbers`() async throws {
    try await withBench { bench in
      bench.server.spoil { call, reply in
        let sent = try? JSON(parsing: call.request.body)
        if sent?["encoding_format"] != nil {
          reply = FaultyServer.error(422, "encoding_format: unexpected value")
        }
      }
      let embedder = try await bench.open(.openAI)
      let outcome = try await embedder.embed(EmbedRequest(texts: texts(9)))
      #expect(outcome.embeddings == rightVectors(texts(9)))
    }
  }

  @Test func `may have several models or none of that name`() async throws {
    try await withBench { bench in
      #expect(
        await bench.refusal(.ollama, model: "org/tox")?.hint == "did you mean org/toy?")
      #expect(await bench.refusal(.ollama, model: "org/tox")?.exitCode == 3)
      bench.server.spoil { _, reply in
        reply = FaultyServer.error(404, "The model `x` does not exist")
      }
      let failure = await bench.refusal(.openAI, model: "x")
      #expect(failure?.message.hasSuffix("has no such model") == true)
      #expect(failure?.cause == "The model `x` does not exist")
      #expect(failure?.exitCode == 3)
    }
  }

  @Test(arguments: ServerKind.allCases)
  func `is given the key, which shows up nowhere`(kind: ServerKind) async throws {
    try await withBench { bench in
      var bench = bench
      bench.server.lock(with: "sk-secret")
      let without = await bench.refusal(kind)
      #expect(without?.message.hasSuffix("asks for a key") == true)
      #expect(without?.hint?.contains("BORDA_API_KEY") == true)
      bench.settings.key = try Secret("sk-wrong", from: "test")
      let wrong = await bench.refusal(kind)
      #expect(wrong?.message.hasSuffix("does not accept the key") == true)
      // The server's own words hold the key.
      #expect(wrong?.cause == "the key Bearer … is not known here")
      bench.settings.key = try Secret("sk-secret", from: "test")
      let embedder = try await bench.open(kind)
      let outcome = try await embedder.embed(EmbedRequest(texts: ["a"]))
      #expect(outcome.embeddings == rightVectors(["a"]))
      #expect(!"\(embedder.model) \(embedder.notes) \(bench.notes.said)".contains("secret"))
      #expect(!"\(bench.settings)".contains("secret"))
    }
  }

  @Test func `that refuses the empty text gives it zeros`() async throws {
    try await withBench { bench in
      bench.server.change { $0.takesEmpty = false }
      let embedder = try await bench.open(.tei)
      #expect(embedder.model.settings["empty_text"] == "zeros")
      #expect(embedder.notes.contains { $0.contains("refuses the empty text") })
      let outcome = try await embedder.embed(EmbedRequest(texts: ["a", "", "b", ""]))
      let zeros = [Float](repeating: 0, count: 8)
      let vectors = (0..<4).map { Array(outcome.embeddings[$0]) }
      #expect(vectors[1] == zeros && vectors[3] == zeros)
      #expect(vectors[0] == FaultyServer.vector(of: "a"))
      // With a prompt a text is not empty.
      let prompted = try await embedder.embed(EmbedRequest(texts: [""], prompt: "p: "))
      #expect(prompted.embeddings == rightVectors(["p: "]))
    }
  }

  @Test func `that drops blanks at the ends of a text is known by it`() async throws {
    try await withBench { bench in
      let careful = try await bench.open(.openAI).model
      #expect(careful.settings["outer_blanks"] == "seen")
      bench.server.change { model in
        model.clean = { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
      }
      let careless = try await bench.open(.openAI).model
      #expect(careless.settings["outer_blanks"] == "ignored")
    }
  }
}
