// How much a server is asked at once, and when.

import Core
import FaultyServer
import Foundation
import LoopbackServer
import Synchronization
import TestSupport
import Testing

@testable import Remote

@Suite struct `Texts` {
  @Test func `go out longest first, within every limit`() {
    // As JSON with commas and quotes: 13, 3, 5, 23 bytes; as tokens 10/3+2 = 5, 2, 2, 20/3+2 = 8.
    let texts = [String(repeating: "a", count: 10), "", "ab", String(repeating: "b", count: 20)]
    func batches(_ limits: BatchLimits) -> [[Int]] {
      var queue = BatchQueue(texts, positions: [0, 1, 2, 3])
      var batches: [[Int]] = []
      while let batch = queue.next(limits) { batches.append(batch) }
      return batches
    }
    #expect(batches(BatchLimits(items: 9, bytes: 999, tokens: 999)) == [[3, 0, 2, 1]])
    #expect(batches(BatchLimits(items: 3, bytes: 999, tokens: 999)) == [[3, 0, 2], [1]])
    // 23 + 13 = 36; 13 + 5 + 3 = 21.
    #expect(batches(BatchLimits(items: 9, bytes: 35, tokens: 999)) == [[3], [0, 2, 1]])
    // 8 + 5 = 13; 5 + 2 + 2 = 9.
    #expect(batches(BatchLimits(items: 9, bytes: 999, tokens: 9)) == [[3], [0, 2, 1]])
    // What is too long by itself goes alone.
    #expect(batches(BatchLimits(items: 9, bytes: 1, tokens: 1)) == [[3], [0], [2], [1]])
  }

  @Test func `that were too much at once go out in halves`() {
    var queue = BatchQueue(texts(10), positions: [0, 1, 2, 3, 4])
    let limits = BatchLimits(items: 5, bytes: 9999, tokens: 9999)
    let first = queue.next(limits) ?? []
    queue.takeBack(first)
    #expect(queue.next(limits) == Array(first[..<2]))
    #expect(queue.next(limits) == Array(first[2...]))
    #expect(queue.next(limits) == nil)
  }

  @Test func `take as many bytes as their JSON`() {
    for text in ["", "plain", "a \"quote\"", "back\\slash", "Zürich 東京", "line\nbreak"] {
      let written = JSON.string(text).line.utf8.count + 1
      // A line break is written in two bytes and counted with six, as other control characters.
      #expect((written...written + 4).contains(TextSize(text).bytes), "\(text)")
    }
  }
}

@Suite struct `The number of requests at a time` {
  private let limits = BatchLimits(items: 1, bytes: 1, tokens: 1)

  @Test func `grows while a text takes no longer`() {
    let load = ServerLoad(limits, mostRequests: 5)
    #expect(load.requests == 2)
    // A round is twice as many answers as requests: 4, 6, 8.
    for expected in [3, 4, 5, 5] {
      for _ in 0..<2 * load.requests { load.succeeded(round: 0, seconds: 1, tokens: 10) }
      #expect(load.requests == expected)
    }
  }

  @Test func `stays where texts begin to wait for each other`() {
    let load = ServerLoad(limits, mostRequests: 16)
    for _ in 0..<4 { load.succeeded(round: 0, seconds: 1, tokens: 10) }
    #expect(load.requests == 3)
    // Half as long again: neither more nor less.
    for _ in 0..<6 { load.succeeded(round: 0, seconds: 1.5, tokens: 10) }
    #expect(load.requests == 3)
    for _ in 0..<6 { load.succeeded(round: 0, seconds: 2.5, tokens: 10) }
    #expect(load.requests == 2)
  }

  @Test func `halves once for each crowd of refusals`() {
    let load = ServerLoad(limits, mostRequests: 16)
    for _ in 0..<200 { load.succeeded(round: 0, seconds: 1, tokens: 10) }
    // 4 + 6 + … + 24 = 154 answers lead from 2 to 13; 26 more to 14, and 20 are left over.
    #expect(load.requests == 14)
    let round = load.round
    for _ in 0..<10 { load.slowDown(round: round, pause: nil) }
    #expect(load.requests == 7)
    // What was sent before the refusals says nothing of the load after them.
    for _ in 0..<100 { load.succeeded(round: round, seconds: 1, tokens: 10) }
    #expect(load.requests == 7)
    for _ in 0..<9 { load.slowDown(round: load.round, pause: .seconds(5)) }
    #expect(load.requests == 1)
    #expect((load.quiet ?? .zero) > .seconds(3))
  }

  /// A status, and the limits that a refusal of 10 texts with 1000 bytes and 300 tokens leaves.
  @Test(
    arguments: [
      (413, BatchLimits(items: 64, bytes: 500, tokens: 9999)),
      (422, BatchLimits(items: 5, bytes: 9999, tokens: 9999)),
      (400, BatchLimits(items: 5, bytes: 9999, tokens: 9999)),
      (500, BatchLimits(items: 64, bytes: 9999, tokens: 150)),
    ])
  func `of texts in a request is learnt from refusals`(status: Int, left: BatchLimits) {
    let load = ServerLoad(
      BatchLimits(items: 64, bytes: 9999, tokens: 9999), mostRequests: 4)
    load.shrink(below: 10, bytes: 1000, tokens: 300, status: status)
    #expect(load.limits == left)
  }
}

@Suite struct `Asking` {
  @Test func `respects what the server says it takes`() async throws {
    try await withBench { bench in
      bench.server.change { $0.maxItems = 7 }
      let embedder = try await bench.open(.tei)
      _ = try await embedder.embed(EmbedRequest(texts: texts(50)))
      let counts = bench.server.requests.filter { $0.path == "/embed" }.map { request in
        (try? JSON(parsing: request.body))?["inputs"]?.array?.count ?? 0
      }
      #expect(counts.max() == 7)
      // 7 · 7 + 1
      #expect(counts.filter { $0 == 7 }.count == 7)
    }
  }

  @Test func `learns a limit once, not in every request`() async throws {
    try await withBench { bench in
      var bench = bench
      bench.settings.connections = 1
      bench.server.change { $0.maxItems = 10 }
      let embedder = try await bench.open(.openAI)
      let before = bench.server.requests.count
      _ = try await embedder.embed(EmbedRequest(texts: texts(400)))
      // 128, 64, 32, 16 are refused, 8 are taken: 50 requests, and one look at the model.
      #expect(bench.server.requests.count - before == 4 + 50 + 1)
    }
  }

  @Test func `waits as long as the server wishes`() async throws {
    try await withBench { bench in
      var bench = bench
      bench.settings.connections = 1
      let embedder = try await bench.open(.openAI)
      bench.server.spoil { call, reply in
        guard call.number == 1 else { return }
        reply = FaultyServer.error(429, "slow down")
        reply.headers["Retry-After"] = "7"
      }
      _ = try await embedder.embed(EmbedRequest(texts: ["a"]))
      #expect(bench.notes.pauses.first == .seconds(7))
      #expect(bench.notes.said.contains { $0.hasSuffix("asking again in 7 s") })
    }
  }

  @Test func `is never repeated where that cannot help`() async throws {
    for status in [400, 401, 403, 404, 405, 422] {
      try await withBench { bench in
        let embedder = try await bench.open(.openAI)
        bench.server.spoil { _, reply in reply = FaultyServer.error(status, "no") }
        let before = bench.server.requests.count
        let failure = await #expect(throws: Failure.self) {
          try await embedder.embed(EmbedRequest(texts: ["a"]))
        }
        #expect(failure?.cause == "no")
        #expect(bench.server.requests.count == before + 1)
        #expect(bench.notes.pauses.isEmpty)
      }
    }
  }

  @Test func `ends when it is stopped`() async throws {
    try await withBench { bench in
      let embedder = try await bench.open(.openAI)
      bench.server.spoil { _, reply in reply.pause = .seconds(60) }
      let task = Task { () -> Failure? in
        do throws(Failure) {
          _ = try await embedder.embed(EmbedRequest(texts: texts(300)))
          return nil
        } catch {
          return error
        }
      }
      while bench.server.requests.count < 9 { try await Task.sleep(for: .milliseconds(5)) }
      task.cancel()
      #expect(await task.value?.exitCode == 130)
    }
  }

  @Test func `goes on while others ask too`() async throws {
    try await withBench { bench in
      let embedder = try await bench.open(.tei)
      await withTaskGroup(of: Bool.self) { group in
        for number in 0..<8 {
          group.addTask {
            let asked = texts(40).map { "\(number) \($0)" }
            let outcome = try? await embedder.embed(EmbedRequest(texts: asked))
            return outcome?.embeddings == rightVectors(asked)
          }
        }
        for await isRight in group { #expect(isRight) }
      }
    }
  }
}
