// Scores of semantic textual similarity: how the similarities of pairs follow the gold scores.

package import Core

package enum STSScores {
  /// Correlations of gold scores with four similarities, all rows of a subset at once.
  ///
  /// `pearson` and `spearman` use the model's own similarity; distances are negated. Rescaling
  /// the gold scores to [0, 1] would change no correlation, so they are taken as they are.
  ///
  /// - Parameters:
  ///   - left: first texts, [count, dimensions]
  ///   - right: second texts, [count, dimensions]
  ///   - gold: gold scores, [count]
  ///   - similarity: the model's own
  /// - Returns: eight scores in [-1, 1] in mteb's order; undefined ones are absent.
  package static func scores(
    _ left: Embeddings, _ right: Embeddings, gold: [Double], similarity: Similarity
  ) -> Scores {
    let lists: [(prefix: String, values: [Double])] = [
      ("", PairSimilarity.model(similarity, left, right).map { Double($0) }),
      ("cosine_", PairSimilarity.cosine(left, right).map { Double($0) }),
      ("manhattan_", PairSimilarity.manhattanDistance(left, right).map { -Double($0) }),
      ("euclidean_", PairSimilarity.euclideanDistance(left, right).map { -Double($0) }),
    ]
    var scores = Scores()
    for (prefix, values) in lists {
      scores[Metric(prefix + "pearson")] = Correlation.pearson(gold, values)
      scores[Metric(prefix + "spearman")] = Correlation.spearman(gold, values)
    }
    return scores
  }
}
