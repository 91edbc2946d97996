// GTE, `new` on the hub and `gte` in transformers: its configuration and the names of its weights.
// `PostNormEncoder` computes it.
//
// Easy to get wrong:
//   - `up_gate_proj` holds the value first, then the gate; the gate goes through the activation.
//   - Only `up_gate_proj` has no bias.
//   - Files on the hub scale the rotation by "ntk": theta times the factor, and every speed divided
//     by factor to the power of 2 / width besides. transformers does not know that name.
//   - theta is 160000 by default under `gte`, 10000 under `new`.
//   - type_vocab_size may be 0: then there are no token types.
//   - Weight names have the prefix `new.` where the file was saved with a head.

import Core
import Foundation
import Tensors

// MARK: Configuration

extension Gte {
  /// What `config.json` says; an absent key has the value that transformers' GteConfig gives it, or
  /// for `new` the code on the hub.
  struct Configuration: Sendable {
    let sizes: EncoderSizes
    /// Keys `rope_theta` and `rope_scaling`, or `rope_parameters`.
    let rotary: Rotary

    /// Under `gte`.
    static let defaults = EncoderSizes(
      vocabulary: 250_048, hidden: 768, layers: 12, heads: 12, intermediate: 3072,
      positions: 8192, tokenTypes: 1, epsilon: 1e-12, activation: .gelu)

    /// - Throws: `Failure` naming the key.
    init(_ file: ConfigFile) throws(Failure) {
      var (defaults, theta) = (Self.defaults, 160_000.0)
      if try file.string("model_type") == "new" {
        (defaults.vocabulary, defaults.positions, theta) = (30528, 2048, 10_000)
      }
      var keys = EncoderSizes.Keys()
      keys.fewestTokenTypes = 0
      sizes = try EncoderSizes(file, keys: keys, defaults: defaults)
      try file.require("position_embedding_type", is: "rope")
      try file.require("layer_norm_type", is: "layer_norm")
      try file.require("pack_qkv", is: true)
      try file.require("logn_attention_scale", is: false)
      try file.require("logn_attention_clip1", is: false)
      rotary = try Self.rotary(file, sizes, theta: theta)
    }

    private static func rotary(
      _ file: ConfigFile, _ sizes: EncoderSizes, theta: Double
    ) throws(Failure) -> Rotary {
      let width = sizes.headWidth
      let scaling = try file.section("rope_scaling")
      let type = try scaling?.string(scaling?["rope_type"] == nil ? "type" : "rope_type")
      guard let scaling, type == "ntk" else {
        return try Rotary(file, width: width, positions: sizes.positions, theta: theta)
      }
      guard width % 2 == 0 else {
        throw file.wrong("hidden_size", "makes heads of \(width), an odd number, which cannot turn")
      }
      try scaling.requireAbsent("mixed_b")
      let theta = try file.number("rope_theta", in: 2...1e12, fallback: theta)
      guard let factor = try scaling.number("factor", in: 1...1000) else {
        throw scaling.wrong("factor", "is missing")
      }
      return Rotary(
        width: width, theta: theta * factor, scaling: .linear(pow(factor, 2 / Double(width))))
    }
  }
}

// MARK: Weights and forward pass

/// A GTE encoder.
struct Gte: PostNormArchitecture {
  let encoder: PostNormEncoder

  private static let layout = PostNormEncoder.Layout(
    layer: PostNormLayer.Names(
      projections: ["attention.qkv_proj"], attentionOutput: "attention.o_proj",
      attentionNorm: "attn_ln", expansion: .valueThenGate("mlp.up_gate_proj"),
      output: "mlp.down_proj", outputNorm: "mlp_ln", withoutBias: [.expansion]))

  /// Reads and packs the weights beside a `config.json`.
  ///
  /// - Throws: `Failure` naming the key or the tensor that is wrong.
  init(_ config: ConfigFile, _ tensors: Safetensors, _ kernels: Kernels) throws(Failure) {
    let configuration = try Configuration(config)
    let weights = Weights(
      tensors, prefixes: ["", "new.", "gte."], mark: PostNormEncoder.mark, kernels)
    encoder = try PostNormEncoder(
      weights, Self.layout, configuration.sizes, .rotary(configuration.rotary))
  }
}
