// The cache in front of an embedder: the same bits, less work.

import Core
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Storage

/// Embeds with a fresh `Cached` on a folder, as a new process would.
private func embed(
  _ request: EmbedRequest, _ folder: URL, with base: CountingEmbedder = CountingEmbedder(),
  chunking: CacheChunking = .init(), notes: Notes = Notes(), size: Int? = nil
) async throws -> (outcome: EmbedOutcome, asked: [String]) {
  let cache = EmbeddingCache(model: base.model, settings(folder, notes, size: size))
  let before = base.texts.count
  let outcome = try await Cached(base, in: cache, chunking: chunking).embed(request)
  return (outcome, Array(base.texts.dropFirst(before)))
}

@Suite struct `A cached embedder` {
  @Test func `embeds nothing twice, and tells the same of every text`() async throws {
    try await withTemporaryFolder { folder in
      let texts = ["a", "b", "a text that is cut", "", "a"]
      let request = EmbedRequest(texts: texts, prompt: "p ")
      let plain = try await CountingEmbedder().embed(request)
      let cold = try await embed(request, folder)
      #expect(cold.asked == ["a", "b", "a text that is cut", ""])
      // The second "a" needs no work.
      #expect(cold.outcome.cached == 1)
      let warm = try await embed(request, folder)
      #expect(warm.asked.isEmpty)
      #expect(warm.outcome.cached == 5)
      for outcome in [cold.outcome, warm.outcome] {
        #expect(outcome.bits == plain.bits)
        #expect(outcome.costs == plain.costs)
        // 1 + 1 + 9 + 0 + 1 tokens.
        #expect(outcome.tokens == 12 && outcome.truncated == 1)
      }
    }
  }

  @Test func `does not take one prompt or model for another`() async throws {
    try await withTemporaryFolder { folder in
      _ = try await embed(EmbedRequest(texts: ["bc"], prompt: "a"), folder)
      #expect(try await embed(EmbedRequest(texts: ["c"], prompt: "ab"), folder).asked == ["c"])
      #expect(try await embed(EmbedRequest(texts: ["abc"]), folder).asked == ["abc"])
      let other = CountingEmbedder(name: "toy/other")
      let request = EmbedRequest(texts: ["bc"], prompt: "a")
      #expect(try await embed(request, folder, with: other).asked == ["bc"])
      // A role or a task changes nothing but the prompt.
      let query = EmbedRequest(texts: ["bc"], role: .query, prompt: "a")
      #expect(try await embed(query, folder).asked.isEmpty)
      let texts = EmbeddingCacheFolder(folder).entries().map { ($0.model, $0.texts) }
      #expect(texts.first { $0.0 == "toy/counting" }?.1 == 3)
      #expect(texts.first { $0.0 == "toy/other" }?.1 == 1)
    }
  }

  @Test(arguments: 0..<12)
  func `gives the same bits in any order, with duplicates, in chunks of any size`(
    seed: Int
  ) async throws {
    try await withTemporaryFolder { folder in
      var random = SplitMix(state: UInt64(seed))
      let pool = manyTexts(700, "t")
      let base = CountingEmbedder()
      for _ in 0..<3 {
        let count = Int.random(in: 0...900, using: &random)
        let texts = (0..<count).map { _ in pool.randomElement(using: &random) ?? "" }
        let request = EmbedRequest(texts: texts, prompt: Bool.random(using: &random) ? "p" : "")
        var chunking = CacheChunking()
        chunking.minimum = Int.random(in: 1...300, using: &random)
        chunking.maximum = chunking.minimum + Int.random(in: 0...300, using: &random)
        chunking.seconds = Bool.random(using: &random) ? 1e-9 : 5
        let (outcome, asked) = try await embed(request, folder, with: base, chunking: chunking)
        let plain = try await CountingEmbedder().embed(request)
        #expect(outcome.bits == plain.bits && outcome.costs == plain.costs)
        #expect(Set(asked).count == asked.count, "a text was embedded twice")
        #expect(outcome.cached == count - asked.count)
      }
    }
  }

  @Test func `tells progress for every text once`() async throws {
    try await withTemporaryFolder { folder in
      _ = try await embed(EmbedRequest(texts: manyTexts(100)), folder)
      let done = Mutex(0)
      let request = EmbedRequest(
        texts: manyTexts(300) + manyTexts(50),
        onProgress: { count in done.withLock { $0 += count } })
      _ = try await embed(request, folder)
      #expect(done.withLock { $0 } == 350)
    }
  }

  @Test func `goes on in the middle of a corpus after a crash`() async throws {
    try await withTemporaryFolder { folder in
      let texts = manyTexts(1000)
      var chunking = CacheChunking()
      (chunking.minimum, chunking.maximum) = (100, 100)
      let dying = CountingEmbedder(failure: (texts[730], .system))
      await #expect(throws: Failure.self) {
        _ = try await embed(
          EmbedRequest(texts: texts), folder, with: dying, chunking: chunking)
      }
      // Seven chunks of a hundred were stored before the one that failed.
      let (_, asked) = try await embed(EmbedRequest(texts: texts), folder, chunking: chunking)
      #expect(asked == Array(texts[700...]))
    }
  }

  @Test func `that is cancelled keeps the chunk in hand and stops`() async throws {
    try await withTemporaryFolder { folder in
      let texts = manyTexts(1000)
      var chunking = CacheChunking()
      (chunking.minimum, chunking.maximum) = (100, 100)
      let request = EmbedRequest(
        texts: texts,
        onProgress: { _ in withUnsafeCurrentTask { $0?.cancel() } })
      let run = Task { [chunking] in try await embed(request, folder, chunking: chunking).outcome }
      guard case .failure(let error) = await run.result else {
        Issue.record("a cancelled request came to its end")
        return
      }
      let failure = error as? Failure
      #expect(failure?.code == .interrupted)
      let (_, asked) = try await embed(EmbedRequest(texts: texts), folder)
      #expect(asked == Array(texts[100...]))
    }
  }

  @Test func `makes chunks of the asked time, from few texts on`() async throws {
    try await withTemporaryFolder { folder in
      // An embedder that takes no time: chunks grow fourfold up to the most.
      let sizes = Mutex<[Int]>([])
      let request = EmbedRequest(
        texts: (0..<6000).map { "\($0 + 10_000)" },
        onProgress: { count in sizes.withLock { $0.append(count) } })
      _ = try await embed(request, folder)
      let found = sizes.withLock { $0 }
      #expect(found.first == 64 && found.max() ?? 0 <= 4096)
      #expect(found.reduce(0, +) == 6000)
      let grows = zip(found, found.dropFirst()).allSatisfy { $1 <= 4 * $0 + 256 }
      #expect(grows, "\(found)")
    }
  }

  @Test func `asks again for one that another process has stored meanwhile`() async throws {
    try await withTemporaryFolder { folder in
      let texts = manyTexts(600)
      let base = CountingEmbedder()
      let cache = EmbeddingCache(model: base.model, settings(folder, Notes()))
      let cached = Cached(base, in: cache)
      _ = try await cached.embed(EmbedRequest(texts: ["first"]))
      _ = try await embed(EmbedRequest(texts: texts), folder)
      #expect(try await cached.embed(EmbedRequest(texts: texts)).cached == 600)
      #expect(base.texts == ["first"])
    }
  }

  @Test func `of many tasks at once gives each its own vectors`() async throws {
    try await withTemporaryFolder { folder in
      let base = CountingEmbedder()
      let cached = Cached(base, in: EmbeddingCache(model: base.model, settings(folder, Notes())))
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<8 {
          group.addTask {
            let request = EmbedRequest(texts: manyTexts(200 + 10 * number))
            let plain = try await CountingEmbedder().embed(request)
            #expect(try await cached.embed(request).bits == plain.bits)
          }
        }
        try await group.waitForAll()
      }
    }
  }
}

@Suite struct `An outcome of a model that tells totals only` {
  @Test func `shares them out so that they come back whole`() {
    let embeddings = Embeddings(dimensions: 1, values: [1, 2, 3])
    let outcome = EmbedOutcome(embeddings: embeddings, tokens: 8, truncated: 2)
    #expect(outcome.costs.map(\.tokens) == [3, 3, 2])
    #expect(outcome.tokens == 8 && outcome.truncated == 2)
    let none = EmbedOutcome(
      embeddings: Embeddings(dimensions: 1, values: []), tokens: 0, truncated: 0)
    #expect(none.costs.isEmpty)
  }
}
