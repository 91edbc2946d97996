// A small random BERT checkpoint that a test writes itself, and its forward pass in plain doubles:
// a second opinion that needs no reference file.

import Core
import Foundation
import Tensors
import TestSupport

@testable import Encoders

struct TinyCheckpoint {
  var modelType = "bert"
  var hidden = 24
  /// Width of the embedding tables where a layer widens them to `hidden`.
  var narrow: Int?
  var heads = 3
  var layers = 2
  var intermediate = 40
  var positions = 64
  /// The row of the position table that a text's first token has.
  var firstPosition = 0
  var activation = "gelu"
  var pooling: [Pooling.Mode] = [.mean]
  var includesPrompt = true
  /// Names of safetensors types; F16 and BF16 round the numbers.
  var type = "F32"
  /// Stands before every tensor's name.
  var prefix = ""
  /// gamma and beta in the place of a norm's weight and bias.
  var hasOldNormNames = false
  /// Width and activation of a Dense module after pooling.
  var dense: (outputs: Int, activation: String, hasBias: Bool)?
  var normalizes = true
  var extraConfig: [(String, JSON)] = []

  static let words = (0..<50).map { "w\($0)" }
  static let vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + words

  /// Name without prefix: shape and numbers.
  var tensors: [(name: String, shape: [Int], values: [Float])] {
    var random = SplitMix(state: 7)
    var list: [(String, [Int], [Float])] = []
    func add(_ name: String, _ shape: [Int], around center: Float, by spread: Float) {
      let values = (0..<shape.reduce(1, *)).map { _ in
        rounded(center + Float.random(in: -spread...spread, using: &random))
      }
      list.append((name, shape, values))
    }
    func linear(_ name: String, _ outputs: Int, _ inputs: Int) {
      add(name + ".weight", [outputs, inputs], around: 0, by: 1.7 / Float(inputs).squareRoot())
      add(name + ".bias", [outputs], around: 0, by: 0.2)
    }
    func norm(_ name: String, width: Int? = nil) {
      let width = width ?? hidden
      add(name + (hasOldNormNames ? ".gamma" : ".weight"), [width], around: 1, by: 0.3)
      add(name + (hasOldNormNames ? ".beta" : ".bias"), [width], around: 0, by: 0.2)
    }
    let width = narrow ?? hidden
    add("embeddings.word_embeddings.weight", [Self.vocabulary.count, width], around: 0, by: 1)
    add("embeddings.position_embeddings.weight", [positions, width], around: 0, by: 0.5)
    add("embeddings.token_type_embeddings.weight", [2, width], around: 0, by: 0.5)
    norm("embeddings.LayerNorm", width: width)
    if let narrow { linear("embeddings_project", hidden, narrow) }
    for layer in 0..<layers {
      let path = "encoder.layer.\(layer)."
      for part in ["query", "key", "value"] {
        linear(path + "attention.self." + part, hidden, hidden)
      }
      linear(path + "attention.output.dense", hidden, hidden)
      norm(path + "attention.output.LayerNorm")
      linear(path + "intermediate.dense", intermediate, hidden)
      linear(path + "output.dense", hidden, intermediate)
      norm(path + "output.LayerNorm")
    }
    return list
  }

  /// The Dense module's numbers: [outputs, pooled] and [outputs].
  var denseTensors: (weight: [Float], bias: [Float]) {
    guard let dense else { return ([], []) }
    var random = SplitMix(state: 11)
    let inputs = pooling.count * hidden
    let weight = (0..<dense.outputs * inputs).map { _ in
      Float.random(in: -0.3...0.3, using: &random)
    }
    return (weight, (0..<dense.outputs).map { _ in Float.random(in: -0.3...0.3, using: &random) })
  }

  /// A number as the file's type can hold it.
  private func rounded(_ value: Float) -> Float {
    switch type {
    case "BF16": Float(bitPattern: value.bitPattern & 0xFFFF_0000)
    // Ten bits of fraction: exact in half precision for the sizes that occur here.
    case "F16": (value * 1024).rounded() / 1024
    default: value
    }
  }
}

// MARK: Writing

extension TinyCheckpoint {
  func write() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let config: [(String, JSON)] = [
      ("model_type", .string(modelType)), ("hidden_size", .integer(hidden)),
      ("num_attention_heads", .integer(heads)), ("num_hidden_layers", .integer(layers)),
      ("intermediate_size", .integer(intermediate)), ("hidden_act", .string(activation)),
      ("max_position_embeddings", .integer(positions)),
      ("vocab_size", .integer(Self.vocabulary.count)),
    ]
    try folder.write(JSON.object(config + extraConfig).pretty, to: "config.json")
    try folder.write(Self.vocabulary.joined(separator: "\n") + "\n", to: "vocab.txt")
    try folder.write(#"{"do_lower_case": true}"#, to: "tokenizer_config.json")
    try folder.write(
      Self.file(tensors.map { (prefix + $0.name, $0.shape, $0.values) }, type),
      to: "model.safetensors")
    let modes = JSON.strings(pooling.map(\.rawValue))
    try folder.write(
      JSON.object([("pooling_mode", modes), ("include_prompt", .bool(includesPrompt))]).line,
      to: "1_Pooling/config.json")
    var modules = [("", "x.Transformer"), ("1_Pooling", "y.z.Pooling")]
    if let dense {
      modules.append(("2_Dense", "Dense"))
      let width = pooling.count * hidden
      let facts: [(String, JSON)] = [
        ("in_features", .integer(width)), ("out_features", .integer(dense.outputs)),
        ("bias", .bool(dense.hasBias)), ("activation_function", .string(dense.activation)),
      ]
      try folder.write(JSON.object(facts).line, to: "2_Dense/config.json")
      let numbers = denseTensors
      var list = [("linear.weight", [dense.outputs, width], numbers.weight)]
      if dense.hasBias { list.append(("linear.bias", [dense.outputs], numbers.bias)) }
      try folder.write(Self.file(list, "F32"), to: "2_Dense/model.safetensors")
    }
    if normalizes { modules.append(("3_Normalize", "Normalize")) }
    let entries = modules.map { path, type in
      JSON.object([("path", .string(path)), ("type", .string(type))])
    }
    try folder.write(JSON.array(entries).line, to: "modules.json")
    return folder
  }

  /// The bytes of a safetensors file.
  static func file(_ tensors: [(String, [Int], [Float])], _ type: String) -> Data {
    var data = Data()
    var header: [(String, JSON)] = []
    for (name, shape, values) in tensors {
      let start = data.count
      for value in values { data.append(bytes(of: value, type)) }
      header.append(
        (
          name,
          .object([
            ("dtype", .string(type)), ("shape", .array(shape.map { .integer($0) })),
            ("data_offsets", .array([.integer(start), .integer(data.count)])),
          ])
        ))
    }
    let text = Data(JSON.object(header).line.utf8)
    var length = UInt64(text.count).littleEndian
    return withUnsafeBytes(of: &length) { Data($0) } + text + data
  }

  private static func bytes(of value: Float, _ type: String) -> Data {
    func little<T: FixedWidthInteger>(_ bits: T) -> Data {
      withUnsafeBytes(of: bits.littleEndian) { Data($0) }
    }
    switch type {
    case "BF16": return little(UInt16(value.bitPattern >> 16))
    case "F16": return little(halfBits(value))
    case "F64": return little(Double(value).bitPattern)
    default: return little(value.bitPattern)
    }
  }

  /// Half-precision bits of a number that half precision holds exactly, or of one that lies below
  /// its normal range, cut.
  private static func halfBits(_ value: Float) -> UInt16 {
    let sign: UInt16 = value.sign == .minus ? 0x8000 : 0
    if value == 0 { return sign }
    let exponent = Int(value.exponent)
    if exponent < -14 { return sign | UInt16(value.magnitude * 16_777_216) }
    let fraction = UInt16(value.significandBitPattern >> 13)
    return sign | UInt16(exponent + 15) << 10 | fraction
  }

  func embedder(
    in folder: TemporaryFolder, _ change: (inout LocalEmbedder.Options) -> Void = { _ in }
  ) throws -> LocalEmbedder {
    var options = LocalEmbedder.Options()
    change(&options)
    return try LocalEmbedder(
      try Checkpoint(folder: folder.url), name: "test/tiny", revision: "0", options: options)
  }
}

// MARK: The second opinion

extension TinyCheckpoint {
  /// All numbers by name, as `vector` takes them.
  var doubles: [String: [Double]] {
    Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, $0.values.map(Double.init)) })
  }

  /// The vector of one text in doubles, straight from the definition.
  ///
  /// `prompt` is how many leading tokens belong to the prompt; `tensors` are the `doubles`.
  func vector(_ ids: [Int], prompt: Int, _ tensors: [String: [Double]]) -> [Double] {
    func table(_ name: String) -> [Double] { tensors[name] ?? [] }
    func linear(_ x: [Double], _ name: String) -> [Double] {
      Self.product(x, table(name + ".weight"), table(name + ".bias"))
    }
    func norm(_ x: [Double], _ name: String) -> [Double] {
      let mean = x.reduce(0, +) / Double(x.count)
      let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count)
      let scale = table(name + (hasOldNormNames ? ".gamma" : ".weight"))
      let shift = table(name + (hasOldNormNames ? ".beta" : ".bias"))
      return x.indices.map {
        (x[$0] - mean) / (variance + 1e-12).squareRoot() * scale[$0] + shift[$0]
      }
    }
    let (words, places) = (
      table("embeddings.word_embeddings.weight"), table("embeddings.position_embeddings.weight")
    )
    let types = table("embeddings.token_type_embeddings.weight")
    let width = narrow ?? hidden
    var rows = ids.enumerated().map { place, id in
      let row = (firstPosition + place) * width
      return norm(
        (0..<width).map { words[id * width + $0] + types[$0] + places[row + $0] },
        "embeddings.LayerNorm")
    }
    if narrow != nil { rows = rows.map { linear($0, "embeddings_project") } }
    for layer in 0..<layers {
      let path = "encoder.layer.\(layer)."
      let q = rows.map { linear($0, path + "attention.self.query") }
      let k = rows.map { linear($0, path + "attention.self.key") }
      let v = rows.map { linear($0, path + "attention.self.value") }
      rows = rows.indices.map { i in
        let context = attention(q[i], k, v)
        let sum = Self.sum(rows[i], linear(context, path + "attention.output.dense"))
        let middle = norm(sum, path + "attention.output.LayerNorm")
        let wide = linear(middle, path + "intermediate.dense").map(Self.function(activation))
        return norm(
          Self.sum(middle, linear(wide, path + "output.dense")), path + "output.LayerNorm")
      }
    }
    return finished(rows, prompt: prompt)
  }

  private func attention(_ q: [Double], _ k: [[Double]], _ v: [[Double]]) -> [Double] {
    let width = hidden / heads
    return (0..<heads).flatMap { head -> [Double] in
      let part = head * width..<(head + 1) * width
      let scores = k.map { key in
        exp(part.reduce(0) { $0 + q[$1] * key[$1] } / Double(width).squareRoot())
      }
      let total = scores.reduce(0, +)
      return part.map { i in zip(scores, v).reduce(0) { $0 + $1.0 * $1.1[i] } / total }
    }
  }

  private func finished(_ rows: [[Double]], prompt: Int) -> [Double] {
    var vector = Pooling.Mode.allCases.filter(pooling.contains).flatMap {
      pooled(rows, $0, skipping: includesPrompt ? 0 : min(prompt, rows.count - 1))
    }
    if let dense {
      let numbers = denseTensors
      let bias = dense.hasBias ? numbers.bias : numbers.bias.map { _ in 0 }
      let name = dense.activation.split(separator: ".").last.map(String.init) ?? ""
      vector = Self.product(vector, numbers.weight.map(Double.init), bias.map(Double.init))
        .map(Self.function(name.lowercased()))
    }
    if normalizes {
      let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
      vector = vector.map { $0 / length }
    }
    return vector
  }

  private func pooled(_ rows: [[Double]], _ mode: Pooling.Mode, skipping: Int) -> [Double] {
    let kept = rows.dropFirst(skipping)
    let count = Double(kept.count)
    return (0..<hidden).map { column in
      let values = kept.map { $0[column] }
      let sum = values.reduce(0, +)
      switch mode {
      case .firstToken: return values[0]
      case .lastToken: return rows[rows.count - 1][column]
      case .max: return values.max() ?? 0
      case .mean: return sum / count
      case .meanSqrtLength: return sum / count.squareRoot()
      case .weightedMean:
        let weights = values.indices.map { Double(skipping + $0 + 1) }
        return zip(weights, values).reduce(0) { $0 + $1.0 * $1.1 } / weights.reduce(0, +)
      }
    }
  }

  private static func sum(_ a: [Double], _ b: [Double]) -> [Double] { zip(a, b).map(+) }

  private static func product(_ x: [Double], _ weight: [Double], _ bias: [Double]) -> [Double] {
    bias.indices.map { row in
      x.indices.reduce(bias[row]) { $0 + x[$1] * weight[row * x.count + $1] }
    }
  }

  private static func function(_ name: String) -> @Sendable (Double) -> Double {
    switch name {
    case "gelu": { $0 / 2 * (1 + erf($0 / 2.0.squareRoot())) }
    case "gelu_new", "gelu_pytorch_tanh":
      { $0 / 2 * (1 + tanh((2 / Double.pi).squareRoot() * ($0 + 0.044715 * $0 * $0 * $0))) }
    case "relu": { max($0, 0) }
    case "tanh": { tanh($0) }
    case "silu": { $0 / (1 + exp(-$0)) }
    default: { $0 }
    }
  }
}
