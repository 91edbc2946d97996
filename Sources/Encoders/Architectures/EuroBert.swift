// EuroBERT, from configuration to token vectors: an encoder in Llama's shape, a `PreNormStack`.
//
// Easy to get wrong:
//   - It looks both ways, and no key says so.
//   - rms_norm_eps is 1e-5 by default, not Llama's 1e-6.
//   - rope_theta is 10000 where the key is absent; real files say 250000.
//   - torch_dtype says float32 in files whose weights are bf16: the tensors decide.
//   - Weight names have the prefix `model.` where the file was saved with `lm_head`.

import Core
import Tensors

// MARK: Configuration

extension EuroBert {
  /// What `config.json` says; an absent key has the value that transformers' EuroBertConfig gives
  /// it.
  struct Configuration: Sendable {
    /// Defaults: 128256 words, 768 wide, 12 layers of 12 heads, 3072 in between, 8192 positions.
    let sizes: StackSizes
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
          vocabulary: 128_256, hidden: 768, layers: 12, heads: 12, intermediate: 3072,
          positions: 8192, epsilon: 1e-5))
      try Sight.checkBothWays(file)
      rotary = try Rotary(file, width: sizes.headWidth, positions: sizes.positions)
      attentionBias = try file.bias("attention_bias")
      feedForwardBias = try file.bias("mlp_bias")
    }
  }
}

// MARK: Weights and forward pass

/// A EuroBERT encoder.
struct EuroBert: PreNormArchitecture {
  let stack: PreNormStack

  /// Reads and packs the weights beside a `config.json`.
  ///
  /// - Throws: `Failure` naming the key or the tensor.
  init(_ config: ConfigFile, _ tensors: Safetensors, _ kernels: Kernels) throws(Failure) {
    let configuration = try Configuration(config)
    let sizes = configuration.sizes
    let layer = PreNormLayer.Parts(
      mask: .full, projectionBias: configuration.attentionBias,
      attentionBias: configuration.attentionBias, feedForwardBias: configuration.feedForwardBias)
    stack = try PreNormStack(
      tensors, kernels, sizes, configuration.rotary,
      parts: Array(repeating: layer, count: sizes.layers))
  }
}
