// The sizes that BERT and its relatives have in common: where config.json files keep them, in which
// range they may lie, how they depend on each other. Each architecture brings its own defaults.

import Core
import Tensors

/// Sizes, norm and activation of an encoder whose heads share its width evenly.
struct EncoderSizes: Sendable, Equatable {
  /// Token ids are below this.
  var vocabulary: Int
  /// Width of a token vector, a multiple of `heads`.
  var hidden: Int
  var layers: Int
  var heads: Int
  /// Width inside the feed-forward part.
  var intermediate: Int
  /// Rows of the table of positions, or the longest text of the training where there is no table.
  var positions: Int
  /// Rows of the table of token types; 0 where there is none.
  var tokenTypes = 0
  /// What layer norms add to the variance.
  var epsilon: Float
  /// What stands inside the feed-forward part.
  var activation = Activation.gelu
  /// Width of the embedding tables where a layer widens them to `hidden`, and no more than that;
  /// nil where they have that width.
  var narrow: Int?

  /// Width of one head.
  var headWidth: Int { hidden / heads }

  /// The key of each size; of several, all that are present have to agree.
  struct Keys {
    var hidden = ["hidden_size"]
    var layers = ["num_hidden_layers"]
    var heads = ["num_attention_heads"]
    var intermediate = ["intermediate_size"]
    /// nil where the code of the model fixes the number.
    var epsilon: String? = "layer_norm_eps"
    var activation = "hidden_act"
    /// nil for a model without token types.
    var tokenTypes: String? = "type_vocab_size"
    var fewestTokenTypes = 1
  }
}

extension EncoderSizes {
  /// Reads what `config.json` says; an absent key has the value that `defaults` give it.
  ///
  /// The limits lie far above any real model and keep all products of sizes far below an overflow.
  ///
  /// - Throws: `Failure` naming the key.
  init(_ file: ConfigFile, keys: Keys = Keys(), defaults: EncoderSizes) throws(Failure) {
    self = defaults
    try file.requireAbsent("quantization_config")
    vocabulary = try file.integer("vocab_size", in: 1...(1 << 24), fallback: vocabulary)
    hidden = try file.integer(keys.hidden, in: 1...(1 << 16), fallback: hidden)
    layers = try file.integer(keys.layers, in: 1...1024, fallback: layers)
    heads = try file.integer(keys.heads, in: 1...(1 << 16), fallback: heads)
    intermediate = try file.integer(keys.intermediate, in: 1...(1 << 20), fallback: intermediate)
    positions = try file.integer(
      "max_position_embeddings", in: 1...(1 << 20), fallback: positions)
    if let key = keys.tokenTypes {
      tokenTypes = try file.integer(key, in: keys.fewestTokenTypes...1024, fallback: tokenTypes)
    }
    if let key = keys.epsilon {
      epsilon = try file.number(key, in: 0...1).map { Float($0) } ?? epsilon
    }
    if let name = try file.string(keys.activation) {
      activation = try file.activation(named: name, under: keys.activation)
    }
    guard hidden % heads == 0 else {
      throw file.wrong(keys.hidden[0], "\(hidden) is no multiple of \(keys.heads[0]) \(heads)")
    }
    // Some models name the width of a head too; the ones that choose it freely are no relatives.
    if let stated = try file.integer("head_dim", in: 1...(1 << 16)), stated != headWidth {
      throw file.unsupported(
        "head_dim", "is \(stated), but \(keys.hidden[0]) over \(keys.heads[0]) is \(headWidth)",
        hint: "Borda runs heads that share the width evenly here")
    }
  }
}

// MARK: Switches

extension ConfigFile {
  private static func otherComputation(_ ours: String) -> String {
    "Borda runs this architecture \(ours); vectors made elsewhere can be measured as vectors:DIR"
  }

  /// Refuses a switch that is set otherwise than Borda computes; absent is as Borda computes.
  ///
  /// - Throws: `.unsupported` naming the key.
  func require(_ key: String, is wanted: Bool) throws(Failure) {
    guard let flag = try bool(key), flag != wanted else { return }
    throw unsupported(key, "is \(flag)", hint: Self.otherComputation("with \(wanted)"))
  }

  /// Refuses a choice other than what Borda computes; absent is as Borda computes.
  ///
  /// - Throws: `.unsupported` naming the key.
  func require(_ key: String, is wanted: String) throws(Failure) {
    guard let name = try string(key), name != wanted else { return }
    throw unsupported(key, "is '\(name)'", hint: Self.otherComputation("with '\(wanted)'"))
  }

  /// Refuses a number other than what Borda computes; absent is as Borda computes.
  ///
  /// - Throws: `.unsupported` naming the key.
  func require(_ key: String, is wanted: Double) throws(Failure) {
    guard let number = try number(key, in: -1e9...1e9), number != wanted else { return }
    throw unsupported(key, "is \(number)", hint: Self.otherComputation("with \(wanted)"))
  }

  /// Refuses a key that is there at all.
  ///
  /// - Throws: `.unsupported` naming the key.
  func requireAbsent(_ key: String) throws(Failure) {
    guard let value = self[key] else { return }
    throw unsupported(
      key, "is \(value.line.prefix(60))", hint: Self.otherComputation("without it"))
  }

  /// Refuses a decoder and a table of relative or rotary positions, for models like BERT.
  ///
  /// - Throws: `.unsupported` naming the key.
  func requireEncoderWithPositionTable() throws(Failure) {
    try require("is_decoder", is: false)
    try require("add_cross_attention", is: false)
    try require("position_embedding_type", is: "absolute")
  }
}
