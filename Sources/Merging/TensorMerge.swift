// One tensor of all parents: what the whole tensor decides first (the angle of slerp, the thresholds
// of TIES), then its numbers slice by slice.

import Core
import Foundation
import Tensors

/// The tensors of one name, ready to be merged.
struct TensorMerge: Sendable {
  let name: String
  let parents: [Tensor]
  /// nil for methods without a base.
  let base: Tensor?
  let method: MergeMethod
  let kernels: Kernels

  var count: Int { parents[0].count }

  /// What is done to each slice.
  enum Rule: Sendable {
    /// Σ wᵢ xᵢ
    case sum(weights: [Double])
    /// base + Σ wᵢ (xᵢ - base)
    case changes(weights: [Double])
    case ties(Ties)
  }

  /// Settles what depends on the whole tensor.
  ///
  /// `onAngle` hears the angle of slerp in radians, or nil where the tensors are too parallel for
  /// it, or one of them is zero, and lie on a straight line instead.
  func rule(_ slices: Slices, onAngle: (Double?) -> Void) async throws(Failure) -> Rule {
    switch method {
    case .linear(let weights): return .sum(weights: weights)
    case .taskArithmetic(let weights): return .changes(weights: weights)
    case .ties(let weights, let density):
      return .ties(try await Ties(self, weights: weights, density: density, slices))
    case .slerp(let t):
      let angle = try await angle(slices)
      onAngle(angle)
      guard let angle else { return .sum(weights: [1 - t, t]) }
      return .sum(weights: [sin((1 - t) * angle) / sin(angle), sin(t * angle) / sin(angle)])
    }
  }

  /// Beyond this cosine the arc is a straight line for all that f32 can tell.
  static let parallel = 0.9995
  /// A norm up to this is no direction.
  static let smallestNorm = 1e-8

  /// The angle between two parents' tensors as flat vectors; nil for (almost) parallel ones.
  private func angle(_ slices: Slices) async throws(Failure) -> Double? {
    var (xx, xy, yy) = (0.0, 0.0, 0.0)
    try await slices.forEach(of: count) { _, range throws(Failure) in
      let (x, y) = (try parents[0].values(range, kernels), try parents[1].values(range, kernels))
      return (SliceSums.dot(x, x), SliceSums.dot(x, y), SliceSums.dot(y, y))
    } then: { (sums: (Double, Double, Double)) in
      xx += sums.0
      xy += sums.1
      yy += sums.2
    }
    guard xx.squareRoot() > Self.smallestNorm, yy.squareRoot() > Self.smallestNorm,
      let cosine = SliceSums.cosine(xy, xx, yy), abs(cosine) <= Self.parallel
    else { return nil }
    return acos(cosine)
  }

  // MARK: A slice

  /// Merged numbers, and the sums that statistics are made of.
  struct Slice: Sendable {
    let values: [Float]
    let sums: SliceSums
  }

  /// Merges the numbers of one slice.
  ///
  /// - Throws: `.malformed` naming the parent whose numbers are not finite.
  func slice(_ number: Int, _ range: Range<Int>, _ rule: Rule) throws(Failure) -> Slice {
    let lists = try parents.map { tensor throws(Failure) in try tensor.values(range, kernels) }
    let baseValues = try base.map { tensor throws(Failure) in try tensor.values(range, kernels) }
    var conflicts = 0
    let values: [Float]
    switch rule {
    case .sum(let weights): values = WeightedSum.of(lists, weights: weights)
    case .changes(let weights):
      values = Self.addChanges(lists, base: baseValues ?? [], weights: weights)
    case .ties(let ties):
      (values, conflicts) = ties.merge(lists, base: baseValues ?? [], slice: number)
    }
    var sums = SliceSums(lists, reference: baseValues ?? lists[0], result: values)
    sums.conflicts = conflicts
    return Slice(values: values, sums: sums)
  }

  /// base + Σ wᵢ (xᵢ - base), in f64, rounded once.
  private static func addChanges(
    _ lists: [[Float]], base: [Float], weights: [Double]
  ) -> [Float] {
    var sums = base.map { Double($0) }
    for (list, weight) in zip(lists, weights) {
      for i in base.indices { sums[i] += weight * (Double(list[i]) - Double(base[i])) }
    }
    return sums.map { Float($0) }
  }
}
