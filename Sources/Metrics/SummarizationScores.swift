// Scores of summarization: how the similarity of machine summaries to human ones follows the
// judgement of people, text by text.

package import Core

/// One text's summaries as vectors, and what people thought of those by machines.
package struct RatedSummaries: Sendable {
  /// [human summaries, dimensions], at least one.
  let human: Embeddings
  /// [machine summaries, dimensions], at least one.
  let machine: Embeddings
  /// Higher is better, [machine summaries].
  let ratings: [Double]

  package init(human: Embeddings, machine: Embeddings, ratings: [Double]) {
    precondition(
      human.count > 0 && machine.count == ratings.count && !ratings.isEmpty,
      "\(human.count) human summaries, \(machine.count) by machines, \(ratings.count) ratings")
    self.human = human
    self.machine = machine
    self.ratings = ratings
  }
}

/// The means over texts of the correlations between ratings and similarities.
package struct SummarizationScores: Sendable {
  /// Six scores in mteb's order; undefined ones are absent.
  package let scores: Scores
  /// What became of every text, in order.
  package let texts: [Text]
  /// Texts left out because all their ratings, cosines or dot products are equal.
  package var skipped: Int { texts.count { $0.tests == nil } }

  /// One text: how its machine summaries were scored, and how that follows their ratings.
  package struct Text: Sendable {
    /// The highest cosine to a human summary, [machine summaries].
    package let cosines: [Double]
    /// The highest dot product with one, likewise.
    package let dots: [Double]
    /// By the names of `metrics`; nil for a text that is left out.
    let tests: [String: CorrelationTest?]?

    /// A correlation and its p-value; nil where it is undefined or the text is left out.
    package func correlation(_ metric: String) -> (value: Double, pValue: Double?)? {
      tests?[metric]?.map { ($0.correlation, $0.pValue) }
    }
  }

  package static let metrics = [
    "pearson", "spearman", "cosine_spearman", "cosine_pearson", "dot_pearson", "dot_spearman",
  ]

  /// A machine summary's score is its highest similarity to one of the text's human summaries.
  ///
  /// - Parameters:
  ///   - texts: the summaries of every text
  ///   - similarity: the model's own, for the scores without prefix
  ///   - averagesPValues: takes the p-value of every correlation into the mean as if it were a
  ///     second correlation. A mistake of the reference that its French task keeps, so that new
  ///     scores compare with old ones.
  package init(_ texts: [RatedSummaries], similarity: Similarity, averagesPValues: Bool = false) {
    self.texts = texts.map { Text($0, similarity: similarity) }
    var scores = Scores()
    for name in Self.metrics {
      let tests = self.texts.compactMap { $0.tests?[name] }
      let values = tests.flatMap { test in
        averagesPValues ? [test?.correlation, test?.pValue] : [test?.correlation]
      }
      let defined = values.compactMap { $0 }
      guard !defined.isEmpty, defined.count == values.count else { continue }
      scores[Metric(name)] = defined.reduce(0, +) / Double(defined.count)
    }
    self.scores = scores
  }
}

extension SummarizationScores.Text {
  fileprivate init(_ text: RatedSummaries, similarity: Similarity) {
    cosines = text.closest { PairSimilarity.model(.cosine, $0, $1) }
    dots = text.closest { PairSimilarity.dot($0, $1) }
    guard [text.ratings, cosines, dots].allSatisfy(Self.varies) else {
      tests = nil
      return
    }
    // The model's own similarity is one of the two.
    let own = similarity == .cosine ? cosines : dots
    var tests: [String: CorrelationTest?] = [:]
    for (prefix, values) in [("", own), ("cosine_", cosines), ("dot_", dots)] {
      tests.updateValue(CorrelationTest.pearson(text.ratings, values), forKey: prefix + "pearson")
      tests.updateValue(CorrelationTest.spearman(text.ratings, values), forKey: prefix + "spearman")
    }
    self.tests = tests
  }

  private static func varies(_ values: [Double]) -> Bool {
    values.contains { $0 != values[0] }
  }
}

extension RatedSummaries {
  /// For every machine summary the highest similarity to a human one, [machine summaries].
  fileprivate func closest(
    by similarity: (Embeddings, Embeddings) -> [Float]
  ) -> [Double] {
    (0..<machine.count).map { row in
      let repeated = machine.rows(Array(repeating: row, count: human.count))
      return Double(similarity(repeated, human).max() ?? -.infinity)
    }
  }
}
