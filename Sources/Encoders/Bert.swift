// BERT, from configuration to token vectors, in the order of execution.
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
import Foundation
import Tensors

// MARK: Configuration

extension Bert {
  /// What `config.json` says; an absent key has the value that transformers' BertConfig gives it.
  struct Configuration: Sendable {
    /// Key `vocab_size`, default 30522.
    let vocabulary: Int
    /// Key `hidden_size`, default 768.
    let hidden: Int
    /// Key `num_hidden_layers`, default 12.
    let layers: Int
    /// Key `num_attention_heads`, default 12; divides `hidden`.
    let heads: Int
    /// Key `intermediate_size`, default 3072.
    let intermediate: Int
    /// Key `max_position_embeddings`, default 512.
    let positions: Int
    /// Key `type_vocab_size`, default 2.
    let tokenTypes: Int
    /// Key `layer_norm_eps`, default 1e-12.
    let epsilon: Float
    /// Key `hidden_act`, default `gelu`.
    let activation: Activation

    /// - Throws: `Failure` naming the key. The limits lie far above any real model and keep all
    ///   products of sizes far below an overflow.
    init(_ file: ConfigFile) throws(Failure) {
      vocabulary = try file.integer("vocab_size", in: 1...(1 << 24), fallback: 30522)
      hidden = try file.integer("hidden_size", in: 1...(1 << 16), fallback: 768)
      layers = try file.integer("num_hidden_layers", in: 1...1024, fallback: 12)
      heads = try file.integer("num_attention_heads", in: 1...(1 << 16), fallback: 12)
      intermediate = try file.integer("intermediate_size", in: 1...(1 << 20), fallback: 3072)
      positions = try file.integer("max_position_embeddings", in: 1...(1 << 20), fallback: 512)
      tokenTypes = try file.integer("type_vocab_size", in: 1...1024, fallback: 2)
      epsilon = Float(try file.number("layer_norm_eps", in: 0...1, fallback: 1e-12))
      activation = try Self.activation(file)
      guard hidden % heads == 0 else {
        throw file.wrong("hidden_size", "\(hidden) is no multiple of num_attention_heads \(heads)")
      }
      if let kind = try file.string("position_embedding_type"), kind != "absolute" {
        throw file.unsupported(
          "position_embedding_type", "is '\(kind)'", hint: "Borda runs absolute positions")
      }
      for key in ["is_decoder", "add_cross_attention"] where try file.bool(key, fallback: false) {
        throw file.unsupported(key, "is true", hint: "Borda runs BERT as an encoder")
      }
    }

    private static func activation(_ file: ConfigFile) throws(Failure) -> Activation {
      let name = try file.string("hidden_act") ?? "gelu"
      switch name {
      case "gelu": return .gelu
      case "gelu_new", "gelu_pytorch_tanh": return .geluTanh
      case "relu": return .relu
      default:
        throw file.unsupported(
          "hidden_act", "is '\(name)'", hint: "Borda has gelu, gelu_new, gelu_pytorch_tanh, relu")
      }
    }
  }
}

// MARK: Weights

/// A BERT encoder: token ids in, one vector for each token out.
///
/// Its surface is what the rest of the engine uses of an architecture: `hidden`, `positions`,
/// `vocabulary`, the parameter counts, `workspace(maxTokens:longest:)` and `forward(_:trace:)`.
struct Bert: Sendable {
  /// Width of a token vector.
  var hidden: Int { configuration.hidden }
  /// The longest text, in tokens.
  var positions: Int { configuration.positions }
  /// Token ids have to be below this.
  var vocabulary: Int { configuration.vocabulary }
  /// Numbers in all weights of the model, the unused pooler included, heads for training left out.
  let parameters: Int
  /// Numbers in the table of tokens.
  var embeddingParameters: Int { words.count }

  let configuration: Configuration
  private let kernels: Kernels
  /// Shape [vocabulary, hidden].
  private let words: Floats
  /// Shape [positions, hidden].
  private let places: Floats
  /// Shape [tokenTypes, hidden].
  private let types: Floats
  private let embeddingNorm: LayerNorm
  private let layers: [Layer]

  struct Layer: Sendable {
    /// Queries, keys, values, [3 * hidden, hidden].
    let attention: Linear
    /// Shape [hidden, hidden].
    let attentionOutput: Linear
    let attentionNorm: LayerNorm
    /// Shape [intermediate, hidden].
    let intermediate: Linear
    /// Shape [hidden, intermediate].
    let output: Linear
    let outputNorm: LayerNorm
  }

  /// Reads and packs the weights beside a `config.json`.
  ///
  /// - Throws: `Failure` naming the tensor that is missing, has another shape, another type, or
  ///   holds NaN or infinity. Other tensors in the file are ignored.
  init(_ config: ConfigFile, _ folder: URL, _ kernels: Kernels) throws(Failure) {
    let configuration = try Configuration(config)
    let weights = try BertWeights(try Safetensors(folder: folder), configuration, kernels)
    self.configuration = configuration
    self.kernels = kernels
    let hidden = configuration.hidden
    let embeddings = weights.at("embeddings")
    words = try embeddings.matrix("word_embeddings", configuration.vocabulary, hidden)
    places = try embeddings.matrix("position_embeddings", configuration.positions, hidden)
    types = try embeddings.matrix("token_type_embeddings", configuration.tokenTypes, hidden)
    embeddingNorm = try embeddings.norm("LayerNorm")
    var layers: [Layer] = []
    for number in 0..<configuration.layers {
      layers.append(try Layer(weights.at("encoder.layer.\(number)"), configuration))
    }
    self.layers = layers
    parameters = weights.parameters
  }
}

extension Bert.Layer {
  fileprivate init(_ weights: BertWeights, _ configuration: Bert.Configuration) throws(Failure) {
    let (hidden, intermediate) = (configuration.hidden, configuration.intermediate)
    attention = try weights.linear(
      stacking: ["attention.self.query", "attention.self.key", "attention.self.value"],
      outputs: hidden, inputs: hidden)
    attentionOutput = try weights.linear(
      stacking: ["attention.output.dense"], outputs: hidden, inputs: hidden)
    attentionNorm = try weights.norm("attention.output.LayerNorm")
    self.intermediate = try weights.linear(
      stacking: ["intermediate.dense"], outputs: intermediate, inputs: hidden)
    output = try weights.linear(stacking: ["output.dense"], outputs: hidden, inputs: intermediate)
    outputNorm = try weights.norm("output.LayerNorm")
  }
}

/// The tensors below one path, so that each name is written once and errors say all of it.
private struct BertWeights {
  let tensors: Safetensors
  let path: String
  let configuration: Bert.Configuration
  let kernels: Kernels

  init(
    _ tensors: Safetensors, _ configuration: Bert.Configuration, _ kernels: Kernels
  ) throws(Failure) {
    self.tensors = tensors
    self.configuration = configuration
    self.kernels = kernels
    let mark = "embeddings.word_embeddings.weight"
    path = tensors.tensors[mark] == nil && tensors.tensors["bert." + mark] != nil ? "bert." : ""
  }

  private init(_ parent: BertWeights, path: String) {
    tensors = parent.tensors
    configuration = parent.configuration
    kernels = parent.kernels
    self.path = path
  }

  func at(_ component: String) -> BertWeights {
    BertWeights(self, path: path + component + ".")
  }

  /// Numbers in the embeddings, the encoder and the pooler.
  var parameters: Int {
    let parts = ["embeddings.", "encoder.", "pooler."].map { path + $0 }
    return tensors.tensors.values.reduce(0) { sum, tensor in
      let counts = tensor.isFloatingPoint && parts.contains { tensor.name.hasPrefix($0) }
      return counts ? sum + tensor.count : sum
    }
  }

  func matrix(_ name: String, _ rows: Int, _ columns: Int) throws(Failure) -> Floats {
    try tensors.tensor(path + name + ".weight").floats([rows, columns], kernels)
  }

  func norm(_ name: String) throws(Failure) -> LayerNorm {
    let old =
      tensors.tensors[path + name + ".weight"] == nil
      && tensors.tensors[path + name + ".gamma"] != nil
    let scale = try tensors.tensor(path + name + (old ? ".gamma" : ".weight"))
    let shift = try tensors.tensor(path + name + (old ? ".beta" : ".bias"))
    return LayerNorm(
      scale: try scale.floats([configuration.hidden], kernels),
      shift: try shift.floats([configuration.hidden], kernels), epsilon: configuration.epsilon)
  }

  /// One layer, or several over the same input as one; each [outputs, inputs] with a bias.
  func linear(stacking names: [String], outputs: Int, inputs: Int) throws(Failure) -> Linear {
    var weights: [Floats] = []
    var biases: [Floats] = []
    for name in names {
      weights.append(try matrix(name, outputs, inputs))
      biases.append(try tensors.tensor(path + name + ".bias").floats([outputs], kernels))
    }
    return Linear(
      weights: PackedWeights(stacking: weights, for: kernels), bias: Floats(joining: biases))
  }
}

// MARK: Workspace

extension Bert {
  /// The memory of one worker, reserved once; T is the most tokens of a batch.
  struct Workspace: ~Copyable {
    /// The texts to compute, filled by the caller.
    var batch: TokenBatch
    /// The token vectors, the result of `forward`, [T, hidden].
    var hidden: Matrix
    /// The token vectors between attention and the feed-forward part, [T, hidden].
    var middle: Matrix
    /// Queries, keys, values, [T, 3 * hidden].
    var queryKeyValue: Matrix
    /// What attention gathers, [T, hidden].
    var context: Matrix
    /// Shape [T, intermediate].
    var intermediate: Matrix
    /// What the attention kernel needs for the longest text.
    var scratch: Matrix
  }

  /// Reserves the memory for batches of at most `maxTokens` tokens, the longest text `longest`.
  func workspace(maxTokens: Int, longest: Int) -> Workspace {
    let scratch = kernels.attentionScratch(
      length: longest, heads: configuration.heads, headWidth: hidden / configuration.heads)
    return Workspace(
      batch: TokenBatch(capacity: maxTokens), hidden: Matrix(rows: maxTokens, columns: hidden),
      middle: Matrix(rows: maxTokens, columns: hidden),
      queryKeyValue: Matrix(rows: maxTokens, columns: 3 * hidden),
      context: Matrix(rows: maxTokens, columns: hidden),
      intermediate: Matrix(rows: maxTokens, columns: configuration.intermediate),
      scratch: Matrix(rows: 1, columns: scratch))
  }
}

// MARK: Forward

extension Bert {
  /// Sees the token vectors [tokens, hidden] after the embeddings (0) and after each layer (1, …).
  typealias Trace = (_ layer: Int, _ hidden: borrowing Matrix) -> Void

  /// Computes the token vectors of `workspace.batch` into the first rows of `workspace.hidden`.
  ///
  /// Linear layers run over the tokens of all texts at once, attention over each text alone; a
  /// token's vector depends on its own text only. Allocates nothing.
  func forward(_ workspace: inout Workspace) { forward(&workspace, trace: nil) }

  func forward(_ workspace: inout Workspace, trace: Trace?) {
    let tokens = workspace.batch.ids.count
    kernels.embed(
      ids: workspace.batch.ids, positions: workspace.batch.positions, words: words, types: types,
      places: places, into: &workspace.hidden)
    kernels.layerNorm(&workspace.hidden, rows: tokens, embeddingNorm)
    trace?(0, workspace.hidden)
    for (number, layer) in layers.enumerated() {
      // middle = norm(hidden + attention(hidden))
      kernels.linear(
        workspace.hidden, rows: tokens, layer.attention, into: &workspace.queryKeyValue)
      for text in 0..<workspace.batch.count {
        kernels.attention(
          workspace.queryKeyValue, tokens: workspace.batch.tokens(of: text),
          heads: configuration.heads, scratch: &workspace.scratch, into: &workspace.context)
      }
      kernels.linear(
        workspace.context, rows: tokens, layer.attentionOutput, adding: workspace.hidden,
        into: &workspace.middle)
      kernels.layerNorm(&workspace.middle, rows: tokens, layer.attentionNorm)
      // hidden = norm(middle + output(activation(intermediate(middle))))
      kernels.linear(
        workspace.middle, rows: tokens, layer.intermediate, configuration.activation,
        into: &workspace.intermediate)
      kernels.linear(
        workspace.intermediate, rows: tokens, layer.output, adding: workspace.middle,
        into: &workspace.hidden)
      kernels.layerNorm(&workspace.hidden, rows: tokens, layer.outputNorm)
      trace?(number + 1, workspace.hidden)
    }
  }
}
