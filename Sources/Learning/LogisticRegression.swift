// Logistic regression: what classification tasks train on a few rows of each label.

package import Core
package import Tensors

/// A linear classifier fitted by penalised maximum likelihood, with the reference's numbers.
///
/// Minimises Σ cross entropy(yᵢ, W xᵢ + b) + ½ |W|² (C = 1, no scaling of features, no class
/// weights, b without penalty) the way scikit-learn 1.9 does: from zero, by L-BFGS, stopped where
/// the mean's gradient is at most 10⁻⁴ everywhere or after 100 iterations.
package struct LogisticRegression: Sendable {
  /// One vector per class; a single one for two classes, which points to class 1.
  package let weights: Embeddings
  /// One per vector.
  package let intercepts: [Float]
  /// How many iterations the solver took.
  package let iterations: Int

  /// Fits training vectors, [count, dimensions], of classes in `0..<classCount`.
  ///
  /// classCount is at least 2. The cost is two products of the vectors with the weights for each
  /// of 10 to 100 iterations.
  package init(
    fitting vectors: Embeddings, classes: [Int], classCount: Int, kernels: Kernels
  ) {
    precondition(classCount >= 2, "a classifier of \(classCount) classes")
    precondition(
      classes.count == vectors.count && classes.allSatisfy { (0..<classCount).contains($0) },
      "\(classes.count) classes below \(classCount) for \(vectors.count) vectors")
    var loss = LogisticLoss(vectors, classes: classes, classCount: classCount, kernels: kernels)
    let start = [Double](repeating: 0, count: loss.size)
    let (minimum, iterations) = LBFGS().minimum(from: start) { place, gradient in
      loss.value(at: place, gradient: &gradient)
    }
    let numbers = minimum.place.map { Float($0) }
    let split = loss.vectors * vectors.dimensions
    weights = Embeddings(dimensions: vectors.dimensions, values: Array(numbers[..<split]))
    intercepts = Array(numbers[split...])
    self.iterations = iterations
  }

  /// The class of each vector, [count]; of equal scores the lower class.
  package func classes(of vectors: Embeddings, kernels: Kernels) -> [Int] {
    let packed = PackedWeights(weights, rows: 0..<weights.count, for: kernels)
    // 256 rows of scores stay in the cache until they are compared.
    let step = 256
    var scores = Matrix(rows: min(step, vectors.count), columns: weights.count)
    var classes: [Int] = []
    classes.reserveCapacity(vectors.count)
    for start in stride(from: 0, to: vectors.count, by: step) {
      let rows = start..<min(start + step, vectors.count)
      kernels.products(vectors, rows: rows, packed, into: &scores)
      for row in 0..<rows.count {
        classes.append(best { scores[row, $0] + intercepts[$0] })
      }
    }
    return classes
  }

  private func best(_ score: (Int) -> Float) -> Int {
    if intercepts.count == 1 { return score(0) > 0 ? 1 : 0 }
    var (best, highest) = (0, score(0))
    for vector in 1..<intercepts.count {
      let score = score(vector)
      if score > highest { (best, highest) = (vector, score) }
    }
    return best
  }
}
