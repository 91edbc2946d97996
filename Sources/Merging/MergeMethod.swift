// The ways of merging, with their parameters checked.

package import Core
import Tensors

/// How the weights of several checkpoints become those of one; applied to every tensor by itself.
package enum MergeMethod: Sendable, Hashable {
  /// Σ wᵢ xᵢ with weights of sum 1: the mean of the parents (model soup).
  case linear(weights: [Double])
  /// The point at `t` of the arc between two parents.
  case slerp(t: Double)
  /// base + the mean of the trimmed changes that agree with the elected sign.
  case ties(weights: [Double], density: Double)
  /// base + Σ wᵢ (xᵢ - base).
  case taskArithmetic(weights: [Double])

  package static let names = ["linear", "slerp", "ties", "task-arithmetic"]

  package var name: String {
    switch self {
    case .linear: Self.names[0]
    case .slerp: Self.names[1]
    case .ties: Self.names[2]
    case .taskArithmetic: Self.names[3]
    }
  }

  /// Whether it works on what the parents changed in a common base.
  package var needsBase: Bool {
    switch self {
    case .linear, .slerp: false
    case .ties, .taskArithmetic: true
    }
  }

  /// The parameters as the merge card records them.
  package var parameters: [(String, JSON)] {
    switch self {
    case .linear(let weights), .taskArithmetic(let weights): [("weights", .numbers(weights))]
    case .slerp(let t): [("t", .number(t))]
    case .ties(let weights, let density):
      [("weights", .numbers(weights)), ("density", .number(density))]
    }
  }
}

// MARK: Reading options

extension MergeMethod {
  /// What a command line says about a method; nil for what it leaves out.
  package struct Choice: Sendable {
    package var method = "linear"
    package var weights: [Double]?
    package var t: Double?
    package var density: Double?
    package var hasBase = false

    package init() {}
  }

  /// Reads options for `count` parents.
  ///
  /// Weights are 1 each where none are given; those of `linear` are divided by their sum.
  ///
  /// - Throws: `.usage` naming the option: an unknown method, a value that makes no sense, an option
  ///   that this method does not have.
  package init(_ choice: Choice, parents count: Int) throws(Failure) {
    let name = choice.method
    guard Self.names.contains(name) else {
      throw Failure(
        .usage, "--method", "there is no method '\(name)'",
        hint: Suggest.hint(
          for: name, among: Self.names,
          otherwise: "use one of \(Self.names.joined(separator: ", "))"))
    }
    try Self.refuseStrangers(choice)
    switch name {
    case "slerp":
      guard count == 2 else {
        throw Failure(
          .usage, "--method slerp", "merges two checkpoints, but \(count) are given",
          hint: "use linear for more than two, or merge the first two and then their result")
      }
      self = .slerp(t: try Self.number(choice.t ?? 0.5, "--t", in: 0...1))
    case "ties":
      let density = try Self.number(choice.density ?? 0.5, "--density", in: 0...1)
      guard density > 0 else {
        throw Failure(.usage, "--density", "is 0, which would keep nothing of the parents")
      }
      self = .ties(weights: try Self.weights(choice.weights, count), density: density)
    case "task-arithmetic":
      self = .taskArithmetic(weights: try Self.weights(choice.weights, count))
    default:
      self = .linear(weights: try Self.meanWeights(choice.weights, count))
    }
  }

  /// The weights of a mean: divided by their sum, equal where none are given.
  ///
  /// - Throws: `.usage` for another number of weights, and for a sum that is not above 0.
  package static func meanWeights(_ given: [Double]?, _ count: Int) throws(Failure) -> [Double] {
    let weights = try Self.weights(given, count)
    let sum = weights.reduce(0, +)
    guard sum.isFinite, sum > 0 else {
      throw Failure(
        .usage, "--weights", "have the sum \(sum), but a mean divides by it",
        hint: "give weights whose sum is above 0")
    }
    return WeightedSum.normalized(weights)
  }

  private static func weights(_ given: [Double]?, _ count: Int) throws(Failure) -> [Double] {
    let weights = given ?? Array(repeating: 1, count: count)
    guard weights.count == count else {
      throw Failure(
        .usage, "--weights", "\(weights.count) weights for \(count) checkpoints",
        hint: "give one for each, in their order: --weights 0.5,0.3,0.2")
    }
    guard weights.allSatisfy(\.isFinite) else {
      throw Failure(.usage, "--weights", "hold NaN or infinity")
    }
    return weights
  }

  private static func number(
    _ value: Double, _ option: String, in range: ClosedRange<Double>
  ) throws(Failure) -> Double {
    guard range.contains(value) else {
      throw Failure(
        .usage, option,
        "is \(value), expected a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// No option may be silently without effect.
  private static func refuseStrangers(_ choice: Choice) throws(Failure) {
    let uses: [(option: String, isGiven: Bool, methods: Set<String>)] = [
      ("--weights", choice.weights != nil, ["linear", "ties", "task-arithmetic"]),
      ("--t", choice.t != nil, ["slerp"]),
      ("--density", choice.density != nil, ["ties"]),
      ("--base", choice.hasBase, ["ties", "task-arithmetic"]),
    ]
    for use in uses where use.isGiven && !use.methods.contains(choice.method) {
      throw Failure(
        .usage, use.option, "means nothing to the method \(choice.method)",
        hint: "leave it out, or use \(use.methods.sorted().joined(separator: ", "))")
    }
    if !choice.hasBase, ["ties", "task-arithmetic"].contains(choice.method) {
      throw Failure(
        .usage, "--method \(choice.method)",
        "needs the checkpoint that the parents were trained from",
        hint: "name it with --base")
    }
  }
}
