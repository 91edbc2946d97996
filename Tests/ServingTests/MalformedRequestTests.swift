// Requests that nobody should send: each is answered or cut off, and leaves nothing behind.

import Core
import Foundation
import NIOCore
import Serving
import TestSupport
import Testing

private func post(_ headers: String, _ body: String = "", path: String = "/embed") -> String {
  "POST \(path) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\(headers)\r\n\r\n\(body)"
}

private let json = "Content-Type: application/json\r\n"

@Suite struct `Malformed requests` {
  /// The bytes, and the status; 0 for a connection that ends without an answer.
  static let onTheWire: [(String, Int)] = [
    ("\u{0}\u{1}\u{2}\r\n\r\n", 400),
    ("hello\r\n\r\n", 400),
    ("GET /health HTTP/9.9\r\n\r\n", 400),
    ("GET /health HTTP/1.1\r\nno colon\r\n\r\n", 400),
    ("GET /health HTTP/1.1\r\nA: b\u{0}c\r\n\r\n", 400),
    (
      "GET /health HTTP/1.1\r\nHost: x\r\nA: \(String(repeating: "a", count: 100_000))\r\n\r\n", 431
    ),
    (
      "GET /health HTTP/1.1\r\nHost: x\r\n"
        + (0..<2000).map { "A\($0): b\r\n" }.joined() + "\r\n", 431
    ),
    ("GET /\(String(repeating: "a", count: 100_000)) HTTP/1.1\r\n\r\n", 431),
    ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    (post(json + "Content-Length: -1"), 400),
    (post(json + "Content-Length: 1e3"), 400),
    (post(json + "Content-Length: 99999999999999999999999"), 400),
    (post(json + "Content-Length: 5\r\nContent-Length: 6", "12345"), 400),
    (post(json + "Content-Length: 5\r\nTransfer-Encoding: chunked", "12345"), 400),
    (post(json + "Transfer-Encoding: chunked", "zz\r\n12\r\n0\r\n\r\n"), 400),
    (post(json + "Transfer-Encoding: chunked", "ffffffffffffffffffff\r\n"), 400),
    (post(json + "Transfer-Encoding: gzip"), 400),
    // No length and no chunks: an empty body.
    (post(json + "A: b", "{}"), 422),
    (post(json + "Content-Length: 999999999", "{"), 413),
    (
      post(json + "Transfer-Encoding: chunked", "200000\r\n" + String(repeating: " ", count: 9000)),
      0
    ),
    (post("Content-Length: 2", "{}"), 415),
    (post("Content-Type: text/plain\r\nContent-Length: 2", "{}"), 415),
    (post(json + "Content-Encoding: gzip\r\nContent-Length: 2", "{}"), 415),
    (request("TRACE /health"), 405),
    (request("OPTIONS /embed"), 405),
    (request("CONNECT x:80"), 404),
    (request("GET http://other/health"), 404),
    (request("GET /../../etc/passwd"), 404),
    (request("GET /v1/models/%ff%00"), 404),
    (request("DELETE /v1/models"), 405),
    (request("PUT /v1/embeddings", "{}"), 405),
  ]

  @Test func `on the wire are refused without harm`() async throws {
    var limits = ServingLimits()
    limits.receiving = .seconds(3)
    limits.head = .seconds(60)
    limits.body = 1 << 20
    try await withServer(ToyEmbedder(), limits: limits) { server, port, _ in
      for (bytes, status) in Self.onTheWire {
        // After a 413 the server waits for the body that was promised.
        let seen =
          if status == 413 {
            try await RawClient.connect(port) { inbound, outbound in
              try await outbound.write(ByteBuffer(string: bytes))
              return try await inbound.answer().status
            }
          } else {
            RawAnswer.status(of: try await RawClient.exchange(port, bytes))
          }
        #expect(seen == status, "\(bytes.prefix(200))")
      }
      try await expectStatus(200, port, "POST /embed", "{\"inputs\": \"x\"}")
    }
  }

  /// Bodies that are no request, whatever the path.
  static let bodies = [
    "", "{", "[", "null", "1", "\"x\"", "[]", "{}", "{]", "{\"inputs\"}", "{'inputs': 'x'}",
    "{\"FIELD\": }", "{\"FIELD\": nul}", "{\"FIELD\": \"x\"", "{\"FIELD\": \"x\"}}",
    "{\"FIELD\": \"x\"} {\"FIELD\": \"x\"}", "{\"FIELD\": \"x\", \"FIELD\": \"y\"}",
    "{\"FIELD\": null}", "{\"FIELD\": 1}", "{\"FIELD\": true}", "{\"FIELD\": {}}",
    "{\"FIELD\": [1, 2]}", "{\"FIELD\": [[1, 2]]}", "{\"FIELD\": [\"x\", null]}",
    "{\"FIELD\": [\"x\", 1]}", "{\"FIELD\": [\"x\", [\"y\"]]}", "{\"FIELD\": [{\"text\": \"x\"}]}",
    "{\"FIELD\": []}", "{\"FIELD\": \"x\", \"dimensions\": 0}",
    "{\"FIELD\": \"x\", \"dimensions\": -1}", "{\"FIELD\": \"x\", \"dimensions\": 3}",
    "{\"FIELD\": \"x\", \"dimensions\": 1.5}", "{\"FIELD\": \"x\", \"dimensions\": \"2\"}",
    "{\"FIELD\": \"x\", \"dimensions\": 1e400}",
    "{\"FIELD\": \"x\", \"dimensions\": 9223372036854775808}",
    "{\"FIELD\": \"x\", \"dimensions\": 99999999999999999999999999999999999999}",
    "{\"FIELD\": \"x\", \"unheard_of\": 1}", "{\"FIELD\": \"x\", \"prompt_name\": 1}",
    "{\"FIELD\": \"x\", \"prompt_name\": \"none\"}", "{\"FIELD\": \"x\", \"input_type\": \"none\"}",
    "{\"FIELD\": \"\u{1}\"}", "{\"FIELD\": \"\\x\"}", "{\"FIELD\": \"\\u12\"}",
    "{\"FIELD\": NaN}", "{\"FIELD\": \"x\", \"normalize\": \"yes\"}",
    "{\"FIELD\": \"x\", \"encoding_format\": \"int8\"}", "{\"FIELD\": \"x\", \"truncate\": 1}",
    String(repeating: "[", count: 100_000), String(repeating: "{\"a\":", count: 100_000),
    "{\"FIELD\": " + String(repeating: "[", count: 1000) + String(repeating: "]", count: 1000)
      + "}",
    "{\"FIELD\": [" + String(repeating: "\"\",", count: 2048) + "\"\"]}",
    "{\"FIELD\": [" + String(repeating: "0,", count: 200_000) + "0]}",
  ]

  @Test(arguments: [("/v1/embeddings", "input", [400]), ("/embed", "inputs", [400, 422])])
  func `in the body are refused in the words of the family`(
    path: String, field: String, statuses: [Int]
  ) async throws {
    try await withServer(ToyEmbedder()) { _, port in
      for body in Self.bodies {
        let text = body.replacing("FIELD", with: field)
        let headers = text.isEmpty ? ["Content-Type: application/json", "Content-Length: 0"] : []
        let answer = try await ask(port, "POST \(path)", text, headers: headers)
        #expect(statuses.contains(answer.status), "\(text.prefix(200)) \(answer.status)")
        let message =
          path == "/embed" ? answer.json?["error"] : answer.json?["error"]?["message"]
        #expect(message?.string?.isEmpty == false, "\(answer.text.prefix(200))")
      }
    }
  }

  @Test func `of invalid UTF-8 are refused`() async throws {
    try await withServer(ToyEmbedder()) { _, port in
      for bytes in [
        [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82],
      ]
        as [[UInt8]]
      {
        let body = Array("{\"inputs\": \"".utf8) + bytes + Array("\"}".utf8)
        let head =
          "POST /embed HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\(json)Content-Length: \(body.count)\r\n\r\n"
        let answer = try await RawClient.exchange(port, Array(head.utf8) + body)
        #expect(RawAnswer.status(of: answer) == 422)
        #expect(answer.contains("not UTF-8"))
      }
    }
  }

  @Test func `strange but right ones are answered`() async throws {
    let toy = ToyEmbedder()
    try await withServer(toy) { _, port in
      let texts = ["", "\u{0}", "\u{FFFD}", "👩‍👩‍👧", "e\u{301}", " x ", "\r\n"]
      let body = JSON.object([("inputs", .strings(texts)), ("normalize", .bool(false))]).line
      let answer = try await ask(port, "POST /embed", body)
      #expect(answer.status == 200)
      let wanted = try await toy.embed(EmbedRequest(texts: texts)).embeddings
      #expect(vectors(answer) == (0..<texts.count).map { Array(wanted[$0]) })
      // A lone half of a pair becomes U+FFFD, as every decoder has it.
      let halves = try await ask(
        port, "POST /embed", "{\"inputs\": [\"\\ud800\", \"\\udc00\"], \"normalize\": false}")
      #expect(vectors(halves) == [Array(wanted[2]), Array(wanted[2])])
    }
  }
}
