// How fast this machine is for a plan: a few seconds of embedding real texts of every length, and of
// each kind of scoring on made-up vectors.

import Core
import Foundation
import Learning
import Metrics
import Tensors

/// Time that something takes: on the clock, and of processors.
package struct TimeSpan: Sendable, Equatable {
  package var seconds: Double
  package var processorSeconds: Double

  package init(seconds: Double = 0, processorSeconds: Double = 0) {
    self.seconds = seconds
    self.processorSeconds = processorSeconds
  }

  package static func + (a: TimeSpan, b: TimeSpan) -> TimeSpan {
    TimeSpan(
      seconds: a.seconds + b.seconds, processorSeconds: a.processorSeconds + b.processorSeconds)
  }

  package static func * (span: TimeSpan, factor: Double) -> TimeSpan {
    TimeSpan(
      seconds: span.seconds * factor, processorSeconds: span.processorSeconds * factor)
  }
}

/// Speeds measured for one model on one machine at one moment.
package struct Calibration: Sendable {
  /// Time for a unit of text (a token, or a byte), by the length of the text.
  private(set) var embedding: [Int: TimeSpan] = [:]
  /// Time for a unit of scoring.
  private(set) var scoring: [ScoringKind: TimeSpan] = [:]
  /// Texts embedded.
  package private(set) var texts = 0
  /// What the calibration took.
  package private(set) var took = TimeSpan()

  /// Seconds that embedding may take, about.
  private static let limit = 4.0
  /// Units of a request that a rate can be taken from: what a request costs by itself, such as
  /// touching its work space for the first time, hardly shows.
  private static let fewestUnits = 2048.0
  /// Strata with a smaller share of all units are not measured; their neighbours' rates hold.
  private static let leastShare = 0.03

  /// - Parameters:
  ///   - gauge: has seen the texts of the plan.
  ///   - units: of all texts of the plan, by stratum.
  ///   - kinds: of scoring that the plan has.
  ///   - processorSeconds: what this process has used of processors so far.
  /// - Throws: what the embedder throws.
  init(
    _ gauge: TextGauge, units: [Int: Int], kinds: [ScoringKind],
    processorSeconds: @escaping @Sendable () -> Double
  ) async throws(Failure) {
    let stopwatch = Stopwatch(processorSeconds)
    try await measureEmbedding(gauge, units, stopwatch)
    for kind in kinds {
      scoring[kind] = try await stopwatch.unit(of: kind, gauge.embedder.model.dimensions)
    }
    took = stopwatch.sinceStart
  }

  /// Short texts first: what they take tells whether there is time for longer ones.
  private mutating func measureEmbedding(
    _ gauge: TextGauge, _ units: [Int: Int], _ stopwatch: Stopwatch
  ) async throws(Failure) {
    let total = Double(units.values.reduce(0, +))
    let samples = gauge.samples.filter {
      Double(units[$0.key, default: 0]) >= Self.leastShare * total
    }
    guard let shortest = samples.min(by: { $0.key < $1.key })?.value.requests.first else { return }
    // Threads start and memory is touched for the first time.
    _ = try await gauge.embedder.embed(shortest)
    var rate: TimeSpan?
    var left = Double(samples.keys.reduce(0) { $0 + units[$1, default: 0] })
    for (stratum, sample) in samples.sorted(by: { $0.key < $1.key }) {
      let share = Double(units[stratum, default: 0]) / max(left, 1)
      left -= Double(units[stratum, default: 0])
      let allowance = max(0.1, (Self.limit - stopwatch.sinceStart.seconds) * share)
      let measured = try await measure(
        sample, stratum, gauge.embedder, allowance, from: rate, stopwatch)
      rate = measured ?? rate
      embedding[stratum] = rate
    }
  }

  /// Time for a unit of the texts of one stratum; nil where a single text would take too long.
  private mutating func measure(
    _ sample: TextGauge.Sample, _ stratum: Int, _ embedder: any Embedder, _ allowance: Double,
    from rate: TimeSpan?, _ stopwatch: Stopwatch
  ) async throws(Failure) -> TimeSpan? {
    let length = 1.5 * Double(1 << stratum)
    var rate = rate
    var (units, spent, next) = (0.0, TimeSpan(), 0)
    repeat {
      let left = allowance - spent.seconds
      // Without any rate one text is tried; with one, as many as there is time for.
      let count = rate.map { Self.count(in: left, at: $0, length: length) } ?? 1
      guard count > 0 || (spent.seconds == 0 && length < 64) else { break }
      let texts = (0..<min(max(count, 1), sample.requests.count)).map { place in
        sample.requests[(next + place) % sample.requests.count]
      }
      next += texts.count
      let (outcome, time) = try await stopwatch.embed(texts, with: embedder)
      self.texts += texts.count
      let measured =
        outcome.tokens > 0
        ? outcome.tokens : texts.reduce(0) { $0 + $1.texts.reduce(0) { $0 + $1.utf8.count } }
      units += Double(max(measured, 1))
      // What single texts take is no rate: most workers had nothing to do.
      if texts.count == 1, sample.requests.count > 1, units == Double(measured) {
        rate = time * (1 / units)
        (units, spent) = (0, TimeSpan(seconds: 1e-9))
        continue
      }
      spent = spent + time
      rate = spent * (1 / units)
    } while spent.seconds < 0.8 * allowance
    return rate
  }

  /// How many texts of a length to embed in the seconds that are left, or in a little more where
  /// so few would tell nothing.
  private static func count(in left: Double, at rate: TimeSpan, length: Double) -> Int {
    let fitting = left / max(rate.seconds * length, 1e-9)
    let telling = rate.seconds * fewestUnits < limit / 4 ? fewestUnits / length : 0
    return Int(min(max(fitting, telling), 1e6))
  }

  /// What texts of these lengths take; nil where nothing was calibrated.
  func embeddingTime(_ unitsByStratum: [Int: Int]) -> TimeSpan? {
    guard !embedding.isEmpty else { return unitsByStratum.isEmpty ? TimeSpan() : nil }
    return unitsByStratum.reduce(TimeSpan()) { sum, entry in
      let nearest = embedding.min { abs($0.key - entry.key) < abs($1.key - entry.key) }
      return sum + (nearest?.value ?? TimeSpan()) * Double(entry.value)
    }
  }

  func scoringTime(_ work: [ScoringKind: Double]) -> TimeSpan {
    work.reduce(TimeSpan()) { $0 + (scoring[$1.key] ?? TimeSpan()) * $1.value }
  }
}

/// Measures what happens between two moments.
private struct Stopwatch: Sendable {
  private let processorSeconds: @Sendable () -> Double
  private let start: (clock: ContinuousClock.Instant, processors: Double)

  init(_ processorSeconds: @escaping @Sendable () -> Double) {
    self.processorSeconds = processorSeconds
    start = (.now, processorSeconds())
  }

  var sinceStart: TimeSpan { since(start) }

  private var now: (ContinuousClock.Instant, Double) { (.now, processorSeconds()) }

  private func since(_ moment: (clock: ContinuousClock.Instant, processors: Double)) -> TimeSpan {
    TimeSpan(
      seconds: (ContinuousClock.now - moment.clock).seconds,
      processorSeconds: processorSeconds() - moment.processors)
  }

  /// Embeds texts as one request, in the first one's role: the tokens are counted anyway.
  func embed(
    _ requests: [EmbedRequest], with embedder: any Embedder
  ) async throws(Failure) -> (EmbedOutcome, TimeSpan) {
    var request = requests[0]
    request.texts = requests.flatMap(\.texts)
    let start = now
    let outcome = try await embedder.embed(request)
    return (outcome, since(start))
  }

  /// Time for a unit of one kind of scoring, from a small problem of it.
  func unit(of kind: ScoringKind, _ dimensions: Int) async throws(Failure) -> TimeSpan {
    let kernels = try Kernels()
    switch kind {
    case .search:
      let (queries, documents) = (Self.vectors(512, dimensions), Self.vectors(8192, dimensions))
      let start = now
      var search = try NearestSearch(queries: queries, similarity: .cosine, keep: 100)
      await search.add(documents)
      _ = search.results()
      return since(start) * (1 / (512.0 * 8192 * Double(dimensions)))
    case .fitting:
      let (classes, fits) = (16, 8)
      let vectors = Self.vectors(8 * classes, dimensions)
      let start = now
      _ = try await Experiments.results(fits, of: "calibration") { _ in
        LogisticRegression(
          fitting: vectors, classes: (0..<vectors.count).map { $0 % classes },
          classCount: classes, kernels: kernels
        ).iterations
      }
      let iterations = Double(2 * ScoringKind.fitIterations)
      return since(start)
        * (1 / (Double(fits * vectors.count * classes * dimensions) * iterations))
    case .clustering:
      let vectors = Self.vectors(512, dimensions)
      let (clusters, runs) = (8, 2)
      let rows = (0..<2048).map { $0 % 512 }
      let start = now
      _ = try await Experiments.results(runs, of: "calibration") { _ in
        MiniBatchKMeans(clusters: clusters, kernels: kernels).labels(of: rows, in: vectors)
      }
      let work = ScoringKind.clusteringWork(
        rows: rows.count, different: 512, clusters: clusters, dimensions: dimensions)
      return since(start) * (1 / (Double(runs) * work))
    case .ranking:
      let hits = (0..<1000).map { (id: "document \($0)", score: Float(1000 - $0)) }
      let queries = (0..<50).map { "query \($0)" }
      let grades = queries.map { ($0, ["document 3": 1, "document 500": 1]) }
      let start = now
      _ = RetrievalScores(
        queries.map { RankedQuery(queryID: $0, hits: hits) },
        judgements: Judgements(Dictionary(grades) { first, _ in first }), queries: queries)
      return since(start) * (1 / 50_000)
    }
  }

  /// Made-up vectors in groups, so that learning takes as long as with real ones, about.
  private static func vectors(_ count: Int, _ dimensions: Int) -> Embeddings {
    var state = UInt64(1)
    func next() -> Float {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Float(state >> 40) / Float(1 << 24) - 0.5
    }
    let centres = (0..<16 * dimensions).map { _ in next() }
    let scale = 1 / Float(dimensions).squareRoot()
    var values: [Float] = []
    values.reserveCapacity(count * dimensions)
    for row in 0..<count {
      for column in 0..<dimensions {
        values.append((centres[row % 16 * dimensions + column] + 2 * next()) * scale)
      }
    }
    return Embeddings(dimensions: dimensions, values: values)
  }
}
