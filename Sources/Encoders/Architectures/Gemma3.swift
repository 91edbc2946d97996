// The text part of Gemma 3, from configuration to token vectors, in the order of execution.
//
// Easy to get wrong:
//   - EmbeddingGemma looks both ways: use_bidirectional_attention. A sliding_window of W then lets
//     a token see W / 2 tokens on each side; looking back only, W tokens with itself.
//   - Words are multiplied by √hidden, rounded to f32; the bf16 form of that number is another.
//   - Norms multiply by 1 + weight. There are four to a layer: before and after attention, before
//     and after the feed-forward part, the later ones inside the residual sum.
//   - Each head's query and key have a norm before they turn; scores are divided by
//     √query_pre_attn_scalar, not by √head_dim.
//   - Layers are sliding, with a theta of 10000, or full, with 1000000; five sliding ones before
//     each full one unless layer_types lists them. rope_scaling is about the full ones only.
//   - The activation is the tanh form of GELU.
//   - Weight names have the prefix `model.` where the file was saved with `lm_head`.

import Core
import Tensors

// MARK: Configuration

extension Gemma3 {
  /// What `config.json` says; an absent key has the value that transformers' Gemma3TextConfig gives
  /// it.
  struct Configuration: Sendable {
    /// Defaults: 262208 words, 2304 wide, 26 layers of 8 and 4 heads of 256, 9216 in between,
    /// 131072 positions; the activation is key `hidden_activation`.
    let sizes: StackSizes
    /// Key `use_bidirectional_attention`, default false.
    let looksBothWays: Bool
    /// Key `sliding_window`, default 4096.
    let window: Int
    /// Key `layer_types`, else every layer sliding but those whose number from 1 is a multiple of
    /// `sliding_window_pattern`, default 6.
    let layerTypes: [Sight.Layer]
    /// Key `query_pre_attn_scalar`, default 256.
    let queryScalar: Double
    /// Key `attention_bias`, default false: of all four layers of attention.
    let attentionBias: Weights.Bias
    /// For sliding layers: key `rope_local_base_freq`, default 10000, or
    /// `rope_parameters.sliding_attention`.
    let localRotary: Rotary
    /// For full layers: keys `rope_theta`, default 1000000, and `rope_scaling`, or
    /// `rope_parameters.full_attention`.
    let globalRotary: Rotary

    /// - Throws: `Failure` naming the key.
    init(_ file: ConfigFile) throws(Failure) {
      sizes = try StackSizes(
        file,
        StackSizes.Defaults(
          vocabulary: 262_208, hidden: 2304, layers: 26, heads: 8, keyValueHeads: 4, headWidth: 256,
          intermediate: 9216, positions: 131_072,
          activation: (key: "hidden_activation", name: "gelu_pytorch_tanh")))
      looksBothWays = try file.bool("use_bidirectional_attention", fallback: false)
      if let isCausal = try file.bool("is_causal"), isCausal == looksBothWays {
        throw file.unsupported(
          "is_causal", "is \(isCausal) against use_bidirectional_attention",
          hint: "use_bidirectional_attention decides here; remove is_causal")
      }
      if file["attn_logit_softcapping"] != nil {
        throw file.unsupported("attn_logit_softcapping", "is set", hint: "Gemma 3 has none")
      }
      window = try file.integer("sliding_window", in: 1...(1 << 30), fallback: 4096)
      layerTypes = try Self.layerTypes(file, count: sizes.layers)
      queryScalar = try file.number("query_pre_attn_scalar", in: 1e-3...1e6, fallback: 256)
      attentionBias = try file.bias("attention_bias")
      localRotary = try Rotary(
        file, for: Sight.Layer.sliding.rawValue, key: "rope_local_base_freq", theta: 10_000,
        width: sizes.headWidth, positions: sizes.positions, isScaled: false)
      globalRotary = try Rotary(
        file, for: Sight.Layer.full.rawValue, key: "rope_theta", theta: 1_000_000,
        width: sizes.headWidth, positions: sizes.positions, isScaled: true)
    }

    private static func layerTypes(
      _ file: ConfigFile, count: Int
    ) throws(Failure) -> [Sight.Layer] {
      let stated = try Sight.layerTypes(file, count: count)
      if file.isNull("sliding_window"), stated?.contains(.sliding) ?? true {
        throw file.wrong("sliding_window", "is null, but there are sliding layers")
      }
      if let stated { return stated }
      let pattern = try file.integer("sliding_window_pattern", in: 1...1024, fallback: 6)
      return (1...count).map { $0 % pattern == 0 ? .full : .sliding }
    }

    /// Who sees whom in a layer.
    func mask(_ type: Sight.Layer) -> AttentionShape.Mask {
      switch (type, looksBothWays) {
      case (.full, true): .full
      case (.full, false): .causal
      case (.sliding, true): .window(before: window / 2, after: window / 2)
      case (.sliding, false): .window(before: window - 1, after: 0)
      }
    }
  }
}

// MARK: Weights

/// The text part of a Gemma 3 without its head.
struct Gemma3: Architecture {
  var hidden: Int { configuration.sizes.hidden }
  /// Rotations go on without end; `max_position_embeddings` is what the model was trained with.
  var positions: Int? { nil }
  var vocabulary: Int { configuration.sizes.vocabulary }
  let parameters: Int
  var embeddingParameters: Int { words.count }

  let configuration: Configuration
  private let kernels: Kernels
  /// Shape [vocabulary, hidden].
  private let words: Floats
  private let layers: [Layer]
  private let norm: RMSNorm

  struct Layer: Sendable {
    let attentionNorm: RMSNorm
    let attention: Attention
    /// Shape [hidden, heads · headWidth].
    let attentionOutput: Linear
    let attentionOutputNorm: RMSNorm
    let feedForwardNorm: RMSNorm
    let feedForward: GatedFeedForward
    /// Shape [hidden, intermediate].
    let output: Linear
    let outputNorm: RMSNorm
  }

  /// Reads and packs the weights beside a `config.json`.
  ///
  /// - Throws: `Failure` naming the key or the tensor. Other tensors in the file are ignored.
  init(_ config: ConfigFile, _ tensors: Safetensors, _ kernels: Kernels) throws(Failure) {
    let configuration = try Configuration(config)
    let sizes = configuration.sizes
    let weights = Weights(
      tensors, prefixes: ["", "model."], mark: "embed_tokens.weight", kernels)
    self.configuration = configuration
    self.kernels = kernels
    words = try weights.matrix("embed_tokens", sizes.vocabulary, sizes.hidden)
    var layers: [Layer] = []
    for (number, type) in configuration.layerTypes.enumerated() {
      layers.append(try Layer(weights.at("layers.\(number)"), configuration, type))
    }
    self.layers = layers
    norm = try weights.rmsNorm(
      "norm", width: sizes.hidden, epsilon: sizes.epsilon, isOffset: true)
    parameters = weights.parameters(below: ["embed_tokens.", "layers.", "norm."])
  }
}

extension Gemma3.Layer {
  fileprivate init(
    _ weights: Weights, _ configuration: Gemma3.Configuration, _ type: Sight.Layer
  ) throws(Failure) {
    let sizes = configuration.sizes
    func norm(_ name: String) throws(Failure) -> RMSNorm {
      try weights.rmsNorm(name, width: sizes.hidden, epsilon: sizes.epsilon, isOffset: true)
    }
    let attentionWeights = weights.at("self_attn")
    let feedForwardWeights = weights.at("mlp")
    var attention = try Attention(
      attentionWeights, sizes, mask: configuration.mask(type), bias: configuration.attentionBias,
      scale: Float(1 / configuration.queryScalar.squareRoot()),
      rotation: type == .sliding ? 0 : 1)
    try attention.readHeadNorms(attentionWeights, epsilon: sizes.epsilon, isOffset: true)
    self.attention = attention
    attentionNorm = try norm("input_layernorm")
    attentionOutput = try attentionWeights.linear(
      "o_proj", outputs: sizes.hidden, inputs: attention.shape.contextWidth,
      bias: configuration.attentionBias)
    attentionOutputNorm = try norm("post_attention_layernorm")
    feedForwardNorm = try norm("pre_feedforward_layernorm")
    feedForward = try GatedFeedForward(feedForwardWeights, sizes, bias: .absent)
    output = try feedForwardWeights.linear(
      "down_proj", outputs: sizes.hidden, inputs: sizes.intermediate, bias: .absent)
    outputNorm = try norm("post_feedforward_layernorm")
    try weights.refuseUnread()
  }
}

// MARK: Forward

extension Gemma3 {
  func workspace(maxTokens: Int, longest: Int) -> Workspace {
    let shape = WorkspaceShape(
      hidden: hidden, attention: layers.first?.attention,
      rotary: [configuration.localRotary, configuration.globalRotary],
      expanded: 2 * configuration.sizes.intermediate, gated: configuration.sizes.intermediate,
      isNormedFirst: true)
    return Workspace(shape, maxTokens: maxTokens, longest: longest, kernels: kernels)
  }

  func forward(_ workspace: inout Workspace, trace: Trace?) {
    let tokens = workspace.batch.ids.count
    kernels.embed(
      ids: workspace.batch.ids, words: words, scale: Float(Double(hidden).squareRoot()),
      into: &workspace.hidden)
    for (number, layer) in layers.enumerated() {
      trace?(number, workspace.hidden)
      // middle = norm(attention(norm(hidden)))
      kernels.rmsNorm(workspace.hidden, rows: tokens, layer.attentionNorm, into: &workspace.normed)
      layer.attention.gather(
        workspace.normed, of: workspace.batch, in: &workspace.attention, kernels)
      kernels.linear(
        workspace.attention.context, rows: tokens, layer.attentionOutput, into: &workspace.middle)
      kernels.rmsNorm(&workspace.middle, rows: tokens, layer.attentionOutputNorm)
      // normed = hidden + middle: the sum takes the place that the norm has no more use for
      kernels.add(workspace.hidden, workspace.middle, rows: tokens, into: &workspace.normed)
      // middle = norm(feedForward(norm(normed))); hidden = normed + middle
      kernels.rmsNorm(
        workspace.normed, rows: tokens, layer.feedForwardNorm, into: &workspace.middle)
      layer.feedForward.expand(
        workspace.middle, rows: tokens, in: &workspace.feedForward, kernels)
      kernels.linear(
        workspace.feedForward.gated, rows: tokens, layer.output, into: &workspace.middle)
      kernels.rmsNorm(&workspace.middle, rows: tokens, layer.outputNorm)
      kernels.add(workspace.normed, workspace.middle, rows: tokens, into: &workspace.hidden)
    }
    kernels.rmsNorm(&workspace.hidden, rows: tokens, norm)
    trace?(layers.count, workspace.hidden)
  }
}
