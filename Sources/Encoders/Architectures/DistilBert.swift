// DistilBERT: its configuration and the names of its weights. `PostNormEncoder` computes it.
//
// Easy to get wrong:
//   - BERT's layers under other names, and other keys for every size: dim, n_layers, hidden_dim, …
//   - The norms' epsilon is 1e-12 in the code; no key changes it.
//   - There are no token types and no pooler.
//   - Sinusoidal positions stand in the file like learned ones, so that switch changes nothing here.

import Core
import Tensors

// MARK: Configuration

extension DistilBert {
  /// What `config.json` says; an absent key has the value that transformers' DistilBertConfig gives.
  struct Configuration: Sendable {
    let sizes: EncoderSizes

    static let defaults = EncoderSizes(
      vocabulary: 30522, hidden: 768, layers: 6, heads: 12, intermediate: 3072, positions: 512,
      epsilon: 1e-12, activation: .gelu)

    /// transformers understands BERT's keys for three of them too.
    static let keys = EncoderSizes.Keys(
      hidden: ["dim", "hidden_size"], layers: ["n_layers", "num_hidden_layers"],
      heads: ["n_heads", "num_attention_heads"], intermediate: ["hidden_dim"], epsilon: nil,
      activation: "activation", tokenTypes: nil)

    /// - Throws: `Failure` naming the key.
    init(_ file: ConfigFile) throws(Failure) {
      sizes = try EncoderSizes(file, keys: Self.keys, defaults: Self.defaults)
    }
  }
}

// MARK: Weights and forward pass

/// A DistilBERT encoder.
struct DistilBert: PostNormArchitecture {
  let encoder: PostNormEncoder

  private static let layout = PostNormEncoder.Layout(
    layers: "transformer.layer",
    layer: PostNormLayer.Names(
      projections: ["attention.q_lin", "attention.k_lin", "attention.v_lin"],
      attentionOutput: "attention.out_lin", attentionNorm: "sa_layer_norm",
      expansion: .plain("ffn.lin1"), output: "ffn.lin2", outputNorm: "output_layer_norm"))

  /// Reads and packs the weights beside a `config.json`.
  ///
  /// - Throws: `Failure` naming the key or the tensor that is wrong.
  init(_ config: ConfigFile, _ tensors: Safetensors, _ kernels: Kernels) throws(Failure) {
    let sizes = try Configuration(config).sizes
    let weights = Weights(
      tensors, prefixes: ["", "distilbert."], mark: PostNormEncoder.mark, kernels)
    encoder = try PostNormEncoder(weights, Self.layout, sizes, .table)
  }
}
