// NomicBERT: its configuration in two dialects and the names of its weights. `PostNormEncoder`
// computes it.
//
// Easy to get wrong:
//   - Norms stand after the sums as in BERT, though positions rotate and the feed-forward part has
//     a gate.
//   - `fc12` is the gate, which goes through the activation; `fc11` is the value.
//   - The rotation's theta is 1000, not 10000.
//   - Every token gets row 0 of the token type table.
//   - Linear layers have no bias.
//   - Files on the hub have the keys of GPT-2 (n_embd, n_inner, …), newer ones BERT's, some both;
//     `vocab_size` is padded to a multiple of 64.
//   - The older dialect has switches for other computations; each is refused.

import Core
import Tensors

// MARK: Configuration

extension NomicBert {
  /// What `config.json` says; an absent key has the value that transformers' NomicBertConfig gives.
  struct Configuration: Sendable {
    let sizes: EncoderSizes
    /// Key `rope_parameters`, or `rotary_emb_base` in older files, default 1000.
    let rotary: Rotary

    static let defaults = EncoderSizes(
      vocabulary: 30528, hidden: 768, layers: 12, heads: 12, intermediate: 3072, positions: 2048,
      tokenTypes: 2, epsilon: 1e-12, activation: .silu)

    static let keys = EncoderSizes.Keys(
      hidden: ["hidden_size", "n_embd"], layers: ["num_hidden_layers", "n_layer"],
      heads: ["num_attention_heads", "n_head"], intermediate: ["intermediate_size", "n_inner"])

    /// - Throws: `Failure` naming the key.
    init(_ file: ConfigFile) throws(Failure) {
      try Self.refuseOtherComputations(file)
      var sizes = try EncoderSizes(file, keys: Self.keys, defaults: Self.defaults)
      let epsilon = try file.number("layer_norm_epsilon", in: 0...1).map { Float($0) }
      if let epsilon {
        guard file["layer_norm_eps"] == nil || sizes.epsilon == epsilon else {
          throw file.wrong("layer_norm_epsilon", "is not what layer_norm_eps says")
        }
        sizes.epsilon = epsilon
      }
      sizes.activation = try Self.activation(file, sizes.activation)
      self.sizes = sizes
      rotary = try Self.rotary(file, sizes)
    }

    private static func rotary(
      _ file: ConfigFile, _ sizes: EncoderSizes
    ) throws(Failure) -> Rotary {
      let older = try file.number("rotary_emb_base", in: 2...1e15)
      let rotary = try Rotary(
        file, width: sizes.headWidth, positions: sizes.positions, theta: older ?? 1000)
      if let older, rotary != Rotary(width: sizes.headWidth, theta: older) {
        throw file.wrong("rotary_emb_base", "is \(older), but the newer keys say otherwise")
      }
      return rotary
    }

    /// The older dialect names the gate and its activation in one word.
    private static func activation(
      _ file: ConfigFile, _ newer: Activation
    ) throws(Failure) -> Activation {
      guard let name = try file.string("activation_function") else { return newer }
      guard let older = ["swiglu": Activation.silu, "geglu": .gelu][name] else {
        throw file.unsupported(
          "activation_function", "is '\(name)'", hint: "Borda runs NomicBERT with swiglu or geglu")
      }
      guard file["hidden_act"] == nil || newer == older else {
        throw file.wrong("activation_function", "is '\(name)', but hidden_act says otherwise")
      }
      return older
    }

    private static func refuseOtherComputations(_ file: ConfigFile) throws(Failure) {
      for key in [
        "prenorm", "parallel_block", "use_rms_norm", "causal", "rotary_emb_interleaved",
        "qkv_proj_bias", "mlp_fc1_bias", "mlp_fc2_bias", "scale_attn_by_inverse_layer_idx",
        "add_cross_attention", "is_decoder",
      ] { try file.require(key, is: false) }
      try file.require("scale_attn_weights", is: true)
      try file.require("rotary_emb_fraction", is: 1)
      for key in ["num_experts", "moe_every_n_layers"] { try file.require(key, is: 0) }
      for key in ["rotary_scaling_factor", "rotary_emb_scale_base"] {
        try file.requireAbsent(key)
      }
    }
  }
}

// MARK: Weights and forward pass

/// A NomicBERT encoder.
struct NomicBert: PostNormArchitecture {
  let encoder: PostNormEncoder

  private static let layout = PostNormEncoder.Layout(
    embeddingNorm: "emb_ln", layers: "encoder.layers",
    layer: PostNormLayer.Names(
      projections: ["attn.Wqkv"], attentionOutput: "attn.out_proj", attentionNorm: "norm1",
      expansion: .gated(gate: "mlp.fc12", value: "mlp.fc11"), output: "mlp.fc2",
      outputNorm: "norm2", withoutBias: [.attention, .expansion, .output]))

  /// Reads and packs the weights beside a `config.json`.
  ///
  /// - Throws: `Failure` naming the key or the tensor that is wrong.
  init(_ config: ConfigFile, _ tensors: Safetensors, _ kernels: Kernels) throws(Failure) {
    let configuration = try Configuration(config)
    let weights = Weights(
      tensors, prefixes: ["", "nomic_bert.", "bert."], mark: PostNormEncoder.mark, kernels)
    encoder = try PostNormEncoder(
      weights, Self.layout, configuration.sizes, .rotary(configuration.rotary))
  }
}
