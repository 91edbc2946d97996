// How far documents move in a ranking when the instruction behind the query changes so that they
// are no longer wanted: p-MRR (Weller et al. 2024, arXiv 2403.15246).

/// One query under two instructions.
package struct InstructionChange: Sendable {
  /// The ranking under the original instruction.
  package let original: RankedQuery
  /// The ranking under the changed one.
  package let changed: RankedQuery
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
    let means = changes.compactMap(\.meanShift)
    return means.isEmpty ? nil : means.reduce(0, +) / Double(means.count)
  }

  /// How one document moves: its ranks, and what that adds to the mean over documents.
  package struct Move: Sendable, Equatable {
    package let document: String
    package let before: Int
    package let after: Int
    package let shift: Double
  }

  /// The mean over documents; nil where there are none.
  package var meanShift: Double? {
    let moves = moves
    guard !moves.isEmpty else { return nil }
    return moves.map(\.shift).reduce(0, +) / Double(moves.count)
  }

  /// Every document whose relevance the change takes away, in the order of the data.
  package var moves: [Move] {
    let before = Self.ranks(original)
    let after = Self.ranks(changed)
    // A document that is not ranked counts as the one after the last.
    return documents.map { document in
      let from = before[document] ?? original.hits.count + 1
      let to = after[document] ?? changed.hits.count + 1
      return Move(
        document: document, before: from, after: to, shift: Self.shift(from: from, to: to))
    }
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
