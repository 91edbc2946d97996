// What attention computes, told to the kernel: heads, who sees whom, what is added to the scores.

/// Attention of one sequence's tokens to each other: sizes, scale, mask, bias.
///
/// Queries, keys and values stand side by side in one matrix of `projectionWidth` columns: `heads`
/// queries, `keyValueHeads` keys, as many values, `headWidth` numbers each. Head h reads the key and
/// the value of head h / (heads / keyValueHeads).
package struct AttentionShape: Sendable {
  /// Which tokens a token sees, itself always among them.
  package enum Mask: Sendable, Hashable {
    /// All of its text.
    case full
    /// Itself and those before it.
    case causal
    /// Token i sees j where i - before <= j <= i + after.
    ///
    /// A causal window of W tokens is (W - 1, 0).
    case window(before: Int, after: Int)
  }

  package var heads: Int
  /// Divides `heads`.
  package var keyValueHeads: Int
  package var headWidth: Int
  /// What the dot product of a query and a key is multiplied by, above 0.
  package var scale: Float
  package var mask: Mask
  /// Added to the scaled scores.
  package var bias: RelativeBias?

  /// As many key heads as heads, a scale of 1 / √headWidth, all tokens and no bias unless told.
  package init(
    heads: Int, keyValueHeads: Int? = nil, headWidth: Int, scale: Float? = nil, mask: Mask = .full,
    bias: RelativeBias? = nil
  ) {
    precondition(heads > 0 && headWidth > 0, "\(heads) heads of width \(headWidth)")
    self.heads = heads
    self.keyValueHeads = keyValueHeads ?? heads
    self.headWidth = headWidth
    self.scale = scale ?? 1 / Float(headWidth).squareRoot()
    self.mask = mask
    self.bias = bias
  }

  /// Columns of queries, keys and values together.
  package var projectionWidth: Int { (heads + 2 * keyValueHeads) * headWidth }

  /// Columns of the result.
  package var contextWidth: Int { heads * headWidth }
}

/// What attention adds to a score for the distance of the two tokens.
///
/// Entry [h, clamp(j - i, -reach, reach) + reach] belongs to head h, token i and seen token j.
package struct RelativeBias: Sendable {
  /// Shape [heads, 2 · reach + 1].
  package let table: Floats
  /// The longest distance with an entry of its own.
  package var reach: Int { table.columns / 2 }

  /// The number of columns has to be odd.
  package init(table: Floats) {
    precondition(table.columns % 2 == 1, "a bias table of [\(table.rows), \(table.columns)]")
    self.table = table
  }
}
