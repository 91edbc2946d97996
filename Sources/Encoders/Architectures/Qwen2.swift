// Qwen 2 and 2.5, looking back only or both ways, from configuration to token vectors: a
// `PreNormStack` whose queries, keys and values have a bias.
//
// Easy to get wrong:
//   - Queries, keys and values have a bias and the layer behind attention has none; no key says so.
//   - gte-Qwen2 looks both ways and says it by is_causal false alone.
//   - sliding_window counts only where use_sliding_window is true, and then only for the layers
//     from max_window_layers on, unless layer_types lists them.
//   - rope_theta is 10000 where the key is absent; all real files say 1000000.
//   - Weight names have the prefix `model.` where the file was saved with `lm_head`.

import Core
import Tensors

// MARK: Configuration

extension Qwen2 {
  /// What `config.json` says; an absent key has the value that transformers' Qwen2Config gives it.
  struct Configuration: Sendable {
    /// Defaults: 151936 words, 4096 wide, 32 layers of 32 heads, 22016 in between, 32768 positions.
    let sizes: StackSizes
    /// Key `is_causal`, default true.
    let isCausal: Bool
    /// The window of each layer, nil where it sees the whole text.
    let windows: [Int?]
    /// Keys `rope_theta`, default 10000, and `rope_scaling`, or `rope_parameters`.
    let rotary: Rotary

    /// - Throws: `Failure` naming the key.
    init(_ file: ConfigFile) throws(Failure) {
      sizes = try StackSizes(
        file,
        StackSizes.Defaults(
          vocabulary: 151_936, hidden: 4096, layers: 32, heads: 32, keyValueHeads: 32,
          intermediate: 22_016, positions: 32_768))
      isCausal = try Sight.isCausal(file)
      windows = try Self.windows(file, count: sizes.layers)
      rotary = try Rotary(file, width: sizes.headWidth, positions: sizes.positions)
    }

    /// The window of each layer, as Qwen 2 and 3 say it.
    ///
    /// Keys `use_sliding_window`, default false; `sliding_window`, default 4096;
    /// `max_window_layers`, default 28; `layer_types`.
    static func windows(_ file: ConfigFile, count: Int) throws(Failure) -> [Int?] {
      let isUsed = try file.bool("use_sliding_window", fallback: false)
      let window = try isUsed ? Sight.window(file, fallback: 4096) : nil
      if let windows = try Sight.windows(file, window, count: count) { return windows }
      let first = try file.integer("max_window_layers", in: 0...(1 << 20), fallback: 28)
      return (0..<count).map { $0 >= first ? window : nil }
    }
  }
}

// MARK: Weights and forward pass

/// A Qwen 2 without its head.
struct Qwen2: PreNormArchitecture {
  let stack: PreNormStack

  /// Reads and packs the weights beside a `config.json`.
  ///
  /// - Throws: `Failure` naming the key or the tensor.
  init(_ config: ConfigFile, _ tensors: Safetensors, _ kernels: Kernels) throws(Failure) {
    let configuration = try Configuration(config)
    let parts = configuration.windows.map { window in
      PreNormLayer.Parts(
        mask: Sight.mask(isCausal: configuration.isCausal, window: window),
        projectionBias: .required)
    }
    stack = try PreNormStack(
      tensors, kernels, configuration.sizes, configuration.rotary, parts: parts)
  }
}
