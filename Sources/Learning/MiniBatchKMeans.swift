// Mini-batch k-means as the reference's library runs it (scikit-learn 1.9): the same draws, and the
// same roundings wherever they can decide a label.

package import Core
import Sampling
package import Tensors

/// Mini-batch k-means (Sculley 2010) with greedy k-means++ seeds, one start.
///
/// Vectors are named by their row, so that a bootstrap that holds a vector many times costs no
/// copies. All arithmetic on them is float32, in the order of the reference:
///
/// - A distance to a centre is |c|² - 2 x·c, the product one chain of fused multiply-adds. On
///   processors without them (the portable level) near ties may fall otherwise.
/// - The inertia of a batch is summed in two halves, as two threads of the reference do it.
///
/// Centres that are replaced in a batch for having few members are chosen by a stable sort if they
/// are more than half the batch; the reference's sort is unstable there (hundreds of clusters).
package struct MiniBatchKMeans: Sendable {
  package let clusters: Int
  package let batchSize: Int
  private let kernels: Kernels

  /// - Parameters:
  ///   - clusters: how many clusters, at least 1
  ///   - batchSize: vectors drawn in a step; all of them where there are fewer
  ///   - kernels: what computes the products
  package init(clusters: Int, batchSize: Int = 512, kernels: Kernels) {
    precondition(clusters > 0 && batchSize > 0, "\(clusters) clusters, batches of \(batchSize)")
    self.clusters = clusters
    self.batchSize = batchSize
    self.kernels = kernels
  }

  /// Clusters some vectors, always from seed 42.
  ///
  /// Cost: about steps · batch · clusters · dimensions multiplications, with at most
  /// 100 · rows / batch steps.
  ///
  /// - Parameters:
  ///   - rows: rows of `vectors`, at least as many as clusters; repeated ones count as often
  ///   - vectors: finite numbers, [count, dimensions]
  ///   - distances: of these vectors, where several runs share them
  /// - Returns: the cluster of each of `rows`, in 0..<clusters; any clusters where the surrounding
  ///   task is cancelled
  package func labels(
    of rows: [Int], in vectors: Embeddings, distances: DistanceTable? = nil
  ) -> [Int] {
    precondition(rows.count >= clusters, "\(rows.count) rows for \(clusters) clusters")
    var fit = KMeansFit(
      vectors: vectors, rows: rows, clusters: clusters, batchSize: min(batchSize, rows.count),
      distances: distances, kernels: kernels)
    fit.run()
    return fit.labels()
  }
}

/// One run of the algorithm.
private struct KMeansFit: ~Copyable {
  let vectors: Embeddings
  let rows: [Int]
  let batchSize: Int
  let draws: UniformDraws
  var random = NumPyLegacyRandom(seed: 42)
  /// Every centre with the number of vectors it is the mean of.
  var centres: Centres
  var reassignment: Reassignment
  var stopping: Stopping
  var assignment: NearestCentre
  /// Where a row of `vectors` stands among the different rows of the present batch.
  var places: [Int]

  init(
    vectors: Embeddings, rows: [Int], clusters: Int, batchSize: Int, distances: DistanceTable?,
    kernels: Kernels
  ) {
    self.vectors = vectors
    self.rows = rows
    self.batchSize = batchSize
    draws = UniformDraws(rows.count)
    reassignment = Reassignment(clusters: clusters, batchSize: batchSize)
    stopping = Stopping(rows: rows.count, batchSize: batchSize)
    assignment = NearestCentre(
      clusters: clusters, dimensions: vectors.dimensions, kernels: kernels)
    places = Array(repeating: -1, count: vectors.count)
    let pool = Self.pool(rows, clusters: clusters, batchSize: batchSize, random: &random)
    let seeding = GreedySeeding(pool: pool, vectors: vectors, distances: distances)
    centres = Centres(vectors.rows(seeding.choose(clusters, with: &random)))
  }

  /// The rows among which seeds are sought.
  private static func pool(
    _ rows: [Int], clusters: Int, batchSize: Int, random: inout NumPyLegacyRandom
  ) -> [Int] {
    let wanted = 3 * batchSize < clusters ? 3 * clusters : 3 * batchSize
    let size = min(wanted, rows.count)
    // The reference draws a validation set that serves several starts; with one start it is not
    // used, but drawn.
    _ = random.integers(below: rows.count, count: size)
    guard size < rows.count else { return rows }
    return random.integers(below: rows.count, count: size).map { rows[$0] }
  }

  mutating func run() {
    let steps = 100 * rows.count / batchSize
    for step in 0..<steps {
      if Task.isCancelled { return }
      let isReassigning = reassignment.isDue(counts: centres.counts)
      let batch = draws.draw(batchSize, with: &random).map { rows[$0] }
      let inertia = take(batch)
      if isReassigning {
        reassignment.reassign(&centres, to: batch, of: vectors, with: &random)
      }
      if stopping.stops(step: step, inertia: inertia) { return }
    }
  }

  /// Assigns a batch to the centres and moves them; the batch's inertia, before the move.
  private mutating func take(_ batch: [Int]) -> Float {
    var different: [Int] = []
    for row in batch where places[row] < 0 {
      places[row] = different.count
      different.append(row)
    }
    let points = vectors.rows(different)
    let nearest = assignment.nearest(to: points, among: centres)
    let distances = centres.squaredDistances(points, to: nearest)
    // Two running sums over the halves of the batch, then their sum.
    let middle = (batch.count + 1) / 2
    var halves: (Float, Float) = (0, 0)
    for row in batch[..<middle] { halves.0 += distances[places[row]] }
    for row in batch[middle...] { halves.1 += distances[places[row]] }
    let members = batch.map { places[$0] }
    centres.add(points, members: members, clusters: nearest)
    for row in different { places[row] = -1 }
    return halves.0 + halves.1
  }

  /// The nearest centre of every row.
  mutating func labels() -> [Int] {
    var isMember = Array(repeating: false, count: vectors.count)
    for row in rows { isMember[row] = true }
    let different = isMember.indices.filter { isMember[$0] }
    var labels = Array(repeating: 0, count: vectors.count)
    // A block at a time, so that the products stay small.
    var start = 0
    while start < different.count {
      let block = Array(different[start..<min(start + 1024, different.count)])
      let nearest = assignment.nearest(to: vectors.rows(block), among: centres)
      for (row, cluster) in zip(block, nearest) { labels[row] = cluster }
      start += block.count
    }
    return rows.map { labels[$0] }
  }
}

/// Draws positions with replacement by the inverse of the cumulative distribution.
///
/// All weights are equal, but 1/n is rounded to float32 and the sums to double, as in the
/// reference, so a draw within an ulp of a border falls as it does there.
struct UniformDraws {
  private let sums: [Double]

  init(_ count: Int) {
    let share = Double(1 / Float(count))
    var total = 0.0
    var sums: [Double] = []
    sums.reserveCapacity(count)
    for _ in 0..<count {
      total += share
      sums.append(total)
    }
    self.sums = sums.map { $0 / total }
  }

  /// How many of the cumulative shares are not above a number in [0, 1).
  func position(_ number: Double) -> Int {
    var position = min(Int(number * Double(sums.count)), sums.count - 1)
    while position > 0, sums[position - 1] > number { position -= 1 }
    while position < sums.count - 1, sums[position] <= number { position += 1 }
    return position
  }

  func draw(_ count: Int, with random: inout NumPyLegacyRandom) -> [Int] {
    (0..<count).map { _ in position(random.uniform()) }
  }
}

/// When centres with few members are replaced by vectors of the batch, and which.
private struct Reassignment {
  let clusters: Int
  let batchSize: Int
  private var seen = 0

  init(clusters: Int, batchSize: Int) {
    self.clusters = clusters
    self.batchSize = batchSize
  }

  /// To be asked once before every step.
  mutating func isDue(counts: [Float]) -> Bool {
    seen += batchSize
    guard counts.contains(0) || seen >= 10 * clusters else { return false }
    seen = 0
    return true
  }

  /// Replaces centres below a hundredth of the largest count, half a batch of them at most.
  func reassign(
    _ centres: inout Centres, to batch: [Int], of vectors: Embeddings,
    with random: inout NumPyLegacyRandom
  ) {
    let threshold = 0.01 * (centres.counts.max() ?? 0)
    var poor = centres.counts.indices.filter { centres.counts[$0] < threshold }
    let limit = batchSize / 2
    if poor.count > limit {
      // Array's sort is stable: of equal counts the centre with the lower number is replaced.
      poor = centres.counts.indices.sorted { centres.counts[$0] < centres.counts[$1] }
      poor = poor.prefix(limit).sorted()
    }
    guard !poor.isEmpty else { return }
    let chosen = random.permutation(batchSize).prefix(poor.count).map { batch[$0] }
    let isPoor = Set(poor)
    let least = centres.counts.indices.filter { !isPoor.contains($0) }
      .map { centres.counts[$0] }.min()
    for (cluster, row) in zip(poor, chosen) {
      centres.replace(cluster, by: vectors[row], count: least ?? 0)
    }
  }
}

/// When the inertia no longer falls.
private struct Stopping {
  let batchSize: Int
  private let weight: Double
  private var smoothed: Double?
  private var lowest: Double?
  private var patience = 0

  init(rows: Int, batchSize: Int) {
    self.batchSize = batchSize
    weight = min(1, Double(batchSize) * 2 / Double(rows + 1))
  }

  /// Whether the smoothed inertia has not fallen for ten steps.
  ///
  /// The first step, 0, is ignored: it measures the seeds.
  mutating func stops(step: Int, inertia: Float) -> Bool {
    guard step > 0 else { return false }
    let mean = Double(inertia) / Double(batchSize)
    let now = smoothed.map { $0 * (1 - weight) + mean * weight } ?? mean
    smoothed = now
    if lowest.map({ now < $0 }) ?? true {
      lowest = now
      patience = 0
    } else {
      patience += 1
    }
    return patience >= 10
  }
}
