// Buckets of distances, as T5 and MPNet learn one number per head for each: near distances have a
// bucket of their own, far ones share, on a logarithmic scale.

import Core
import Foundation
import Tensors

/// Which bucket the distance of two tokens falls into.
///
/// Half of the buckets are for tokens ahead. Of each half, the first half is for distances 0, 1, …;
/// the rest divides what lies up to `maxDistance` evenly in its logarithm.
struct RelativeBuckets: Sendable, Equatable {
  /// Buckets of both directions, at least 4.
  let count: Int
  /// From this distance on, all tokens share the last bucket; more than a quarter of `count`.
  let maxDistance: Int

  /// Buckets that both directions have to themselves.
  private var perDirection: Int { count / 2 }
  /// Distances with a bucket of their own.
  private var exact: Int { perDirection / 2 }

  /// The bucket of a token `distance` places ahead, or behind where it is negative.
  ///
  /// The reference computes the logarithm in f32 and cuts; so does this.
  func bucket(_ distance: Int) -> Int {
    let direction = distance > 0 ? perDirection : 0
    let steps = abs(distance)
    if steps < exact { return direction + steps }
    let decades = Float(log(Double(Float(steps) / Float(exact))))
    let share = decades / Float(log(Double(maxDistance) / Double(exact)))
    let shared = Int(share * Float(perDirection - exact))
    return direction + min(exact + shared, perDirection - 1)
  }

  /// What attention adds to its scores, from one number for each bucket and head, [buckets, heads].
  func bias(_ learned: Floats) -> RelativeBias {
    precondition(learned.rows >= count, "\(learned.rows) learned rows for \(count) buckets")
    let numbers = learned.values
    let buckets = (-maxDistance...maxDistance).map(bucket)
    var table: [Float] = []
    table.reserveCapacity(learned.columns * buckets.count)
    for head in 0..<learned.columns {
      for bucket in buckets { table.append(numbers[bucket * learned.columns + head]) }
    }
    return RelativeBias(table: Floats(table, columns: buckets.count))
  }
}
