// The line before the model: joined rounds, fairness, its bound, and its end.

import Core
import Foundation
import NIOCore
import Serving
import TestSupport
import Testing

private func body(_ texts: [String]) -> String {
  JSON.object([("inputs", .strings(texts)), ("normalize", .bool(false))]).line
}

/// What a toy gives for texts.
private func wanted(_ texts: [String]) async throws -> [[Float]] {
  let vectors = try await ToyEmbedder().embed(EmbedRequest(texts: texts)).embeddings
  return (0..<texts.count).map { Array(vectors[$0]) }
}

@Suite struct `The line before the model` {
  @Test func `joins what waits, and gives everyone their own`() async throws {
    let held = HeldEmbedder()
    try await withServer(held) { server, port in
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await expectStatus(200, port, "POST /embed", body(["first"])) }
        await eventually { held.calls.count == 1 }
        for number in 0..<10 {
          group.addTask {
            let texts = (0...number).map { "\(number) \($0)" }
            let answer = try await ask(port, "POST /embed", body(texts))
            #expect(try await vectors(answer) == wanted(texts))
            // One token for each byte: "7 3" has three.
            #expect(answer.head.contains("X-Compute-Tokens: \(3 * texts.count)"))
          }
        }
        await eventually { server.requestsInHand == 11 }
        held.allow(2)
        try await group.waitForAll()
      }
      // 1 + 2 + … + 10 texts of ten requests
      #expect(held.calls.map(\.texts.count) == [1, 55])
    }
  }

  @Test func `joins no requests with different prompts`() async throws {
    let held = HeldEmbedder()
    let prompts = Prompts(byKey: ["query": "q: ", "document": "d: "])
    try await withServer(Prompted(held, prompts: prompts), prompts: prompts) { server, port, _ in
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { _ = try await ask(port, "POST /embed", body(["first"])) }
        await eventually { held.calls.count == 1 }
        for name in ["query", "document", "passage"] {
          let texts = "{\"inputs\": \"x\", \"prompt_name\": \"\(name)\"}"
          group.addTask { try await expectStatus(200, port, "POST /embed", texts) }
        }
        await eventually { server.requestsInHand == 4 }
        held.allow(3)
        try await group.waitForAll()
      }
      let calls = held.calls.dropFirst().map { [$0.prompt, "\($0.texts.count)"] }
      #expect(Set(calls) == [["q: ", "1"], ["d: ", "2"]])
    }
  }

  @Test func `lets a small request pass a large one`() async throws {
    let held = HeldEmbedder(allowed: 1)
    try await withServer(held) { server, port in
      // Learns that texts can be joined.
      _ = try await ask(port, "POST /embed", body(["x"]))
      let large = Task {
        // 2,048 texts of 1,000 bytes: many rounds, whatever the pace.
        try await ask(
          port, "POST /embed",
          body(
            (0..<2048).map { number in
              "\(number)" + String(repeating: "x", count: 1000)
            }))
      }
      await eventually { held.calls.count == 2 }
      let small = Task { try await ask(port, "POST /embed", body(["small"])) }
      await eventually { server.requestsInHand == 2 }
      held.allow(2)
      #expect(try await small.value.status == 200)
      #expect(server.requestsInHand == 1)
      held.allow(10_000)
      let answer = try await large.value
      #expect(answer.status == 200)
      #expect(answer.head.contains("Borda-Truncated-Texts: 2048"))
      #expect(held.calls.count > 3)
    }
  }

  @Test(arguments: [("/embed", "inputs"), ("/v1/embeddings", "input")])
  func `turns requests away when it is full`(path: String, field: String) async throws {
    let held = HeldEmbedder()
    var limits = ServingLimits()
    limits.waiting = 3
    try await withServer(held, limits: limits) { server, port, _ in
      let text = "{\"\(field)\": \"x\"}"
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<3 {
          group.addTask { try await expectStatus(200, port, "POST \(path)", text) }
        }
        await eventually { server.requestsInHand == 3 }
        let refused = try await ask(port, "POST \(path)", text)
        #expect(refused.status == 429)
        #expect(refused.head.contains("Retry-After: "))
        let word = path == "/embed" ? "Overloaded" : "rate_limit_exceeded"
        #expect(refused.text.contains(word))
        held.allow(3)
        try await group.waitForAll()
      }
    }
  }

  @Test func `turns requests away when too much memory is in hand`() async throws {
    let held = HeldEmbedder()
    var limits = ServingLimits()
    limits.memory = 10_000
    try await withServer(held, limits: limits) { server, port, _ in
      let texts = body([String(repeating: "x", count: 6000)])
      let first = Task { try await ask(port, "POST /embed", texts) }
      await eventually { server.requestsInHand == 1 }
      try await expectStatus(429, port, "POST /embed", texts)
      // 600 texts of two dimensions need 4,800 bytes.
      let many = body(Array(repeating: "x", count: 600))
      try await expectStatus(429, port, "POST /embed", many)
      held.allow(1)
      #expect(try await first.value.status == 200)
    }
  }

  @Test func `keeps one client's trouble from the others`() async throws {
    let held = HeldEmbedder(failsAt: "bad")
    try await withServer(held) { server, port in
      try await withThrowingTaskGroup(of: (String, Int).self) { group in
        group.addTask { ("first", try await ask(port, "POST /embed", body(["first"])).status) }
        await eventually { held.calls.count == 1 }
        for text in ["good", "bad", "fine"] {
          group.addTask { (text, try await ask(port, "POST /embed", body(["a", text])).status) }
        }
        await eventually { server.requestsInHand == 4 }
        held.allow(10)
        for try await (text, status) in group { #expect(status == (text == "bad" ? 424 : 200)) }
      }
    }
  }

  @Test func `is worked off before the server ends, and nobody joins it any more`() async throws {
    let held = HeldEmbedder()
    try await withServer(held) { server, port, run in
      try await RawClient.connect(port) { idle, _ in
        let asked = (0..<3).map { number in
          Task { try await ask(port, "POST /embed", body(["\(number)"])) }
        }
        await eventually { server.requestsInHand == 3 }
        run.cancel()
        // Who asks for nothing is let go.
        #expect(try await idle.rest().isEmpty)
        await #expect(throws: (any Error).self) { try await ask(port, "GET /health") }
        #expect(server.requestsInHand == 3)
        held.allow(3)
        for (number, task) in asked.enumerated() {
          let answer = try await task.value
          #expect(try await vectors(answer) == wanted(["\(number)"]))
          #expect(answer.head.lowercased().contains("connection: close"))
        }
      }
    }
  }

  @Test func `bears many clients at once, right ones and wrong ones`() async throws {
    let held = HeldEmbedder(allowed: 1_000_000)
    try await withServer(held) { server, port in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for client in 0..<60 {
          group.addTask {
            var random = SplitMix(state: UInt64(client))
            for turn in 0..<8 {
              let texts = (0..<Int(random.next() % 20) + 1).map { "\(client) \(turn) \($0)" }
              let whole = request("POST /embed", body(texts), closes: random.next() % 2 == 0)
              switch random.next() % 4 {
              case 0:
                // Leaves in the middle of the request, or of the answer.
                try await RawClient.connect(port) { _, outbound in
                  let cut = Int(random.next() % UInt64(whole.utf8.count + 1))
                  try? await outbound.write(ByteBuffer(bytes: whole.utf8.prefix(cut)))
                }
              case 1:
                // One byte is another.
                var bytes = Array(whole.utf8)
                bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(random.next() % 256)
                try await RawClient.connect(port) { inbound, outbound in
                  try? await outbound.write(ByteBuffer(bytes: bytes + Array("\r\n\r\n".utf8)))
                  _ = try? await inbound.answer()
                }
              default:
                let answer = try await ask(port, "POST /embed", body(texts))
                #expect(try await vectors(answer) == wanted(texts))
              }
            }
          }
        }
        try await group.waitForAll()
      }
    }
  }
}
