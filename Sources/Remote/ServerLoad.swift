// How much a server is asked at once: requests at the same time and texts in a request, learnt from how
// it takes them.

import Core
import Foundation
import Synchronization

/// What one request may hold.
struct BatchLimits: Sendable, Equatable {
  var items: Int
  /// Bytes of the texts as JSON.
  var bytes: Int
  /// Tokens, as far as they can be told from bytes.
  var tokens: Int

  /// What servers of a kind take unless they say otherwise.
  static func standard(_ kind: ServerKind) -> BatchLimits {
    switch kind {
    case .openAI: BatchLimits(items: 128, bytes: 1_000_000, tokens: 100_000)
    // Its payload is limited to 2,000,000 bytes.
    case .tei: BatchLimits(items: 32, bytes: 1_500_000, tokens: 100_000)
    case .ollama: BatchLimits(items: 64, bytes: 1_000_000, tokens: 100_000)
    }
  }
}

/// The size of a text as it goes into a request.
struct TextSize: Sendable {
  let bytes: Int
  let tokens: Int

  init(_ text: String) {
    var bytes = 3
    for byte in text.utf8 {
      switch byte {
      case 0..<0x20: bytes += 6
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += 2
      default: bytes += 1
      }
    }
    self.bytes = bytes
    // A word of English has four letters and more; a character of Chinese has three bytes.
    tokens = text.utf8.count / 3 + 2
  }
}

/// Requests at the same time: one more after each round that was as quick for a text as the best one,
/// half after a refusal (additive increase, multiplicative decrease); and the limits of a request.
final class ServerLoad: Sendable {
  private struct State {
    var limits: BatchLimits
    var requests: Int
    /// Raised by every decrease: what was sent before one says nothing new.
    var round = 0
    var finished = 0
    var seconds = 0.0
    var tokens = 0
    /// Seconds for a token in the best round so far.
    var best = Double.infinity
    var quietUntil: ContinuousClock.Instant?
    var told: (reason: String, at: ContinuousClock.Instant)?
  }

  private let state: Mutex<State>
  private let most: Int

  init(_ limits: BatchLimits, mostRequests: Int) {
    most = max(1, mostRequests)
    state = Mutex(State(limits: limits, requests: min(2, max(1, mostRequests))))
  }

  var requests: Int { state.withLock { $0.requests } }
  var limits: BatchLimits { state.withLock { $0.limits } }
  var round: Int { state.withLock { $0.round } }

  /// A request came back well.
  ///
  /// - Parameters:
  ///   - round: the one it was sent in
  ///   - seconds: from its first byte out to its last byte in
  ///   - tokens: about how many it had
  func succeeded(round: Int, seconds: Double, tokens: Int) {
    state.withLock { state in
      guard round == state.round else { return }
      state.finished += 1
      state.seconds += seconds
      state.tokens += tokens
      guard state.finished >= 2 * state.requests else { return }
      // Where requests wait for each other inside the server, each takes longer in proportion.
      let latency = state.seconds / Double(max(1, state.tokens))
      state.best = min(state.best, latency)
      if latency <= 1.25 * state.best {
        state.requests = min(most, state.requests + 1)
      } else if latency > 2 * state.best {
        state.requests = max(1, state.requests - 1)
      }
      (state.finished, state.seconds, state.tokens) = (0, 0, 0)
    }
  }

  /// The server has too much to do.
  ///
  /// - Parameters:
  ///   - round: the one in which the request was sent
  ///   - pause: how long the server wants to be left alone
  func slowDown(round: Int, pause: Duration?) {
    state.withLock { state in
      if let pause {
        let end = ContinuousClock.now + pause
        state.quietUntil = max(state.quietUntil ?? end, end)
      }
      guard round == state.round else { return }
      state.round += 1
      state.requests = max(1, state.requests / 2)
      (state.finished, state.seconds, state.tokens) = (0, 0, 0)
    }
  }

  /// How long the server still wants to be left alone.
  var quiet: Duration? {
    state.withLock { state in
      guard let end = state.quietUntil, end > .now else { return nil }
      return ContinuousClock.now.duration(to: end)
    }
  }

  /// Whether the user should be told why something is asked again: many requests meet one trouble.
  func isNews(_ reason: String) -> Bool {
    state.withLock { state in
      let now = ContinuousClock.now
      if let told = state.told, told.reason == reason, now < told.at + .seconds(10) { return false }
      state.told = (reason, now)
      return true
    }
  }

  /// A request was too large: no later one will be as large.
  func shrink(below items: Int, bytes: Int, tokens: Int, status: Int) {
    state.withLock { state in
      switch status {
      case 413: state.limits.bytes = min(state.limits.bytes, max(1, bytes / 2))
      case 400, 422: state.limits.items = min(state.limits.items, max(1, items / 2))
      default: state.limits.tokens = min(state.limits.tokens, max(1, tokens / 2))
      }
    }
  }
}

/// Positions of texts on their way into requests, longest texts first: texts of one request are then of
/// about one length, which servers that pad like.
struct BatchQueue {
  /// Runs of positions that are still to be sent; the last run goes first.
  private var runs: [ArraySlice<Int>]
  private let sizes: [TextSize]

  /// - Parameters:
  ///   - texts: all of a request
  ///   - positions: those to send
  init(_ texts: [String], positions: [Int]) {
    let sizes = texts.map { TextSize($0) }
    self.sizes = sizes
    runs = [positions.sorted { (sizes[$1].bytes, $0) < (sizes[$0].bytes, $1) }[...]]
  }

  /// The next texts to send together, at least one; nil when all are under way.
  mutating func next(_ limits: BatchLimits) -> [Int]? {
    guard var run = runs.popLast(), !run.isEmpty else { return nil }
    var batch: [Int] = []
    var (bytes, tokens) = (0, 0)
    while let position = run.first, batch.count < limits.items {
      bytes += sizes[position].bytes
      tokens += sizes[position].tokens
      guard batch.isEmpty || (bytes <= limits.bytes && tokens <= limits.tokens) else { break }
      batch.append(position)
      run.removeFirst()
    }
    if !run.isEmpty { runs.append(run) }
    return batch
  }

  /// Takes back what was too much at once.
  mutating func takeBack(_ batch: [Int]) {
    let middle = batch.count / 2
    runs += [batch[middle...], batch[..<middle]]
  }

  func bytes(_ batch: [Int]) -> Int { batch.reduce(0) { $0 + sizes[$1].bytes } }
  func tokens(_ batch: [Int]) -> Int { batch.reduce(0) { $0 + sizes[$1].tokens } }
}
