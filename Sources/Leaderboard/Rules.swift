// The rules of counting: which scores make a model's means, and how many models a vote is against.

/// How a pool is counted; the reference's rules have changed, and published votes follow theirs.
package enum Rules: String, CaseIterable, Sendable {
  /// A task counts for means when all its cells are scored; n is the number of models with at least
  /// one such task. What mteb 2.26 does.
  case current
  /// No check of coverage; n is the number of models with any score. What mteb 2.1 did.
  case october2025 = "2025-10"
}
