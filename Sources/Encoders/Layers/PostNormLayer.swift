// The layer of BERT and its relatives: attention and a feed-forward part, each added to what came in,
// and a norm after each sum. Which tensors hold it is a table of names.

import Core
import Tensors

/// One layer whose norms stand after the residual sums.
struct PostNormLayer: Sendable {
  let attention: Attention
  /// Shape [hidden, hidden].
  let attentionOutput: Linear
  let attentionNorm: LayerNorm
  let feedForward: FeedForward
  let outputNorm: LayerNorm

  /// Turns `workspace.hidden` into the next layer's.
  func forward(_ workspace: inout Workspace, _ kernels: Kernels) {
    let tokens = workspace.batch.ids.count
    // middle = norm(hidden + attention(hidden))
    attention.gather(
      workspace.hidden, of: workspace.batch, in: &workspace.attention, kernels)
    kernels.linear(
      workspace.attention.context, rows: tokens, attentionOutput, adding: workspace.hidden,
      into: &workspace.middle)
    kernels.layerNorm(&workspace.middle, rows: tokens, attentionNorm)
    // hidden = norm(middle + feedForward(middle))
    feedForward.compute(
      workspace.middle, rows: tokens, adding: workspace.middle, into: &workspace.hidden,
      in: &workspace.feedForward, kernels)
    kernels.layerNorm(&workspace.hidden, rows: tokens, outputNorm)
  }

  /// What such a layer needs of a workspace.
  var workspaceShape: WorkspaceShape {
    WorkspaceShape(
      hidden: attentionOutput.weights.outputs, attention: attention,
      expanded: feedForward.expandedWidth, gated: feedForward.gatedWidth)
  }
}

// MARK: Weights

extension PostNormLayer {
  /// Where a checkpoint keeps the parts of a layer, below the layer's own path.
  struct Names {
    /// Queries, keys and values: three names, or one that holds all three.
    let projections: [String]
    let attentionOutput: String
    let attentionNorm: String
    let expansion: Expansion
    let output: String
    let outputNorm: String
    /// The linear layers that have no bias.
    var withoutBias: Set<Part> = []

    enum Expansion {
      case plain(String)
      case gated(gate: String, value: String)
      /// One tensor that holds the value's outputs and then the gate's.
      case valueThenGate(String)
    }

    enum Part {
      case attention, expansion, output
    }

    fileprivate func bias(_ part: Part) -> Weights.Bias {
      withoutBias.contains(part) ? .absent : .required
    }
  }

  /// Reads and packs one layer.
  ///
  /// - Parameters:
  ///   - weights: the tensors below the layer's path.
  ///   - names: what they are called there.
  ///   - sizes: the model's.
  ///   - rotation: which of the workspace's rotations turns queries and keys.
  ///   - bias: what attention adds for the distance of two tokens.
  /// - Throws: `Failure` naming a tensor that is missing, wrong, or there without a use.
  init(
    _ weights: Weights, _ names: Names, _ sizes: EncoderSizes, rotation: Int? = nil,
    bias: RelativeBias? = nil
  ) throws(Failure) {
    let (hidden, epsilon) = (sizes.hidden, sizes.epsilon)
    let parts = names.projections.count
    attention = Attention(
      projections: try weights.linear(
        stacking: names.projections,
        outputs: Array(repeating: 3 / parts * hidden, count: parts), inputs: hidden,
        bias: names.bias(.attention)),
      shape: AttentionShape(heads: sizes.heads, headWidth: sizes.headWidth, bias: bias),
      rotation: rotation)
    attentionOutput = try weights.linear(
      names.attentionOutput, outputs: hidden, inputs: hidden, bias: names.bias(.attention))
    attentionNorm = try weights.layerNorm(names.attentionNorm, width: hidden, epsilon: epsilon)
    feedForward = FeedForward(
      expansion: try Self.expansion(weights, names, sizes),
      output: try weights.linear(
        names.output, outputs: hidden, inputs: sizes.intermediate, bias: names.bias(.output)))
    outputNorm = try weights.layerNorm(names.outputNorm, width: hidden, epsilon: epsilon)
    try weights.refuseUnread()
  }

  private static func expansion(
    _ weights: Weights, _ names: Names, _ sizes: EncoderSizes
  ) throws(Failure) -> FeedForward.Expansion {
    let (inputs, outputs) = (sizes.hidden, sizes.intermediate)
    let bias = names.bias(.expansion)
    switch names.expansion {
    case .plain(let name):
      return .plain(
        try weights.linear(name, outputs: outputs, inputs: inputs, bias: bias), sizes.activation)
    case .gated(let gate, let value):
      let both = try weights.linear(
        stacking: [gate, value], outputs: [outputs, outputs], inputs: inputs, bias: bias)
      return .gated(GatedFeedForward(expansion: both, activation: sizes.activation))
    case .valueThenGate(let name):
      let both = try weights.linear(
        swappingHalvesOf: name, outputs: 2 * outputs, inputs: inputs, bias: bias)
      return .gated(GatedFeedForward(expansion: both, activation: sizes.activation))
    }
  }
}
