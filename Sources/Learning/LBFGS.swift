// The minimiser behind the classifier: BFGS with limited memory.

/// L-BFGS (Nocedal, Mathematics of Computation 35, 1980) as L-BFGS-B performs it without bounds.
///
/// The stopping rules and limits are those that scikit-learn's logistic regression gives it. They
/// are loose: the place found lies visibly beside the exact minimum, so whoever wants the
/// reference's numbers must stop where it stops.
struct LBFGS {
  /// How many steps the approximation of the curvature remembers.
  var memory = 10
  var iterationLimit = 100
  /// Evaluations that one line search may take.
  var searchLimit = 50
  /// Stop where no component of the gradient is larger.
  var gradientTolerance = 1e-4
  /// Stop where a step lowers the function by no more, relative to max(|f|, 1).
  var decreaseTolerance = 64 * Double.ulpOfOne

  /// A place with the function's value and gradient there.
  struct Point {
    var place: [Double]
    var value: Double
    var gradient: [Double]
  }

  /// The function to minimise: its value at a place, with the gradient written over the last.
  typealias Objective = (_ place: [Double], _ gradient: inout [Double]) -> Double

  /// Walks downhill from a place until a stopping rule holds.
  ///
  /// - Returns: the last place and how many iterations led there.
  func minimum(from start: [Double], of objective: Objective) -> (point: Point, iterations: Int) {
    var here = Point(
      place: start, value: 0, gradient: [Double](repeating: 0, count: start.count))
    here.value = objective(here.place, &here.gradient)
    var curvature = Curvature(memory: memory)
    var iterations = 0
    // The caller of a cancelled fit uses nothing of it.
    while iterations < iterationLimit, !Task.isCancelled,
      Vectors.largestMagnitude(here.gradient) > gradientTolerance
    {
      var direction = curvature.direction(against: here.gradient)
      // Only the very first step has no scale; later ones carry it in the direction.
      let first =
        iterations == 0
        ? min(1 / Vectors.dot(direction, direction).squareRoot(), LineSearch.largestStep) : 1
      guard let (there, step) = search(from: here, along: direction, firstStep: first, objective)
      else {
        // Forget the curvature and try the gradient itself; nothing is left after that.
        if curvature.isEmpty { break }
        curvature = Curvature(memory: memory)
        continue
      }
      iterations += 1
      let scale = max(abs(here.value), abs(there.value), 1)
      let isFlat = here.value - there.value <= decreaseTolerance * scale
      Vectors.scale(&direction, by: step)
      curvature.add(step: direction, from: here.gradient, to: there.gradient)
      here = there
      if isFlat { break }
    }
    return (here, iterations)
  }

  /// A line search; nil where the direction does not lead down or no good step is found.
  private func search(
    from here: Point, along direction: [Double], firstStep: Double, _ objective: Objective
  ) -> (Point, step: Double)? {
    let slope = Vectors.dot(here.gradient, direction)
    guard slope < 0, slope.isFinite, firstStep.isFinite else { return nil }
    var search = LineSearch(value: here.value, slope: slope, firstStep: firstStep)
    var trial = here
    for _ in 0..<searchLimit {
      let step = search.step
      guard step.isFinite else { return nil }
      Vectors.move(here.place, by: step, along: direction, into: &trial.place)
      trial.value = objective(trial.place, &trial.gradient)
      let slope = Vectors.dot(trial.gradient, direction)
      // Vectors of absurd length overflow float32.
      guard trial.value.isFinite, slope.isFinite else { return nil }
      if search.isDone(value: trial.value, slope: slope) { return (trial, step) }
    }
    return nil
  }
}

/// What the last steps tell of a function's second derivatives.
private struct Curvature {
  /// A step and the change of the gradient along it.
  struct Pair {
    let step: [Double]
    let change: [Double]
    let product: Double
  }

  let memory: Int
  private var pairs: [Pair] = []

  init(memory: Int) { self.memory = memory }

  var isEmpty: Bool { pairs.isEmpty }

  /// Remembers a step, unless the function hardly curves upward along it.
  mutating func add(step: [Double], from: [Double], to: [Double]) {
    var change = to
    Vectors.add(-1, from, to: &change)
    let product = Vectors.dot(step, change)
    guard product > Double.ulpOfOne * -Vectors.dot(from, step) else { return }
    if pairs.count == memory { pairs.removeFirst() }
    pairs.append(Pair(step: step, change: change, product: product))
  }

  /// -H g, with H the approximate inverse of the second derivatives (the two-loop recursion).
  func direction(against gradient: [Double]) -> [Double] {
    var direction = gradient
    Vectors.scale(&direction, by: -1)
    guard let newest = pairs.last else { return direction }
    var shares: [Double] = []
    for pair in pairs.reversed() {
      let share = Vectors.dot(pair.step, direction) / pair.product
      Vectors.add(-share, pair.change, to: &direction)
      shares.append(share)
    }
    Vectors.scale(
      &direction, by: newest.product / Vectors.dot(newest.change, newest.change))
    for (pair, share) in zip(pairs, shares.reversed()) {
      let back = Vectors.dot(pair.change, direction) / pair.product
      Vectors.add(share - back, pair.step, to: &direction)
    }
    return direction
  }
}
