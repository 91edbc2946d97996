// Greedy k-means++: seeds far from each other, drawn as the reference draws them.

import Core
import Foundation
import Sampling

/// k-means++ (Arthur, Vassilvitskii 2007) with several candidates for each seed.
///
/// Squared distances are computed in double from the float32 vectors and rounded to float32, as in
/// the reference.
struct GreedySeeding {
  /// The different rows of the pool, and for every position of the pool its place among them.
  private let different: [Int]
  private let places: [Int]
  private let source: Source

  /// Where distances come from.
  private enum Source {
    case table(DistanceTable)
    /// The different rows of the pool.
    case points(DoubleRows)
  }

  /// - Parameters:
  ///   - pool: rows of `vectors` to choose from; repeated ones are likelier
  ///   - vectors: [count, dimensions]
  ///   - distances: of all vectors, where they are known
  init(pool: [Int], vectors: Embeddings, distances: DistanceTable?) {
    var different: [Int] = []
    var placeOf = Array(repeating: -1, count: vectors.count)
    places = pool.map { row in
      if placeOf[row] < 0 {
        placeOf[row] = different.count
        different.append(row)
      }
      return placeOf[row]
    }
    self.different = different
    source = distances.map { .table($0) } ?? .points(DoubleRows(vectors.rows(different)))
  }

  /// From each of these places to all of them.
  private func squaredDistances(from places: [Int]) -> [[Float]] {
    switch source {
    case .points(let points): points.squaredDistances(from: places, to: different.indices)
    case .table(let table):
      places.map { place in
        let row = table.row(different[place])
        return different.map { row[row.startIndex + $0] }
      }
    }
  }

  /// How many candidates are drawn for each seed.
  static func candidates(_ clusters: Int) -> Int { 2 + Int(log(Double(clusters))) }

  /// Rows of `vectors` to start from, in drawn order; any rows where the surrounding task is
  /// cancelled.
  func choose(_ count: Int, with random: inout NumPyLegacyRandom) -> [Int] {
    let candidates = Self.candidates(count)
    let first = places[UniformDraws(places.count).position(random.uniform())]
    var chosen = [different[first]]
    // Of every different row to the nearest seed so far.
    var distances = squaredDistances(from: [first])[0]
    var potential = sum(distances)
    while chosen.count < count {
      if Task.isCancelled {
        chosen.append(chosen[0])
        continue
      }
      let targets = random.uniforms(candidates).map { $0 * Double(potential) }
      let drawn = positions(targets, distances)
      let reached = squaredDistances(from: drawn).map { own in
        zip(own, distances).map { min($0, $1) }
      }
      let potentials = reached.map { sum($0) }
      var best = 0
      for other in potentials.indices where potentials[other] < potentials[best] { best = other }
      chosen.append(different[drawn[best]])
      distances = reached[best]
      potential = potentials[best]
    }
    return chosen
  }

  /// The first positions whose cumulative distance reaches each target, as places.
  private func positions(_ targets: [Double], _ distances: [Float]) -> [Int] {
    var total = 0.0
    let sums = places.map { place in
      total += Double(distances[place])
      return total
    }
    return targets.map { target in
      var low = 0
      var high = sums.count
      while low < high {
        let middle = (low + high) / 2
        if sums[middle] < target { low = middle + 1 } else { high = middle }
      }
      return places[min(low, places.count - 1)]
    }
  }

  /// The sum over all positions of the pool, rounded to float32.
  private func sum(_ distances: [Float]) -> Float {
    var total = 0.0
    for place in places { total += Double(distances[place]) }
    return Float(total)
  }
}
