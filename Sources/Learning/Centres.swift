// The centres of k-means: running means in float32, and the nearest of them to each vector.

import Core
import Tensors

/// Centres with the number of vectors each is the mean of.
///
/// Counts are float32, as the reference keeps them.
struct Centres {
  let dimensions: Int
  /// Row-major, [clusters, dimensions].
  private(set) var values: [Float]
  /// How many vectors each is the mean of, [clusters].
  private(set) var counts: [Float]

  init(_ seeds: Embeddings) {
    dimensions = seeds.dimensions
    values = seeds.values
    counts = Array(repeating: 0, count: seeds.count)
  }

  mutating func replace(_ cluster: Int, by vector: ArraySlice<Float>, count: Float) {
    let start = cluster * dimensions
    values.replaceSubrange(start..<start + dimensions, with: vector)
    counts[cluster] = count
  }

  /// Moves the centres to the mean of all they ever received: (c · count + Σ x) / (count + added).
  ///
  /// - Parameters:
  ///   - points: vectors, [points, dimensions]
  ///   - members: the points of the batch in its order, repeated ones as often
  ///   - clusters: the cluster of each point, [points]
  mutating func add(_ points: Embeddings, members: [Int], clusters: [Int]) {
    var added = Array(repeating: Float(0), count: counts.count)
    for member in members { added[clusters[member]] += 1 }
    for cluster in counts.indices where added[cluster] > 0 {
      scale(cluster, by: counts[cluster])
    }
    let width = dimensions
    let source = points.values.span.bytes
    var target = values.mutableSpan
    var bytes = target.mutableBytes
    for member in members {
      RowArithmetic.add(source, row: member, to: &bytes, row: clusters[member], width: width)
    }
    for cluster in counts.indices where added[cluster] > 0 {
      counts[cluster] += added[cluster]
      scale(cluster, by: 1 / counts[cluster])
    }
  }

  private mutating func scale(_ cluster: Int, by factor: Float) {
    for place in cluster * dimensions..<(cluster + 1) * dimensions { values[place] *= factor }
  }

  /// |x - c|² for each point and the centre of its cluster, [points].
  func squaredDistances(_ points: Embeddings, to clusters: [Int]) -> [Float] {
    let a = points.values.span.bytes
    let b = values.span.bytes
    return clusters.enumerated().map { point, cluster in
      RowArithmetic.squaredDistance(a, row: point, b, row: cluster, width: dimensions)
    }
  }

  /// |c|² of each centre, [clusters].
  func squaredNorms() -> [Float] {
    let bytes = values.span.bytes
    return counts.indices.map { RowArithmetic.squaredNorm(bytes, row: $0, width: dimensions) }
  }
}

/// Finds the nearest centre by |c|² - 2 x·c, in float32; the lowest number on ties.
struct NearestCentre: ~Copyable {
  private let kernels: Kernels
  /// |c|², infinite past the last centre.
  private var norms: [SIMD8<Float>]
  private var products: Matrix
  /// One row of the products, with room for whole groups of eight.
  private var row: [Float]

  init(clusters: Int, dimensions: Int, kernels: Kernels) {
    self.kernels = kernels
    let groups = (clusters + 7) / 8
    norms = Array(repeating: SIMD8(repeating: .infinity), count: groups)
    products = Matrix(rows: 0, columns: clusters)
    row = Array(repeating: 0, count: groups * 8)
  }

  /// The nearest centre of each point, [points].
  mutating func nearest(to points: Embeddings, among centres: Centres) -> [Int] {
    let clusters = centres.counts.count
    if products.rows < points.count {
      products = Matrix(rows: points.count, columns: clusters)
    }
    for (cluster, norm) in centres.squaredNorms().enumerated() {
      norms[cluster / 8][cluster % 8] = norm
    }
    let packed = PackedWeights(
      Embeddings(dimensions: centres.dimensions, values: centres.values), rows: 0..<clusters,
      for: kernels)
    kernels.products(points, rows: 0..<points.count, packed, into: &products)
    var nearest: [Int] = []
    nearest.reserveCapacity(points.count)
    for point in 0..<points.count {
      products.copyRow(point, width: clusters, into: &row, at: 0)
      nearest.append(lowest())
    }
    return nearest
  }

  /// The centre with the lowest |c|² - 2 x·c, where x·c stand in `row`.
  private borrowing func lowest() -> Int {
    let bytes = row.span.bytes
    var best = SIMD8<Float>(repeating: .infinity)
    var group = SIMD8<Int32>.zero
    for (index, norm) in norms.enumerated() {
      let product = unsafe bytes.unsafeLoadUnaligned(
        fromByteOffset: 32 * index, as: SIMD8<Float>.self)
      let distance = norm - 2 * product
      let isLower = distance .< best
      best.replace(with: distance, where: isLower)
      group.replace(with: Int32(index), where: isLower)
    }
    var lowest = (distance: best[0], cluster: 8 * Int(group[0]))
    for lane in 1..<8 {
      let cluster = 8 * Int(group[lane]) + lane
      if best[lane] < lowest.distance
        || (best[lane] == lowest.distance && cluster < lowest.cluster)
      {
        lowest = (best[lane], cluster)
      }
    }
    return lowest.cluster
  }
}
