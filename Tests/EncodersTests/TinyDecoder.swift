// A small random decoder-shaped checkpoint that a test writes itself, and its forward pass in plain
// doubles, straight from the definition: a second opinion that needs no reference file.

import Core
import Foundation
import TestSupport
import Testing

@testable import Encoders

/// Every decoder-shaped architecture; what it has and how it computes is said apart from the code
/// under test.
struct TinyDecoder: Sendable, CustomTestStringConvertible {
  var name: String
  var modelType: String
  var layers = 3
  var heads = 4
  var keyValueHeads = 2
  var headWidth = 6
  var projectionBias = false
  var attentionBias = false
  var feedForwardBias = false
  var hasHeadNorms = false
  /// Norms of 1 + weight, two more of them in each layer, words times √hidden.
  var isGemma = false
  /// What the dot product of query and key is divided by the root of; nil for the head's width.
  var queryScalar: Double?
  var activation = TinyDecoder.silu
  /// Further keys of `config.json`, as JSON.
  var keys = ""
  /// Whether token i of a layer sees token j.
  var sees: @Sendable (_ layer: Int, _ i: Int, _ j: Int) -> Bool = { _, i, j in j <= i }
  /// Radians per position of pair number `pair` of 3.
  var speed: @Sendable (_ layer: Int, _ pair: Int) -> Double = { TinyDecoder.speed(10_000, $1) }
  /// Multiplies cosines and sines.
  var turnFactor = 1.0
  /// Stands before every tensor's name.
  var prefix = ""

  static let hidden = 24
  static let intermediate = 40
  static let vocabulary = 60
  static let epsilon = 1e-3

  var testDescription: String { name }

  @Sendable static func silu(_ x: Double) -> Double { x / (1 + exp(-x)) }

  @Sendable static func geluTanh(_ x: Double) -> Double {
    x / 2 * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
  }

  @Sendable static func gelu(_ x: Double) -> Double { x / 2 * (1 + erf(x / 2.0.squareRoot())) }

  /// Heads are 6 wide, so pair i turns by theta to the power of -i / 3.
  @Sendable static func speed(_ theta: Double, _ pair: Int) -> Double {
    pow(theta, -Double(pair) / 3)
  }

  /// Random token ids.
  static func ids(_ count: Int, seed: UInt64 = 9) -> [Int32] {
    var random = SplitMix(state: seed)
    return (0..<count).map { _ in Int32.random(in: 0..<Int32(vocabulary), using: &random) }
  }
}

// MARK: Writing

extension TinyDecoder {
  /// Names without the prefix, shapes, numbers.
  var tensors: [(name: String, shape: [Int], values: [Float])] {
    var random = SplitMix(state: 7)
    var list: [(String, [Int], [Float])] = []
    func add(_ name: String, _ shape: [Int], around center: Float, by spread: Float) {
      let count = shape.reduce(1, *)
      let values = (0..<count).map { _ in
        center + Float.random(in: -spread...spread, using: &random)
      }
      list.append((name, shape, values))
    }
    func linear(_ name: String, _ outputs: Int, _ inputs: Int, _ hasBias: Bool) {
      add(name + ".weight", [outputs, inputs], around: 0, by: 2 / Float(inputs).squareRoot())
      if hasBias { add(name + ".bias", [outputs], around: 0, by: 0.3) }
    }
    func norm(_ name: String, _ width: Int = Self.hidden) {
      add(name + ".weight", [width], around: isGemma ? 0 : 1, by: 0.3)
    }
    add("embed_tokens.weight", [Self.vocabulary, Self.hidden], around: 0, by: 1)
    for layer in 0..<layers {
      let path = "layers.\(layer)."
      norm(path + "input_layernorm")
      for (name, heads) in [("q", heads), ("k", keyValueHeads), ("v", keyValueHeads)] {
        linear(path + "self_attn.\(name)_proj", heads * headWidth, Self.hidden, projectionBias)
      }
      if hasHeadNorms {
        norm(path + "self_attn.q_norm", headWidth)
        norm(path + "self_attn.k_norm", headWidth)
      }
      linear(path + "self_attn.o_proj", Self.hidden, heads * headWidth, attentionBias)
      norm(path + "post_attention_layernorm")
      if isGemma {
        norm(path + "pre_feedforward_layernorm")
        norm(path + "post_feedforward_layernorm")
      }
      linear(path + "mlp.gate_proj", Self.intermediate, Self.hidden, feedForwardBias)
      linear(path + "mlp.up_proj", Self.intermediate, Self.hidden, feedForwardBias)
      linear(path + "mlp.down_proj", Self.hidden, Self.intermediate, feedForwardBias)
    }
    norm("norm")
    return list
  }

  var config: String {
    """
    {"model_type": "\(modelType)", "vocab_size": \(Self.vocabulary), "hidden_size": \(Self.hidden),
    "intermediate_size": \(Self.intermediate), "num_hidden_layers": \(layers),
    "num_attention_heads": \(heads), "num_key_value_heads": \(keyValueHeads),
    "head_dim": \(headWidth), "rms_norm_eps": \(Self.epsilon)\(keys.isEmpty ? "" : ", " + keys)}
    """
  }

  func write() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write(config, to: "config.json")
    let named = tensors.map { (prefix + $0.name, $0.shape, $0.values) }
    // A head on top, as files saved with one have it; nothing may read it.
    let head = [("lm_head.weight", [1, 1], [Float.nan])]
    try folder.write(
      TinyCheckpoint.file(named + (prefix.isEmpty ? [] : head), "F32"), to: "model.safetensors")
    return folder
  }
}

// MARK: The second opinion

extension TinyDecoder {
  /// The token vectors of one text, row after row, in doubles.
  func vectors(_ ids: [Int32]) -> [[Double]] {
    let numbers = Dictionary(
      uniqueKeysWithValues: tensors.map { ($0.name, $0.values.map(Double.init)) })
    let words = numbers["embed_tokens.weight"] ?? []
    let scale = isGemma ? Double(Self.hidden).squareRoot() : 1
    var rows = ids.map { id in
      words[Int(id) * Self.hidden..<(Int(id) + 1) * Self.hidden].map { $0 * scale }
    }
    for layer in 0..<layers {
      let part = Part(decoder: self, numbers: numbers, path: "layers.\(layer).")
      let gathered = part.attention(rows.map { part.norm($0, "input_layernorm") }, layer)
      rows = zip(rows, gathered).map { row, gathered in
        let attended = isGemma ? part.norm(gathered, "post_attention_layernorm") : gathered
        let middle = zip(row, attended).map(+)
        let normed = part.norm(
          middle, isGemma ? "pre_feedforward_layernorm" : "post_attention_layernorm")
        let gate = part.linear(normed, "mlp.gate_proj").map(activation)
        let value = part.linear(normed, "mlp.up_proj")
        let output = part.linear(zip(gate, value).map(*), "mlp.down_proj")
        return zip(middle, isGemma ? part.norm(output, "post_feedforward_layernorm") : output)
          .map(+)
      }
    }
    let root = Part(decoder: self, numbers: numbers, path: "")
    return rows.map { root.norm($0, "norm") }
  }

  /// The tensors below one path, and what is done with them.
  private struct Part {
    let decoder: TinyDecoder
    let numbers: [String: [Double]]
    let path: String

    func linear(_ x: [Double], _ name: String) -> [Double] {
      let weight = numbers[path + name + ".weight"] ?? []
      let outputs = weight.count / x.count
      let bias = numbers[path + name + ".bias"] ?? Array(repeating: 0, count: outputs)
      return bias.indices.map { row in
        x.indices.reduce(bias[row]) { $0 + x[$1] * weight[row * x.count + $1] }
      }
    }

    func norm(_ x: [Double], _ name: String) -> [Double] {
      let weight = numbers[path + name + ".weight"] ?? []
      let square = x.reduce(0) { $0 + $1 * $1 } / Double(x.count)
      let length = (square + TinyDecoder.epsilon).squareRoot()
      return zip(x, weight).map { $0 / length * (decoder.isGemma ? 1 + $1 : $1) }
    }

    /// The result behind the output layer, for every token.
    func attention(_ x: [[Double]], _ layer: Int) -> [[Double]] {
      let queries = x.map { heads(linear($0, "self_attn.q_proj"), "self_attn.q_norm") }
      let keys = x.map { heads(linear($0, "self_attn.k_proj"), "self_attn.k_norm") }
      let values = x.map { heads(linear($0, "self_attn.v_proj"), nil) }
      let root = (decoder.queryScalar ?? Double(decoder.headWidth)).squareRoot()
      return x.indices.map { i in
        let context = (0..<decoder.heads).flatMap { head -> [Double] in
          let group = head / (decoder.heads / decoder.keyValueHeads)
          let query = turned(queries[i][head], i, layer)
          let seen = x.indices.filter { decoder.sees(layer, i, $0) }
          let weights = seen.map { j in
            exp(zip(query, turned(keys[j][group], j, layer)).reduce(0) { $0 + $1.0 * $1.1 } / root)
          }
          let total = weights.reduce(0, +)
          return (0..<decoder.headWidth).map { column in
            zip(weights, seen).reduce(0) { $0 + $1.0 * values[$1.1][group][column] } / total
          }
        }
        return linear(context, "self_attn.o_proj")
      }
    }

    /// Cuts a row into heads and norms each where there is a norm.
    private func heads(_ row: [Double], _ normName: String?) -> [[Double]] {
      stride(from: 0, to: row.count, by: decoder.headWidth).map { start in
        let head = Array(row[start..<start + decoder.headWidth])
        guard let normName, decoder.hasHeadNorms else { return head }
        return norm(head, normName)
      }
    }

    private func turned(_ head: [Double], _ position: Int, _ layer: Int) -> [Double] {
      let half = head.count / 2
      var result = head
      for pair in 0..<half {
        let angle = Double(position) * decoder.speed(layer, pair)
        let (c, s) = (cos(angle) * decoder.turnFactor, sin(angle) * decoder.turnFactor)
        result[pair] = head[pair] * c - head[half + pair] * s
        result[half + pair] = head[half + pair] * c + head[pair] * s
      }
      return result
    }
  }
}
