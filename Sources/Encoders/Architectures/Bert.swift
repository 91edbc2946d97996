// BERT: its configuration and the names of its weights. `PostNormEncoder` computes it.
//
// Easy to get wrong:
//   - Norms stand after the residual sums, and the embeddings have one too.
//   - `gelu` is the erf form; the tanh form is 2e-4 away and has other names.
//   - layer_norm_eps is 1e-12 by default, far below other models' 1e-5.
//   - Every token gets row 0 of the token type table, which is not zero.
//   - The table of positions may be longer than the texts the model was trained on.
//   - Weight names have the prefix `bert.` where the file was saved with a head, none otherwise;
//     files converted from TensorFlow call a norm's weight and bias gamma and beta.
//   - The pooler and the heads are not used; files may have them or not.

import Core
import Tensors

// MARK: Configuration

extension Bert {
  /// What `config.json` says; an absent key has the value that transformers' BertConfig gives it.
  struct Configuration: Sendable {
    let sizes: EncoderSizes

    static let defaults = EncoderSizes(
      vocabulary: 30522, hidden: 768, layers: 12, heads: 12, intermediate: 3072, positions: 512,
      tokenTypes: 2, epsilon: 1e-12, activation: .gelu)

    /// - Throws: `Failure` naming the key.
    init(_ file: ConfigFile) throws(Failure) {
      sizes = try EncoderSizes(file, defaults: Self.defaults)
      try file.requireEncoderWithPositionTable()
    }
  }
}

// MARK: Weights and forward pass

/// A BERT encoder.
struct Bert: PostNormArchitecture {
  let encoder: PostNormEncoder

  /// What a layer's tensors are called.
  static let layout = PostNormEncoder.Layout(
    layer: PostNormLayer.Names(
      projections: ["attention.self.query", "attention.self.key", "attention.self.value"],
      attentionOutput: "attention.output.dense", attentionNorm: "attention.output.LayerNorm",
      expansion: .plain("intermediate.dense"), output: "output.dense",
      outputNorm: "output.LayerNorm"))

  /// Reads and packs the weights beside a `config.json`.
  ///
  /// - Throws: `Failure` naming the key or the tensor that is wrong.
  init(_ config: ConfigFile, _ tensors: Safetensors, _ kernels: Kernels) throws(Failure) {
    let sizes = try Configuration(config).sizes
    let weights = Weights(
      tensors, prefixes: ["", "bert."], mark: PostNormEncoder.mark, kernels)
    encoder = try PostNormEncoder(weights, Self.layout, sizes, .table)
  }
}
