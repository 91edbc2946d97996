// Kernels of pooling: rows of x, [tokens, width], become one row, out[row, column ..< column + width].

internal import CKernels

extension Kernels {
  /// The mean of the rows.
  package func meanPool(
    _ x: borrowing Matrix, rows: Range<Int>, into out: inout Matrix, row: Int, column: Int
  ) {
    let target = poolTarget(x, rows, out, row, column)
    let first = x.base + rows.lowerBound * x.columns
    ck_mean_pool(isa, rows.count, x.columns, first, x.columns, target)
  }

  /// The largest value of each column.
  package func maxPool(
    _ x: borrowing Matrix, rows: Range<Int>, into out: inout Matrix, row: Int, column: Int
  ) {
    let target = poolTarget(x, rows, out, row, column)
    let first = x.base + rows.lowerBound * x.columns
    ck_max_pool(isa, rows.count, x.columns, first, x.columns, target)
  }

  /// The mean of the rows, the first weighted by `firstWeight`, each next one by 1 more.
  package func weightedMeanPool(
    _ x: borrowing Matrix, rows: Range<Int>, firstWeight: Int, into out: inout Matrix, row: Int,
    column: Int
  ) {
    precondition(firstWeight > 0, "first weight \(firstWeight)")
    let target = poolTarget(x, rows, out, row, column)
    let first = x.base + rows.lowerBound * x.columns
    ck_weighted_mean_pool(isa, rows.count, x.columns, first, x.columns, firstWeight, target)
  }

  /// Divides each of these rows, as far as `width`, by its Euclidean norm.
  package func normalize(_ x: inout Matrix, rows: Range<Int>, width: Int) {
    checkRows(rows, of: x)
    precondition(width <= x.columns, "width \(width) of [\(x.rows), \(x.columns)]")
    ck_l2_normalize(isa, rows.count, width, x.base + rows.lowerBound * x.columns, x.columns)
  }

  private func poolTarget(
    _ x: borrowing Matrix, _ rows: Range<Int>, _ out: borrowing Matrix, _ row: Int, _ column: Int
  ) -> UnsafeMutablePointer<Float> {
    checkRows(rows, of: x)
    precondition(!rows.isEmpty, "pooling over no tokens")
    precondition(
      row >= 0 && row < out.rows && column >= 0 && column + x.columns <= out.columns,
      "\(x.columns) numbers at [\(row), \(column)] of [\(out.rows), \(out.columns)]")
    return out.base + row * out.columns + column
  }
}
