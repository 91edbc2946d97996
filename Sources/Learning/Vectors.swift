// Arithmetic on long vectors of doubles for the solver, eight numbers at a time.

/// Vector arithmetic; all vectors of one call are equally long.
enum Vectors {
  /// Σ aᵢ bᵢ, in eight running sums.
  static func dot(_ a: [Double], _ b: [Double]) -> Double {
    precondition(a.count == b.count, "\(a.count) numbers times \(b.count)")
    return a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        var sums = SIMD8<Double>.zero
        let whole = a.count - a.count % 8
        for start in stride(from: 0, to: whole, by: 8) {
          sums += eight(a, start) * eight(b, start)
        }
        var total = sums.sum()
        for rest in whole..<a.count { total += a[rest] * b[rest] }
        return total
      }
    }
  }

  /// y += factor · x.
  static func add(_ factor: Double, _ x: [Double], to y: inout [Double]) {
    precondition(x.count == y.count, "\(x.count) numbers added to \(y.count)")
    x.withUnsafeBufferPointer { x in
      y.withUnsafeMutableBufferPointer { y in
        for i in 0..<x.count { y[i] += factor * x[i] }
      }
    }
  }

  /// x + factor · direction, written over `result`.
  static func move(
    _ x: [Double], by factor: Double, along direction: [Double], into result: inout [Double]
  ) {
    precondition(
      x.count == direction.count && x.count == result.count,
      "\(x.count), \(direction.count) and \(result.count) numbers")
    x.withUnsafeBufferPointer { x in
      direction.withUnsafeBufferPointer { direction in
        result.withUnsafeMutableBufferPointer { result in
          for i in 0..<x.count { result[i] = x[i] + factor * direction[i] }
        }
      }
    }
  }

  /// x · factor, in place.
  static func scale(_ x: inout [Double], by factor: Double) {
    x.withUnsafeMutableBufferPointer { x in
      for i in 0..<x.count { x[i] *= factor }
    }
  }

  /// The largest absolute value; 0 of nothing.
  static func largestMagnitude(_ x: [Double]) -> Double {
    x.withUnsafeBufferPointer { x in
      var largest = 0.0
      for i in 0..<x.count { largest = max(largest, abs(x[i])) }
      return largest
    }
  }

  private static func eight(
    _ x: UnsafeBufferPointer<Double>, _ start: Int
  ) -> SIMD8<Double> {
    SIMD8(
      x[start], x[start + 1], x[start + 2], x[start + 3], x[start + 4], x[start + 5],
      x[start + 6], x[start + 7])
  }
}
