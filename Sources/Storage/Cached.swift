// The decorator that asks the cache before the embedder, and stores what the embedder says in chunks.

package import Core
import Foundation
import Synchronization

/// How many texts are embedded, and lost by a crash, at once.
package struct CacheChunking: Sendable {
  /// What a chunk should take; its size follows the speed that is met.
  package var seconds = 5.0
  /// Fewest texts, unless there are no more; enough to keep every thread of the embedder at work.
  package var minimum = 64
  /// Most texts.
  package var maximum = 4096

  package init() {}
}

/// Embeds only texts whose vectors were not computed before.
///
/// Vectors are the same to the last bit with and without the cache. A request is embedded in chunks, each
/// stored when it is done: a run that dies goes on in the middle of a corpus.
package struct Cached<Base: Embedder>: Embedder {
  package let base: Base
  private let cache: EmbeddingCache
  private let chunking: CacheChunking
  private let speed: Speed

  /// - Parameters:
  ///   - base: asked for what is not in the cache.
  ///   - cache: made for the model of `base`.
  ///   - chunking: how much at once.
  package init(_ base: Base, in cache: EmbeddingCache, chunking: CacheChunking = CacheChunking()) {
    self.base = base
    self.cache = cache
    self.chunking = chunking
    speed = Speed(seconds: chunking.seconds)
  }

  package var model: ModelIdentity { base.model }

  package func countTokens(_ request: EmbedRequest) async -> [TextCost]? {
    await base.countTokens(request)
  }

  package func memory(longestText tokens: Int) -> EmbedderMemory {
    base.memory(longestText: tokens)
  }

  package func embed(_ request: EmbedRequest) async throws(Failure) -> EmbedOutcome {
    var work = CachedWork(
      keys: cache.identity.keys(of: request.texts, prompt: request.prompt),
      dimensions: model.dimensions)
    while let group = work.nextGroup() {
      let found = cache.find(group.map { work.keys[$0] }, rows: group, to: &work.values)
      let hits = work.take(found, of: group)
      if hits > 0 { request.onProgress?(hits) }
      while let chunk = work.nextChunk(of: size(of: request.texts, in: work.missing)) {
        try await embed(chunk, of: request, in: &work)
      }
    }
    if !work.missing.isEmpty {
      try await embed(work.missing[...], of: request, in: &work)
    }
    cache.recordUse()
    let copied = work.copy()
    if copied > 0 { request.onProgress?(copied) }
    return work.outcome
  }

  /// Embeds some texts, keeps them, and stops here if that is wanted.
  private func embed(
    _ chunk: ArraySlice<Int>, of request: EmbedRequest, in work: inout CachedWork
  ) async throws(Failure) {
    var part = request
    part.texts = chunk.map { request.texts[$0] }
    let start = ContinuousClock.now
    let outcome = try await base.embed(part)
    let elapsed = ContinuousClock.now - start
    speed.record(Self.weight(of: part.texts[...]), in: elapsed / .seconds(1))
    cache.store(chunk.map { work.keys[$0] }, outcome)
    work.put(outcome, at: chunk)
    if Task.isCancelled {
      throw Failure(.interrupted, model.name, "stopped while embedding")
    }
  }

  /// How many of the missing texts are a chunk; nil while there are too few.
  private func size(of texts: [String], in missing: [Int]) -> Int? {
    guard missing.count >= chunking.minimum else { return nil }
    let wanted = speed.perSecond.map { Int($0 * chunking.seconds) } ?? 0
    var weight = 0
    for (place, text) in missing.enumerated() {
      weight += Self.weight(of: texts[text])
      let count = place + 1
      if count >= chunking.maximum { return count }
      if count >= chunking.minimum, weight >= wanted { return count }
    }
    return nil
  }

  /// Work that a text is, as far as one can tell from outside: its bytes, and something for each.
  private static func weight(of text: String) -> Int { text.utf8.count + 32 }

  private static func weight(of texts: ArraySlice<String>) -> Int {
    texts.reduce(0) { $0 + weight(of: $1) }
  }

  /// Work done per second, as met with the last chunk.
  private final class Speed: Sendable {
    private let rate = Mutex<Double?>(nil)
    /// What a chunk should take.
    private let seconds: Double

    init(seconds: Double) { self.seconds = seconds }

    var perSecond: Double? { rate.withLock { $0 } }

    /// Grows at most fourfold at once: a first chunk of a few texts says little.
    func record(_ weight: Int, in elapsed: Double) {
      let met = Double(weight) / max(elapsed, 1e-6)
      rate.withLock { rate in
        let bound = (rate ?? Double(weight) / seconds) * 4
        rate = min(met, bound)
      }
    }
  }
}

/// One request on its way: what is found, what is missing, what is a copy of another.
private struct CachedWork {
  let keys: [EmbeddingCacheKey]
  /// The vectors, [texts, dimensions].
  var values: [Float]
  /// Places of texts that have to be embedded, the next chunks.
  private(set) var missing: [Int] = []
  private let dimensions: Int
  private var costs: [TextCost]
  private var cached = 0
  /// Where a key was met first.
  private var places: [EmbeddingCacheKey: Int] = [:]
  private var copies: [(from: Int, to: Int)] = []
  private var next = 0

  init(keys: [EmbeddingCacheKey], dimensions: Int) {
    self.keys = keys
    self.dimensions = dimensions
    values = Array(repeating: 0, count: keys.count * dimensions)
    costs = Array(repeating: TextCost(tokens: 0), count: keys.count)
    places.reserveCapacity(keys.count)
  }

  /// The next places to look up, each of another key; nil at the end.
  mutating func nextGroup() -> [Int]? {
    var group: [Int] = []
    while next < keys.count, group.count < EmbeddingCacheFile.groupSize {
      let first = places[keys[next]]
      if let first {
        copies.append((first, next))
      } else {
        places[keys[next]] = next
        group.append(next)
      }
      next += 1
    }
    return group.isEmpty ? nil : group
  }

  /// Takes the answer of the cache, nil for none; tells how many texts it had.
  mutating func take(_ found: [TextCost?]?, of group: [Int]) -> Int {
    var hits = 0
    for (place, text) in group.enumerated() {
      if let cost = found?[place] {
        costs[text] = cost
        hits += 1
      } else {
        missing.append(text)
      }
    }
    cached += hits
    return hits
  }

  /// The places of the next chunk of this size; nil for none.
  mutating func nextChunk(of size: Int?) -> ArraySlice<Int>? {
    guard let size else { return nil }
    let chunk = missing.prefix(size)
    missing.removeFirst(chunk.count)
    return chunk
  }

  /// Takes the vectors of a chunk.
  mutating func put(_ outcome: EmbedOutcome, at places: ArraySlice<Int>) {
    for (row, text) in places.enumerated() {
      let target = text * dimensions..<(text + 1) * dimensions
      values.replaceSubrange(target, with: outcome.embeddings[row])
      costs[text] = outcome.costs[row]
    }
  }

  /// Gives equal texts their vectors; tells how many there were.
  mutating func copy() -> Int {
    for (from, to) in copies {
      let vector = Array(values[from * dimensions..<(from + 1) * dimensions])
      values.replaceSubrange(to * dimensions..<(to + 1) * dimensions, with: vector)
      costs[to] = costs[from]
    }
    cached += copies.count
    return copies.count
  }

  var outcome: EmbedOutcome {
    EmbedOutcome(
      embeddings: Embeddings(dimensions: dimensions, values: values), costs: costs, cached: cached)
  }
}
