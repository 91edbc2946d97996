// What the decoder-shaped models' config.json files have in common: sizes, who sees whom, which
// layers look through a window. Defaults differ by architecture, so each brings its own.

import Core
import Tensors

/// The sizes of a stack of pre-norm layers.
struct StackSizes: Sendable, Hashable {
  /// Key `vocab_size`.
  let vocabulary: Int
  /// Key `hidden_size`.
  let hidden: Int
  /// Key `num_hidden_layers`.
  let layers: Int
  /// Key `num_attention_heads`.
  let heads: Int
  /// Key `num_key_value_heads`, where null means as many as heads; divides `heads`.
  let keyValueHeads: Int
  /// Key `head_dim`; heads · headWidth need not be `hidden`.
  let headWidth: Int
  /// Key `intermediate_size`.
  let intermediate: Int
  /// Key `max_position_embeddings`.
  let positions: Int
  /// Key `rms_norm_eps`.
  let epsilon: Float
  /// Key `hidden_act`, or what the architecture calls it.
  let activation: Activation

  /// What transformers takes where a key is absent.
  struct Defaults {
    var vocabulary, hidden, layers, heads: Int
    /// nil for as many as heads.
    var keyValueHeads: Int?
    /// nil for hidden / heads.
    var headWidth: Int?
    var intermediate, positions: Int
    var epsilon = 1e-6
    var activation = (key: "hidden_act", name: "silu")
  }

  /// - Throws: `Failure` naming the key. The limits lie far above any real model and keep all
  ///   products of sizes far below an overflow.
  init(_ file: ConfigFile, _ defaults: Defaults) throws(Failure) {
    // Every tensor would have another meaning: better said by its cause than by its first shape.
    if file["quantization_config"] != nil {
      throw file.unsupported(
        "quantization_config", "says that the weights are quantised",
        hint: "use the checkpoint's F32, F16 or BF16 form")
    }
    let widths = 1...(1 << 16)
    vocabulary = try file.integer("vocab_size", in: 1...(1 << 24), fallback: defaults.vocabulary)
    hidden = try file.integer("hidden_size", in: widths, fallback: defaults.hidden)
    layers = try file.integer("num_hidden_layers", in: 1...1024, fallback: defaults.layers)
    heads = try file.integer("num_attention_heads", in: widths, fallback: defaults.heads)
    let isNull = file.isNull("num_key_value_heads")
    keyValueHeads = try file.integer(
      "num_key_value_heads", in: widths,
      fallback: isNull ? heads : defaults.keyValueHeads ?? heads)
    intermediate = try file.integer(
      "intermediate_size", in: 1...(1 << 20), fallback: defaults.intermediate)
    positions = try file.integer(
      "max_position_embeddings", in: 1...(1 << 24), fallback: defaults.positions)
    epsilon = Float(try file.number("rms_norm_eps", in: 0...1, fallback: defaults.epsilon))
    activation = try file.activation(
      defaults.activation.key, fallback: defaults.activation.name)
    guard heads % keyValueHeads == 0 else {
      throw file.wrong(
        "num_key_value_heads", "\(keyValueHeads) does not divide num_attention_heads \(heads)")
    }
    if let stated = try file.integer("head_dim", in: widths) ?? defaults.headWidth {
      headWidth = stated
    } else {
      guard hidden % heads == 0 else {
        throw file.wrong(
          "hidden_size", "\(hidden) is no multiple of num_attention_heads \(heads)",
          hint: "say head_dim where heads are not hidden_size / num_attention_heads wide")
      }
      headWidth = hidden / heads
    }
  }
}

// MARK: Who sees whom

/// Which tokens a token attends to, layer by layer.
enum Sight {
  /// The kinds of layers that `layer_types` may list.
  enum Layer: String, Sendable {
    case full = "full_attention"
    case sliding = "sliding_attention"
  }

  /// Whether a decoder looks back only.
  ///
  /// Key `is_causal`, default true. Where nothing says it and the names in `architectures` speak
  /// of a model that looks both ways, the folder is refused: guessing would be silent.
  ///
  /// - Parameters:
  ///   - file: the model's `config.json`.
  ///   - readsFlag: whether `use_bidirectional_attention` is the opposite of `is_causal` for this
  ///     architecture; for the others it is refused, as the reference does not look at it.
  /// - Throws: `Failure` naming the key that is refused.
  /// - Returns: false where a token sees what comes after it.
  static func isCausal(_ file: ConfigFile, readsFlag: Bool = false) throws(Failure) -> Bool {
    let isCausal = try file.bool("is_causal")
    let looksBothWays = try file.bool("use_bidirectional_attention")
    let hint = "set is_causal to false for a model that looks both ways, else to true"
    if let looksBothWays, let isCausal, looksBothWays == isCausal {
      throw file.wrong(
        "use_bidirectional_attention", "is \(looksBothWays), and so is is_causal", hint: hint)
    }
    if let isCausal { return isCausal }
    if let looksBothWays, readsFlag { return !looksBothWays }
    if looksBothWays == true {
      throw file.unsupported(
        "use_bidirectional_attention", "is true without is_causal, which decides here", hint: hint)
    }
    let names = try file.strings("architectures") ?? []
    if looksBothWays == nil, let name = names.first(where: speaksOfBothWays) {
      throw file.unsupported("architectures", "is '\(name)', but is_causal is absent", hint: hint)
    }
    return true
  }

  /// Refuses a key that makes a model causal which never is.
  static func checkBothWays(_ file: ConfigFile) throws(Failure) {
    if try file.bool("is_causal") == true {
      throw file.unsupported("is_causal", "is true, but this model_type always looks both ways")
    }
    if try file.bool("use_bidirectional_attention") == false {
      throw file.unsupported(
        "use_bidirectional_attention", "is false, but this model_type always looks both ways")
    }
  }

  /// The kinds that `layer_types` lists, one for each layer; nil where the key is absent.
  static func layerTypes(_ file: ConfigFile, count: Int) throws(Failure) -> [Layer]? {
    guard let names = try file.strings("layer_types") else { return nil }
    var layers: [Layer] = []
    for name in names {
      guard let layer = Layer(rawValue: name) else {
        throw file.unsupported(
          "layer_types", "has '\(name)'", hint: "Borda has full_attention and sliding_attention")
      }
      layers.append(layer)
    }
    guard layers.count == count else {
      throw file.wrong("layer_types", "lists \(layers.count) layers, num_hidden_layers is \(count)")
    }
    return layers
  }

  /// Key `sliding_window`: null means none, an absent key the default.
  static func window(_ file: ConfigFile, fallback: Int) throws(Failure) -> Int? {
    if file.isNull("sliding_window") { return nil }
    return try file.integer("sliding_window", in: 1...(1 << 30), fallback: fallback)
  }

  /// The window of each layer by `layer_types`, nil where a layer sees the whole text.
  ///
  /// The list itself is nil where the key is absent.
  ///
  /// - Throws: `Failure` where a layer slides and `window`, what the model has for that, is nil.
  static func windows(
    _ file: ConfigFile, _ window: Int?, count: Int
  ) throws(Failure) -> [Int?]? {
    guard let types = try layerTypes(file, count: count) else { return nil }
    if window == nil, types.contains(.sliding) {
      throw file.wrong(
        "layer_types", "has sliding_attention, but the model has no window",
        hint: "set sliding_window to a number, and use_sliding_window to true where there is one")
    }
    return types.map { $0 == .sliding ? window : nil }
  }

  /// The mask of one layer of a decoder whose window of `window` tokens counts the token itself.
  ///
  /// Both ways, the reference lets a token see `window` tokens on each side.
  static func mask(isCausal: Bool, window: Int?) -> AttentionShape.Mask {
    switch (isCausal, window) {
    case (true, nil): .causal
    case (true, let window?): .window(before: window - 1, after: 0)
    case (false, nil): .full
    case (false, let window?): .window(before: window, after: window)
    }
  }

  private static func speaksOfBothWays(_ name: String) -> Bool {
    let name = name.lowercased()
    return name.contains("bidirec") || name.hasSuffix("encodermodel") || name.hasSuffix("bimodel")
  }
}

extension ConfigFile {
  /// Whether linear layers have a bias, as a key says; none where it is absent.
  func bias(_ key: String) throws(Failure) -> Weights.Bias {
    try bool(key, fallback: false) ? .required : .absent
  }
}
