// Two embedders, the same texts: how far their vectors agree, and which vectors say nothing.

package import Core

/// What came out when two embedders embedded the same texts.
package struct Parity: Sendable {
  /// The comparison of one text.
  package struct Row: Sendable {
    /// Its place among the texts.
    package let text: Int
    /// Cosine of the two vectors, -1...1; nil where one of them is zero.
    package let cosine: Double?
    /// The largest difference of two numbers.
    package let largestDifference: Double
    /// Euclidean norms, first and second.
    package let norms: (first: Double, second: Double)
    /// Which of the two embedders cut the text; nil where neither says so.
    package var truncation: Truncation?
  }

  package enum Truncation: String, Sendable {
    case first, second, both
  }

  /// Facts about one embedder's vectors alone.
  package struct Side: Sendable {
    /// Texts whose vector is zero.
    package let zero: [Int]
    /// Groups of different texts that have the very same vector, larger groups first.
    package let shared: [[Int]]
    /// Mean cosine of two different texts, vectors of zero left out.
    ///
    /// Near 1 where all vectors point the same way; nil for fewer than two.
    package let likeness: Double?
    package let tokens: Int
    package let truncated: Int
  }

  /// In the order of the texts.
  package private(set) var rows: [Row]
  package let first: Side
  package let second: Side

  /// Embeds the texts with both and compares.
  ///
  /// - Parameters:
  ///   - texts: at least one
  ///   - first: one embedder
  ///   - second: the other one
  ///   - role: which prompt stands before the texts
  ///   - onProgress: told how many texts are finished, of twice as many
  /// - Throws: what the embedders throw; `.usage` for vectors of different width
  package init(
    of texts: [String], _ first: any Embedder, _ second: any Embedder, role: Role?,
    onProgress: @escaping @Sendable (Int) -> Void = { _ in }
  ) async throws(Failure) {
    let request = EmbedRequest(texts: texts, role: role, onProgress: onProgress)
    let a = try await first.embed(request)
    let b = try await second.embed(request)
    guard a.embeddings.dimensions == b.embeddings.dimensions else {
      throw Failure(
        .usage, second.model.name,
        "has vectors of \(b.embeddings.dimensions) dimensions, \(first.model.name) of "
          + "\(a.embeddings.dimensions)",
        hint: "compare two engines of one model, at the same --dimensions")
    }
    rows = texts.indices.map { Self.row($0, a.embeddings[$0], b.embeddings[$0]) }
    self.first = Self.side(texts, a)
    self.second = Self.side(texts, b)
    for place in texts.indices {
      switch (Self.cuts(place, in: a), Self.cuts(place, in: b)) {
      case (true, true): rows[place].truncation = .both
      case (true, false): rows[place].truncation = .first
      case (false, true): rows[place].truncation = .second
      case (false, false): break
      }
    }
  }

  /// Rows with the least agreement first; a vector of zero agrees with nothing.
  package var worstFirst: [Row] {
    rows.sorted { ($0.cosine ?? -2, $0.text) < ($1.cosine ?? -2, $1.text) }
  }

  private static func row(_ text: Int, _ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Row {
    var (dot, squares, others, largest) = (0.0, 0.0, 0.0, 0.0)
    for (x, y) in zip(a, b) {
      let (x, y) = (Double(x), Double(y))
      dot += x * y
      squares += x * x
      others += y * y
      largest = max(largest, abs(x - y))
    }
    let norms = (first: squares.squareRoot(), second: others.squareRoot())
    let product = norms.first * norms.second
    return Row(
      text: text, cosine: product > 0 ? max(-1, min(1, dot / product)) : nil,
      largestDifference: largest, norms: norms)
  }

  private static func side(_ texts: [String], _ outcome: EmbedOutcome) -> Side {
    let vectors = outcome.embeddings
    var zero: [Int] = []
    var groups: [ArraySlice<Float>: [Int]] = [:]
    var sum = [Double](repeating: 0, count: vectors.dimensions)
    for place in texts.indices {
      let vector = vectors[place]
      let norm = vector.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
      guard norm > 0 else {
        zero.append(place)
        continue
      }
      groups[vector, default: []].append(place)
      for (dimension, value) in vector.enumerated() { sum[dimension] += Double(value) / norm }
    }
    let shared = groups.values.filter { places in
      Set(places.map { ExactText(texts[$0]) }).count > 1
    }
    // The squared length of the sum of n unit vectors is n plus the cosines of all ordered pairs.
    let count = Double(texts.count - zero.count)
    let length = sum.reduce(0) { $0 + $1 * $1 }
    return Side(
      zero: zero,
      shared: shared.sorted { ($1.count, $0[0]) < ($0.count, $1[0]) },
      likeness: count > 1 ? (length - count) / (count * (count - 1)) : nil,
      tokens: outcome.tokens, truncated: outcome.truncated)
  }

  /// Whether an embedder says that it cut a text; one that knows totals only says it of none.
  private static func cuts(_ text: Int, in outcome: EmbedOutcome) -> Bool {
    outcome.tellsEachText && outcome.costs[text].isTruncated
  }
}
