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
    var scores = Scores()
    for prefix in prefixes {
      let values = similarities(prefix, left, right, similarity: similarity).map { Double($0) }
      scores[Metric(prefix + "pearson")] = Correlation.pearson(gold, values)
      scores[Metric(prefix + "spearman")] = Correlation.spearman(gold, values)
    }
    return scores
  }

  /// What stands before `pearson` and `spearman`, in mteb's order.
  package static let prefixes = ["", "cosine_", "manhattan_", "euclidean_"]

  /// The similarities that the scores with this prefix correlate, [count]; distances are negated.
  package static func similarities(
    _ prefix: String, _ left: Embeddings, _ right: Embeddings, similarity: Similarity
  ) -> [Float] {
    switch prefix {
    case "cosine_": PairSimilarity.cosine(left, right)
    case "manhattan_": PairSimilarity.manhattanDistance(left, right).map { -$0 }
    case "euclidean_": PairSimilarity.euclideanDistance(left, right).map { -$0 }
    default: PairSimilarity.model(similarity, left, right)
    }
  }
}
