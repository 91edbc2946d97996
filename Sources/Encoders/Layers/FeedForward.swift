// The feed-forward part whose shape the configuration decides: plain or with a gate, back to the
// width of a token vector, and the residual sum.

import Tensors

/// residual + output(expansion(x)).
struct FeedForward: Sendable {
  /// What widens a token vector.
  enum Expansion: Sendable {
    /// activation(wide(x)), the layer of shape [width, hidden].
    case plain(Linear, Activation)
    /// activation(gate(x)) · value(x).
    case gated(GatedFeedForward)
  }

  let expansion: Expansion
  /// Shape [hidden, width].
  let output: Linear

  /// Columns of the first layer's result.
  var expandedWidth: Int {
    switch expansion {
    case .plain(let wide, _): wide.weights.outputs
    case .gated(let gated): gated.expansion.weights.outputs
    }
  }

  /// Columns behind the gate; 0 without one.
  var gatedWidth: Int {
    switch expansion {
    case .plain: 0
    case .gated: output.weights.inputs
    }
  }

  /// Computes the first `rows` rows of `y` [rows, hidden]; x and residual, of the same shape, may be
  /// the same matrix.
  func compute(
    _ x: borrowing Matrix, rows: Int, adding residual: borrowing Matrix, into y: inout Matrix,
    in room: inout FeedForwardRoom, _ kernels: Kernels
  ) {
    switch expansion {
    case .plain(let wide, let activation):
      kernels.linear(x, rows: rows, wide, activation, into: &room.expanded)
      kernels.linear(room.expanded, rows: rows, output, adding: residual, into: &y)
    case .gated(let gated):
      gated.expand(x, rows: rows, in: &room, kernels)
      kernels.linear(room.gated, rows: rows, output, adding: residual, into: &y)
    }
  }
}
