// ModernBERT, from configuration to token vectors, in the order of execution.
//
// Easy to get wrong:
//   - Norms stand before the blocks, but layer 0 has none before its attention: the embeddings'
//     norm serves, and `layers.0.attn_norm` does not exist. A last norm follows the last layer.
//   - local_attention 128 means |i - j| <= 64; layers 0, 3, 6, … see the whole text.
//   - Local and global layers turn by different thetas.
//   - `Wi` holds the gate first, then the value.
//   - The epsilon's key is norm_eps; layer_norm_eps, which files carry too, means nothing.
//   - Norms have no shift, linear layers no bias, unless the configuration says so.
//   - Weight names have the prefix `model.` where the file was saved with a head.

import Core
import Tensors

// MARK: Configuration

extension ModernBert {
  /// What `config.json` says; an absent key has the value that transformers' ModernBertConfig gives.
  struct Configuration: Sendable {
    let sizes: EncoderSizes
    /// Keys `layer_types`, or `global_attn_every_n_layers`, default 3: for each layer, whether it
    /// sees near tokens only.
    let isLocal: [Bool]
    /// Key `local_attention`, default 128, of which half lies on each side.
    let reach: Int
    /// Of layers that see all, and of local ones: theta 160000 and 10000 by default.
    let rotations: [Rotary]
    /// Keys `norm_bias`, `attention_bias`, `mlp_bias`, all false by default.
    let normBias, attentionBias, feedForwardBias: Weights.Bias

    static let defaults = EncoderSizes(
      vocabulary: 50368, hidden: 768, layers: 22, heads: 12, intermediate: 1152, positions: 8192,
      epsilon: 1e-5, activation: .gelu)

    static let keys = EncoderSizes.Keys(
      epsilon: "norm_eps", activation: "hidden_activation", tokenTypes: nil)

    /// - Throws: `Failure` naming the key.
    init(_ file: ConfigFile) throws(Failure) {
      let sizes = try EncoderSizes(file, keys: Self.keys, defaults: Self.defaults)
      self.sizes = sizes
      isLocal = try Self.isLocal(file, layers: sizes.layers)
      reach = try Self.reach(file)
      rotations = [
        try Rotary(
          file, for: "full_attention", key: "global_rope_theta", theta: 160_000,
          width: sizes.headWidth, positions: sizes.positions, isScaled: true),
        try Rotary(
          file, for: "sliding_attention", key: "local_rope_theta", theta: 10_000,
          width: sizes.headWidth, positions: sizes.positions, isScaled: true),
      ]
      normBias = try file.bias("norm_bias")
      attentionBias = try file.bias("attention_bias")
      feedForwardBias = try file.bias("mlp_bias")
    }

    private static func isLocal(_ file: ConfigFile, layers: Int) throws(Failure) -> [Bool] {
      guard let types = try file.strings("layer_types") else {
        let period = try file.integer("global_attn_every_n_layers", in: 1...1024, fallback: 3)
        return (0..<layers).map { $0 % period != 0 }
      }
      guard types.count == layers else {
        throw file.wrong(
          "layer_types", "names \(types.count) layers, but num_hidden_layers is \(layers)")
      }
      var isLocal: [Bool] = []
      for type in types {
        guard let value = ["sliding_attention": true, "full_attention": false][type] else {
          throw file.unsupported(
            "layer_types", "names '\(type)'", hint: "Borda has sliding_attention, full_attention")
        }
        isLocal.append(value)
      }
      return isLocal
    }

    /// How far a local layer sees to each side; newer code also writes that number itself.
    private static func reach(_ file: ConfigFile) throws(Failure) -> Int {
      let window = try file.integer("local_attention", in: 1...(1 << 21))
      guard let reach = try file.integer("sliding_window", in: 1...(1 << 20)) else {
        return (window ?? 128) / 2
      }
      if let window, window / 2 != reach {
        throw file.wrong("sliding_window", "is \(reach), but local_attention is \(window)")
      }
      return reach
    }
  }
}

// MARK: Weights

/// A ModernBERT encoder.
struct ModernBert: Architecture {
  var hidden: Int { configuration.sizes.hidden }
  var positions: Int? { nil }
  var vocabulary: Int { configuration.sizes.vocabulary }
  let parameters: Int
  var embeddingParameters: Int { words.count }

  private let configuration: Configuration
  private let kernels: Kernels
  /// Shape [vocabulary, hidden].
  private let words: Floats
  private let embeddingNorm: LayerNorm
  private let layers: [Layer]
  private let finalNorm: LayerNorm

  fileprivate struct Layer: Sendable {
    /// nil in layer 0.
    let attentionNorm: LayerNorm?
    let attention: Attention
    /// Shape [hidden, hidden].
    let attentionOutput: Linear
    let feedForwardNorm: LayerNorm
    let feedForward: FeedForward
  }

  /// Reads and packs the weights beside a `config.json`.
  ///
  /// - Throws: `Failure` naming the key or the tensor that is wrong.
  init(_ config: ConfigFile, _ tensors: Safetensors, _ kernels: Kernels) throws(Failure) {
    let configuration = try Configuration(config)
    self.configuration = configuration
    self.kernels = kernels
    let sizes = configuration.sizes
    let weights = Weights(
      tensors, prefixes: ["", "model."], mark: "embeddings.tok_embeddings.weight", kernels)
    words = try weights.matrix("embeddings.tok_embeddings", sizes.vocabulary, sizes.hidden)
    embeddingNorm = try weights.layerNorm(
      "embeddings.norm", width: sizes.hidden, epsilon: sizes.epsilon, bias: configuration.normBias)
    var layers: [Layer] = []
    for number in 0..<sizes.layers {
      layers.append(try Layer(weights.at("layers.\(number)"), number, configuration))
    }
    self.layers = layers
    finalNorm = try weights.layerNorm(
      "final_norm", width: sizes.hidden, epsilon: sizes.epsilon, bias: configuration.normBias)
    parameters = weights.parameters(below: ["embeddings.", "layers.", "final_norm."])
  }
}

extension ModernBert.Layer {
  fileprivate init(
    _ weights: Weights, _ number: Int, _ configuration: ModernBert.Configuration
  ) throws(Failure) {
    let sizes = configuration.sizes
    let (hidden, epsilon) = (sizes.hidden, sizes.epsilon)
    let isLocal = configuration.isLocal[number]
    let reach = configuration.reach
    attentionNorm =
      number == 0
      ? nil
      : try weights.layerNorm(
        "attn_norm", width: hidden, epsilon: epsilon, bias: configuration.normBias)
    attention = Attention(
      projections: try weights.linear(
        "attn.Wqkv", outputs: 3 * hidden, inputs: hidden, bias: configuration.attentionBias),
      shape: AttentionShape(
        heads: sizes.heads, headWidth: sizes.headWidth,
        mask: isLocal ? .window(before: reach, after: reach) : .full),
      rotation: isLocal ? 1 : 0)
    attentionOutput = try weights.linear(
      "attn.Wo", outputs: hidden, inputs: hidden, bias: configuration.attentionBias)
    feedForwardNorm = try weights.layerNorm(
      "mlp_norm", width: hidden, epsilon: epsilon, bias: configuration.normBias)
    feedForward = FeedForward(
      expansion: .gated(
        GatedFeedForward(
          expansion: try weights.linear(
            "mlp.Wi", outputs: 2 * sizes.intermediate, inputs: hidden,
            bias: configuration.feedForwardBias),
          activation: sizes.activation)),
      output: try weights.linear(
        "mlp.Wo", outputs: hidden, inputs: sizes.intermediate,
        bias: configuration.feedForwardBias))
    try weights.refuseUnread()
  }
}

// MARK: Forward

extension ModernBert {
  func workspace(maxTokens: Int, longest: Int) -> Workspace {
    let feedForward = layers[0].feedForward
    let shape = WorkspaceShape(
      hidden: hidden, attention: layers[0].attention, rotary: configuration.rotations,
      expanded: feedForward.expandedWidth, gated: feedForward.gatedWidth, isNormedFirst: true)
    return Workspace(shape, maxTokens: maxTokens, longest: longest, kernels: kernels)
  }

  func forward(_ workspace: inout Workspace, trace: Trace?) {
    let tokens = workspace.batch.ids.count
    kernels.embed(ids: workspace.batch.ids, words: words, into: &workspace.hidden)
    kernels.layerNorm(&workspace.hidden, rows: tokens, embeddingNorm)
    for (number, layer) in layers.enumerated() {
      trace?(number, workspace.hidden)
      // middle = hidden + attention(norm(hidden))
      if let norm = layer.attentionNorm {
        kernels.layerNorm(workspace.hidden, rows: tokens, norm, into: &workspace.normed)
        layer.attention.gather(
          workspace.normed, of: workspace.batch, in: &workspace.attention, kernels)
      } else {
        layer.attention.gather(
          workspace.hidden, of: workspace.batch, in: &workspace.attention, kernels)
      }
      kernels.linear(
        workspace.attention.context, rows: tokens, layer.attentionOutput,
        adding: workspace.hidden, into: &workspace.middle)
      // hidden = middle + feedForward(norm(middle))
      kernels.layerNorm(
        workspace.middle, rows: tokens, layer.feedForwardNorm, into: &workspace.normed)
      layer.feedForward.compute(
        workspace.normed, rows: tokens, adding: workspace.middle, into: &workspace.hidden,
        in: &workspace.feedForward, kernels)
    }
    kernels.layerNorm(&workspace.hidden, rows: tokens, finalNorm)
    trace?(layers.count, workspace.hidden)
  }
}
