// The rules of counting: which scores make a model's means, and how many models a vote is against.

/// How a pool is counted; the reference's rules have changed, and published votes follow theirs.
package enum Rules: String, CaseIterable, Sendable {
  /// A task counts for means when all its cells are scored; n is the number of models with at least
  /// one such task. What mteb 2.26 does.
  case current
  /// No check of coverage; n is the number of models with any score. What mteb 2.1 did.
  case october2025 = "2025-10"

  /// Cells that make a task of a model count for means: all that anybody has, or one.
  func required(_ seen: Frame.Seen) -> Int {
    switch self {
    case .current: seen.required
    case .october2025: min(1, seen.required)
    }
  }

  /// What a model needs for a task to count for its means.
  package var meanRule: String {
    switch self {
    case .current: "a task counts with every subset and split that some model has"
    case .october2025: "a task counts with the subsets and splits there are"
    }
  }

  /// The rules in a sentence for footnotes; nil for the current ones.
  package var note: String? {
    switch self {
    case .current: nil
    case .october2025:
      "Counted by the rules of October 2025 (mteb 2.1): coverage is not checked, so that means "
        + "skip missing subsets and splits, and every model with any result counts."
    }
  }
}
