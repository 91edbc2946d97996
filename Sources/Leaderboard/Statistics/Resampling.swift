// What all statements about noise share: an interval, how to draw, and quantiles of what was drawn.

import Sampling

/// A closed interval, in the unit of what it is about.
package struct Interval: Sendable, Equatable {
  package let low: Double
  package let high: Double

  package init(low: Double, high: Double) {
    self.low = low
    self.high = high
  }

  /// Whether a value lies in it, ends included.
  package func contains(_ value: Double) -> Bool { low <= value && value <= high }
}

/// How often, from which seed and at what level to draw.
///
/// The same values in the same order always give the same result.
package struct Resampling: Sendable, Equatable {
  /// Random draws; at least 100.
  package var draws: Int
  package var seed: UInt64
  /// How often the truth is to be covered, in 0..<1; a test's level of significance is the rest.
  package var level: Double

  package init(draws: Int = 10_000, seed: UInt64 = 42, level: Double = 0.95) {
    precondition(draws >= 100 && level > 0 && level < 1, "\(draws) draws at level \(level)")
    self.draws = draws
    self.seed = seed
    self.level = level
  }

  /// The stream of random numbers; every question starts it anew.
  var random: PCG64 { PCG64(seed: seed) }

  /// The share that each end of an interval leaves out.
  var tail: Double { (1 - level) / 2 }
}

/// The value at a share of the way from the smallest to the largest.
///
/// As numpy's `quantile`, linear between neighbours. Reorders the values; there is at least one.
func quantile(_ share: Double, of values: inout [some BinaryFloatingPoint]) -> Double {
  let place = share * Double(values.count - 1)
  let below = Int(place)
  let low = Double(select(below, of: &values))
  guard below + 1 < values.count, let next = values[(below + 1)...].min() else { return low }
  return low + (place - Double(below)) * (Double(next) - low)
}

/// The interval that leaves out a share at either end.
///
/// Reorders the values and negates them, so that negated values give exactly the negated interval.
func tails(_ share: Double, of values: inout [some BinaryFloatingPoint]) -> Interval {
  let low = quantile(share, of: &values)
  for i in values.indices { values[i].negate() }
  return Interval(low: low, high: -quantile(share, of: &values))
}

/// The value that sorting would put at a place: Hoare's quickselect.
///
/// Leaves nothing larger before the place and nothing smaller after it.
func select<T: Comparable>(_ place: Int, of values: inout [T]) -> T {
  var (left, right) = (0, values.count - 1)
  while left < right {
    let pivot = values[left + (right - left) / 2]
    var (i, j) = (left, right)
    while i <= j {
      while values[i] < pivot { i += 1 }
      while pivot < values[j] { j -= 1 }
      guard i <= j else { break }
      values.swapAt(i, j)
      i += 1
      j -= 1
    }
    if place <= j {
      right = j
    } else if place >= i {
      left = i
    } else {
      break
    }
  }
  return values[place]
}
