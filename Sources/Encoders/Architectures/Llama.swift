// Llama, looking back only or both ways, from configuration to token vectors: a `PreNormStack`.
//
// Easy to get wrong:
//   - `llama` looks back only, unless is_causal is false or use_bidirectional_attention is true;
//     `llama_bidirec` (llama-embed-nemotron) always looks both ways and has no key that says so.
//   - Queries and keys turn by halves of a head (number j with j + headWidth / 2), not by
//     neighbours, and by llama3's three zones where rope_scaling asks for them.
//   - There are fewer heads of keys and values than of queries: head h reads h / (heads / kv).
//   - head_dim may be given, and then heads · head_dim need not be hidden_size.
//   - rms_norm_eps is 1e-6 by default; most files say 1e-5.
//   - The final norm belongs to the model: the last layer's result is not the token vector.
//   - Weight names have the prefix `model.` where the file was saved with `lm_head`, which is not
//     used; the pad token is often the end token, so nothing may be derived from ids.

import Core
import Tensors

// MARK: Configuration

extension Llama {
  /// What `config.json` says; an absent key has the value that transformers' LlamaConfig gives it.
  struct Configuration: Sendable {
    /// Defaults: 32000 words, 4096 wide, 32 layers of 32 heads, 11008 in between, 2048 positions.
    let sizes: StackSizes
    /// Keys `is_causal` and `use_bidirectional_attention`, default causal; never for
    /// `llama_bidirec`.
    let isCausal: Bool
    /// Keys `rope_theta`, default 10000, and `rope_scaling`, or `rope_parameters`.
    let rotary: Rotary
    /// Key `attention_bias`, default false: of all four layers of attention.
    let attentionBias: Weights.Bias
    /// Key `mlp_bias`, default false: of all three layers of the feed-forward part.
    let feedForwardBias: Weights.Bias

    /// - Throws: `Failure` naming the key.
    init(_ file: ConfigFile) throws(Failure) {
      sizes = try StackSizes(
        file,
        StackSizes.Defaults(
          vocabulary: 32_000, hidden: 4096, layers: 32, heads: 32, intermediate: 11_008,
          positions: 2048))
      if try file.string("model_type") == "llama_bidirec" {
        try Sight.checkBothWays(file)
        isCausal = false
      } else {
        isCausal = try Sight.isCausal(file, readsFlag: true)
      }
      rotary = try Rotary(file, width: sizes.headWidth, positions: sizes.positions)
      attentionBias = try file.bias("attention_bias")
      feedForwardBias = try file.bias("mlp_bias")
    }
  }
}

// MARK: Weights and forward pass

/// A Llama without its head.
struct Llama: PreNormArchitecture {
  let stack: PreNormStack

  /// Reads and packs the weights beside a `config.json`.
  ///
  /// - Throws: `Failure` naming the key or the tensor.
  init(_ config: ConfigFile, _ tensors: Safetensors, _ kernels: Kernels) throws(Failure) {
    let configuration = try Configuration(config)
    let sizes = configuration.sizes
    let layer = PreNormLayer.Parts(
      mask: Sight.mask(isCausal: configuration.isCausal, window: nil),
      projectionBias: configuration.attentionBias, attentionBias: configuration.attentionBias,
      feedForwardBias: configuration.feedForwardBias)
    stack = try PreNormStack(
      tensors, kernels, sizes, configuration.rotary,
      parts: Array(repeating: layer, count: sizes.layers))
  }
}
