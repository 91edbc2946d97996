// MPNet: its configuration, the names of its weights and its relative positions. `PostNormEncoder`
// computes it.
//
// Easy to get wrong:
//   - One bias for relative positions, learned once, is added to every layer's scores, after scaling.
//   - Distances fall into 32 buckets up to 128 whatever the configuration says; more rows in the
//     file are never used.
//   - Absolute positions are there too, counted as RoBERTa's from a padding id of 1, which the
//     configuration cannot change.
//   - There are no token types.
//   - The norm after attention is called `attention.LayerNorm`.

import Core
import Tensors

// MARK: Configuration

extension MPNet {
  /// What `config.json` says; an absent key has the value that transformers' MPNetConfig gives it.
  struct Configuration: Sendable {
    let sizes: EncoderSizes
    let count: PositionCount
    /// Key `relative_attention_num_buckets`, default 32: rows of the table in the file.
    let bucketRows: Int

    static let buckets = RelativeBuckets(count: 32, maxDistance: 128)

    static let defaults = EncoderSizes(
      vocabulary: 30527, hidden: 768, layers: 12, heads: 12, intermediate: 3072, positions: 512,
      epsilon: 1e-12, activation: .gelu)

    /// - Throws: `Failure` naming the key.
    init(_ file: ConfigFile) throws(Failure) {
      var keys = EncoderSizes.Keys()
      keys.tokenTypes = nil
      sizes = try EncoderSizes(file, keys: keys, defaults: Self.defaults)
      count = try PositionCount(padding: 1, file, sizes)
      bucketRows = try file.integer(
        "relative_attention_num_buckets", in: Self.buckets.count...4096,
        fallback: Self.buckets.count)
    }
  }
}

// MARK: Weights and forward pass

/// An MPNet encoder.
struct MPNet: PostNormArchitecture {
  let encoder: PostNormEncoder

  private static let layout = PostNormEncoder.Layout(
    layer: PostNormLayer.Names(
      projections: ["attention.attn.q", "attention.attn.k", "attention.attn.v"],
      attentionOutput: "attention.attn.o", attentionNorm: "attention.LayerNorm",
      expansion: .plain("intermediate.dense"), output: "output.dense",
      outputNorm: "output.LayerNorm"))

  /// Reads and packs the weights beside a `config.json`.
  ///
  /// - Throws: `Failure` naming the key or the tensor that is wrong.
  init(_ config: ConfigFile, _ tensors: Safetensors, _ kernels: Kernels) throws(Failure) {
    let configuration = try Configuration(config)
    let sizes = configuration.sizes
    let weights = Weights(
      tensors, prefixes: ["", "mpnet."], mark: PostNormEncoder.mark, kernels)
    let learned = try weights.matrix(
      "encoder.relative_attention_bias", configuration.bucketRows, sizes.heads)
    encoder = try PostNormEncoder(
      weights, Self.layout, sizes, .counted(configuration.count),
      bias: Configuration.buckets.bias(learned))
  }
}
