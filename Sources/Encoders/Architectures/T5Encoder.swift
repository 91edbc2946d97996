// The encoder of T5 and mT5, from configuration to token vectors, in the order of execution.
//
// Easy to get wrong:
//   - Scores are not scaled: no 1 / √d anywhere.
//   - Block 0 has the bias for relative positions; every block adds it.
//   - There is no other position, so no text is too long for the weights; n_positions means nothing.
//   - Norms are RMS norms, before the blocks, and one follows the last block.
//   - `gated-gelu` means the tanh form of GELU, `gelu` alone the erf form; wi_0 is the gate.
//   - heads · d_kv need not be d_model.
//   - Linear layers have no bias.
//   - The embedding is `shared.weight`; where the file has `encoder.embed_tokens.weight` too, or
//     only that, it is that one, should they differ.
//   - Files of the whole model hold a decoder besides, which is not read.

import Core
import Tensors

// MARK: Configuration

extension T5Encoder {
  /// What `config.json` says; an absent key has the value that transformers' T5Config gives it.
  ///
  /// Under `mt5` MT5Config's defaults hold. transformers understands BERT's keys for some sizes too.
  struct Configuration: Sendable {
    /// Key `vocab_size`, default 32128, 250112 for mT5.
    let vocabulary: Int
    /// Key `d_model`, default 512.
    let hidden: Int
    /// Key `num_layers`, default 6, 8 for mT5.
    let layers: Int
    /// Key `num_heads`, default 8, 6 for mT5.
    let heads: Int
    /// Key `d_kv`, default 64.
    let headWidth: Int
    /// Key `d_ff`, default 2048, 1024 for mT5.
    let intermediate: Int
    /// Key `layer_norm_epsilon`, default 1e-6.
    let epsilon: Float
    /// Keys `relative_attention_num_buckets`, default 32, and `relative_attention_max_distance`, 128.
    let buckets: RelativeBuckets
    /// Key `feed_forward_proj`, default `relu`, `gated-gelu` for mT5.
    let activation: Activation
    let isGated: Bool

    /// - Throws: `Failure` naming the key.
    init(_ file: ConfigFile) throws(Failure) {
      let isMultilingual = try file.string("model_type") == "mt5"
      let widths = 1...(1 << 16)
      try file.requireAbsent("quantization_config")
      vocabulary = try file.integer(
        "vocab_size", in: 1...(1 << 24), fallback: isMultilingual ? 250_112 : 32128)
      hidden = try file.integer(["d_model", "hidden_size"], in: widths, fallback: 512)
      layers = try file.integer(
        ["num_layers", "num_hidden_layers"], in: 1...1024, fallback: isMultilingual ? 8 : 6)
      heads = try file.integer(
        ["num_heads", "num_attention_heads"], in: 1...4096, fallback: isMultilingual ? 6 : 8)
      headWidth = try file.integer(["d_kv", "head_dim"], in: widths, fallback: 64)
      intermediate = try file.integer(
        "d_ff", in: 1...(1 << 20), fallback: isMultilingual ? 1024 : 2048)
      epsilon = Float(try file.number("layer_norm_epsilon", in: 0...1, fallback: 1e-6))
      buckets = try Self.buckets(file)
      (activation, isGated) = try Self.feedForward(
        file, try file.string("feed_forward_proj") ?? (isMultilingual ? "gated-gelu" : "relu"))
    }

    private static func buckets(_ file: ConfigFile) throws(Failure) -> RelativeBuckets {
      let buckets = RelativeBuckets(
        count: try file.integer("relative_attention_num_buckets", in: 4...4096, fallback: 32),
        maxDistance: try file.integer(
          "relative_attention_max_distance", in: 2...4096, fallback: 128))
      guard buckets.maxDistance > buckets.count / 4 else {
        throw file.wrong(
          "relative_attention_max_distance",
          "is \(buckets.maxDistance), too near for \(buckets.count) buckets")
      }
      return buckets
    }

    /// `relu`, `gelu`, …, or `gated-` and one of them; other keys repeat what it says.
    private static func feedForward(
      _ file: ConfigFile, _ name: String
    ) throws(Failure) -> (Activation, isGated: Bool) {
      let key = "feed_forward_proj"
      let parts = name.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
      let isGated = parts.count == 2 && parts[0] == "gated"
      guard isGated || parts.count == 1, let last = parts.last else {
        throw file.unsupported(key, "is '\(name)'", hint: "Borda has relu, gated-gelu and the like")
      }
      let wanted = name == "gated-gelu" ? "gelu_new" : last
      let activation = try file.activation(named: wanted, under: key)
      guard try file.activation("dense_act_fn", fallback: wanted) == activation else {
        throw file.wrong("dense_act_fn", "is not what \(key) says, '\(name)'")
      }
      guard try file.bool("is_gated_act", fallback: isGated) == isGated else {
        throw file.wrong("is_gated_act", "is not what \(key) says, '\(name)'")
      }
      return (activation, isGated)
    }
  }
}

// MARK: Weights

/// The encoder of a T5 model.
struct T5Encoder: Architecture {
  var hidden: Int { configuration.hidden }
  var positions: Int? { nil }
  var vocabulary: Int { configuration.vocabulary }
  /// A decoder in the file does not count.
  let parameters: Int
  var embeddingParameters: Int { words.count }

  private let configuration: Configuration
  private let kernels: Kernels
  /// Shape [vocabulary, hidden].
  private let words: Floats
  private let layers: [Layer]
  private let finalNorm: RMSNorm

  fileprivate struct Layer: Sendable {
    let attentionNorm: RMSNorm
    let attention: Attention
    /// Shape [hidden, heads · headWidth].
    let attentionOutput: Linear
    let feedForwardNorm: RMSNorm
    let feedForward: FeedForward
  }

  /// Reads and packs the weights beside a `config.json`.
  ///
  /// - Throws: `Failure` naming the key or the tensor that is wrong.
  init(_ config: ConfigFile, _ tensors: Safetensors, _ kernels: Kernels) throws(Failure) {
    let configuration = try Configuration(config)
    self.configuration = configuration
    self.kernels = kernels
    let weights = Weights(
      tensors, prefixes: ["", "transformer."], mark: "encoder.final_layer_norm.weight", kernels)
    let hasOwn = weights.has("encoder.embed_tokens.weight")
    words = try weights.matrix(
      hasOwn ? "encoder.embed_tokens" : "shared", configuration.vocabulary, configuration.hidden)
    let blocks = weights.at("encoder.block")
    let learned = try blocks.matrix(
      "0.layer.0.SelfAttention.relative_attention_bias", configuration.buckets.count,
      configuration.heads)
    let bias = configuration.buckets.bias(learned)
    var layers: [Layer] = []
    for number in 0..<configuration.layers {
      layers.append(try Layer(blocks.at("\(number)"), configuration, bias))
    }
    self.layers = layers
    finalNorm = try weights.rmsNorm(
      "encoder.final_layer_norm", width: configuration.hidden, epsilon: configuration.epsilon)
    // The embedding may be in the file twice.
    parameters =
      words.count + weights.parameters(below: ["encoder.block.", "encoder.final_layer_norm."])
  }
}

extension T5Encoder.Layer {
  fileprivate init(
    _ weights: Weights, _ configuration: T5Encoder.Configuration, _ bias: RelativeBias
  ) throws(Failure) {
    let (hidden, epsilon) = (configuration.hidden, configuration.epsilon)
    let inner = configuration.heads * configuration.headWidth
    let (first, second) = (weights.at("layer.0"), weights.at("layer.1"))
    attentionNorm = try first.rmsNorm("layer_norm", width: hidden, epsilon: epsilon)
    attention = Attention(
      projections: try first.linear(
        stacking: ["SelfAttention.q", "SelfAttention.k", "SelfAttention.v"],
        outputs: [inner, inner, inner], inputs: hidden, bias: .absent),
      shape: AttentionShape(
        heads: configuration.heads, headWidth: configuration.headWidth, scale: 1, bias: bias))
    attentionOutput = try first.linear(
      "SelfAttention.o", outputs: hidden, inputs: inner, bias: .absent)
    feedForwardNorm = try second.rmsNorm("layer_norm", width: hidden, epsilon: epsilon)
    let parts = second.at("DenseReluDense")
    let width = configuration.intermediate
    let expansion: FeedForward.Expansion
    if configuration.isGated {
      let both = try parts.linear(
        stacking: ["wi_0", "wi_1"], outputs: [width, width], inputs: hidden, bias: .absent)
      expansion = .gated(
        GatedFeedForward(expansion: both, activation: configuration.activation))
    } else {
      expansion = .plain(
        try parts.linear("wi", outputs: width, inputs: hidden, bias: .absent),
        configuration.activation)
    }
    feedForward = FeedForward(
      expansion: expansion,
      output: try parts.linear("wo", outputs: hidden, inputs: width, bias: .absent))
    try weights.refuseUnread()
  }
}

// MARK: Forward

extension T5Encoder {
  func workspace(maxTokens: Int, longest: Int) -> Workspace {
    let feedForward = layers[0].feedForward
    let shape = WorkspaceShape(
      hidden: hidden, attention: layers[0].attention, expanded: feedForward.expandedWidth,
      gated: feedForward.gatedWidth, isNormedFirst: true)
    return Workspace(shape, maxTokens: maxTokens, longest: longest, kernels: kernels)
  }

  func forward(_ workspace: inout Workspace, trace: Trace?) {
    let tokens = workspace.batch.ids.count
    kernels.embed(ids: workspace.batch.ids, words: words, into: &workspace.hidden)
    for (number, layer) in layers.enumerated() {
      trace?(number, workspace.hidden)
      // middle = hidden + attention(norm(hidden))
      kernels.rmsNorm(
        workspace.hidden, rows: tokens, layer.attentionNorm, into: &workspace.normed)
      layer.attention.gather(
        workspace.normed, of: workspace.batch, in: &workspace.attention, kernels)
      kernels.linear(
        workspace.attention.context, rows: tokens, layer.attentionOutput,
        adding: workspace.hidden, into: &workspace.middle)
      // hidden = middle + feedForward(norm(middle))
      kernels.rmsNorm(
        workspace.middle, rows: tokens, layer.feedForwardNorm, into: &workspace.normed)
      layer.feedForward.compute(
        workspace.normed, rows: tokens, adding: workspace.middle, into: &workspace.hidden,
        in: &workspace.feedForward, kernels)
    }
    kernels.rmsNorm(&workspace.hidden, rows: tokens, finalNorm)
    trace?(layers.count, workspace.hidden)
  }
}
