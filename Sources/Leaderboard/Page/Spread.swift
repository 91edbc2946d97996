// How scores of many models lie on one task, type or language, and who stands where among them.

/// The scores of the shown models on one thing, nil where a model has none.
struct Spread: Sendable {
  /// Rank of each model among those with a score, `[models]`; equal scores share the best place.
  let ranks: [Int?]
  /// Models with a score.
  let count: Int
  /// Place of the model with the highest score, a complete one where there is any; the first of
  /// equals.
  let leader: Int?
  /// That model's score.
  let best: Double?
  private let sorted: [Double]

  /// - Parameters:
  ///   - scores: `[models]`.
  ///   - isComplete: `[models]`; nil for all.
  init(_ scores: [Double?], isComplete: [Bool]? = nil) {
    let scored = scores.indices.filter { scores[$0] != nil }
    let places = Ranks.minimum(scores.compactMap(\.self))
    var ranks = [Int?](repeating: nil, count: scores.count)
    for (model, place) in zip(scored, places) { ranks[model] = place }
    self.ranks = ranks
    let complete = scored.filter { isComplete?[$0] ?? true }
    let leader = (complete.isEmpty ? scored : complete)
      .min { (ranks[$0] ?? .max, $0) < (ranks[$1] ?? .max, $1) }
    self.leader = leader
    best = leader.flatMap { scores[$0] }
    sorted = scores.compactMap(\.self).sorted()
    count = sorted.count
  }

  var lowest: Double? { sorted.first }
  var highest: Double? { sorted.last }
  var median: Double? { quantile(0.5) }

  /// With linear interpolation between the two scores beside it, as NumPy has it.
  func quantile(_ share: Double) -> Double? {
    guard let last = sorted.last else { return nil }
    let place = share * Double(sorted.count - 1)
    let below = Int(place)
    guard below + 1 < sorted.count else { return last }
    return sorted[below] + (sorted[below + 1] - sorted[below]) * (place - Double(below))
  }

  /// How many scores lie in each of some bins of equal width; the last one holds its upper end too.
  func counts(in axis: Axis, bins: Int) -> [Int] {
    var counts = [Int](repeating: 0, count: bins)
    for score in sorted {
      let share = (score * 100 - axis.low) / (axis.high - axis.low)
      counts[min(bins - 1, max(0, Int(share * Double(bins))))] += 1
    }
    return counts
  }

  /// Share of the models with a score that are ranked after this one, 0...1; 1 for the first.
  func share(below model: Int) -> Double? {
    guard let rank = ranks[model], count > 1 else { return nil }
    return Double(count - rank) / Double(count - 1)
  }
}

/// The scale of a picture, in points (fractions times 100) or votes.
struct Axis: Sendable, Equatable {
  var low: Double
  var high: Double
  var step: Double

  init(low: Double, high: Double, step: Double) {
    (self.low, self.high, self.step) = (low, high, step)
  }

  /// At most seven round ticks whose ends enclose the values.
  init(over values: [Double]) {
    let (least, most) = (values.min() ?? 0, values.max() ?? 100)
    (low, high, step) = (-100, 100, 50)
    for step in [1.0, 2, 5, 10, 20, 50].reversed() {
      let low = (least / step).rounded(.down) * step
      let high = max(low + step, (most / step).rounded(.up) * step)
      guard (high - low) / step <= 6 else { break }
      (self.low, self.high, self.step) = (low, high, step)
    }
  }

  /// From zero to the largest value.
  init(upTo most: Double) { self.init(low: 0, high: max(most, 1), step: max(most, 1)) }

  var ticks: [Double] { Array(stride(from: low, through: high, by: step)) }

  /// 0...1 from the low end to the high one.
  func share(_ value: Double) -> Double { min(1, max(0, (value - low) / (high - low))) }
}
