// The memory of one worker on its way through a model, reserved once. Every architecture uses the
// same rooms; what it has no use for stays empty.

import Tensors

/// Sizes of a workspace, in numbers per token.
struct WorkspaceShape {
  /// Width of a token vector.
  var hidden: Int
  /// What attention needs, or nil for a model without it.
  var attention: Attention?
  /// Rotations that the layers name by their place in this list.
  var rotary: [Rotary] = []
  /// Width of the widest intermediate result of a feed-forward part, gate and value side by side.
  var expanded = 0
  /// Width behind the gate; 0 for a feed-forward part without one.
  var gated = 0
  /// Whether norms stand before the blocks, so that their result needs a place of its own.
  var isNormedFirst = false
}

/// The memory of one worker; T is the most tokens of a batch.
struct Workspace: ~Copyable {
  /// The texts to compute, filled by the caller.
  var batch: TokenBatch
  /// The token vectors, the result of `forward`, [T, hidden].
  var hidden: Matrix
  /// The token vectors between attention and the feed-forward part, [T, hidden].
  var middle: Matrix
  /// What a norm in front of a block gives, [T, hidden].
  var normed: Matrix
  var attention: AttentionRoom
  var feedForward: FeedForwardRoom
  /// Positions that a model counts in its own way, [tokens].
  var positions: [Int32] = []

  /// Reserves the memory for batches of at most `maxTokens` tokens, the longest text `longest`.
  init(_ shape: WorkspaceShape, maxTokens: Int, longest: Int, kernels: Kernels) {
    batch = TokenBatch(capacity: maxTokens)
    hidden = Matrix(rows: maxTokens, columns: shape.hidden)
    middle = Matrix(rows: shape.attention == nil ? 0 : maxTokens, columns: shape.hidden)
    normed = Matrix(rows: shape.isNormedFirst ? maxTokens : 0, columns: shape.hidden)
    attention = AttentionRoom(shape, maxTokens: maxTokens, longest: longest, kernels: kernels)
    feedForward = FeedForwardRoom(
      expanded: Matrix(rows: maxTokens, columns: shape.expanded),
      gated: Matrix(rows: shape.gated == 0 ? 0 : maxTokens, columns: shape.gated))
    positions.reserveCapacity(maxTokens)
  }

  /// Bytes of all matrices.
  var byteCount: Int {
    hidden.byteCount + middle.byteCount + normed.byteCount + attention.projections.byteCount
      + attention.context.byteCount + attention.scratch.byteCount + feedForward.expanded.byteCount
      + feedForward.gated.byteCount
  }
}

/// Where attention works.
struct AttentionRoom: ~Copyable {
  /// Queries, keys and values side by side, [T, (heads + 2 · keyValueHeads) · headWidth].
  var projections: Matrix
  /// What attention gathers, [T, heads · headWidth].
  var context: Matrix
  /// What the attention kernel needs for the longest text.
  var scratch: Matrix
  /// Cosines and sines of every position of the longest text, one for each rotation of the model.
  let rotations: [RotaryTable]

  init(_ shape: WorkspaceShape, maxTokens: Int, longest: Int, kernels: Kernels) {
    rotations = shape.rotary.map { RotaryTable($0, length: longest) }
    guard let attention = shape.attention?.shape else {
      projections = Matrix(rows: 0, columns: 0)
      context = Matrix(rows: 0, columns: 0)
      scratch = Matrix(rows: 0, columns: 0)
      return
    }
    projections = Matrix(rows: maxTokens, columns: attention.projectionWidth)
    context = Matrix(rows: maxTokens, columns: attention.contextWidth)
    scratch = Matrix(
      rows: 1, columns: kernels.attentionScratch(length: longest, attention))
  }
}

/// Where a feed-forward part works.
struct FeedForwardRoom: ~Copyable {
  /// The first linear layer's result, [T, expanded].
  var expanded: Matrix
  /// activation(gate) · value, [T, gated].
  var gated: Matrix
}
