// The feed-forward part with a gate: down(activation(gate(x)) · value(x)).

import Tensors

/// A gated feed-forward part up to the gate; the last layer is the caller's, because what follows it
/// (residual, norm) differs.
struct GatedFeedForward: Sendable {
  /// The gate's outputs, then the value's, [2 · width, hidden].
  let expansion: Linear
  /// What the gate's outputs go through.
  let activation: Activation

  /// Computes activation(gate(x)) · value(x) of the first `rows` rows of `x` into `room.gated`.
  func expand(
    _ x: borrowing Matrix, rows: Int, in room: inout FeedForwardRoom, _ kernels: Kernels
  ) {
    kernels.linear(x, rows: rows, expansion, into: &room.expanded)
    kernels.gate(room.expanded, rows: rows, activation, into: &room.gated)
  }
}
