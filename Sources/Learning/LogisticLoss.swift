// The function that logistic regression minimises, with its gradient.

import Core
import Foundation
import Tensors

/// The mean loss of a linear classifier on its training rows, plus the penalty ½ |W|² / rows.
///
/// A place is the weights W, [vectors, dimensions], followed by the intercepts b, [vectors], which
/// go without penalty. One vector is the logistic loss of two classes, more are the softmax's
/// cross entropy. As in the reference, weights, scores, shares and gradient are rounded to float32
/// and the solver's own numbers are doubles.
struct LogisticLoss: ~Copyable {
  let vectors: Int
  private let dimensions: Int
  private let classes: [Int]
  private let kernels: Kernels
  /// The rows as weights of a product, [count, dimensions], and transposed.
  private let rows: PackedWeights
  private let columns: PackedWeights
  private var scores: Matrix
  private var slopes: Matrix

  /// The loss of training vectors, [count, dimensions], with their classes, [count], each in
  /// `0..<classCount`.
  init(_ rows: Embeddings, classes: [Int], classCount: Int, kernels: Kernels) {
    vectors = classCount == 2 ? 1 : classCount
    dimensions = rows.dimensions
    self.classes = classes
    self.kernels = kernels
    self.rows = PackedWeights(rows, rows: 0..<rows.count, for: kernels)
    let transposed = Self.transposed(rows)
    columns = PackedWeights(transposed, rows: 0..<transposed.count, for: kernels)
    scores = Matrix(rows: vectors, columns: rows.count)
    slopes = Matrix(rows: vectors, columns: rows.dimensions)
  }

  /// How many numbers a place has.
  var size: Int { vectors * (dimensions + 1) }

  /// The loss at a place; writes its gradient over the last.
  mutating func value(at place: [Double], gradient: inout [Double]) -> Double {
    let count = classes.count
    let weights = place[..<(vectors * dimensions)].map { Float($0) }
    let intercepts = place[(vectors * dimensions)...].map { Float($0) }
    kernels.products(
      Embeddings(dimensions: dimensions, values: weights), rows: 0..<vectors, rows, into: &scores)
    var shares = scores.copy(rows: vectors)
    let loss = vectors == 1 ? logistic(&shares, intercepts[0]) : softmax(&shares, intercepts)
    let residuals = Embeddings(dimensions: count, values: shares)
    kernels.products(residuals, rows: 0..<vectors, columns, into: &slopes)
    let strength = 1 / Float(count)
    let fitted = slopes.copy(rows: vectors)
    for i in weights.indices { gradient[i] = Double(fitted[i] + strength * weights[i]) }
    for vector in 0..<vectors {
      // The orders of numpy's sums along the only axis and along the first of two.
      let sum =
        vectors == 1 ? Self.sum(residuals.values) : residuals[vector].reduce(Float(0), +)
      gradient[vectors * dimensions + vector] = Double(sum)
    }
    let norm = weights.reduce(0) { $0 + Double($1) * Double($1) }
    // The last bit of the loss decides whether a step counts as flat: a float32 mean and a penalty
    // that is added in double.
    return Double(loss / Float(count)) + 0.5 / Double(count) * Double(Float(norm))
  }

  /// Summed loss of two classes; scores become (probability of class 1 - truth) / count.
  private func logistic(_ shares: inout [Float], _ intercept: Float) -> Float {
    let count = Float(classes.count)
    var losses: [Float] = []
    losses.reserveCapacity(classes.count)
    for (row, truth) in classes.enumerated() {
      let score = Double(shares[row] + intercept)
      // log(1 + e^s) without overflow: the exponent is never positive.
      let small = exp(-abs(score))
      losses.append(Float(max(score, 0) + log1p(small) - (truth == 1 ? score : 0)))
      let probability = (score >= 0 ? 1 : small) / (1 + small)
      shares[row] = Float(probability - Double(truth)) / count
    }
    return Self.sum(losses)
  }

  /// Summed cross entropy; scores become (probability - truth) / count, [vectors, count].
  private func softmax(_ shares: inout [Float], _ intercepts: [Float]) -> Float {
    let count = classes.count
    var largest = [Float](repeating: -.infinity, count: count)
    var sums = [Double](repeating: 0, count: count)
    var losses = [Float](repeating: 0, count: count)
    shares.withUnsafeMutableBufferPointer { shares in
      for (vector, intercept) in intercepts.enumerated() {
        for row in 0..<count {
          shares[vector * count + row] += intercept
          largest[row] = max(largest[row], shares[vector * count + row])
        }
      }
      for (row, truth) in classes.enumerated() { losses[row] = shares[truth * count + row] }
      for vector in 0..<vectors {
        for row in 0..<count {
          let gap = Double(shares[vector * count + row]) - Double(largest[row])
          let share = Float(exp(gap))
          shares[vector * count + row] = share
          sums[row] += Double(share)
        }
      }
      for row in 0..<count {
        let sum = Float(sums[row])
        losses[row] = Float(log(Double(sum)) + Double(largest[row])) - losses[row]
      }
      for vector in 0..<vectors {
        for row in 0..<count {
          let truth: Float = classes[row] == vector ? 1 : 0
          let place = vector * count + row
          shares[place] = (shares[place] / Float(sums[row]) - truth) / Float(count)
        }
      }
    }
    return Self.sum(losses)
  }

  /// The sum in numpy's order: eight running sums, added pairwise; over 128 numbers, halves first.
  private static func sum(_ numbers: [Float]) -> Float { sum(numbers[...]) }

  private static func sum(_ numbers: ArraySlice<Float>) -> Float {
    if numbers.count > 128 {
      let half = numbers.count / 2
      let middle = numbers.startIndex + half - half % 8
      return sum(numbers[..<middle]) + sum(numbers[middle...])
    }
    guard numbers.count >= 8 else { return numbers.reduce(0, +) }
    var lanes = SIMD8(numbers.prefix(8))
    var next = numbers.startIndex + 8
    while next + 8 <= numbers.endIndex {
      lanes += SIMD8(numbers[next..<next + 8])
      next += 8
    }
    let total =
      ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3]))
      + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]))
    return numbers[next...].reduce(total, +)
  }

  private static func transposed(_ rows: Embeddings) -> Embeddings {
    let (count, width) = (rows.count, rows.dimensions)
    let values = [Float](unsafeUninitializedCapacity: rows.values.count) { out, filled in
      rows.values.withUnsafeBufferPointer { values in
        for row in 0..<count {
          for column in 0..<width { out[column * count + row] = values[row * width + column] }
        }
      }
      filled = count * width
    }
    return Embeddings(dimensions: count, values: values)
  }
}
