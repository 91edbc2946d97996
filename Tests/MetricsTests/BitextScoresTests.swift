// Bitext scores against arithmetic done by hand.

import Core
import TestSupport
import Testing

@testable import Metrics

struct BitextScoresTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let chosen: [Int]
    /// Precision, recall, f1 and accuracy.
    let expected: [Double]
    var testDescription: String { name }
  }

  static let cases = [
    Case(name: "all right", chosen: [0, 1, 2, 3], expected: [1, 1, 1, 1]),
    Case(name: "all wrong", chosen: [1, 0], expected: [0, 0, 0, 0]),
    // Candidate 0 is chosen three times, rightly once: precision 1/3, f1 2/4; candidate 3 once.
    Case(
      name: "a hub", chosen: [0, 0, 0, 3],
      expected: [(1 / 3.0 + 1) / 4, 2 / 4.0, (0.5 + 1) / 4, 2 / 4.0]),
    // Candidate 1 is chosen twice, rightly once: precision 1/2, f1 2/3; nobody chose 0 and 2.
    Case(
      name: "a shared candidate", chosen: [1, 1, 3, 2],
      expected: [0.5 / 4, 1 / 4.0, (2 / 3.0) / 4, 1 / 4.0]),
    Case(name: "nothing", chosen: [], expected: []),
  ]

  @Test(arguments: cases)
  func `scores equal the hand-computed ones, in mteb's order`(_ example: Case) {
    let scores = BitextScores.scores(chosen: example.chosen)
    let names = ["precision", "recall", "f1", "accuracy"].prefix(example.expected.count)
    #expect(scores.entries.map(\.metric.rawValue) == Array(names))
    for (entry, expected) in zip(scores.entries, example.expected) {
      #expect(abs(entry.value - expected) < 1e-15)
    }
  }

  @Test func `renumbering the pairs changes no score`() {
    var random = SplitMix(state: 2)
    let chosen = (0..<100).map { $0 % 3 == 0 ? $0 : Int(random.next() % 100) }
    let newPlace = Array(0..<100).shuffled(using: &random)
    var renumbered = chosen
    for (sentence, candidate) in chosen.enumerated() {
      renumbered[newPlace[sentence]] = newPlace[candidate]
    }
    let before = BitextScores.scores(chosen: chosen).entries.map(\.value)
    let after = BitextScores.scores(chosen: renumbered).entries.map(\.value)
    for (a, b) in zip(before, after) { #expect(abs(a - b) < 1e-14 && (0...1).contains(a)) }
  }
}
