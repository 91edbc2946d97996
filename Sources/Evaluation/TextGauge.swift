// How long the texts of a plan are, and a sample of them for a calibration: some of every length.

package import Core
import Synchronization

/// Lengths of texts in the unit that embedding them costs: tokens, or bytes where there are none.
package struct TextLengths: Sendable, Equatable {
  package var texts = 0
  /// UTF-8 bytes, without prompts.
  package var bytes = 0
  /// Tokens as the model gets them; nil where the embedder has no tokenizer here.
  package var tokens: Int?
  /// Texts longer than the model's limit.
  package var truncated = 0
  /// Length of the longest text, in units.
  package var longest = 0
  /// Units of all texts whose length is in [2ⁿ, 2ⁿ⁺¹), by n.
  package var unitsByStratum: [Int: Int] = [:]

  package init() {}

  package var units: Int { unitsByStratum.values.reduce(0, +) }

  /// The stratum of a length.
  package static func stratum(of length: Int) -> Int {
    max(length, 1).bitWidth - 1 - max(length, 1).leadingZeroBitCount
  }

  /// Texts of these lengths in units.
  mutating func add(_ lengths: [Int]) {
    for length in lengths {
      unitsByStratum[Self.stratum(of: length), default: 0] += length
      longest = max(longest, length)
    }
  }

  package static func += (sum: inout TextLengths, other: TextLengths) {
    sum.tokens =
      sum.texts == 0
      ? other.tokens
      : other.texts == 0
        ? sum.tokens
        : sum.tokens.flatMap { own in
          other.tokens.map { own + $0 }
        }
    sum.texts += other.texts
    sum.bytes += other.bytes
    sum.truncated += other.truncated
    sum.longest = max(sum.longest, other.longest)
    sum.unitsByStratum.merge(other.unitsByStratum, uniquingKeysWith: +)
  }
}

/// Measures texts for one model and keeps a sample of them.
package final class TextGauge: Sendable {
  /// Texts of one stratum, each as likely as any other.
  struct Sample: Sendable {
    var seen = 0
    var requests: [EmbedRequest] = []
  }

  /// Texts kept of each stratum; enough for seconds of work, even where texts are short.
  private static let sampleSize = 512

  let embedder: any Embedder
  private let state = Mutex(State())

  private struct State {
    var samples: [Int: Sample] = [:]
    var random = UInt64(0x9E37_79B9_7F4A_7C15)
    var seconds = 0.0

    /// A number below `bound`, from a fixed stream: plans of the same data see the same sample.
    mutating func draw(below bound: Int) -> Int {
      random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((random >> 33) % UInt64(bound))
    }
  }

  package init(_ embedder: any Embedder) { self.embedder = embedder }

  /// Seconds spent measuring.
  var seconds: Double { state.withLock { $0.seconds } }

  /// The sample by stratum.
  var samples: [Int: Sample] { state.withLock { $0.samples } }

  /// Measures texts.
  ///
  /// - Throws: `.interrupted` when the surrounding task is cancelled.
  func measure(
    _ texts: [String], role: Role?, _ task: TaskContext
  ) async throws(Failure) -> TextLengths {
    let start = ContinuousClock.now
    var lengths = TextLengths()
    lengths.texts = texts.count
    let bytes = texts.map(\.utf8.count)
    lengths.bytes = bytes.reduce(0, +)
    let counts = await embedder.countTokens(EmbedRequest(texts: texts, role: role, task: task))
    if Task.isCancelled {
      throw Failure(.interrupted, task.name, "was interrupted while texts were counted")
    }
    let units = counts?.map(\.tokens) ?? bytes
    lengths.tokens = counts.map { $0.reduce(0) { $0 + $1.tokens } }
    lengths.truncated = counts?.count(where: \.isTruncated) ?? 0
    lengths.add(units)
    state.withLock { state in
      for (text, length) in zip(texts, units) {
        Self.offer(text, TextLengths.stratum(of: length), role, task, &state)
      }
      state.seconds += (ContinuousClock.now - start).seconds
    }
    return lengths
  }

  /// Reservoir sampling (Vitter's algorithm R).
  private static func offer(
    _ text: String, _ stratum: Int, _ role: Role?, _ task: TaskContext, _ state: inout State
  ) {
    var sample = state.samples[stratum] ?? Sample()
    state.samples[stratum] = nil
    sample.seen += 1
    if sample.requests.count < sampleSize {
      sample.requests.append(EmbedRequest(texts: [text], role: role, task: task))
    } else {
      let place = state.draw(below: sample.seen)
      if place < sampleSize {
        sample.requests[place] = EmbedRequest(texts: [text], role: role, task: task)
      }
    }
    state.samples[stratum] = sample
  }
}
