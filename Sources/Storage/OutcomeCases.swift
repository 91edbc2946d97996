// The worst and the best outcomes of a task, of one model or of one against another.

package import Core

/// Outcomes in the order of a measure, and what they are together.
package struct OutcomeCases: Sendable {
  /// One item: its outcome, and that of the other model where two are compared.
  package struct Case: Sendable {
    package let cell: DetailCell
    package let outcome: Outcome
    package let value: Double
    package let other: Other?

    package struct Other: Sendable {
      package let outcome: Outcome
      package let value: Double
    }

    /// How much higher the value is than the other model's.
    package var difference: Double { value - (other?.value ?? 0) }

    /// What the order goes by.
    fileprivate var key: Double { other == nil ? value : difference }
  }

  /// The cases asked for, the most extreme first.
  package private(set) var cases: [Case] = []
  /// Items that have the measure, with both models where two are compared.
  package private(set) var measured = 0
  /// Items without it.
  package private(set) var unmeasured = 0
  /// Items that only one of two models has an outcome of.
  package private(set) var unmatched = 0
  /// Items with a higher and with a lower value than the other model's.
  package private(set) var better = 0
  package private(set) var worse = 0
  private var sum = 0.0

  /// The mean of the measure, or of the differences; nil where no item has it.
  package var mean: Double? { measured == 0 ? nil : sum / Double(measured) }

  /// The `count` cases with the lowest values of a measure, or the highest.
  ///
  /// Equal ones are ordered by the other measures of the task, then as in the data. One cell at a
  /// time is in memory, beside the cases found so far.
  ///
  /// - Throws: `.usage` where the two models cannot be compared; what is wrong with a file.
  package init(
    _ count: Int, areBest: Bool, by measure: String, of source: DetailSource,
    against other: DetailSource? = nil, in cells: [DetailCell]
  ) throws(Failure) {
    if let other { try source.requireComparable(other, by: measure) }
    let ties = source.index.shape.measures.map(\.key).filter { $0 != measure }
    for cell in cells {
      var new = cases
      let outcomes = try source.store.outcomes(of: source.index.task, cell)
      var others: [String: Outcome] = [:]
      if let other {
        guard other.cells.contains(cell) else {
          unmatched += outcomes.count
          continue
        }
        for outcome in try other.store.outcomes(of: other.index.task, cell) {
          others[outcome.name(source)] = outcome
        }
      }
      for outcome in outcomes {
        let rival = others.removeValue(forKey: outcome.name(source))
        if other != nil, rival == nil {
          unmatched += 1
          continue
        }
        let values = [outcome, rival].map { $0?.value(at: measure)?.double }
        guard let value = values[0], rival == nil || values[1] != nil else {
          unmeasured += 1
          continue
        }
        let found = Case(
          cell: cell, outcome: outcome, value: value,
          other: rival.flatMap { rival in
            values[1].map { Case.Other(outcome: rival, value: $0) }
          })
        measured += 1
        sum += found.key
        if found.other != nil, found.difference > 0 { better += 1 }
        if found.other != nil, found.difference < 0 { worse += 1 }
        new.append(found)
      }
      unmatched += others.count
      cases = Self.extremes(new, count, areBest: areBest, ties: ties)
    }
  }

  private static func extremes(
    _ cases: [Case], _ count: Int, areBest: Bool, ties: [String]
  ) -> [Case] {
    let keyed = cases.enumerated().map { place, found in
      (
        keys: [found.key] + ties.map { found.outcome.value(at: $0)?.double ?? .infinity },
        place: place
      )
    }
    let order = keyed.sorted { a, b in
      for (x, y) in zip(a.keys, b.keys) where x != y { return areBest ? x > y : x < y }
      return a.place < b.place
    }
    return order.prefix(count).map { cases[$0.place] }
  }
}

extension Outcome {
  /// What the items of two models are matched by.
  package func name(_ source: DetailSource) -> String {
    value(at: source.index.shape.name)?.line ?? ""
  }
}

extension DetailSource {
  /// Makes sure that a measure of another model's details can be set against this one's.
  ///
  /// - Throws: `.usage` for other data and for a measure that the other lacks.
  package func requireComparable(
    _ other: DetailSource, by measure: String
  ) throws(Failure) {
    guard dataHash == other.dataHash else {
      throw Failure(
        .usage, other.model, "was evaluated on other data of \(index.task) than \(model)",
        hint: "evaluate both again with --details on the same data")
    }
    guard other.index.shape.measures.contains(where: { $0.key == measure }) else {
      throw Failure(
        .usage, measure, "is not among the details of \(other.model)",
        hint: "evaluate both again with --details, with the same task file")
    }
  }
}
