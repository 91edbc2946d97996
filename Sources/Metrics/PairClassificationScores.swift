// Scores of pair classification: how well the similarity of two texts tells pairs that belong
// together (label 1) from pairs that do not (label 0).

package import Core

package enum PairClassificationScores {
  /// The similarities that are tried, in mteb's order; `similarity` is the model's own.
  package static let similarities = ["similarity", "cosine", "manhattan", "euclidean", "dot"]
  /// What is computed for each of them.
  package static let measures = ["accuracy", "f1", "precision", "recall", "ap"]

  /// `<similarity>_<measure>` for five similarities, then `max_<measure>` over the five.
  ///
  /// The maximum of precision and of recall is taken over their values where each similarity's
  /// F1 is best; it is no maximum over all thresholds.
  ///
  /// - Parameters:
  ///   - left: first texts, [count, dimensions]
  ///   - right: second texts, [count, dimensions]
  ///   - labels: whether a pair belongs together, [count]
  ///   - similarity: the model's own
  /// - Returns: 30 scores in [0, 1] in mteb's order; without a pair of label 1 only the
  ///   accuracies, since the others are undefined then.
  package static func scores(
    _ left: Embeddings, _ right: Embeddings, labels: [Bool], similarity: Similarity
  ) -> Scores {
    var scores = Scores()
    var highest: [String: Double] = [:]
    for name in similarities {
      let values = Self.values(of: name, left, right, similarity: similarity)
      let found = Separation(values, labels: labels)
      for (measure, value) in zip(measures, found.inOrder) {
        scores[Metric("\(name)_\(measure)")] = value
        if let value { highest[measure] = max(highest[measure] ?? 0, value) }
      }
    }
    for measure in measures { scores[Metric("max_\(measure)")] = highest[measure] }
    return scores
  }

  /// One of the similarities of every pair, [count]; distances are negated.
  package static func values(
    of name: String, _ left: Embeddings, _ right: Embeddings, similarity: Similarity
  ) -> [Float] {
    switch name {
    case "cosine": PairSimilarity.cosine(left, right)
    case "manhattan": PairSimilarity.manhattanDistance(left, right).map { -$0 }
    case "euclidean": PairSimilarity.euclideanDistance(left, right).map { -$0 }
    case "dot": PairSimilarity.numpyDot(left, right)
    default: PairSimilarity.model(similarity, left, right)
    }
  }
}

/// How well one list of similarities separates the pairs of label 1 from those of label 0.
///
/// The pairs are sorted from most to least similar and cut in two: those before the cut are taken
/// for label 1. A cut between equal similarities is none, for no threshold could make it; nor are
/// the two that take all pairs or no pair. Where no cut is left (all similarities equal) accuracy
/// and F1 are 0, as in the reference.
package struct Separation {
  /// The highest share of pairs on their right side of a cut, in [0, 1].
  private(set) var accuracy = 0.0
  /// The highest 2 · precision · recall / (precision + recall) of a cut, in [0, 1].
  private(set) var f1 = 0.0
  /// Precision and recall at the first cut with that F1.
  private(set) var precision = 0.0
  private(set) var recall = 0.0
  /// Σ_j (R_j - R_{j-1}) · P_j over the distinct similarities j, highest first, with recall R_j
  /// and precision P_j of the pairs at least that similar; pairs of equal similarity are one step.
  private(set) var averagePrecision = 0.0
  /// The middle of the first cut with that accuracy; nil where there is no cut.
  package private(set) var accuracyThreshold: Float?
  /// The middle of the first cut with that F1; nil where no cut has a pair of label 1 before it.
  package private(set) var f1Threshold: Float?
  private let hasPositives: Bool

  /// Cost: n log n.
  package init(_ similarities: [Float], labels: [Bool]) {
    precondition(
      similarities.count == labels.count,
      "\(similarities.count) similarities for \(labels.count) labels")
    let count = labels.count
    let positives = labels.count { $0 }
    hasPositives = positives > 0
    let order = similarities.indices.sorted { similarities[$0] > similarities[$1] }
    var found = 0
    var recallBefore = 0.0
    for (place, pair) in order.enumerated() {
      if labels[pair] { found += 1 }
      let taken = place + 1
      if taken < count, similarities[order[taken]] == similarities[pair] { continue }
      let precision = Double(found) / Double(taken)
      let recall = Double(found) / Double(positives)
      if hasPositives {
        averagePrecision += (recall - recallBefore) * precision
        recallBefore = recall
      }
      guard taken < count else { break }
      let negativesLeft = (count - positives) - (taken - found)
      let middle = (similarities[pair] + similarities[order[taken]]) / 2
      let share = Double(found + negativesLeft) / Double(count)
      if share > accuracy || accuracyThreshold == nil { accuracyThreshold = middle }
      accuracy = max(accuracy, share)
      // In the reference's order of operations: of F1s equal up to rounding the same is the first.
      let f1 = found > 0 ? 2 * precision * recall / (precision + recall) : 0
      if f1 > self.f1 {
        (self.f1, self.precision, self.recall) = (f1, precision, recall)
        f1Threshold = middle
      }
    }
  }

  /// For every pair of label 1 the precision among the pairs at least as similar, nil for others;
  /// the mean over those that have one is the average precision.
  package static func precisions(_ similarities: [Float], labels: [Bool]) -> [Double?] {
    let order = similarities.indices.sorted { similarities[$0] > similarities[$1] }
    var precisions = [Double?](repeating: nil, count: labels.count)
    var (found, start) = (0, 0)
    while start < order.count {
      var end = start
      while end < order.count, similarities[order[end]] == similarities[order[start]] {
        if labels[order[end]] { found += 1 }
        end += 1
      }
      for pair in order[start..<end] where labels[pair] {
        precisions[pair] = Double(found) / Double(end)
      }
      start = end
    }
    return precisions
  }

  /// In the order of `PairClassificationScores.measures`.
  var inOrder: [Double?] {
    [accuracy] + [f1, precision, recall, averagePrecision].map { hasPositives ? $0 : nil }
  }
}
