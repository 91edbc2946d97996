// The decoder-shaped architectures on small random checkpoints: against plain doubles, and what a
// token sees and does not see, bit for bit.

import Core
import Foundation
import Tensors
import TestSupport
import Testing

@testable import Encoders

@Suite struct DecoderTests {
  static let bothWays: @Sendable (Int, Int, Int) -> Bool = { _, _, _ in true }

  static let decoders: [TinyDecoder] = llamas + windows + qwens + gemmas

  static let llamas = [
    TinyDecoder(name: "Llama", modelType: "llama"),
    TinyDecoder(
      name: "Llama with biases", modelType: "llama", projectionBias: true, attentionBias: true,
      feedForwardBias: true, activation: TinyDecoder.gelu,
      keys: #""attention_bias": true, "mlp_bias": true, "hidden_act": "gelu""#, prefix: "model."),
    TinyDecoder(
      name: "Llama both ways", modelType: "llama", keys: #""is_causal": false"#, sees: bothWays),
    TinyDecoder(
      name: "Llama both ways by the other key", modelType: "llama",
      keys: #""use_bidirectional_attention": true"#, sees: bothWays),
    TinyDecoder(
      name: "Llama both ways by its type", modelType: "llama_bidirec",
      keys: #""architectures": ["LlamaBidirectionalModel"], "rope_theta": 500.0"#, sees: bothWays,
      speed: { TinyDecoder.speed(500, $1) }),
    TinyDecoder(
      name: "Llama, one head of keys", modelType: "llama", heads: 3, keyValueHeads: 1),
    TinyDecoder(
      name: "EuroBERT", modelType: "eurobert", projectionBias: true, attentionBias: true,
      keys: #""attention_bias": true"#, sees: bothWays),
  ]

  // W tokens with the token itself, or W on each side.
  static let windows = [
    TinyDecoder(
      name: "Mistral", modelType: "mistral", keys: #""sliding_window": 5"#,
      sees: { _, i, j in j <= i && i - j < 5 }, prefix: "model."),
    TinyDecoder(
      name: "Mistral both ways", modelType: "mistral",
      keys: #""sliding_window": 5, "is_causal": false"#, sees: { _, i, j in abs(i - j) <= 5 }),
    TinyDecoder(
      name: "Mistral without a window", modelType: "mistral", keys: #""sliding_window": null"#),
    TinyDecoder(
      name: "Qwen 2 with windows from layer 1 on", modelType: "qwen2", projectionBias: true,
      keys: #""use_sliding_window": true, "sliding_window": 4, "max_window_layers": 1"#,
      sees: { layer, i, j in j <= i && (layer < 1 || i - j < 4) }),
  ]

  static let qwens = [
    TinyDecoder(
      name: "Qwen 2 both ways", modelType: "qwen2", projectionBias: true,
      keys: #""is_causal": false, "use_sliding_window": false, "sliding_window": 4"#,
      sees: bothWays),
    TinyDecoder(
      name: "Qwen 3", modelType: "qwen3", hasHeadNorms: true, keys: #""rope_theta": 1000000"#,
      speed: { TinyDecoder.speed(1_000_000, $1) }),
    // Ramp of YaRN over 3 pairs of width 6, theta 10000, length 100: a pair turns n times where
    // i = 6 ln(100 / (2 pi n)) / (2 ln 10000) = 0.3257 ln(15.915 / n): for n = 32 below 0, so 0;
    // for n = 1 0.9013, so 1. Pair 0 keeps its speed, the others are divided by 4.
    TinyDecoder(
      name: "Qwen 3 with YaRN", modelType: "qwen3", hasHeadNorms: true,
      keys: """
        "rope_scaling": {"type": "yarn", "factor": 4.0, "original_max_position_embeddings": 100}
        """,
      speed: { TinyDecoder.speed(10_000, $1) / ($1 == 0 ? 1 : 4) }, turnFactor: 0.1 * log(4) + 1),
  ]

  static let gemmas = [
    // Layers 0 and 2 slide: 7 / 2 = 3 tokens on each side.
    TinyDecoder(
      name: "Gemma 3 both ways", modelType: "gemma3_text", hasHeadNorms: true, isGemma: true,
      queryScalar: 10, activation: TinyDecoder.geluTanh,
      keys: """
        "query_pre_attn_scalar": 10, "use_bidirectional_attention": true, "sliding_window": 7,
        "sliding_window_pattern": 2, "rope_scaling": {"rope_type": "linear", "factor": 8.0}
        """,
      sees: { layer, i, j in layer == 1 || abs(i - j) <= 3 },
      speed: { layer, pair in
        layer == 1
          ? TinyDecoder.speed(1_000_000, pair) / 8 : TinyDecoder.speed(10_000, pair)
      }),
    TinyDecoder(
      name: "Gemma 3 looking back", modelType: "gemma3_text", hasHeadNorms: true, isGemma: true,
      queryScalar: 6, activation: TinyDecoder.geluTanh,
      keys: """
        "query_pre_attn_scalar": 6, "sliding_window": 7,
        "layer_types": ["full_attention", "sliding_attention", "full_attention"],
        "rope_parameters": {"full_attention": {"rope_type": "default", "rope_theta": 700},
        "sliding_attention": {"rope_type": "default", "rope_theta": 80}}
        """,
      sees: { layer, i, j in j <= i && (layer != 1 || i - j < 7) },
      speed: { TinyDecoder.speed($0 == 1 ? 80 : 700, $1) }, prefix: "model."),
  ]

  /// The token vectors of some texts in one batch, text after text.
  private func rows(
    _ decoder: TinyDecoder, _ texts: [[Int32]], _ level: InstructionSet = .best
  ) throws -> [[Float]] {
    let folder = try decoder.write()
    let model = try Architectures.load(folder.url, try Kernels(level))
    let tokens = texts.reduce(0) { $0 + $1.count }
    var workspace = model.workspace(
      maxTokens: tokens, longest: texts.map(\.count).max() ?? 0)
    for text in texts { workspace.batch.append(text) }
    model.forward(&workspace)
    let values = workspace.hidden.copy(rows: tokens)
    let width = TinyDecoder.hidden
    return (0..<tokens).map { Array(values[$0 * width..<($0 + 1) * width]) }
  }

  @Test(arguments: decoders, instructionSets)
  func `every architecture agrees with plain doubles`(
    decoder: TinyDecoder, level: InstructionSet
  ) throws {
    let texts = [TinyDecoder.ids(1), TinyDecoder.ids(23), TinyDecoder.ids(40, seed: 4)]
    let wanted = texts.flatMap(decoder.vectors)
    let found = try rows(decoder, texts, level)
    #expect(found.count == wanted.count)
    var largest = 0.0
    for (row, reference) in zip(found, wanted) {
      for (x, y) in zip(row, reference) { largest = max(largest, abs(Double(x) - y)) }
    }
    #expect(largest < 3e-5)
  }

  @Test(arguments: decoders, instructionSets)
  func `a text's vectors are the same bits alone and in company`(
    decoder: TinyDecoder, level: InstructionSet
  ) throws {
    let texts = (0..<9).map { TinyDecoder.ids(1 + 7 * $0 % 20, seed: UInt64($0)) }
    let together = try rows(decoder, texts, level)
    let backwards = try rows(decoder, texts.reversed(), level)
    var start = 0
    for text in texts {
      let alone = try rows(decoder, [text], level)
      #expect(Array(together[start..<start + text.count]) == alone)
      start += text.count
      let mirrored = backwards.count - start
      #expect(Array(backwards[mirrored..<mirrored + text.count]) == alone)
    }
  }

  /// One layer: a token's vector depends on exactly the tokens that it sees, and on itself.
  @Test(arguments: decoders)
  func `a token that is not seen changes no bit`(decoder: TinyDecoder) throws {
    var decoder = decoder
    decoder.layers = 1
    decoder.keys.replace(#"["full_attention", "sliding_attention", "full_attention"]"#, with: one)
    let ids = TinyDecoder.ids(20)
    let before = try rows(decoder, [ids])
    for changed in [0, 9, 19] {
      var other = ids
      other[changed] = (ids[changed] + 1) % Int32(TinyDecoder.vocabulary)
      let after = try rows(decoder, [other])
      for i in ids.indices {
        let depends = i == changed || decoder.sees(0, i, changed)
        #expect((before[i] != after[i]) == depends, "token \(i), \(changed) changed")
      }
    }
  }

  private let one = #"["full_attention"]"#

  @Test(arguments: ["llama", "mistral", "qwen2", "qwen3", "gemma3_text"])
  func `a decoder of many layers never sees what comes later`(modelType: String) throws {
    let decoder = try #require(
      Self.decoders.first { $0.modelType == modelType && !$0.sees(1, 0, 1) })
    let ids = TinyDecoder.ids(20)
    let before = try rows(decoder, [ids])
    let cut = try rows(decoder, [Array(ids.prefix(11))])
    #expect(cut == Array(before.prefix(11)))
  }

  @Test(arguments: [("layers.1.mlp.up_proj.weight", [40, 24]), ("norm.weight", [24])])
  func `a tensor that is missing or has another shape is refused by name`(
    name: String, shape: [Int]
  ) throws {
    let decoder = Self.decoders[0]
    let folder = try decoder.write()
    for isMissing in [true, false] {
      var list = decoder.tensors.filter { $0.name != name }.map { ($0.name, $0.shape, $0.values) }
      if !isMissing {
        let count = (shape[0] + 1) * shape.dropFirst().reduce(1, *)
        let wrong = [shape[0] + 1] + shape.dropFirst()
        list.append((name, wrong, Array(repeating: 0.5, count: count)))
      }
      try folder.write(TinyCheckpoint.file(list, "F32"), to: "model.safetensors")
      let failure = #expect(throws: Failure.self) {
        try Architectures.load(folder.url, try Kernels())
      }
      #expect(failure?.description.contains(name) == true)
      #expect(failure?.description.contains("shape") == !isMissing)
    }
  }

  @Test func `parameters are counted without the head`() throws {
    let decoder = try #require(Self.decoders.first { !$0.prefix.isEmpty })
    let folder = try decoder.write()
    let model = try Architectures.load(folder.url, try Kernels())
    #expect(model.parameters == decoder.tensors.reduce(0) { $0 + $1.values.count })
    #expect(model.embeddingParameters == TinyDecoder.vocabulary * TinyDecoder.hidden)
  }
}
