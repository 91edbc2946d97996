// How far documents move in a ranking when the instruction behind the query changes so that they
// are no longer wanted: p-MRR (Weller et al. 2024, arXiv 2403.15246).

/// One query under two instructions.
package struct InstructionChange: Sendable {
  /// The ranking under the original instruction.
  let original: RankedQuery
  /// The ranking under the changed one.
  let changed: RankedQuery
  /// The documents whose relevance the change takes away.
  let documents: [String]

  package init(original: RankedQuery, changed: RankedQuery, documents: [String]) {
    self.original = original
    self.changed = changed
    self.documents = documents
  }

  /// The mean over documents, then over queries, in [-1, 1]; positive where documents sink.
  ///
  /// Queries without such a document do not count; nil when there are no others.
  package static func pMRR(_ changes: [InstructionChange]) -> Double? {
    let means = changes.filter { !$0.documents.isEmpty }.map(\.meanShift)
    return means.isEmpty ? nil : means.reduce(0, +) / Double(means.count)
  }

  private var meanShift: Double {
    let before = Self.ranks(original)
    let after = Self.ranks(changed)
    // A document that is not ranked counts as the one after the last.
    let shifts = documents.map { document in
      Self.shift(
        from: before[document] ?? original.hits.count + 1,
        to: after[document] ?? changed.hits.count + 1)
    }
    return shifts.reduce(0, +) / Double(shifts.count)
  }

  private static func ranks(_ ranking: RankedQuery) -> [String: Int] {
    Dictionary(
      ranking.hits.enumerated().map { ($1.id, $0 + 1) }, uniquingKeysWith: { first, _ in first })
  }

  /// r₂/r₁ - 1 for a document that rises or stays (r₂ ≤ r₁), 1 - r₁/r₂ for one that sinks.
  static func shift(from before: Int, to after: Int) -> Double {
    let before = Double(before)
    let after = Double(after)
    return after <= before ? (1 / before) / (1 / after) - 1 : 1 - (1 / after) / (1 / before)
  }
}
