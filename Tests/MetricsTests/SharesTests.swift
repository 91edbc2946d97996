// What single items add to a score, worked out by hand.

import Metrics
import Testing

@Suite struct `Shares of single items` {
  @Test func `agreements have the correlation for their mean`() throws {
    // x = 1, 2, 3 and y = 1, 3, 2: z = ±√1.5 and 0. Differences 0, √1.5, √1.5: 1, 0.25, 0.25.
    let agreements = try #require(Correlation.agreements([1, 2, 3], [1, 3, 2]))
    for (value, wanted) in zip(agreements, [1, 0.25, 0.25]) {
      #expect(abs(value - wanted) < 1e-12)
    }
    let x = [0.3, 2, 2, 7, -1, 0.5]
    let y = [1.0, 1, 4, 3, 0, 0]
    let values = try #require(Correlation.agreements(x, y))
    let mean = values.reduce(0, +) / 6
    #expect(abs(mean - (try #require(Correlation.pearson(x, y)))) < 1e-12)
    #expect(Correlation.agreements([1, 1], [1, 2]) == nil)
  }

  @Test(arguments: [[0, 1, 2], [0, 0, 0], [1, 0, 2], [2, 2, 2], [1, 1, 0]])
  func `of bitext have the scores for their means`(chosen: [Int]) {
    let shares = BitextScores.shares(chosen: chosen)
    let scores = BitextScores.scores(chosen: chosen)
    let count = Double(chosen.count)
    #expect(shares.map(\.f1).reduce(0, +) / count == scores["f1"])
    #expect(shares.map(\.precision).reduce(0, +) / count == scores["precision"])
    #expect(shares.map(\.accuracy).reduce(0, +) / count == scores["accuracy"])
  }

  @Test func `of an average precision are the precisions at the pairs that belong together`() {
    let similarities: [Float] = [0.9, 0.8, 0.8, 0.1]
    let labels = [true, false, true, true]
    // The two at 0.8 are one step: 2 of 3. The last one: 3 of 4.
    let precisions = Separation.precisions(similarities, labels: labels)
    #expect(precisions == [1, nil, 2.0 / 3, 0.75])
    let mean = precisions.compactMap { $0 }.reduce(0, +) / 3
    // R rises by 1/3, 1/3 and 1/3 at these steps: (1 + 2/3 + 3/4) / 3 = 29/36.
    #expect(abs(mean - 29.0 / 36) < 1e-12)
  }

  @Test func `of pairs are sides of a threshold in the middle of the best cut`() {
    // Cuts after 1, 2, 3 pairs: accuracy 3/4, 1/2, 3/4, the first holds; F1 2/3, 1/2, 4/5.
    let found = Separation([0.75, 0.5, 0.25, 0], labels: [true, false, true, false])
    #expect(found.accuracyThreshold == 0.625)
    #expect(found.f1Threshold == 0.125)
    let equal = Separation([1, 1], labels: [true, false])
    #expect(equal.accuracyThreshold == nil && equal.f1Threshold == nil)
  }

  @Test(
    arguments: [
      (Set([0, 1]), Set([1, 0]), 1.0, 1.0), (Set([0, 1]), Set([1]), 0.0, 0.5),
      (Set<Int>(), Set<Int>(), 1.0, 1.0), (Set<Int>(), Set([2]), 0.0, 0.0),
    ] as [(Set<Int>, Set<Int>, Double, Double)])
  func `of label sets are equality and overlap`(
    actual: Set<Int>, predicted: Set<Int>, accuracy: Double, hamming: Double
  ) {
    let shares = MultilabelScores.shares(actual: actual, predicted: predicted)
    #expect(shares.accuracy == accuracy && shares.hamming == hamming)
  }
}
