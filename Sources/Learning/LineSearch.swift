// The line search of Moré and Thuente (ACM Transactions on Mathematical Software 20, 1994): a step
// along a line that lowers a function enough and flattens it.

/// Finds a step t > 0 with f(t) ≤ f(0) + 10⁻³ t f′(0) and |f′(t)| ≤ 0.9 |f′(0)|.
///
/// The caller evaluates the function at `step` and reports what it found until the step is taken.
/// The constants, and the ways to give up with the step in hand, are those of L-BFGS-B, so that
/// the steps are the reference's.
struct LineSearch {
  /// A step with the function's value and slope there.
  struct Point {
    var step: Double
    var value: Double
    var slope: Double
  }

  private static let leastDecrease = 1e-3
  private static let flatness = 0.9
  /// The interval is small enough at this share of its upper end.
  private static let narrowness = 0.1
  static let largestStep = 1e10

  /// Where to evaluate the function next; not finite where rounding left no step to take.
  private(set) var step: Double
  private let start: Point
  /// The ends of the interval that holds a good step; `best` has the lower value.
  private var best: Point
  private var other: Point
  private var isBracketed = false
  /// Until a step has lowered the function enough and stands where it rises, the search looks at
  /// the function minus the decrease asked for.
  private var asksForDecrease = true
  private var width = LineSearch.largestStep
  private var widthBefore = 2 * LineSearch.largestStep
  private var bounds: ClosedRange<Double>

  /// - Parameters:
  ///   - value: f(0)
  ///   - slope: f′(0), negative
  ///   - firstStep: the step to try first
  init(value: Double, slope: Double, firstStep: Double) {
    precondition(slope < 0, "a search along a slope of \(slope)")
    start = Point(step: 0, value: value, slope: slope)
    best = start
    other = start
    step = firstStep
    bounds = 0...5 * firstStep
  }

  /// Takes the value and slope at `step`.
  ///
  /// - Returns: true when the step is good, or the best there is; otherwise `step` is the next one.
  mutating func isDone(value: Double, slope: Double) -> Bool {
    let trial = Point(step: step, value: value, slope: slope)
    let asked = Self.leastDecrease * start.slope
    let limit = start.value + step * asked
    if asksForDecrease, value <= limit, slope >= 0 { asksForDecrease = false }
    if value <= limit, abs(slope) <= Self.flatness * -start.slope { return true }
    if isStuck || (step >= Self.largestStep && value <= limit && slope <= asked) { return true }
    let tilt = asksForDecrease && value <= best.value && value > limit ? asked : 0
    step = next(
      best.tilted(by: -tilt), other.tilted(by: -tilt), trial.tilted(by: -tilt), tilt: tilt)
    if step.isFinite { shrink() }
    return false
  }

  /// The interval has no room left for another step.
  private var isStuck: Bool {
    isBracketed
      && (step <= bounds.lowerBound || step >= bounds.upperBound
        || bounds.upperBound - bounds.lowerBound <= Self.narrowness * bounds.upperBound)
  }

  /// Halves an interval that does not shrink by a third in two steps, and sets bounds anew.
  private mutating func shrink() {
    if isBracketed {
      let now = abs(other.step - best.step)
      if now >= 0.66 * widthBefore { step = best.step + 0.5 * (other.step - best.step) }
      widthBefore = width
      width = now
      bounds = min(best.step, other.step)...max(best.step, other.step)
    } else {
      // No rise yet: the step after this one may go up to four times as far again.
      let near = step + 1.1 * (step - best.step)
      let far = step + 4 * (step - best.step)
      bounds = min(near, far)...max(near, far)
    }
    step = min(max(step, 0), Self.largestStep)
    if isStuck { step = best.step }
  }

  /// The next step from the interval's ends and a trial between or beyond them; moves the ends.
  ///
  /// All three points are those of the function minus `tilt` · step; the ends are kept without it.
  private mutating func next(
    _ best: Point, _ other: Point, _ trial: Point, tilt: Double
  ) -> Double {
    let step: Double
    let turns = trial.slope * (best.slope < 0 ? -1 : 1) < 0
    if trial.value > best.value {
      step = Self.afterRise(best, trial)
      isBracketed = true
    } else if turns {
      step = Self.farther(
        Self.cubic(trial, best).step, Self.secant(trial, best), from: trial.step)
      isBracketed = true
    } else if abs(trial.slope) < abs(best.slope) {
      step = afterFlattening(best, other, trial)
    } else if isBracketed {
      step = Self.cubic(trial, other).step
    } else {
      step = trial.step > best.step ? bounds.upperBound : bounds.lowerBound
    }
    let isRise = trial.value > best.value
    let far = isRise ? trial : turns ? best : other
    self.best = (isRise ? best : trial).tilted(by: tilt)
    self.other = far.tilted(by: tilt)
    return step
  }

  /// The function rose: between the minima of the cubic and of the parabola, nearer the best step.
  private static func afterRise(_ best: Point, _ trial: Point) -> Double {
    let cubic = cubic(best, trial).step
    let span = trial.step - best.step
    let fall = (best.value - trial.value) / span + best.slope
    let parabola = best.step + best.slope / fall / 2 * span
    let isNearer = abs(cubic - best.step) < abs(parabola - best.step)
    return isNearer ? cubic : cubic + (parabola - cubic) / 2
  }

  /// The slope got flatter and keeps its sign: the cubic may have no minimum ahead.
  private func afterFlattening(_ best: Point, _ other: Point, _ trial: Point) -> Double {
    let secant = Self.secant(trial, best)
    let isAhead = trial.step > best.step
    let (minimum, ratio, root) = Self.cubic(trial, best, floor: true)
    let edge = isAhead ? bounds.upperBound : bounds.lowerBound
    let cubic = ratio < 0 && root != 0 ? minimum : edge
    guard isBracketed else {
      let step = Self.farther(cubic, secant, from: trial.step)
      return min(max(step, bounds.lowerBound), bounds.upperBound)
    }
    let isNearer = abs(cubic - trial.step) < abs(secant - trial.step)
    let step = isNearer ? cubic : secant
    let most = trial.step + 0.66 * (other.step - trial.step)
    return isAhead ? min(most, step) : max(most, step)
  }

  /// The minimum of the cubic through two points with their slopes.
  ///
  /// With the share of the way from `a` to `b` where it lies and the root that decides it. `floor`
  /// takes a negative radicand, of a cubic without minimum, as 0.
  private static func cubic(
    _ a: Point, _ b: Point, floor: Bool = false
  ) -> (step: Double, ratio: Double, root: Double) {
    let theta = 3 * (a.value - b.value) / (b.step - a.step) + a.slope + b.slope
    let scale = max(abs(theta), abs(a.slope), abs(b.slope))
    let radicand = (theta / scale) * (theta / scale) - a.slope / scale * (b.slope / scale)
    let size = scale * (floor ? max(0, radicand) : radicand).squareRoot()
    let root = b.step < a.step ? -size : size
    let ratio = (root - a.slope + theta) / (root - a.slope + root + b.slope)
    return (a.step + ratio * (b.step - a.step), ratio, root)
  }

  /// Where the line through two slopes is zero.
  private static func secant(_ a: Point, _ b: Point) -> Double {
    a.step + a.slope / (a.slope - b.slope) * (b.step - a.step)
  }

  private static func farther(_ a: Double, _ b: Double, from place: Double) -> Double {
    abs(a - place) > abs(b - place) ? a : b
  }
}

extension LineSearch.Point {
  /// The same point of the function plus `slope` · step.
  fileprivate func tilted(by tilt: Double) -> Self {
    Self(step: step, value: value + step * tilt, slope: slope + tilt)
  }
}
