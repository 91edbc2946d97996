// Similarities of pairs: small vectors by hand, long ones against the order of summation.

import Core
import Testing

@testable import Metrics

struct PairSimilarityTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let u: [Float]
    let v: [Float]
    let cosine: Float
    let modelCosine: Float
    let dot: Float
    let manhattan: Float
    let euclidean: Float
    var testDescription: String { name }
  }

  static let cases = [
    // |(3, 4)| = 5, |(4, 3)| = 5: (12 + 12) / 25; |-1| + |1|; sqrt(1 + 1).
    Case(
      name: "two vectors of length 5", u: [3, 4], v: [4, 3], cosine: 0.96, modelCosine: 0.96,
      dot: 24, manhattan: 2, euclidean: Float(2).squareRoot()),
    Case(
      name: "the same direction", u: [2, 0, 0], v: [4, 0, 0], cosine: 1, modelCosine: 1, dot: 8,
      manhattan: 2, euclidean: 2),
    Case(
      name: "opposite", u: [0, 1], v: [0, -2], cosine: -1, modelCosine: -1, dot: -2, manhattan: 3,
      euclidean: 3),
    Case(
      name: "a right angle", u: [1, 0], v: [0, 1], cosine: 0, modelCosine: 0, dot: 0, manhattan: 2,
      euclidean: Float(2).squareRoot()),
    // A zero vector is not normalised: 1 - |v/|v||² / 2 = 0.5.
    Case(
      name: "a zero vector", u: [0, 0], v: [0, 2], cosine: 0.5, modelCosine: 0, dot: 0,
      manhattan: 2, euclidean: 2),
    Case(
      name: "two zero vectors", u: [0, 0], v: [0, 0], cosine: 1, modelCosine: 0, dot: 0,
      manhattan: 0, euclidean: 0),
  ]

  @Test(arguments: cases)
  func `similarities equal the hand-computed ones`(_ example: Case) {
    let u = Embeddings(dimensions: example.u.count, values: example.u)
    let v = Embeddings(dimensions: example.v.count, values: example.v)
    let pairs: [(found: [Float], expected: Float)] = [
      (PairSimilarity.cosine(u, v), example.cosine),
      (PairSimilarity.model(.cosine, u, v), example.modelCosine),
      (PairSimilarity.model(.dot, u, v), example.dot),
      (PairSimilarity.dot(u, v), example.dot),
      (PairSimilarity.numpyDot(u, v), example.dot),
      (PairSimilarity.manhattanDistance(u, v), example.manhattan),
      (PairSimilarity.euclideanDistance(u, v), example.euclidean),
    ]
    for pair in pairs {
      #expect(pair.found.count == 1)
      #expect(abs(pair.found[0] - pair.expected) <= 1.2e-7)
    }
  }

  @Test func `rows are paired with rows, and swapping the sides changes nothing`() {
    let u = Embeddings(dimensions: 2, values: [3, 4, 1, 0, 0, 1])
    let v = Embeddings(dimensions: 2, values: [4, 3, 1, 1, 0, 5])
    #expect(PairSimilarity.dot(u, v) == [24, 1, 5])
    #expect(PairSimilarity.cosine(u, v) == PairSimilarity.cosine(v, u))
    #expect(PairSimilarity.model(.cosine, u, v) == PairSimilarity.model(.cosine, v, u))
    #expect(PairSimilarity.manhattanDistance(u, v) == PairSimilarity.manhattanDistance(v, u))
  }

  @Test func `blocks of different shapes stop the program`() async {
    await #expect(processExitsWith: .failure) {
      let u = Embeddings(dimensions: 2, values: [3, 4])
      _ = PairSimilarity.dot(u, Embeddings(dimensions: 2, values: [3, 4, 5, 6]))
    }
  }

  /// Every order of summation adds every term exactly once, whatever the length.
  @Test(arguments: [0, 1, 3, 4, 7, 8, 15, 16, 31, 33, 64, 100, 129, 384, 1000, 4096, 9000])
  func `every order of summation counts each term once`(_ count: Int) {
    // Whole numbers below 2^24 in total: exact in float32 in any order.
    let terms = (0..<count).map { Float(($0 * 7919) % 997) }
    let expected = terms.reduce(0, +)
    #expect(Summation.pairwise(0..<count) { terms[$0] } == expected)
    #expect(Summation.fourLanes(count) { terms[$0] } == expected)
    #expect(Summation.eightLanes(count) { terms[$0] } == expected)
    #expect(Summation.cascade(count) { terms[$0] } == expected)
    #expect(Summation.fusedProducts(count, { terms[$0] }, { _ in 1 }) == expected)
  }
}
