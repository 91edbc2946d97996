// The measures of one query, for all cut-offs in one pass over its ranking.

import Core
import Foundation

/// Running sums of one ranking, recorded at every cut-off.
struct QueryScores {
  private var recorded: [Measure.Kind: [Double]] = [:]

  /// One value per cut-off, ascending.
  func values(_ kind: Measure.Kind) -> [Double] { recorded[kind] ?? [] }

  init(_ hits: [RankedQuery.Hit], grades: [String: Int], cutoffs: [Int]) {
    let best = grades.values.filter { $0 > 0 }.sorted(by: >)
    let ideal = Self.discountedGains(best, cutoffs: cutoffs)
    let relevant = best.count
    var state = Running()
    var position = 0
    for (index, cutoff) in cutoffs.enumerated() {
      while position < min(cutoff, hits.count) {
        position += 1
        if let grade = grades[hits[position - 1].id], grade > 0 {
          state.found(grade: grade, at: position)
        }
      }
      record(state, cutoff: cutoff, relevant: relevant, ideal: ideal[index])
    }
    precondition(state.hits <= relevant, "a document occurs twice in one ranking")
  }

  /// What has been found so far.
  private struct Running {
    var hits = 0
    var gain = 0.0
    var precisions = 0.0
    var first: Int?

    mutating func found(grade: Int, at position: Int) {
      hits += 1
      gain += Double(grade) / log2(Double(position + 1))
      precisions += Double(hits) / Double(position)
      if first == nil { first = position }
    }
  }

  private mutating func record(_ state: Running, cutoff: Int, relevant: Int, ideal: Double) {
    func note(_ kind: Measure.Kind, _ value: Double) { recorded[kind, default: []].append(value) }
    note(.ndcg, ideal > 0 ? state.gain / ideal : 0)
    note(.map, relevant > 0 ? state.precisions / Double(relevant) : 0)
    note(.recall, relevant > 0 ? Double(state.hits) / Double(relevant) : 0)
    note(.precision, Double(state.hits) / Double(cutoff))
    note(.mrr, state.first.map { 1 / Double($0) } ?? 0)
    note(.hitRate, state.hits > 0 ? 1 : 0)
  }

  /// The discounted gain of these grades in this order after each cut-off.
  private static func discountedGains(_ grades: [Int], cutoffs: [Int]) -> [Double] {
    var gain = 0.0
    var position = 0
    return cutoffs.map { cutoff in
      while position < min(cutoff, grades.count) {
        position += 1
        gain += Double(grades[position - 1]) / log2(Double(position + 1))
      }
      return gain
    }
  }
}
