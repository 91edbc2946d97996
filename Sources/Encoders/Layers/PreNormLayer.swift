// One layer of a decoder-shaped model: RMS norms in front of attention and of the gated
// feed-forward part, each added to what came in; and how the two parts are read under the names they all share.

import Core
import Tensors

/// A layer: middle = x + attention(norm(x)); result = middle + feedForward(norm(middle)).
struct PreNormLayer: Sendable {
  let attentionNorm: RMSNorm
  let attention: Attention
  /// Shape [hidden, heads · headWidth].
  let attentionOutput: Linear
  let feedForwardNorm: RMSNorm
  let feedForward: GatedFeedForward
  /// Shape [hidden, intermediate].
  let output: Linear

  /// What differs between architectures.
  struct Parts: Sendable {
    var mask: AttentionShape.Mask
    /// Of queries, keys and values.
    var projectionBias = Weights.Bias.absent
    /// Of the layer behind attention.
    var attentionBias = Weights.Bias.absent
    /// Of the three layers of the feed-forward part.
    var feedForwardBias = Weights.Bias.absent
    /// Whether each head's query and key have a norm.
    var hasHeadNorms = false
  }

  /// Reads a layer; `weights` are the tensors below `layers.<number>`.
  init(_ weights: Weights, _ sizes: StackSizes, _ parts: Parts) throws(Failure) {
    let (hidden, epsilon) = (sizes.hidden, sizes.epsilon)
    attentionNorm = try weights.rmsNorm("input_layernorm", width: hidden, epsilon: epsilon)
    let attentionWeights = weights.at("self_attn")
    var attention = try Attention(
      attentionWeights, sizes, mask: parts.mask, bias: parts.projectionBias)
    if parts.hasHeadNorms {
      try attention.readHeadNorms(attentionWeights, epsilon: epsilon, isOffset: false)
    }
    self.attention = attention
    attentionOutput = try attentionWeights.linear(
      "o_proj", outputs: hidden, inputs: attention.shape.contextWidth, bias: parts.attentionBias)
    feedForwardNorm = try weights.rmsNorm(
      "post_attention_layernorm", width: hidden, epsilon: epsilon)
    let feedForwardWeights = weights.at("mlp")
    feedForward = try GatedFeedForward(feedForwardWeights, sizes, bias: parts.feedForwardBias)
    output = try feedForwardWeights.linear(
      "down_proj", outputs: hidden, inputs: sizes.intermediate, bias: parts.feedForwardBias)
    try weights.refuseUnread()
  }

  /// Computes the layer's result in place of `workspace.hidden`.
  func forward(_ workspace: inout Workspace, _ kernels: Kernels) {
    let tokens = workspace.batch.ids.count
    // middle = hidden + attention(norm(hidden))
    kernels.rmsNorm(workspace.hidden, rows: tokens, attentionNorm, into: &workspace.normed)
    attention.gather(workspace.normed, of: workspace.batch, in: &workspace.attention, kernels)
    kernels.linear(
      workspace.attention.context, rows: tokens, attentionOutput, adding: workspace.hidden,
      into: &workspace.middle)
    // hidden = middle + feedForward(norm(middle))
    kernels.rmsNorm(workspace.middle, rows: tokens, feedForwardNorm, into: &workspace.normed)
    feedForward.expand(workspace.normed, rows: tokens, in: &workspace.feedForward, kernels)
    kernels.linear(
      workspace.feedForward.gated, rows: tokens, output, adding: workspace.middle,
      into: &workspace.hidden)
  }
}

// MARK: Names

extension Attention {
  /// Reads `q_proj`, `k_proj` and `v_proj`; `weights` are the tensors below `self_attn`.
  ///
  /// `scale` multiplies the scores, nil for 1 / √headWidth; `rotation` is the place of this
  /// layer's rotation in the workspace.
  init(
    _ weights: Weights, _ sizes: StackSizes, mask: AttentionShape.Mask, bias: Weights.Bias,
    scale: Float? = nil, rotation: Int = 0
  ) throws(Failure) {
    let keys = sizes.keyValueHeads * sizes.headWidth
    projections = try weights.linear(
      stacking: ["q_proj", "k_proj", "v_proj"],
      outputs: [sizes.heads * sizes.headWidth, keys, keys], inputs: sizes.hidden, bias: bias)
    shape = AttentionShape(
      heads: sizes.heads, keyValueHeads: sizes.keyValueHeads, headWidth: sizes.headWidth,
      scale: scale, mask: mask)
    self.rotation = rotation
  }

  /// Reads `q_norm` and `k_norm`, one for all heads; `isOffset` where the file holds them less 1.
  mutating func readHeadNorms(
    _ weights: Weights, epsilon: Float, isOffset: Bool
  ) throws(Failure) {
    queryNorm = try weights.rmsNorm(
      "q_norm", width: shape.headWidth, epsilon: epsilon, isOffset: isOffset)
    keyNorm = try weights.rmsNorm(
      "k_norm", width: shape.headWidth, epsilon: epsilon, isOffset: isOffset)
  }
}

extension GatedFeedForward {
  /// Reads `gate_proj` and `up_proj`; `weights` are the tensors below `mlp`.
  init(_ weights: Weights, _ sizes: StackSizes, bias: Weights.Bias) throws(Failure) {
    expansion = try weights.linear(
      stacking: ["gate_proj", "up_proj"], outputs: [sizes.intermediate, sizes.intermediate],
      inputs: sizes.hidden, bias: bias)
    activation = sizes.activation
  }
}
