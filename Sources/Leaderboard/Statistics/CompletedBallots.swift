// Ballots with what is missing filled in many times over: what votes could be if every model had
// every task.

import Core
import Sampling

/// Points of models on tasks, those not there taken for unknown rather than 0.
///
/// A known place is worth the models it beats; where some have no score, the wins that common tasks
/// lead to expect against all, and by how much the model does better here against those present,
/// carried over to the absent. An unknown one is filled in from the
/// model's own points: the mean of its type, as far as that is known from so many tasks, and a
/// deviation from such a mean. Types that a model knows nothing of get the mean of another of its
/// types; where it knows one type alone, any number of points.
///
/// The draws are "proper" in Rubin's sense (1987): means are drawn anew for every filling, so that
/// what few tasks hide counts as doubt.
struct CompletedBallots: Sendable {
  /// The models with at least one score, by name.
  let models: [String]
  /// Points as expected, `[models][tasks]`.
  let points: [[Double]]
  /// Whether the model has the task, `[models][tasks]`.
  let isKnown: [[Bool]]
  /// By how much the fillings differ from what is expected.
  let fillings: [[Filling]]

  /// One unknown place of a model.
  struct Filling: Sendable {
    let task: Int
    /// Deviations from the points expected, `[fillings]`.
    let deviations: [Double]
  }

  /// Fillings of every unknown place.
  static let count = 250

  /// Completes ballots.
  ///
  /// - Parameters:
  ///   - types: those of the tasks, `[tasks]`.
  ///   - models: names, sorted; each has a score.
  ///   - scores: of complete entries, nil for others, `[tasks][models]`.
  ///   - seed: of the random stream, which each model starts anew by its name.
  init(types: [TaskType], models: [String], scores: [[Double?]], seed: UInt64) {
    let rates = WinRates(types: types, scores: scores)
    var (points, isKnown, fillings) = ([[Double]](), [[Bool]](), [[Filling]]())
    for model in models.indices {
      let own = types.indices.map { rates.points(of: model, on: $0) }
      var draw = PlaceDraws(own, types, most: Double(models.count - 1))
      points.append(own.indices.map { own[$0] ?? draw.expected(types[$0]) })
      isKnown.append(own.map { $0 != nil })
      let unknown = own.indices.filter { own[$0] == nil }
      guard !unknown.isEmpty else {
        fillings.append([])
        continue
      }
      var random = PCG64(seed: seed &+ Self.hash(models[model]))
      var deviations = [[Double]](repeating: [], count: unknown.count)
      for _ in 0..<Self.count {
        draw.drawMeans(&random)
        for (place, task) in unknown.enumerated() {
          let value = draw.draw(types[task], &random)
          deviations[place].append(value - draw.expected(types[task]))
        }
      }
      fillings.append(zip(unknown, deviations).map { Filling(task: $0, deviations: $1) })
    }
    self.models = models
    self.points = points
    self.isKnown = isKnown
    self.fillings = fillings
  }

  /// FNV-1a, so that a model's stream depends on its name alone.
  private static func hash(_ name: String) -> UInt64 {
    name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }
}

/// How often models beat each other on the tasks that both have.
private struct WinRates {
  private let types: [TaskType]
  private let scores: [[Double?]]
  private let models: Int
  /// Wins, ties counting half, and common tasks `[models * models]`: of all tasks, and by type.
  private var all: Counts
  private var byType: [TaskType: Counts] = [:]

  private struct Counts {
    var wins: [Float]
    var common: [Float]

    init(_ size: Int) {
      wins = Array(repeating: 0, count: size)
      common = wins
    }
  }

  init(types: [TaskType], scores: [[Double?]]) {
    self.types = types
    self.scores = scores
    models = scores.first?.count ?? 0
    all = Counts(models * models)
    guard scores.contains(where: { $0.contains(nil) }) else { return }
    for (type, task) in zip(types, scores) {
      var own = byType[type] ?? Counts(models * models)
      for i in 0..<models {
        guard let score = task[i] else { continue }
        for j in 0..<models {
          guard let other = task[j] else { continue }
          let win: Float = score > other ? 1 : score == other ? 0.5 : 0
          own.wins[i * models + j] += win
          own.common[i * models + j] += 1
          all.wins[i * models + j] += win
          all.common[i * models + j] += 1
        }
      }
      byType[type] = own
    }
  }

  /// What a model's place on a task is worth against all others; nil without a score, and where no
  /// other model has one.
  func points(of model: Int, on task: Int) -> Double? {
    guard let score = scores[task][model] else { return nil }
    var (wins, rivals, expected, ofRivals) = (0.0, 0, 0.0, 0.0)
    let isWhole = !scores[task].contains(nil)
    for other in 0..<models where other != model {
      let rate = isWhole ? 0 : rate(of: model, over: other, in: types[task])
      expected += rate
      guard let rival = scores[task][other] else { continue }
      wins += score > rival ? 1 : score == rival ? 0.5 : 0
      rivals += 1
      ofRivals += rate
    }
    guard rivals > 0, !isWhole else { return models == 1 || isWhole ? wins : nil }
    // What it does better here than usual against those present, it does against the absent, too.
    let points = expected + (wins - ofRivals) * Double(models - 1) / Double(rivals)
    return min(max(points, 0), Double(models - 1))
  }

  /// The share of tasks of a type that one model can be expected to win against another: theirs in
  /// common, pulled towards that of all types by the weight of one task, and that towards a half.
  private func rate(of model: Int, over other: Int, in type: TaskType) -> Double {
    let place = model * models + other
    let overall = Double(all.wins[place] + 0.5) / Double(all.common[place] + 1)
    guard let own = byType[type] else { return overall }
    return (Double(own.wins[place]) + overall) / Double(own.common[place] + 1)
  }
}

/// Draws of a model's points on tasks that it does not have.
private struct PlaceDraws {
  private let most: Double
  /// The mean and the number of its tasks of each type.
  private let known: [TaskType: (mean: Double, count: Int)]
  /// Means of types in a fixed order.
  private let means: [Double]
  /// Deviations of tasks from the means of their types, of unbiased variance.
  private let residuals: [Double]
  /// How much farther types lie from each other than few of them show.
  private let typeStretch: Double
  /// Of the filling in hand.
  private var drawn: [TaskType: Double] = [:]
  private let wanted: [TaskType]

  /// Takes the model's points, nil for unknown ones, `[tasks]`.
  init(_ own: [Double?], _ types: [TaskType], most: Double) {
    var values: [TaskType: [Double]] = [:]
    for (type, points) in zip(types, own) {
      if let points { values[type, default: []].append(points) }
    }
    let sorted = values.sorted { $0.key < $1.key }.map { type, values in
      (type: type, values: values, mean: values.reduce(0, +) / Double(values.count))
    }
    known = Dictionary(
      uniqueKeysWithValues: sorted.map { ($0.type, ($0.mean, $0.values.count)) })
    means = sorted.map(\.mean)
    let within = sorted.filter { $0.values.count > 1 }.flatMap { type in
      Self.deviations(type.values, from: type.mean)
    }
    let center = means.isEmpty ? 0 : means.reduce(0, +) / Double(means.count)
    // Where every type has one task, tasks are taken for those of one type.
    residuals = within.isEmpty && means.count > 1 ? Self.deviations(means, from: center) : within
    let count = Double(means.count)
    typeStretch = means.count > 1 ? (count / (count - 1)).squareRoot() : 1
    wanted = Set(types).sorted()
    self.most = most
  }

  private static func deviations(_ values: [Double], from mean: Double) -> [Double] {
    let count = Double(values.count)
    let scale = (count / (count - 1)).squareRoot()
    return values.map { ($0 - mean) * scale }
  }

  /// The mean of the type or, where nothing is known of it, of the means of the others.
  func expected(_ type: TaskType) -> Double { known[type]?.mean ?? center }

  private var center: Double {
    means.isEmpty ? most / 2 : means.reduce(0, +) / Double(means.count)
  }

  /// Draws the mean of every type for the next filling.
  mutating func drawMeans(_ random: inout PCG64) {
    for type in wanted {
      if let own = known[type] {
        drawn[type] = own.mean + noise(of: own.count, &random)
      } else if means.count > 1 {
        let other = means[random.integers(below: means.count, count: 1)[0]]
        drawn[type] = center + typeStretch * (other - center) + noise(of: 1, &random)
      } else {
        drawn[type] = nil
      }
    }
  }

  /// How far the mean of so many tasks may be off.
  private func noise(of count: Int, _ random: inout PCG64) -> Double {
    guard !residuals.isEmpty else { return 0 }
    let places = random.integers(below: residuals.count, count: count)
    return places.reduce(0) { $0 + residuals[$1] } / Double(count)
  }

  /// Points on a task of a type.
  func draw(_ type: TaskType, _ random: inout PCG64) -> Double {
    guard let mean = drawn[type], !residuals.isEmpty else { return random.uniform() * most }
    let residual = residuals[random.integers(below: residuals.count, count: 1)[0]]
    return min(max(mean + residual, 0), most)
  }
}
