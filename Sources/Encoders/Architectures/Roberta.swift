// RoBERTa and its relatives XLM-RoBERTa and CamemBERT: BERT's layers and names over positions that
// are counted another way. `PostNormEncoder` computes it.
//
// Easy to get wrong:
//   - The first token's position is pad_token_id + 1, not 0, so the table of positions has
//     pad_token_id + 1 rows more than the longest text has tokens: 514 rows, 512 tokens.
//   - Positions count ids that are not the padding's: the literal text `<pad>` shifts what follows.
//   - All of them have a token type table, mostly of one row, which is not zero.
//   - layer_norm_eps is 1e-12 where the key is absent; the usual files say 1e-5.
//   - CamemBERT's files have the prefix `roberta.` too.
//   - Files with rotary positions under these model types are another architecture.

import Core
import Tensors

// MARK: Configuration

extension Roberta {
  /// What `config.json` says; an absent key has the value that transformers gives it.
  struct Configuration: Sendable {
    let sizes: EncoderSizes
    /// Key `pad_token_id`, default 1.
    let count: PositionCount

    /// BERT's defaults but for RoBERTa's vocabulary.
    ///
    /// - Throws: `Failure` naming the key.
    init(_ file: ConfigFile) throws(Failure) {
      var defaults = Bert.Configuration.defaults
      if try file.string("model_type") == "roberta" { defaults.vocabulary = 50265 }
      sizes = try EncoderSizes(file, defaults: defaults)
      try file.requireEncoderWithPositionTable()
      count = try PositionCount(file, sizes, fallback: 1)
    }
  }
}

// MARK: Weights and forward pass

/// A RoBERTa encoder.
struct Roberta: PostNormArchitecture {
  let encoder: PostNormEncoder

  /// Reads and packs the weights beside a `config.json`.
  ///
  /// - Throws: `Failure` naming the key or the tensor that is wrong.
  init(_ config: ConfigFile, _ tensors: Safetensors, _ kernels: Kernels) throws(Failure) {
    let configuration = try Configuration(config)
    let weights = Weights(
      tensors, prefixes: ["", "roberta."], mark: PostNormEncoder.mark, kernels)
    encoder = try PostNormEncoder(
      weights, Bert.layout, configuration.sizes, .counted(configuration.count))
  }
}
