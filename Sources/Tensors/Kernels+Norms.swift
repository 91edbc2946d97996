// Kernels of norms: layer norm and RMS norm, over whole rows or over each head's slice of a row.

internal import CKernels

/// Layer norm over the last dimension: (x - mean) / √(variance + epsilon) · scale + shift.
package struct LayerNorm: Sendable {
  /// Shape [width].
  package let scale: Floats
  /// Shape [width], or nil for none.
  package let shift: Floats?
  package let epsilon: Float

  package init(scale: Floats, shift: Floats?, epsilon: Float) {
    if let shift {
      precondition(
        scale.count == shift.count, "norm scale [\(scale.count)], shift [\(shift.count)]")
    }
    self.scale = scale
    self.shift = shift
    self.epsilon = epsilon
  }
}

/// RMS norm over the last dimension: x / √(mean of x² + epsilon) · scale.
package struct RMSNorm: Sendable {
  /// Shape [width].
  package let scale: Floats
  package let epsilon: Float

  package init(scale: Floats, epsilon: Float) {
    self.scale = scale
    self.epsilon = epsilon
  }
}

extension Kernels {
  /// Normalises the first `rows` rows of x, [rows, width], in place.
  package func layerNorm(_ x: inout Matrix, rows: Int, _ norm: LayerNorm) {
    checkNorm(norm.scale, rows, x.rows, x.columns, x.rows, x.columns)
    ck_layer_norm(
      isa, rows, x.columns, x.base, x.columns, norm.scale.base, norm.shift?.base, norm.epsilon,
      x.base, x.columns)
  }

  /// y = layer norm of the first `rows` rows of x, both [rows, width].
  package func layerNorm(
    _ x: borrowing Matrix, rows: Int, _ norm: LayerNorm, into y: inout Matrix
  ) {
    checkNorm(norm.scale, rows, x.rows, x.columns, y.rows, y.columns)
    ck_layer_norm(
      isa, rows, x.columns, x.base, x.columns, norm.scale.base, norm.shift?.base, norm.epsilon,
      y.base, y.columns)
  }

  /// Normalises the first `rows` rows of x, [rows, width], in place.
  package func rmsNorm(_ x: inout Matrix, rows: Int, _ norm: RMSNorm) {
    checkNorm(norm.scale, rows, x.rows, x.columns, x.rows, x.columns)
    ck_rms_norm(
      isa, rows, 1, x.columns, x.base, x.columns, norm.scale.base, norm.epsilon, x.base, x.columns)
  }

  /// y = RMS norm of the first `rows` rows of x, both [rows, width].
  package func rmsNorm(
    _ x: borrowing Matrix, rows: Int, _ norm: RMSNorm, into y: inout Matrix
  ) {
    checkNorm(norm.scale, rows, x.rows, x.columns, y.rows, y.columns)
    ck_rms_norm(
      isa, rows, 1, x.columns, x.base, x.columns, norm.scale.base, norm.epsilon, y.base, y.columns)
  }

  /// Normalises in place each slice of the norm's width within `columns`, by itself.
  ///
  /// x: [rows, …]; the slices are the heads of queries or keys.
  package func rmsNormHeads(
    _ x: inout Matrix, rows: Int, columns: Range<Int>, _ norm: RMSNorm
  ) {
    let width = norm.scale.count
    checkSlices(columns, of: width, rows, x)
    ck_rms_norm(
      isa, rows, columns.count / width, width, x.base + columns.lowerBound, x.columns,
      norm.scale.base, norm.epsilon, x.base + columns.lowerBound, x.columns)
  }

  private func checkNorm(
    _ scale: Floats, _ rows: Int, _ xRows: Int, _ xColumns: Int, _ yRows: Int, _ yColumns: Int
  ) {
    precondition(
      scale.count == xColumns && xColumns == yColumns && rows >= 0 && rows <= xRows
        && rows <= yRows,
      "norm [\(scale.count)] over [\(rows)] of [\(xRows), \(xColumns)]"
        + " into [\(yRows), \(yColumns)]")
  }
}
