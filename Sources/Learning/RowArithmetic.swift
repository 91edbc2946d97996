// Sums over rows of float32 numbers, each in the one order in which the reference takes it, so that
// they round as they do there.

/// Arithmetic on rows of a block of numbers, [rows, width], given as its bytes.
enum RowArithmetic {
  /// Σ (a - b)²: squares are added by fours from the left, then the fours one after the other.
  static func squaredDistance(
    _ a: RawSpan, row i: Int, _ b: RawSpan, row j: Int, width: Int
  ) -> Float {
    let firstA = i * width
    let firstB = j * width
    var total: Float = 0
    var place = 0
    while place + 16 <= width {
      let difference = a.sixteen(firstA + place) - b.sixteen(firstB + place)
      let squares = difference * difference
      let even = squares.evenHalf
      let odd = squares.oddHalf
      let fours = ((even.evenHalf + odd.evenHalf) + even.oddHalf) + odd.oddHalf
      total = (((total + fours[0]) + fours[1]) + fours[2]) + fours[3]
      place += 16
    }
    while place + 4 <= width {
      let difference = a.four(firstA + place) - b.four(firstB + place)
      let squares = difference * difference
      total += ((squares[0] + squares[1]) + squares[2]) + squares[3]
      place += 4
    }
    while place < width {
      let difference = a.one(firstA + place) - b.one(firstB + place)
      total += difference * difference
      place += 1
    }
    return total
  }

  /// Σ x²: four running sums, filled in blocks of sixteen, the last four of a block first.
  static func squaredNorm(_ x: RawSpan, row: Int, width: Int) -> Float {
    let first = row * width
    var sums = SIMD4<Float>.zero
    var place = 0
    while place + 16 <= width {
      let numbers = x.sixteen(first + place)
      let squares = numbers * numbers
      sums += squares.highHalf.highHalf
      sums += squares.highHalf.lowHalf
      sums += squares.lowHalf.highHalf
      sums += squares.lowHalf.lowHalf
      place += 16
    }
    while place < width {
      for lane in 0..<min(4, width - place) {
        let number = x.one(first + place + lane)
        sums[lane] += number * number
      }
      place += 4
    }
    return (sums[0] + sums[1]) + (sums[2] + sums[3])
  }

  /// Adds a row x to a row y.
  static func add(
    _ x: RawSpan, row i: Int, to y: inout MutableRawSpan, row j: Int, width: Int
  ) {
    let firstX = i * width
    let firstY = j * width
    var place = 0
    while place + 16 <= width {
      let sum = y.bytes.sixteen(firstY + place) + x.sixteen(firstX + place)
      y.storeBytes(of: sum, toByteOffset: 4 * (firstY + place), as: SIMD16<Float>.self)
      place += 16
    }
    while place < width {
      let sum = y.bytes.one(firstY + place) + x.one(firstX + place)
      y.storeBytes(of: sum, toByteOffset: 4 * (firstY + place), as: Float.self)
      place += 1
    }
  }
}

// Bounds are checked; "unsafe" is only that any bytes are taken for floats.
extension RawSpan {
  fileprivate func sixteen(_ place: Int) -> SIMD16<Float> {
    unsafe unsafeLoadUnaligned(fromByteOffset: 4 * place, as: SIMD16<Float>.self)
  }

  fileprivate func four(_ place: Int) -> SIMD4<Float> {
    unsafe unsafeLoadUnaligned(fromByteOffset: 4 * place, as: SIMD4<Float>.self)
  }

  fileprivate func one(_ place: Int) -> Float {
    unsafe unsafeLoadUnaligned(fromByteOffset: 4 * place, as: Float.self)
  }
}
