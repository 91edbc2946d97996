// Kernels of linear layers: products with a packed weight, and the gate between two of them.

internal import CKernels
package import Core

/// What a linear layer applies to its result, or a gate to its first half, element by element.
package enum Activation: Sendable, Hashable {
  case none
  /// x/2 (1 + erf(x / √2))
  case gelu
  /// The tanh approximation of GELU, 2e-4 away from it.
  case geluTanh
  case relu
  case tanh
  /// x / (1 + e⁻ˣ), also called swish.
  case silu
}

/// A linear layer x ↦ x Wᵀ + b, ready for the kernels.
package struct Linear: Sendable {
  /// Shape [outputs, inputs].
  package let weights: PackedWeights
  /// Shape [outputs], or nil for none.
  package let bias: Floats?

  package init(weights: PackedWeights, bias: Floats?) {
    if let bias {
      precondition(
        bias.count == weights.outputs,
        "a bias of [\(bias.count)] for a weight of [\(weights.outputs), \(weights.inputs)]")
    }
    self.weights = weights
    self.bias = bias
  }
}

extension Kernels {
  /// y = activation(x Wᵀ + b) for the first `rows` rows.
  ///
  /// x: [rows, inputs], y: [rows, outputs].
  package func linear(
    _ x: borrowing Matrix, rows: Int, _ layer: Linear, _ activation: Activation = .none,
    into y: inout Matrix
  ) {
    check(layer, rows, x.rows, x.columns, y.rows, y.columns)
    ck_linear(
      isa, rows, y.columns, x.columns, x.base, x.columns, layer.weights.base, layer.bias?.base,
      code(activation), nil, 0, y.base, y.columns)
  }

  /// y = x Wᵀ + b + residual for the first `rows` rows.
  ///
  /// residual and y: [rows, outputs].
  package func linear(
    _ x: borrowing Matrix, rows: Int, _ layer: Linear, adding residual: borrowing Matrix,
    into y: inout Matrix
  ) {
    check(layer, rows, x.rows, x.columns, y.rows, y.columns)
    precondition(
      residual.columns == y.columns && residual.rows >= rows,
      "residual [\(residual.rows), \(residual.columns)] for [\(rows), \(y.columns)]")
    ck_linear(
      isa, rows, y.columns, x.columns, x.base, x.columns, layer.weights.base, layer.bias?.base,
      CK_ACTIVATION_NONE, residual.base, residual.columns, y.base, y.columns)
  }

  /// Dot products of vectors with packed vectors: y[i, j] = x[rows[i]] · packed[j].
  ///
  /// x: [count, dimensions] of which `rows` are taken. y: at least [rows, packed].
  package func products(
    _ x: Embeddings, rows: Range<Int>, _ packed: PackedWeights, into y: inout Matrix
  ) {
    precondition(rows.lowerBound >= 0 && rows.upperBound <= x.count, "\(rows) of \(x.count)")
    checkPacked(packed, rows.count, rows.count, x.dimensions, y.rows, y.columns)
    x.values.withUnsafeBufferPointer { values in
      guard let base = values.baseAddress else { return }
      ck_linear(
        isa, rows.count, packed.outputs, x.dimensions, base + rows.lowerBound * x.dimensions,
        x.dimensions, packed.base, nil, CK_ACTIVATION_NONE, nil, 0, y.base, y.columns)
    }
  }

  /// y = activation(gate) · value for the first `rows` rows.
  ///
  /// expanded: [rows, 2 · width], the gate's columns before the value's. y: [rows, width].
  package func gate(
    _ expanded: borrowing Matrix, rows: Int, _ activation: Activation, into y: inout Matrix
  ) {
    precondition(
      rows >= 0 && rows <= expanded.rows && rows <= y.rows && expanded.columns == 2 * y.columns,
      "\(rows) rows of a gate [\(expanded.rows), \(expanded.columns)]"
        + " into [\(y.rows), \(y.columns)]")
    ck_gate(
      isa, rows, y.columns, expanded.base, expanded.columns, code(activation), y.base, y.columns)
  }

  private func check(
    _ layer: Linear, _ rows: Int, _ xRows: Int, _ xColumns: Int, _ yRows: Int, _ yColumns: Int
  ) {
    checkPacked(layer.weights, rows, xRows, xColumns, yRows, yColumns)
    precondition(
      yColumns == layer.weights.outputs,
      "result width \(yColumns) for \(layer.weights.outputs) outputs")
  }

  private func code(_ activation: Activation) -> ck_activation {
    switch activation {
    case .none: CK_ACTIVATION_NONE
    case .gelu: CK_ACTIVATION_GELU
    case .geluTanh: CK_ACTIVATION_GELU_TANH
    case .relu: CK_ACTIVATION_RELU
    case .tanh: CK_ACTIVATION_TANH
    case .silu: CK_ACTIVATION_SILU
    }
  }
}
