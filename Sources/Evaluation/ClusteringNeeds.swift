// What clustering costs beside embedding, and how much of it a small budget can spare.

import Core
import Foundation
import Learning

extension ClusteringDocuments {
  /// The work of all bootstraps of all levels; the distances between all vectors can be spared.
  func needs(_ recipe: BootstrapRecipe, _ amount: CellAmount, _ dimensions: Int) -> CellNeeds {
    var needs = CellNeeds(holding: amount, dimensions: dimensions)
    let depth = min(recipe.maxDepth, paths.map(\.count).max() ?? 0)
    let clusters = (0..<depth).map { level in
      Set(paths.compactMap { $0.count > level ? $0[level] : nil }).count
    }
    for count in clusters {
      needs.work[.clustering, default: 0] +=
        Double(recipe.experiments)
        * ScoringKind.clusteringWork(
          rows: recipe.documentsPerBootstrap, different: amount.texts, clusters: count,
          dimensions: dimensions)
    }
    let rows = Footprint.vector(dimensions) * amount.texts
    let runs = clusters.flatMap { Array(repeating: $0, count: recipe.experiments) }
    needs.leastMemory += rows
    needs.memory += rows
    if DistanceTable.pays(count: amount.texts, clusters: runs) {
      needs.memory += ClusteringDraws.distanceBytes(amount.texts, dimensions: dimensions)
    }
    return needs
  }
}

extension ClusteringDraws {
  /// Bytes of the distances between all vectors, while they are put together, and of the vectors in
  /// double that they are computed from.
  static func distanceBytes(_ count: Int, dimensions: Int) -> Int {
    count * count * 6 + 2 * count * Footprint.vector(dimensions)
  }

  /// Whether that fits into a budget beside texts and vectors.
  ///
  /// Without the table the same distances are computed one by one, and take longer.
  func affordsDistances(_ count: Int, dimensions: Int, in memory: WorkMemory) -> Bool {
    let vectors = 2 * count * Footprint.vector(dimensions)
    return vectors + Self.distanceBytes(count, dimensions: dimensions) <= memory.bytes
  }
}

extension SeparateClusterings {
  /// The work of all problems; vectors are held for those that are clustered side by side.
  func needs(_ amount: CellAmount, _ dimensions: Int) -> CellNeeds {
    var needs = CellNeeds()
    let open = problems.filter { !$0.isTrivial }
    for problem in open {
      let count = problem.texts.count
      needs.work[.clustering, default: 0] += ScoringKind.clusteringWork(
        rows: count, different: count, clusters: problem.classCount, dimensions: dimensions)
    }
    let texts = Footprint.texts(amount.texts, bytes: amount.textBytes)
    let counts = open.map(\.texts.count).sorted(by: >)
    let together = counts.prefix(ProcessInfo.processInfo.activeProcessorCount).reduce(0, +)
    needs.memory = texts + together * bytesPerText(dimensions)
    needs.leastMemory = texts + (counts.first ?? 0) * bytesPerText(dimensions)
    return needs
  }

  /// A text's tokens and its vector, embedded, copied for k-means, and in double.
  func bytesPerText(_ dimensions: Int) -> Int {
    Footprint.request(1, bytes: 200, dimensions: dimensions) + 3 * Footprint.vector(dimensions)
  }

  /// How many problems from `start` on fit into a budget side by side, at least one.
  func width(
    of open: ArraySlice<Int>, most: Int, dimensions: Int, in memory: WorkMemory
  ) -> Int {
    var left = memory.bytes
    var count = 0
    for place in open.prefix(most) {
      left -= problems[place].texts.count * bytesPerText(dimensions)
      if left < 0 { break }
      count += 1
    }
    return max(1, count)
  }
}
