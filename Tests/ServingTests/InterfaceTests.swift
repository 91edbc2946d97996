// What the two families of clients get: vectors to the bit, facts, prompts, keys.

import Core
import Foundation
import Serving
import Synchronization
import TestSupport
import Testing

/// Gives vectors that are hard to write: tiny, huge, negative zero.
private let hard: [Float] = [
  0.1, -0.0, 1.1754944e-38, Float.leastNonzeroMagnitude, 3.4028235e38, -1.0 / 3, 16_777_216, -2.5,
]

@Suite struct `OpenAI's interface` {
  @Test func `gives vectors to the bit, as numbers and as base64`() async throws {
    let toy = ToyEmbedder(["hard": hard, "zero": Array(repeating: 0, count: 8)], dimensions: 8)
    try await withServer(toy) { _, port in
      for encoding in ["float", "base64"] {
        let answer = try await ask(
          port, "POST /v1/embeddings",
          "{\"input\": [\"hard\", \"zero\"], \"encoding_format\": \"\(encoding)\"}")
        let json = try #require(answer.json)
        #expect(json["object"]?.string == "list" && json["model"]?.string == "toy/model")
        let data = try #require(json["data"]?.array)
        #expect(data.map { $0["index"]?.integer } == [0, 1])
        let embedding = try #require(data[0]["embedding"])
        let bits: [UInt32] =
          if let numbers = embedding.array {
            numbers.map { Float($0.double ?? .nan).bitPattern }
          } else {
            Data(base64Encoded: embedding.string ?? "").map { data in
              stride(from: 0, to: data.count, by: 4).map { place in
                (0..<4).reduce(0) { $0 | UInt32(data[place + $1]) << (8 * UInt32($1)) }
              }
            } ?? []
          }
        #expect(bits == hard.map(\.bitPattern))
      }
    }
  }

  @Test func `counts tokens and truncated texts of each request`() async throws {
    try await withServer(HeldEmbedder(allowed: 9)) { _, port in
      // 3 + 100 of 120 bytes
      let long = String(repeating: "x", count: 120)
      let answer = try await ask(
        port, "POST /v1/embeddings", "{\"input\": [\"abc\", \"\(long)\"], \"user\": \"u\"}")
      #expect(answer.json?["usage"]?["prompt_tokens"]?.integer == 103)
      #expect(answer.json?["usage"]?["total_tokens"]?.integer == 103)
      #expect(answer.head.contains("Borda-Truncated-Texts: 1"))
    }
  }

  @Test func `cuts vectors to fewer dimensions, of norm 1 like OpenAI's`() async throws {
    try await withServer(ToyEmbedder(["x": [3, 4, 12]], dimensions: 3)) { _, port in
      func vector(_ dimensions: Int) async throws -> [Double]? {
        let text = "{\"input\": \"x\", \"dimensions\": \(dimensions)}"
        return try await ask(port, "POST /v1/embeddings", text).json?["data"]?.array?[0][
          "embedding"]?.array?.compactMap(\.double)
      }
      // (3, 4) / 5
      let (two, three) = (try await vector(2), try await vector(3))
      #expect(two == [0.6, 0.8])
      #expect(three == [3, 4, 12])
    }
  }

  @Test func `answers to the model's name alone, and lists it`() async throws {
    try await withServer(ToyEmbedder()) { _, port in
      for (name, status) in ["toy/model": 200, "model": 200, "": 200, "toy": 404, "gpt": 404] {
        let answer = try await ask(
          port, "POST /v1/embeddings", "{\"input\": \"x\", \"model\": \"\(name)\"}")
        #expect(answer.status == status, "\(name)")
      }
      let list = try await ask(port, "GET /v1/models").json
      #expect(list?["data"]?.array?.map { $0["id"]?.string } == ["toy/model"])
      #expect(try await ask(port, "GET /v1/models/toy%2Fmodel").json?["id"]?.string == "toy/model")
      try await expectStatus(200, port, "GET /v1/models/toy/model")
      try await expectStatus(404, port, "GET /v1/models/none")
    }
  }
}

@Suite struct `TEI's interface` {
  @Test func `normalises unless told not to, and leaves what is normal alone`() async throws {
    // The squares of the second one sum to 1 but for the last bits of float32.
    let normal: [Float] = [0.57735026, 0.57735026, 0.57735026]
    let table = ["long": [2, 3, 6], "normal": normal, "zero": [0, 0, 0]] as [String: [Float]]
    try await withServer(ToyEmbedder(table, dimensions: 3)) { _, port in
      let texts = "\"inputs\": [\"long\", \"normal\", \"zero\"]"
      // 4 + 9 + 36 = 7²
      let first = [2.0 / 7, 3.0 / 7, 6.0 / 7].map { Float($0) }
      for path in ["/embed", "/"] {
        let answer = try await ask(port, "POST \(path)", "{\(texts)}")
        #expect(vectors(answer) == [first, normal, [0, 0, 0]])
      }
      let plain = try await ask(port, "POST /embed", "{\(texts), \"normalize\": false}")
      #expect(vectors(plain) == [[2, 3, 6], normal, [0, 0, 0]])
      // (2, 3) / √13
      let short = try await ask(port, "POST /embed", "{\"inputs\": \"long\", \"dimensions\": 2}")
      #expect(vectors(short) == [[Float(2 / 13.0.squareRoot()), Float(3 / 13.0.squareRoot())]])
    }
  }

  @Test func `refuses long texts that may not be cut`() async throws {
    try await withServer(HeldEmbedder(allowed: 9)) { _, port in
      let texts = "\"inputs\": [\"x\", \"\(String(repeating: "x", count: 101))\"]"
      try await expectStatus(200, port, "POST /embed", "{\(texts)}")
      let refused = try await ask(port, "POST /embed", "{\(texts), \"truncate\": false}")
      #expect(refused.status == 422)
      #expect(refused.text.contains("1 of 2 texts are longer"))
    }
  }

  @Test func `tells what is served`() async throws {
    try await withServer(ToyEmbedder()) { _, port in
      let info = try #require(try await ask(port, "GET /info").json)
      #expect(info["model_id"]?.string == "toy/model" && info["model_sha"]?.string == "1")
      #expect(info["max_client_batch_size"]?.integer == 2048)
      #expect(info["auto_truncate"]?.bool == true)
      let health = try await ask(port, "GET /health")
      #expect(health.status == 200 && health.body.isEmpty)
      #expect(try await RawClient.exchange(port, request("HEAD /info")).hasSuffix("\r\n\r\n"))
    }
  }
}

@Suite struct `Prompts of served models` {
  /// The field of the request, the server's own role, and the prompt before the text; nil where the
  /// request is refused.
  @Test(
    arguments: [
      ("/embed", "", nil, ""), ("/embed", "", .query, "q: "),
      ("/embed", "\"prompt_name\": \"query\"", nil, "q: "),
      ("/embed", "\"prompt_name\": \"passage\"", .query, "d: "),
      ("/embed", "\"prompt_name\": \"STS\"", .query, "s: "),
      ("/embed", "\"prompt_name\": \"other\"", nil, nil),
      ("/v1/embeddings", "\"input_type\": \"search_document\"", nil, "d: "),
      ("/v1/embeddings", "", .document, "d: "),
      ("/v1/embeddings", "\"input_type\": \"other\"", nil, nil),
    ] as [(String, String, Role?, String?)])
  func `are chosen by name or role`(
    path: String, field: String, role: Role?, prompt: String?
  ) async throws {
    let toy = ToyEmbedder()
    let prompts = Prompts(byKey: ["query": "q: ", "document": "d: ", "STS": "s: "])
    try await withServer(Prompted(toy, prompts: prompts), prompts: prompts, role: role) {
      _, port, _ in
      let texts = "\"input\(path == "/embed" ? "s" : "")\": \"x\""
      let text = "{\(texts)\(field.isEmpty ? "" : ", \(field)")}"
      let answer = try await ask(port, "POST \(path)", text)
      #expect((answer.status == 200) == (prompt != nil), "\(answer.text)")
      #expect(toy.requests.map(\.prompt) == (prompt.map { [$0] } ?? []))
    }
  }
}

@Suite struct `Keys` {
  @Test func `are asked for everywhere but where health is told, and shown nowhere`() async throws {
    let key = try ServingKey(" sesame-0123 \n", from: "a test")
    let lines = Mutex<[String]>([])
    let log = { @Sendable (event: EmbeddingServer.Event) in lines.withLock { $0.append("\(event)") }
    }
    try await withServer(ToyEmbedder(), key: key, onEvent: log) { _, port, _ in
      for shown in [
        "", "sesame-0123", "Bearer", "Bearer ", "Bearer sesame-012", "Basic sesame-0123",
      ]
        + ["Bearer sesame-01234", "Bearer sesame-0124", "Bearer sesame-0123sesame-0123"]
      {
        for path in ["POST /embed", "POST /v1/embeddings", "GET /info", "GET /none"] {
          let answer = try await ask(port, path, headers: ["Authorization: \(shown)"])
          #expect(answer.status == 401, "\(shown)")
          #expect(answer.head.contains("WWW-Authenticate: Bearer"))
          #expect(!answer.text.contains("sesame"))
        }
      }
      try await expectStatus(200, port, "GET /health")
      for scheme in ["Bearer", "bearer"] {
        let header = "Authorization: \(scheme) sesame-0123"
        try await expectStatus(200, port, "GET /info?x=sesame-0123", headers: [header])
      }
    }
    #expect(lines.withLock { $0.count } > 36)
    #expect(!lines.withLock { $0 }.joined().contains("sesame"))
    #expect("\(key)" == "…")
    #expect(String(reflecting: key) == "…")
  }

  @Test(arguments: ["", " \n", "two words", "schlüssel", "a\u{0}b"])
  func `have to be one word`(text: String) {
    #expect {
      try ServingKey(text, from: "BORDA_SERVE_KEY")
    } throws: { error in
      (error as? Failure)?.code == .usage && !"\(error)".contains("two words")
    }
  }
}

@Suite struct `The log` {
  @Test func `has a line for every request and no text`() async throws {
    let lines = Mutex<[ServedRequest]>([])
    let log = { @Sendable (event: EmbeddingServer.Event) in
      if case .served(let request) = event { lines.withLock { $0.append(request) } }
    }
    try await withServer(HeldEmbedder(allowed: 1), onEvent: log) { _, port, _ in
      _ = try await ask(port, "POST /v1/embeddings", "{\"input\": [\"secret\", \"x\"]}")
      _ = try await ask(port, "GET /no?token=secret")
      _ = try await ask(port, "GET /\u{1B}[31m")
    }
    let seen = lines.withLock { $0 }
    #expect(seen.first.map { [$0.status, $0.texts, $0.tokens] } == [200, 2, 7])
    #expect(seen.prefix(2).map(\.line) == ["POST /v1/embeddings", "GET /no"])
    #expect(!"\(seen)".contains("secret") && !"\(seen)".contains("\u{1B}"))
  }
}
