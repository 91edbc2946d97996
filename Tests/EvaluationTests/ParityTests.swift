// Two embedders side by side: cosines by hand, degenerate vectors, and who cut which text.

import Core
import Foundation
import TestSupport
import Testing

@testable import Evaluation

/// Gives vectors that a test states, and cuts texts of more than `limit` letters.
private struct Stated: Embedder {
  let model: ModelIdentity
  let vectors: [String: [Float]]
  var limit = Int.max

  init(_ vectors: [String: [Float]], limit: Int = .max) {
    self.vectors = vectors
    self.limit = limit
    model = ModelIdentity(
      name: "test/stated", revision: "1", dimensions: vectors.values.first?.count ?? 1,
      engine: "test")
  }

  func embed(_ request: EmbedRequest) async throws(Failure) -> EmbedOutcome {
    EmbedOutcome(
      embeddings: Embeddings(
        dimensions: model.dimensions, values: request.texts.flatMap { vectors[$0] ?? [] }),
      costs: request.texts.map {
        TextCost(tokens: min($0.count, limit), isTruncated: $0.count > limit)
      })
  }
}

@Suite struct `Parity of two embedders` {
  private let texts = ["a", "bb", "ccc", "dddd"]

  @Test func `is a cosine for every text, the worst first`() async throws {
    let parity = try await Parity(
      of: texts, Stated(["a": [1, 0], "bb": [3, 4], "ccc": [0, 2], "dddd": [0, 0]]),
      Stated(["a": [1, 0], "bb": [4, 3], "ccc": [0, -1], "dddd": [0, 1]]), role: nil)
    // 1; (12 + 12) / 25; -1; a zero vector has no direction.
    #expect(parity.rows.map(\.cosine) == [1, 0.96, -1, nil])
    #expect(parity.rows.map(\.largestDifference) == [0, 1, 3, 1])
    #expect(parity.rows[1].norms == (5, 5))
    #expect(parity.worstFirst.map(\.text) == [3, 2, 1, 0])
  }

  @Test func `tells vectors of zero and vectors that several texts share`() async throws {
    let parity = try await Parity(
      of: texts + ["a"], Stated(["a": [1, 0], "bb": [1, 0], "ccc": [0, 1], "dddd": [0, 0]]),
      Stated(["a": [1, 0], "bb": [0, 1], "ccc": [0, 1], "dddd": [0, 1]]), role: nil)
    #expect(parity.first.zero == [3] && parity.second.zero == [])
    // The text "a" twice is no fault; "a" and "bb" with one vector are.
    #expect(parity.first.shared == [[0, 1, 4]])
    #expect(parity.second.shared == [[1, 2, 3]])
    // First: three vectors (1, 0) and one (0, 1), so 6 of the 12 ordered pairs have cosine 1.
    #expect(parity.first.likeness == 0.5)
  }

  @Test(arguments: [(1, 2), (2, 1), (3, .max), (4, 4), (0, 3)])
  func `finds out which texts only one of them cuts`(first: Int, second: Int) async throws {
    let vectors = Dictionary(uniqueKeysWithValues: texts.map { ($0, [Float(1)]) })
    let parity = try await Parity(
      of: texts, Stated(vectors, limit: first), Stated(vectors, limit: second), role: nil)
    let expected = texts.map { text -> Parity.Truncation? in
      switch (text.count > first, text.count > second) {
      case (true, true): .both
      case (true, false): .first
      case (false, true): .second
      case (false, false): nil
      }
    }
    #expect(parity.rows.map(\.truncation) == expected)
  }

  @Test func `is refused between vectors of different width`() async throws {
    let failure = await #expect(throws: Failure.self) {
      try await Parity(of: ["a"], Stated(["a": [1]]), Stated(["a": [1, 2]]), role: nil)
    }
    #expect(failure?.exitCode == 64)
    #expect(failure?.message.contains("2 dimensions") == true)
  }
}
