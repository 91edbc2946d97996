// The orders in which sums are taken. Rounding depends on the order, and ranks depend on rounding
// (two pairs with the same text either tie or do not), so each sum follows the reference's order.

/// Sums over `0..<count` of a term, each in one fixed order and in the precision of the term.
enum Summation {
  /// Eight running sums, added pairwise; ranges over 128 are halved first.
  ///
  /// The order of numpy's `sum` and `mean` over contiguous numbers.
  static func pairwise<Number: BinaryFloatingPoint>(
    _ range: Range<Int>, _ term: (Int) -> Number
  ) -> Number {
    let count = range.count
    if count > 128 {
      let half = count / 2
      let middle = range.lowerBound + half - half % 8
      return pairwise(range.lowerBound..<middle, term) + pairwise(middle..<range.upperBound, term)
    }
    var total: Number = 0
    var next = range.lowerBound
    if count >= 8 {
      var lanes = (0..<8).map { term(range.lowerBound + $0) }
      next += 8
      while next + 8 <= range.upperBound {
        for lane in 0..<8 { lanes[lane] += term(next + lane) }
        next += 8
      }
      total =
        ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3]))
        + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]))
    }
    while next < range.upperBound {
      total += term(next)
      next += 1
    }
    return total
  }

  /// Four running sums, filled in blocks of sixteen terms, the last four of a block first.
  ///
  /// The order of numpy's `einsum("ij,ij->i")` on x86-64, which scikit-learn's norms use.
  static func fourLanes(_ count: Int, _ term: (Int) -> Float) -> Float {
    var lanes = SIMD4<Float>.zero
    var start = 0
    while start + 16 <= count {
      for group in 0..<4 {
        let first = start + 12 - 4 * group
        lanes += SIMD4(term(first), term(first + 1), term(first + 2), term(first + 3))
      }
      start += 16
    }
    while start < count {
      for lane in 0..<min(4, count - start) { lanes[lane] += term(start + lane) }
      start += 4
    }
    return (lanes[0] + lanes[1]) + (lanes[2] + lanes[3])
  }

  /// Eight running sums, then one after the other, then the terms that fill no eight.
  ///
  /// The order of torch's 2-norm along the last dimension (AVX2).
  static func eightLanes(_ count: Int, _ term: (Int) -> Float) -> Float {
    var lanes = SIMD8<Float>.zero
    let whole = count - count % 8
    for start in stride(from: 0, to: whole, by: 8) { lanes += eight(start, term) }
    var total = lanes[0]
    for lane in 1..<8 { total += lanes[lane] }
    for rest in whole..<count { total += term(rest) }
    return total
  }

  /// Four interleaved cascades of eight lanes each: partial sums move up a level every sixteen
  /// terms (more in very long rows), so that no running sum grows much larger than its terms.
  ///
  /// The order of torch's `sum` along the last dimension (AVX2).
  static func cascade(_ count: Int, _ term: (Int) -> Float) -> Float {
    let vectors = count / 8
    let rows = vectors / 4
    var columns = (0..<4).map { column in
      cascadedColumn(rows: rows) { row in eight(32 * row + 8 * column, term) }
    }
    for vector in 4 * rows..<vectors { columns[0] += eight(8 * vector, term) }
    for column in 1..<4 { columns[0] += columns[column] }
    var total: Float = 0
    for rest in 8 * vectors..<count { total += term(rest) }
    for lane in 0..<8 { total += columns[0][lane] }
    return total
  }

  private static func cascadedColumn(
    rows: Int, _ row: (Int) -> SIMD8<Float>
  ) -> SIMD8<Float> {
    let bitsOfCount = rows <= 1 ? 0 : Int.bitWidth - (rows - 1).leadingZeroBitCount
    let levelBits = max(4, bitsOfCount / 4)
    let step = 1 << levelBits
    var levels = [SIMD8<Float>](repeating: .zero, count: 4)
    var next = 0
    while next + step <= rows {
      for _ in 0..<step {
        levels[0] += row(next)
        next += 1
      }
      for level in 1..<4 {
        levels[level] += levels[level - 1]
        levels[level - 1] = .zero
        if next & ((step - 1) << (level * levelBits)) != 0 { break }
      }
    }
    while next < rows {
      levels[0] += row(next)
      next += 1
    }
    return levels[0] + levels[1] + levels[2] + levels[3]
  }

  /// A sum of products: four times eight running sums with fused multiply-add, folded to four lanes
  /// each before they are added; terms that fill no thirty-two are summed in double precision.
  ///
  /// The order of numpy's `dot` of two vectors (OpenBLAS on x86-64 with AVX2).
  static func fusedProducts(
    _ count: Int, _ left: (Int) -> Float, _ right: (Int) -> Float
  ) -> Float {
    var sums = [SIMD8<Float>](repeating: .zero, count: 4)
    let whole = count - count % 32
    for start in stride(from: 0, to: whole, by: 8) {
      let column = start / 8 % 4
      sums[column] = sums[column].addingProduct(eight(start, left), eight(start, right))
    }
    let folded = sums.map { $0.lowHalf + $0.highHalf }
    let lanes = (folded[0] + folded[1]) + (folded[2] + folded[3])
    var rest = 0.0
    for place in whole..<count { rest += Double(left(place) * right(place)) }
    return Float(rest + Double((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])))
  }

  private static func eight(_ start: Int, _ term: (Int) -> Float) -> SIMD8<Float> {
    SIMD8(
      term(start), term(start + 1), term(start + 2), term(start + 3),
      term(start + 4), term(start + 5), term(start + 6), term(start + 7))
  }
}
