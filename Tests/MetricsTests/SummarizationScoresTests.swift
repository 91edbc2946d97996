// Summarization by hand: what a text contributes, which texts are left out, and p-values.

import Core
import Foundation
import Testing

@testable import Metrics

struct SummarizationScoresTests {
  /// Vectors at right angles or between: cosines with (1, 0) are the first numbers.
  private static func unit(_ cosines: [Float]) -> Embeddings {
    Embeddings(
      dimensions: 2, values: cosines.flatMap { [$0, (1 - $0 * $0).squareRoot()] })
  }

  /// One human summary at (1, 0), machine summaries with these cosines to it.
  private static func text(_ cosines: [Float], _ ratings: [Double]) -> RatedSummaries {
    RatedSummaries(
      human: Embeddings(dimensions: 2, values: [1, 0]), machine: unit(cosines), ratings: ratings)
  }

  @Test func `the mean goes over texts and the keys come in mteb's order`() throws {
    // Ranks (1, 2, 3) against (1, 2, 3): 1. Against (2, 1, 3): 1 - 6 · 2 / (3 · 8) = 0.5.
    let result = SummarizationScores(
      [Self.text([0, 0.6, 1], [1, 2, 4]), Self.text([0, 0.6, 1], [2, 1, 4])], similarity: .cosine)
    #expect(result.scores.entries.map(\.metric.rawValue) == SummarizationScores.metrics)
    for name in ["spearman", "cosine_spearman", "dot_spearman"] {
      #expect(abs(try #require(result.scores[Metric(name)]) - 0.75) < 1e-15)
    }
    #expect(result.skipped == 0)
  }

  @Test func `a machine summary counts by its most similar human one`() throws {
    // Cosines with (1, 0): 1, 0.6, 0; with (0, 1): 0, 0.8, 1. Highest: 1, 0.8, 1.
    let text = RatedSummaries(
      human: Embeddings(dimensions: 2, values: [1, 0, 0, 1]), machine: Self.unit([1, 0.6, 0]),
      ratings: [5, 1, 3])
    let scores = SummarizationScores([text], similarity: .cosine).scores
    // Ranks (3, 1, 2) against (2.5, 1, 2.5): deviations (1, -1, 0) and (0.5, -1, 0.5): 1.5 / √3.
    #expect(abs(try #require(scores["cosine_spearman"]) - 1.5 / 3.0.squareRoot()) < 1e-15)
  }

  @Test func `texts without differences are left out and counted`() throws {
    let texts = [
      Self.text([0, 0.6, 1], [2, 2, 2]), Self.text([0.6, 0.6, 0.6], [1, 2, 3]),
      Self.text([0, 0.6, 1], [3, 2, 1]), Self.text([0.5], [3]),
    ]
    let result = SummarizationScores(texts, similarity: .cosine)
    #expect(result.skipped == 3)
    #expect(abs(try #require(result.scores["cosine_spearman"]) + 1) < 1e-15)
    #expect(SummarizationScores(Array(texts.prefix(2)), similarity: .dot).scores.entries.isEmpty)
  }

  @Test func `equal dot products leave a text out although its cosines differ`() {
    // Dot products with (1, 0): 1 and 1. Cosines: 1 and √½.
    let text = RatedSummaries(
      human: Embeddings(dimensions: 2, values: [1, 0]),
      machine: Embeddings(dimensions: 2, values: [1, 0, 1, 1]), ratings: [1, 2])
    #expect(SummarizationScores([text], similarity: .cosine).skipped == 1)
  }

  @Test func `p-values are averaged with their correlations where the task says so`() throws {
    // Three values: rho = 0.5, p = 1 - 2/π · asin(0.5) = 2/3. The mean of both is 7/12.
    let scores = SummarizationScores(
      [Self.text([0, 0.6, 1], [2, 1, 4])], similarity: .cosine, averagesPValues: true
    ).scores
    #expect(abs(try #require(scores["cosine_spearman"]) - 7.0 / 12) < 1e-14)
  }
}

struct CorrelationTestTests {
  /// Closed forms of Student's t: with 1, 2 and 4 degrees of freedom the p-value of r is
  /// 1 - 2/π · asin r, 1 - r and 1 - 3/2 · r + r³/2.
  @Test(arguments: [0, 0.1, 0.25, 0.5, 0.9, 0.999])
  func `the beta function gives the p-values of small samples`(_ r: Double) {
    func pValue(_ freedom: Double) -> Double {
      CorrelationTest.incompleteBeta((1 - r) * (1 + r), freedom / 2, 0.5)
    }
    #expect(abs(pValue(1) - (1 - 2 / Double.pi * asin(r))) < 1e-13)
    #expect(abs(pValue(2) - (1 - r)) < 1e-13)
    #expect(abs(pValue(4) - (1 - 1.5 * r + r * r * r / 2)) < 1e-13)
  }

  @Test func `a sample of two has p-value 1 for Pearson's and none for Spearman's`() {
    #expect(CorrelationTest.pearson([1, 2], [3, 5])?.pValue == 1)
    #expect(abs((CorrelationTest.spearman([1, 2], [3, 5])?.correlation ?? 0) - 1) < 1e-15)
    #expect(CorrelationTest.spearman([1, 2], [3, 5])?.pValue == nil)
  }

  @Test func `a perfect correlation of more values has p-value 0 up to rounding`() throws {
    let pValue = try #require(CorrelationTest.spearman([1, 2, 3], [1, 2, 3])?.pValue)
    #expect(abs(pValue) < 1e-7)
  }

  // scipy.stats.t.sf(r * sqrt(v / (1 - r * r)), v) * 2 for scipy 1.17.1.
  @Test(arguments: [
    (0.3, 98, 0.002425733462583033), (-0.05, 1000, 0.11371053994288459),
    (0.02, 100_000, 2.5295050118221966e-10), (0.9, 14, 2.0510898633788993e-06),
  ])
  func `the beta function gives the p-values of large samples`(
    _ r: Double, freedom: Int, expected: Double
  ) {
    let pValue = CorrelationTest.incompleteBeta((1 - r) * (1 + r), Double(freedom) / 2, 0.5)
    #expect(abs(pValue - expected) < 1e-11 * max(expected, 1e-3))
  }
}
