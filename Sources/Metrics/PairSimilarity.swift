// How alike the two vectors of each pair are: row i of one block against row i of the other.

package import Core

/// Similarities and distances of aligned rows; every function returns one number a pair, [count].
///
/// Computed in float32 and in the reference's order of summation: in double precision two pairs
/// of the same texts may tie where they do not in the reference, which moves a Spearman
/// correlation by 1e-5 (seen on the Chinese part of STSBMultiMTOpen).
///
/// Both blocks must have the same shape [count, dimensions].
package enum PairSimilarity {
  /// Cosine as `1 - |u/|u| - v/|v||² / 2`, in [-1, 1] up to rounding.
  ///
  /// A norm below ten float32 epsilons counts as 1, so a zero vector stays zero: 1 against
  /// another zero vector, 0.5 against a unit vector (scikit-learn's `paired_cosine_distances`).
  package static func cosine(_ left: Embeddings, _ right: Embeddings) -> [Float] {
    mapPairs(left, right) { u, v in
      let lengthU = guardedNorm(u)
      let lengthV = guardedNorm(v)
      let squared = Summation.fourLanes(u.count) { i in
        let difference = u[u.startIndex + i] / lengthU - v[v.startIndex + i] / lengthV
        return difference * difference
      }
      return 1 - 0.5 * squared
    }
  }

  /// Sum of |u_i - v_i|, 0 or more.
  package static func manhattanDistance(_ left: Embeddings, _ right: Embeddings) -> [Float] {
    mapPairs(left, right) { u, v in
      Summation.pairwise(0..<u.count) { i in abs(u[u.startIndex + i] - v[v.startIndex + i]) }
    }
  }

  /// Square root of the sum of (u_i - v_i)², 0 or more.
  package static func euclideanDistance(_ left: Embeddings, _ right: Embeddings) -> [Float] {
    mapPairs(left, right) { u, v in
      Summation.fourLanes(u.count) { i in
        let difference = u[u.startIndex + i] - v[v.startIndex + i]
        return difference * difference
      }.squareRoot()
    }
  }

  /// Sum of u_i v_i, any number.
  package static func dot(_ left: Embeddings, _ right: Embeddings) -> [Float] {
    mapPairs(left, right) { u, v in
      Summation.cascade(u.count) { i in u[u.startIndex + i] * v[v.startIndex + i] }
    }
  }

  /// The same sum in the order of numpy's `dot`, which pair classification uses in the reference.
  package static func numpyDot(_ left: Embeddings, _ right: Embeddings) -> [Float] {
    mapPairs(left, right) { u, v in
      Summation.fusedProducts(u.count, { u[u.startIndex + $0] }, { v[v.startIndex + $0] })
    }
  }

  /// The model's own similarity: the dot product, of normalised vectors for cosine.
  ///
  /// Norms are raised to 1e-12, so a zero vector has similarity 0 with everything (torch's
  /// `normalize`). Differs from `cosine` in rounding and for zero vectors only.
  package static func model(
    _ similarity: Similarity, _ left: Embeddings, _ right: Embeddings
  ) -> [Float] {
    switch similarity {
    case .dot: dot(left, right)
    case .cosine:
      mapPairs(left, right) { u, v in
        let lengthU = max(torchNorm(u), 1e-12)
        let lengthV = max(torchNorm(v), 1e-12)
        return Summation.cascade(u.count) { i in
          (u[u.startIndex + i] / lengthU) * (v[v.startIndex + i] / lengthV)
        }
      }
    }
  }

  private static func guardedNorm(_ vector: ArraySlice<Float>) -> Float {
    let norm = Summation.fourLanes(vector.count) { i in
      vector[vector.startIndex + i] * vector[vector.startIndex + i]
    }.squareRoot()
    return norm < 10 * Float.ulpOfOne ? 1 : norm
  }

  private static func torchNorm(_ vector: ArraySlice<Float>) -> Float {
    Summation.eightLanes(vector.count) { i in
      vector[vector.startIndex + i] * vector[vector.startIndex + i]
    }.squareRoot()
  }

  private static func mapPairs(
    _ left: Embeddings, _ right: Embeddings,
    _ measure: (ArraySlice<Float>, ArraySlice<Float>) -> Float
  ) -> [Float] {
    precondition(
      left.dimensions == right.dimensions && left.count == right.count,
      "[\(left.count), \(left.dimensions)] paired with [\(right.count), \(right.dimensions)]")
    return (0..<left.count).map { measure(left[$0], right[$0]) }
  }
}
