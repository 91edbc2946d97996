// STS scores: the keys, their order, and what happens where a correlation is undefined.

import Core
import Testing

@testable import Metrics

struct STSScoresTests {
  let left = Embeddings(dimensions: 2, values: [1, 0, 1, 0, 1, 0])
  /// At 0, 45 and 90 degrees, all of length 1 but the last, which is 2.
  let right = Embeddings(dimensions: 2, values: [1, 0, 0.70710677, 0.70710677, 0, 2])

  @Test func `keys come in mteb's order, the model's own similarity first`() {
    let scores = STSScores.scores(left, right, gold: [5, 3, 0], similarity: .cosine)
    #expect(
      scores.entries.map(\.metric.rawValue) == [
        "pearson", "spearman", "cosine_pearson", "cosine_spearman", "manhattan_pearson",
        "manhattan_spearman", "euclidean_pearson", "euclidean_spearman",
      ])
  }

  @Test func `a similarity that falls as the gold score falls has rank correlation 1`() throws {
    let scores = STSScores.scores(left, right, gold: [5, 3, 0], similarity: .dot)
    for name in ["spearman", "cosine_spearman", "manhattan_spearman", "euclidean_spearman"] {
      #expect(abs(try #require(scores[Metric(name)]) - 1) < 1e-15)
    }
  }

  @Test func `the linear correlation is that of the values`() throws {
    let scores = STSScores.scores(left, right, gold: [2, 1, 0], similarity: .cosine)
    // Cosines 1, c, 0 with c = sqrt(1/2); gold deviations 1, 0, -1: the sum of products is 1, the
    // squared norms 2 and 1 + c² - (1 + c)² / 3.
    let c = 0.5.squareRoot()
    let expected = 1 / (2 * (1 + c * c - (1 + c) * (1 + c) / 3)).squareRoot()
    #expect(abs(try #require(scores[Metric("cosine_pearson")]) - expected) < 1e-7)
    #expect(abs(try #require(scores[Metric("pearson")]) - expected) < 1e-7)
  }

  @Test func `constant gold scores leave every score undefined`() {
    #expect(STSScores.scores(left, right, gold: [1, 1, 1], similarity: .dot).entries.isEmpty)
  }

  @Test func `a constant similarity leaves its own scores undefined and no others`() {
    // All cosines 1 (the powers of two scale without rounding), the distances differ.
    let right = Embeddings(dimensions: 2, values: [1, 0, 2, 0, 4, 0])
    let scores = STSScores.scores(left, right, gold: [5, 3, 0], similarity: .cosine)
    #expect(
      scores.entries.map(\.metric.rawValue) == [
        "manhattan_pearson", "manhattan_spearman", "euclidean_pearson", "euclidean_spearman",
      ])
  }
}
