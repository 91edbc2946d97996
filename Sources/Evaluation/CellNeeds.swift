// How much there is in a cell, and what solving it takes beside embedding: work by its kind, memory.

import Core
import Foundation

/// The texts of one cell.
package struct CellAmount: Sendable, Equatable {
  /// Texts that are held all at once.
  package var texts = 0
  /// Their UTF-8 bytes.
  package var textBytes = 0
  /// Documents that stream through in blocks.
  package var documents = 0
  /// Their UTF-8 bytes; nil where only their ids were read.
  package var documentBytes: Int?

  package init() {}

  package var all: Int { texts + documents }
}

/// Kinds of scoring work, each with a speed of its own.
package enum ScoringKind: String, Sendable, CaseIterable {
  /// Products of vectors with vectors.
  case search
  /// Logistic regression.
  case fitting
  /// k-means; counted in the multiplications of `clusteringWork`.
  case clustering
  /// Rankings scored, counted in hits.
  case ranking

  /// How many iterations a fit takes, about: 10 to 40 for vectors of norm 1.
  static let fitIterations = 20

  /// Multiplications of one run of k-means, about: seeding, forty steps, the assignment of all.
  static func clusteringWork(rows: Int, different: Int, clusters: Int, dimensions: Int) -> Double {
    let seeding = Double(min(rows, max(1536, 3 * clusters))) * (2 + log(Double(max(clusters, 1))))
    let batch = Double(min(512, different))
    return Double(clusters * dimensions) * (seeding + 40 * batch + Double(different))
  }
}

/// What solving a cell takes beside embedding its texts.
package struct CellNeeds: Sendable, Equatable {
  /// Amounts of work by kind, in that kind's own unit.
  package var work: [ScoringKind: Double] = [:]
  /// Bytes at the peak where the budget allows them: texts, vectors, lists.
  package var memory = 0
  /// Bytes without which the cell cannot be solved.
  package var leastMemory = 0

  init() {}

  /// A cell that holds all its texts and vectors at once.
  init(holding amount: CellAmount, dimensions: Int) {
    memory =
      Footprint.texts(amount.texts, bytes: amount.textBytes)
      + Footprint.request(amount.texts, bytes: amount.textBytes, dimensions: dimensions)
    leastMemory = memory
  }

  /// Adds the product of the factors to the work of a kind.
  mutating func add(_ kind: ScoringKind, multiplyAdds a: Int, _ b: Int, _ c: Int) {
    work[kind, default: 0] += Double(a) * Double(b) * Double(c)
  }
}
