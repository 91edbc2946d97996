// Mistral, from configuration to token vectors: a `PreNormStack` whose layers have a window.
//
// Easy to get wrong:
//   - A sliding_window of W lets a token see W tokens, itself among them: i - W < j <= i.
//   - An absent sliding_window means 4096, null means none; all layers have it, unless layer_types
//     lists full ones, which makes a mistral a ministral.
//   - With is_causal false a token sees W tokens on each side, and itself.
//   - There are 8 heads of keys and values where the key is absent, not as many as heads.
//   - No layer has a bias, whatever attention_bias says.
//   - Weight names have the prefix `model.` where the file was saved with `lm_head`.

import Core
import Tensors

// MARK: Configuration

extension Mistral {
  /// What `config.json` says; an absent key has the value that transformers' MistralConfig gives
  /// it.
  struct Configuration: Sendable {
    /// Defaults: 32000 words, 4096 wide, 32 layers of 32 and 8 heads, 14336 in between, 131072
    /// positions.
    let sizes: StackSizes
    /// Key `is_causal`, default true.
    let isCausal: Bool
    /// The window of each layer, nil where it sees the whole text.
    ///
    /// Keys `sliding_window`, default 4096, null for none, and `layer_types`.
    let windows: [Int?]
    /// Keys `rope_theta`, default 10000, and `rope_scaling`, or `rope_parameters`.
    let rotary: Rotary

    /// - Throws: `Failure` naming the key.
    init(_ file: ConfigFile) throws(Failure) {
      sizes = try StackSizes(
        file,
        StackSizes.Defaults(
          vocabulary: 32_000, hidden: 4096, layers: 32, heads: 32, keyValueHeads: 8,
          intermediate: 14_336, positions: 131_072))
      isCausal = try Sight.isCausal(file)
      let window = try Sight.window(file, fallback: 4096)
      windows =
        try Sight.windows(file, window, count: sizes.layers)
        ?? Array(repeating: window, count: sizes.layers)
      rotary = try Rotary(file, width: sizes.headWidth, positions: sizes.positions)
    }
  }
}

// MARK: Weights and forward pass

/// A Mistral without its head.
struct Mistral: PreNormArchitecture {
  let stack: PreNormStack

  /// Reads and packs the weights beside a `config.json`.
  ///
  /// - Throws: `Failure` naming the key or the tensor.
  init(_ config: ConfigFile, _ tensors: Safetensors, _ kernels: Kernels) throws(Failure) {
    let configuration = try Configuration(config)
    let parts = configuration.windows.map { window in
      PreNormLayer.Parts(mask: Sight.mask(isCausal: configuration.isCausal, window: window))
    }
    stack = try PreNormStack(
      tensors, kernels, configuration.sizes, configuration.rotary, parts: parts)
  }
}
