// Connections: one after the other, slow ones, dead ones, too many.

import Core
import Foundation
import NIOCore
import Serving
import TestSupport
import Testing

private let body = "{\"inputs\": \"x\", \"normalize\": false}"

@Suite struct `Connections` {
  @Test func `carry one request after the other, and several sent at once in order`() async throws {
    let toy = ToyEmbedder()
    try await withServer(toy) { server, port in
      try await RawClient.connect(port) { inbound, outbound in
        for _ in 0..<3 {
          try await outbound.write(ByteBuffer(string: request("POST /embed", body, closes: false)))
          #expect(try await inbound.answer().status == 200)
        }
        let texts = (0..<20).map { "text \($0)" }
        let many = texts.map { text in
          request("POST /embed", "{\"inputs\": \"\(text)\", \"normalize\": false}", closes: false)
        }
        try await outbound.write(ByteBuffer(string: many.joined()))
        for text in texts {
          let wanted = try await toy.embed(EmbedRequest(texts: [text])).embeddings
          #expect(vectors(try await inbound.answer()) == [Array(wanted[0])])
        }
        // A refused one in between breaks nothing.
        let mixed =
          request("PUT /embed", body, closes: false) + request("GET /health", closes: false)
          + request("GET /none", closes: false) + request("POST /embed", body, closes: false)
        try await outbound.write(ByteBuffer(string: mixed))
        for status in [405, 200, 404, 200] {
          #expect(try await inbound.answer().status == status)
        }
        #expect(server.connectionCount == 1)
      }
    }
  }

  @Test func `end after a request that says so, and after one of HTTP 1.0`() async throws {
    try await withServer(ToyEmbedder(dimensions: 1024)) { _, port in
      let answer = try await RawClient.exchange(port, request("GET /health"))
      #expect(RawAnswer.status(of: answer) == 200)
      let old =
        "POST /embed HTTP/1.0\r\nConnection: keep-alive\r\nContent-Type: application/json\r\n"
      let texts = JSON.object([("inputs", .strings((0..<100).map { "\($0)" }))]).line
      // 100 · 1,024 numbers are sent in pieces, whose end only the end of the connection can tell.
      let large = try await RawClient.exchange(
        port, "\(old)Content-Length: \(texts.utf8.count)\r\n\r\n\(texts)")
      #expect(RawAnswer.status(of: large) == 200)
      #expect(large.hasSuffix("]]"))
      #expect(!large.lowercased().contains("transfer-encoding"))
    }
  }

  @Test func `are told to go on where they ask first`() async throws {
    try await withServer(ToyEmbedder()) { _, port in
      try await RawClient.connect(port) { inbound, outbound in
        let whole = request(
          "POST /embed", body, headers: ["Expect: 100-continue"], closes: false)
        let head = whole.dropLast(body.count)
        try await outbound.write(ByteBuffer(string: String(head)))
        #expect(try await inbound.answer().status == 100)
        try await outbound.write(ByteBuffer(string: body))
        #expect(try await inbound.answer().status == 200)
      }
      // What is refused anyway is refused before the body is sent.
      try await RawClient.connect(port) { inbound, outbound in
        let head = request("POST /none", headers: ["Expect: 100-continue", "Content-Length: 9"])
        try await outbound.write(ByteBuffer(string: head))
        #expect(try await inbound.answer().status == 404)
      }
    }
  }

  @Test(arguments: [
    "", "GET /hea", "GET /health HTTP/1.1\r\nA: b\r\n", "POST /embed HTTP/1.1\r\n",
    request("POST /embed", headers: ["Content-Type: application/json", "Content-Length: 99"]) + "{",
    request(
      "POST /embed", headers: ["Content-Type: application/json", "Transfer-Encoding: chunked"])
      + "3\r\n{\"i",
    // Refused, and then never finished.
    request("PUT /embed", headers: ["Content-Type: application/json", "Content-Length: 99"]) + "{",
  ])
  func `that stop in the middle are cut off`(beginning: String) async throws {
    var limits = ServingLimits()
    limits.head = .milliseconds(200)
    limits.receiving = .milliseconds(200)
    try await withServer(ToyEmbedder(), limits: limits) { _, port, _ in
      let answer = try await RawClient.exchange(port, beginning)
      #expect([0, 405].contains(RawAnswer.status(of: answer)))
    }
  }

  @Test(arguments: [
    "GET /health HTTP/1.1\r\nA: ",
    request("POST /embed", headers: ["Content-Type: application/json", "Content-Length: 99999"]),
  ])
  func `that come byte by byte get no more time for it`(beginning: String) async throws {
    var limits = ServingLimits()
    limits.head = .milliseconds(300)
    limits.receiving = .milliseconds(300)
    try await withServer(ToyEmbedder(), limits: limits) { server, port, _ in
      try await RawClient.connect(port) { inbound, outbound in
        // On a busy machine the time may be over before this is sent.
        try? await outbound.write(ByteBuffer(string: beginning))
        let drip = Task {
          while !Task.isCancelled {
            try await outbound.write(ByteBuffer(string: " "))
            try await Task.sleep(for: .milliseconds(20))
          }
        }
        let answer = try await inbound.rest()
        #expect(answer.isEmpty)
        drip.cancel()
      }
    }
  }

  @Test func `whose client takes no answer are cut off`() async throws {
    var limits = ServingLimits()
    limits.sending = .milliseconds(300)
    try await withServer(ToyEmbedder(dimensions: 1024), limits: limits) { server, port, _ in
      // 2,048 · 1,024 numbers, some 25 MB: more than the system takes in for a client.
      let texts = JSON.object([("inputs", .strings((0..<2048).map { "\($0)" }))]).line
      try await RawClient.connect(port) { _, outbound in
        try await outbound.write(ByteBuffer(string: request("POST /embed", texts)))
        await eventually { server.memoryInHand > 0 }
        await eventually { server.memoryInHand == 0 && server.connectionCount == 0 }
      }
    }
  }

  @Test func `that are idle too long, or too many, are closed`() async throws {
    var limits = ServingLimits()
    limits.idle = .milliseconds(100)
    limits.head = .seconds(60)
    limits.connections = 2
    try await withServer(ToyEmbedder(), limits: limits) { server, port, _ in
      try await RawClient.connect(port) { inbound, outbound in
        try await outbound.write(ByteBuffer(string: request("GET /health", closes: false)))
        #expect(try await inbound.answer().status == 200)
        #expect(try await inbound.rest().isEmpty)
      }
      await eventually { server.connectionCount == 0 }
      try await RawClient.connect(port) { _, _ in
        try await RawClient.connect(port) { _, _ in
          await eventually { server.connectionCount == 2 }
          let third = try await RawClient.exchange(port, "")
          #expect(RawAnswer.status(of: third) == 503)
          #expect(third.contains("Retry-After: 1"))
        }
      }
    }
  }

  @Test func `that end while the model works free their place`() async throws {
    let held = HeldEmbedder()
    try await withServer(held) { server, port in
      for _ in 0..<5 {
        try await RawClient.connect(port) { _, outbound in
          try await outbound.write(ByteBuffer(string: request("POST /embed", body, closes: false)))
          await eventually { server.requestsInHand > 0 }
        }
        await eventually { server.requestsInHand == 0 && server.connectionCount == 0 }
      }
      // One of the five was with the model; the others never got there.
      held.allow(2)
      try await expectStatus(200, port, "POST /embed", body)
      #expect(held.calls.count == 2)
    }
  }
}
