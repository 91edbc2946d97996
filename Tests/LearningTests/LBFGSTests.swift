// The solver and its line search on functions whose minima are known.

import Testing

@testable import Learning

@Suite struct `The solver` {
  @Test func `finds the minimum of a quadratic bowl`() {
    // f = Σ i (xᵢ - i)² has its minimum 0 at xᵢ = i.
    let (point, iterations) = LBFGS(gradientTolerance: 1e-8).minimum(
      from: [Double](repeating: 0, count: 20)
    ) { x, gradient in
      var value = 0.0
      for i in x.indices {
        gradient[i] = 2 * Double(i + 1) * (x[i] - Double(i))
        value += Double(i + 1) * (x[i] - Double(i)) * (x[i] - Double(i))
      }
      return value
    }
    for (i, x) in point.place.enumerated() { #expect(abs(x - Double(i)) < 1e-7) }
    #expect(iterations < 40)
  }

  @Test func `does not move from where the gradient is small`() {
    let (point, iterations) = LBFGS().minimum(from: [3, 4]) { _, gradient in
      gradient = [1e-4, -1e-4]
      return 1
    }
    #expect(point.place == [3, 4])
    #expect(iterations == 0)
  }

  @Test func `stops where a step lowers the function no more`() {
    // A slope of 1 that nothing follows from: the value never changes.
    var evaluations = 0
    let (_, iterations) = LBFGS().minimum(from: [0]) { _, gradient in
      evaluations += 1
      gradient = [1]
      return 0
    }
    #expect(iterations <= 1 && evaluations <= 60)
  }

  /// Rosenbrock's valley from (-1.2, 1, -1.2, 1, …).
  ///
  /// Iterations, evaluations, value and first coordinate of scipy 1.17.1,
  /// minimize(method="L-BFGS-B", maxls=50, gtol=1e-4, ftol=64 eps, maxiter=limit).
  @Test(arguments: [
    (2, 5, 5, 7, 4.087545016268825, -1.021385160033696),
    (2, 20, 20, 25, 0.3989229609802162, 0.3701747138663574),
    (2, 100, 36, 44, 2.8076499042348832e-12, 0.9999989453492749),
    (10, 5, 5, 6, 16.576547497337828, -0.4432664208282052),
    (10, 20, 20, 25, 8.44084522818277, 0.2863862174032158),
    (10, 100, 71, 88, 1.0441367659149404e-11, 1.0000001188682892),
  ])
  func `takes the reference's way`(
    size: Int, limit: Int, iterations: Int, evaluations: Int, value: Double, first: Double
  ) {
    var calls = 0
    let (point, taken) = LBFGS(iterationLimit: limit).minimum(
      from: (0..<size).map { $0 % 2 == 0 ? -1.2 : 1 }
    ) { x, gradient in
      calls += 1
      var value = 0.0
      for i in gradient.indices { gradient[i] = 0 }
      for i in 0..<size - 1 {
        let (a, b) = (x[i + 1] - x[i] * x[i], 1 - x[i])
        value += 100 * a * a + b * b
        gradient[i] += -400 * a * x[i] - 2 * b
        gradient[i + 1] += 200 * a
      }
      return value
    }
    #expect(taken == iterations)
    #expect(calls == evaluations)
    #expect(abs(point.value - value) < 1e-7 * max(1, value))
    #expect(abs(point.place[0] - first) < 1e-6)
  }
}

@Suite struct `The line search` {
  /// The first function of the paper's section 5 (minimum at √2), and a parabola (minimum at 1).
  @Test(arguments: [1e-3, 0.1, 1, 10, 1e3])
  func `takes a step that lowers the function and flattens it`(first: Double) {
    let functions: [(Double) -> (value: Double, slope: Double)] = [
      { t in (-t / (t * t + 2), (t * t - 2) / ((t * t + 2) * (t * t + 2))) },
      { t in (t * t / 2 - t, t - 1) },
    ]
    for function in functions {
      let start = function(0)
      var search = LineSearch(value: start.value, slope: start.slope, firstStep: first)
      var isDone = false
      var tries = 0
      while !isDone, tries < 50 {
        let (value, slope) = function(search.step)
        isDone = search.isDone(value: value, slope: slope)
        tries += 1
      }
      let end = function(search.step)
      #expect(isDone)
      #expect(end.value <= start.value + 1e-3 * search.step * start.slope)
      #expect(abs(end.slope) <= 0.9 * abs(start.slope))
    }
  }
}
