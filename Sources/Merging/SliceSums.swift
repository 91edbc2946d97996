// Sums over the numbers of tensors, in f64: what cosines, norms and distances are made of.

/// Sums over a slice, a tensor or a whole model, for every parent; they add up.
struct SliceSums: Sendable {
  /// For one parent x, the reference r (the base, or else the first parent) and the result m.
  struct Parent: Sendable {
    /// Σ x².
    var square = 0.0
    /// Σ x r.
    var withReference = 0.0
    /// Σ (x - m)².
    var toResult = 0.0
    /// Σ (x - r)².
    var change = 0.0
    /// Σ (x - r) (m - r).
    var changeWithResult = 0.0
  }

  var parents: [Parent]
  /// Σ r².
  var reference = 0.0
  /// Σ m².
  var result = 0.0
  /// Σ (m - r)².
  var resultChange = 0.0
  /// Elements whose trimmed changes pull in both directions; TIES only.
  var conflicts = 0
  var elements = 0

  init(parents count: Int) { parents = Array(repeating: Parent(), count: count) }

  init(_ lists: [[Float]], reference: [Float], result: [Float]) {
    self.init(parents: lists.count)
    elements = result.count
    self.reference = Self.dot(reference, reference)
    self.result = Self.dot(result, result)
    resultChange = Self.dotOfDifferences(result, reference, result, reference)
    for (place, list) in lists.enumerated() {
      parents[place].square = Self.dot(list, list)
      parents[place].withReference = Self.dot(list, reference)
      parents[place].toResult = Self.dotOfDifferences(list, result, list, result)
      parents[place].change = Self.dotOfDifferences(list, reference, list, reference)
      parents[place].changeWithResult = Self.dotOfDifferences(list, reference, result, reference)
    }
  }

  static func += (a: inout SliceSums, b: SliceSums) {
    for place in a.parents.indices {
      a.parents[place].square += b.parents[place].square
      a.parents[place].withReference += b.parents[place].withReference
      a.parents[place].toResult += b.parents[place].toResult
      a.parents[place].change += b.parents[place].change
      a.parents[place].changeWithResult += b.parents[place].changeWithResult
    }
    a.reference += b.reference
    a.result += b.result
    a.resultChange += b.resultChange
    a.conflicts += b.conflicts
    a.elements += b.elements
  }

  /// Cosine of a parent with the reference; nil where one of them is zero.
  func cosine(_ parent: Int) -> Double? {
    Self.cosine(parents[parent].withReference, parents[parent].square, reference)
  }

  /// x·y / √(x·x · y·y), without overflow on the way; nil where one of them is zero.
  static func cosine(_ xy: Double, _ xx: Double, _ yy: Double) -> Double? {
    guard xx > 0, yy > 0 else { return nil }
    return min(1, max(-1, xy / (xx.squareRoot() * yy.squareRoot())))
  }

  // MARK: Products

  /// Σ a b: four interleaved sums, always in the same order.
  static func dot(_ a: [Float], _ b: [Float]) -> Double {
    precondition(a.count == b.count, "\(a.count) numbers times \(b.count)")
    return a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        interleaved(a.count) { Double(a[$0]) * Double(b[$0]) }
      }
    }
  }

  /// Σ (a - b) (c - d).
  private static func dotOfDifferences(
    _ a: [Float], _ b: [Float], _ c: [Float], _ d: [Float]
  ) -> Double {
    precondition(
      a.count == b.count && b.count == c.count && c.count == d.count,
      "differences of \(a.count), \(b.count), \(c.count) and \(d.count) numbers")
    return a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        c.withUnsafeBufferPointer { c in
          d.withUnsafeBufferPointer { d in
            interleaved(a.count) {
              (Double(a[$0]) - Double(b[$0])) * (Double(c[$0]) - Double(d[$0]))
            }
          }
        }
      }
    }
  }

  /// One sum after the other would wait for each addition; four run side by side.
  @inline(__always)
  private static func interleaved(_ count: Int, _ term: (Int) -> Double) -> Double {
    var (s0, s1, s2, s3) = (0.0, 0.0, 0.0, 0.0)
    let whole = count & ~3
    var i = 0
    while i < whole {
      s0 += term(i)
      s1 += term(i + 1)
      s2 += term(i + 2)
      s3 += term(i + 3)
      i += 4
    }
    while i < count {
      s0 += term(i)
      i += 1
    }
    return (s0 + s1) + (s2 + s3)
  }
}
