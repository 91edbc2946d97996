// Mini-batch k-means: its parts against arithmetic done by hand, its labels against the reference.

import Core
import Foundation
import Sampling
import Tensors
import TestSupport
import Testing

@testable import Learning

struct MiniBatchKMeansTests {
  private func kMeans(_ clusters: Int, batchSize: Int = 512) throws -> MiniBatchKMeans {
    MiniBatchKMeans(clusters: clusters, batchSize: batchSize, kernels: try Kernels())
  }

  /// Three heaps of vectors far from each other, [30, dimensions].
  private func heaps(dimensions: Int) -> Embeddings {
    var random = SplitMix(state: 11)
    let values = (0..<30).flatMap { row in
      (0..<dimensions).map { column in
        Float.random(in: -0.1...0.1, using: &random) + (column % 3 == row % 3 ? 5 : 0)
      }
    }
    return Embeddings(dimensions: dimensions, values: values)
  }

  @Test(arguments: [3, 16, 37, 64])
  func `finds heaps, whatever the width of the vectors`(dimensions: Int) throws {
    let vectors = heaps(dimensions: dimensions)
    let rows = (0..<200).map { $0 * 7 % 30 }
    let labels = try kMeans(3).labels(of: rows, in: vectors)
    let byHeap = Dictionary(grouping: zip(rows, labels), by: { $0.0 % 3 })
      .mapValues { Set($0.map(\.1)) }
    #expect(byHeap.values.allSatisfy { $0.count == 1 })
    #expect(Set(byHeap.values.joined()) == [0, 1, 2])
  }

  @Test func `a table of distances changes nothing`() throws {
    let vectors = heaps(dimensions: 37)
    let points = DoubleRows(vectors)
    let blocks = (0..<DistanceTable.blocks(30)).map { DistanceTable.block($0, of: points) }
    let rows = (0..<500).map { $0 * 11 % 30 }
    let one = try kMeans(9).labels(of: rows, in: vectors)
    let other = try kMeans(9).labels(
      of: rows, in: vectors, distances: DistanceTable(blocks: blocks))
    #expect(one == other)
  }

  @Test func `takes as many clusters as rows, and rows that are all the same`() throws {
    let vectors = heaps(dimensions: 5)
    let all = try kMeans(30).labels(of: Array(0..<30), in: vectors)
    #expect(all.allSatisfy { (0..<30).contains($0) })
    // The same vector is nearest to the same centre.
    #expect(Set(try kMeans(3).labels(of: [4, 4, 4, 4], in: vectors)).count == 1)
    #expect(try kMeans(1).labels(of: [2], in: vectors) == [0])
  }

  @Test func `a draw is the number of cumulative shares that are not above it`() {
    // Quarters: 0.25 falls to the second row, the number just below it to the first.
    let quarters = UniformDraws(4)
    let draws: [Double] = [0, 0.25.nextDown, 0.25, 0.5, 0.75, 1.0.nextDown]
    #expect(draws.map(quarters.position) == [0, 0, 1, 2, 3, 3])
    // A third is 0.3333333432674408 in float32; its cumulative shares are divided by their total,
    // 3 times that, so the borders are those of doubles again.
    let thirds = UniformDraws(3)
    let third: Double = 1.0 / 3
    #expect([third, third.nextDown, 2 * third].map(thirds.position) == [1, 0, 2])
  }

  @Test func `a centre is the mean of all it ever received`() {
    var centres = Centres(Embeddings(dimensions: 2, values: [0, 0, 9, 9]))
    let points = Embeddings(dimensions: 2, values: [1, 2, 3, 6, 8, 8])
    // The seed itself counts nothing: (1 + 3)/2, (2 + 6)/2; the other centre gets (8, 8).
    centres.add(points, members: [0, 1, 2], clusters: [0, 0, 1])
    #expect(centres.values == [2, 4, 8, 8])
    #expect(centres.counts == [2, 1])
    // (2 · 2 + 8 + 8)/4, (4 · 2 + 8 + 8)/4: a point that is drawn twice counts twice.
    centres.add(points, members: [2, 2], clusters: [0, 0, 0])
    #expect(centres.values == [5, 6, 8, 8])
    #expect(centres.counts == [4, 1])
  }

  @Test(arguments: [1, 3, 4, 15, 16, 21, 35])
  func `sums over rows leave nothing out`(width: Int) {
    // Small whole numbers, so that every order gives the same sum.
    let values = (0..<2 * width).map { Float($0 % 7) }
    let bytes = values.span.bytes
    let first = values[..<width]
    let second = values[width...]
    var distance: Float = 0
    var norm: Float = 0
    for (a, b) in zip(first, second) {
      distance += (a - b) * (a - b)
      norm += b * b
    }
    let found = RowArithmetic.squaredDistance(bytes, row: 0, bytes, row: 1, width: width)
    #expect(found == distance)
    let foundNorm = RowArithmetic.squaredNorm(bytes, row: 1, width: width)
    #expect(foundNorm == norm)
  }
}

/// Stored vectors with the clusters that mteb 2.26.24 found among them.
@Suite(.enabled(if: Shared.isPresent, Shared.reason))
struct `K-means of the reference's vectors` {
  private func json(_ path: String) throws -> JSON {
    try JSON(parsing: try Data(contentsOf: Shared.url("golden/precomputed-64/\(path)")))
  }

  private func numbers(_ json: JSON?) -> [Int] { json?.array?.compactMap(\.integer) ?? [] }

  // Rows of the vectors are rows of the data set: each subset's follow each other.
  @Test(arguments: [
    ("ClincHierarchicalClustering", "default", 0, 10), ("SIB200ClusteringS2S", "eng_Latn", 0, 7),
    ("SIB200ClusteringS2S", "swh_Latn", 1004, 7),
  ])
  func `with up to 25 clusters gives every label`(
    task: String, subset: String, offset: Int, clusters: Int
  ) throws {
    let folder = Shared.url("golden/precomputed-64/\(task)")
    let vectors = try NumpyFile.embeddings(at: folder.appending(path: "embeddings.npy"))
    let samples = try json("\(task)/samples.json")[subset]
    let embedded = numbers(samples?["embedded_rows"]).map { $0 + offset }
    let bootstraps = (samples?["bootstrap_rows"]?.array ?? []).prefix(10).map(numbers)
    let predictions = try json("\(task)/predictions.json")[subset]?["test"]?["Level 0"]
    let expected = (predictions?.array ?? []).map(numbers)
    try #require(bootstraps.count == 10 && expected.count == 10)
    let kMeans = MiniBatchKMeans(clusters: clusters, kernels: try Kernels())
    for (bootstrap, labels) in zip(bootstraps, expected) {
      #expect(kMeans.labels(of: bootstrap.map { embedded[$0] }, in: vectors) == labels)
    }
  }
}
