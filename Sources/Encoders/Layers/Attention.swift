// Self-attention as the architectures share it: fused projections, norms of queries and keys,
// rotation, softmax over the tokens that the mask lets through.

import Tensors

/// One layer's attention, from token vectors to gathered values; the output layer is the caller's,
/// because what follows it (residual, norm) differs.
struct Attention: Sendable {
  /// Queries, keys and values as one layer, [(heads + 2 · keyValueHeads) · headWidth, hidden].
  let projections: Linear
  let shape: AttentionShape
  /// Which of the workspace's rotations turns queries and keys; nil for none.
  var rotation: Int?
  /// Norms of each head's query and key, before the rotation.
  var queryNorm: RMSNorm?
  var keyNorm: RMSNorm?

  /// Gathers into `room.context` what every token of `x` [tokens, hidden] attends to.
  ///
  /// Each text of the batch is a world of its own; `positions` are the tokens' places in it.
  func gather(
    _ x: borrowing Matrix, of batch: TokenBatch, in room: inout AttentionRoom, _ kernels: Kernels
  ) {
    let tokens = batch.ids.count
    kernels.linear(x, rows: tokens, projections, into: &room.projections)
    let queries = 0..<shape.contextWidth
    let keys = queries.upperBound..<queries.upperBound + shape.keyValueHeads * shape.headWidth
    if let queryNorm {
      kernels.rmsNormHeads(&room.projections, rows: tokens, columns: queries, queryNorm)
    }
    if let keyNorm {
      kernels.rmsNormHeads(&room.projections, rows: tokens, columns: keys, keyNorm)
    }
    if let rotation {
      // Queries and keys stand side by side: one call turns both.
      kernels.rotateHeads(
        &room.projections, rows: tokens, columns: 0..<keys.upperBound, headWidth: shape.headWidth,
        positions: batch.positions, room.rotations[rotation])
    }
    for text in 0..<batch.count {
      kernels.attention(
        room.projections, tokens: batch.tokens(of: text), shape, scratch: &room.scratch,
        into: &room.context)
    }
  }
}
