// What a task file may say about clustering alone.

/// The choices of a clustering task; nil where the reference's default holds.
package struct ClusteringSettings: Sendable, Hashable {
  /// How many documents of a subset are embedded.
  package enum DocumentCap: Sendable, Hashable {
    /// This share of them, rounded down; more than 0 and at most 1.
    case fraction(Double)
    /// So many, or all where there are fewer.
    case count(Int)
    /// All, in file order.
    case unlimited
  }

  /// nil for a fraction of 0.04.
  package var documentCap: DocumentCap?
  /// How many documents a bootstrap draws; nil for 16384.
  package var documentsPerBootstrap: Int?
  /// How many levels of hierarchical labels count; nil for all.
  package var maxDepth: Int?
  /// Whether each row of the data is a clustering problem of its own (the older recipe).
  package var isLegacy: Bool

  package init(
    documentCap: DocumentCap? = nil, documentsPerBootstrap: Int? = nil, maxDepth: Int? = nil,
    isLegacy: Bool = false
  ) {
    self.documentCap = documentCap
    self.documentsPerBootstrap = documentsPerBootstrap
    self.maxDepth = maxDepth
    self.isLegacy = isLegacy
  }

  /// The keys that the task file sets, each with its value as one line.
  package var entries: [(key: String, value: String)] {
    var entries: [(key: String, value: String)] = []
    switch documentCap {
    case nil: break
    case .fraction(let share): entries.append(("document_cap", "fraction \(share)"))
    case .count(let count): entries.append(("document_cap", "count \(count)"))
    case .unlimited: entries.append(("document_cap", "none"))
    }
    if let documentsPerBootstrap {
      entries.append(("documents_per_bootstrap", String(documentsPerBootstrap)))
    }
    if let maxDepth { entries.append(("max_depth", String(maxDepth))) }
    if isLegacy { entries.append(("legacy", "true")) }
    return entries
  }
}
