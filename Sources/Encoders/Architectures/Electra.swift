// ELECTRA's discriminator: its configuration. BERT's names and layers, over tables that may be
// narrower. `PostNormEncoder` computes it.
//
// Easy to get wrong:
//   - The small model's tables have 128 columns; their sum goes through the norm, then through
//     `embeddings_project`, which has a bias. Where the widths agree there is no such layer.
//   - The defaults are the small model's.
//   - Weight names have the prefix `electra.` where the file was saved with a head.

import Core
import Tensors

// MARK: Configuration

extension Electra {
  /// What `config.json` says; an absent key has the value that transformers' ElectraConfig gives it.
  struct Configuration: Sendable {
    let sizes: EncoderSizes

    static let defaults = EncoderSizes(
      vocabulary: 30522, hidden: 256, layers: 12, heads: 4, intermediate: 1024, positions: 512,
      tokenTypes: 2, epsilon: 1e-12, activation: .gelu)

    /// Key `embedding_size`, default 128, at most hidden_size.
    ///
    /// - Throws: `Failure` naming the key.
    init(_ file: ConfigFile) throws(Failure) {
      var sizes = try EncoderSizes(file, defaults: Self.defaults)
      try file.requireEncoderWithPositionTable()
      let width = try file.integer("embedding_size", in: 1...(1 << 16), fallback: 128)
      guard width <= sizes.hidden else {
        throw file.unsupported(
          "embedding_size", "is \(width), more than hidden_size \(sizes.hidden)",
          hint: "Borda widens embeddings and does not narrow them")
      }
      if width < sizes.hidden { sizes.narrow = width }
      self.sizes = sizes
    }
  }
}

// MARK: Weights and forward pass

/// An ELECTRA encoder.
struct Electra: PostNormArchitecture {
  let encoder: PostNormEncoder

  /// Reads and packs the weights beside a `config.json`.
  ///
  /// - Throws: `Failure` naming the key or the tensor that is wrong.
  init(_ config: ConfigFile, _ tensors: Safetensors, _ kernels: Kernels) throws(Failure) {
    let sizes = try Configuration(config).sizes
    let weights = Weights(
      tensors, prefixes: ["", "electra."], mark: PostNormEncoder.mark, kernels)
    encoder = try PostNormEncoder(weights, Bert.layout, sizes, .table)
  }
}
