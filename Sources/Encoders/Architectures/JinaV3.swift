// Jina embeddings v3: its configuration and the names of its weights. `PostNormEncoder` computes it.
//
// Easy to get wrong:
//   - XLM-RoBERTa's layers, but queries and keys turn; there is no table of positions.
//   - theta is 20000 by default, layer_norm_eps 1e-5.
//   - The published checkpoint keeps adapters beside the weights, one for each kind of task, and adds
//     one of them to every layer; without them the vectors are others. Such a file is refused.
//   - Weight names have the prefix `roberta.` where the file was saved with a head.

import Core
import Tensors

// MARK: Configuration

extension JinaV3 {
  /// What `config.json` says; an absent key has the value that transformers gives it.
  struct Configuration: Sendable {
    let sizes: EncoderSizes
    /// Key `rope_parameters`.
    let rotary: Rotary

    static let defaults = EncoderSizes(
      vocabulary: 250_002, hidden: 1024, layers: 24, heads: 16, intermediate: 4096,
      positions: 8194, tokenTypes: 1, epsilon: 1e-5, activation: .gelu)

    /// - Throws: `Failure` naming the key.
    init(_ file: ConfigFile) throws(Failure) {
      sizes = try EncoderSizes(file, defaults: Self.defaults)
      rotary = try Rotary(
        file, width: sizes.headWidth, positions: sizes.positions, theta: 20_000)
    }
  }
}

// MARK: Weights and forward pass

/// A Jina v3 encoder without adapters.
struct JinaV3: PostNormArchitecture {
  let encoder: PostNormEncoder

  private static let layout = PostNormEncoder.Layout(
    embeddingNorm: "emb_ln", layers: "encoder.layers",
    layer: PostNormLayer.Names(
      projections: ["mixer.Wqkv"], attentionOutput: "mixer.out_proj", attentionNorm: "norm1",
      expansion: .plain("mlp.fc1"), output: "mlp.fc2", outputNorm: "norm2"))

  /// Reads and packs the weights beside a `config.json`.
  ///
  /// - Throws: `Failure` naming the key or the tensor that is wrong.
  init(_ config: ConfigFile, _ tensors: Safetensors, _ kernels: Kernels) throws(Failure) {
    let configuration = try Configuration(config)
    let adapters = tensors.tensors.keys.filter { $0.contains("lora_") }
    if let first = adapters.min() {
      throw Failure(
        .unsupported, tensors.name, "tensor \(first) belongs to an adapter (LoRA)",
        hint: "merge the adapter of your task into the weights, or measure vectors:DIR")
    }
    let weights = Weights(
      tensors, prefixes: ["", "roberta."], mark: PostNormEncoder.mark, kernels)
    encoder = try PostNormEncoder(
      weights, Self.layout, configuration.sizes, .rotary(configuration.rotary))
  }
}
