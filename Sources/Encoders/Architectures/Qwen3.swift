// Qwen 3, from configuration to token vectors: a `PreNormStack` that norms queries and keys.
//
// Easy to get wrong:
//   - Each head's query and key go through an RMS norm before they turn; all heads share a scale.
//   - head_dim is 128 where the key is absent, not hidden_size / heads, so the layer behind
//     attention has heads · head_dim inputs.
//   - No bias unless attention_bias says so, and then all four layers of attention have one.
//   - YaRN multiplies cosines and sines too, by 0.1 ln(factor) + 1.
//   - vocab_size is larger than the tokenizer's vocabulary; the rows beyond are never asked for.
//   - Weight names have the prefix `model.` where the file was saved with `lm_head`, which is tied
//     to the table in the small models.

import Core
import Tensors

// MARK: Configuration

extension Qwen3 {
  /// What `config.json` says; an absent key has the value that transformers' Qwen3Config gives it.
  struct Configuration: Sendable {
    /// Defaults: 151936 words, 4096 wide, 32 layers of 32 heads of 128, 22016 in between, 32768
    /// positions.
    let sizes: StackSizes
    /// Key `is_causal`, default true.
    let isCausal: Bool
    /// The window of each layer, nil where it sees the whole text; the keys are Qwen 2's.
    let windows: [Int?]
    /// Keys `rope_theta`, default 10000, and `rope_scaling`, or `rope_parameters`.
    let rotary: Rotary
    /// Key `attention_bias`, default false.
    let attentionBias: Weights.Bias

    /// - Throws: `Failure` naming the key.
    init(_ file: ConfigFile) throws(Failure) {
      sizes = try StackSizes(
        file,
        StackSizes.Defaults(
          vocabulary: 151_936, hidden: 4096, layers: 32, heads: 32, keyValueHeads: 32,
          headWidth: 128, intermediate: 22_016, positions: 32_768))
      isCausal = try Sight.isCausal(file)
      windows = try Qwen2.Configuration.windows(file, count: sizes.layers)
      rotary = try Rotary(file, width: sizes.headWidth, positions: sizes.positions)
      attentionBias = try file.bias("attention_bias")
    }
  }
}

// MARK: Weights and forward pass

/// A Qwen 3 without its head.
struct Qwen3: PreNormArchitecture {
  let stack: PreNormStack

  /// Reads and packs the weights beside a `config.json`.
  ///
  /// - Throws: `Failure` naming the key or the tensor.
  init(_ config: ConfigFile, _ tensors: Safetensors, _ kernels: Kernels) throws(Failure) {
    let configuration = try Configuration(config)
    let bias = configuration.attentionBias
    let parts = configuration.windows.map { window in
      PreNormLayer.Parts(
        mask: Sight.mask(isCausal: configuration.isCausal, window: window), projectionBias: bias,
        attentionBias: bias, hasHeadNorms: true)
    }
    stack = try PreNormStack(
      tensors, kernels, configuration.sizes, configuration.rotary, parts: parts)
  }
}
