// The config.json of the decoder-shaped architectures: transformers' defaults, and every key that
// Borda refuses.

import Core
import Foundation
import Tensors
import TestSupport
import Testing

@testable import Encoders

@Suite struct DecoderConfigurationTests {
  private func sizes(
    _ defaults: StackSizes.Defaults, headWidth: Int
  ) throws -> StackSizes {
    var defaults = defaults
    defaults.headWidth = headWidth
    defaults.keyValueHeads = defaults.keyValueHeads ?? defaults.heads
    return try StackSizes(try decoderConfig("{}"), defaults)
  }

  // Defaults as LlamaConfig() and its siblings print them in transformers 5.23.

  @Test func `an absent key has transformers' default in Llama, Mistral and EuroBERT`() throws {
    let empty = try decoderConfig("{}")
    let llama = try Llama.Configuration(empty)
    #expect(
      try llama.sizes
        == sizes(
          StackSizes.Defaults(
            vocabulary: 32_000, hidden: 4096, layers: 32, heads: 32, intermediate: 11_008,
            positions: 2048, epsilon: 1e-6), headWidth: 128))
    #expect(llama.isCausal)
    #expect(llama.rotary == Rotary(width: 128, theta: 10_000))
    #expect(llama.attentionBias == .absent && llama.feedForwardBias == .absent)
    let mistral = try Mistral.Configuration(empty)
    #expect(
      try mistral.sizes
        == sizes(
          StackSizes.Defaults(
            vocabulary: 32_000, hidden: 4096, layers: 32, heads: 32, keyValueHeads: 8,
            intermediate: 14_336, positions: 131_072, epsilon: 1e-6), headWidth: 128))
    #expect(mistral.windows == Array(repeating: 4096, count: 32))
    let euroBert = try EuroBert.Configuration(empty)
    #expect(
      try euroBert.sizes
        == sizes(
          StackSizes.Defaults(
            vocabulary: 128_256, hidden: 768, layers: 12, heads: 12, intermediate: 3072,
            positions: 8192, epsilon: 1e-5), headWidth: 64))
    #expect(euroBert.rotary == Rotary(width: 64, theta: 10_000))
  }

  @Test func `an absent key has transformers' default in Qwen 2 and 3`() throws {
    let empty = try decoderConfig("{}")
    let wanted = try sizes(
      StackSizes.Defaults(
        vocabulary: 151_936, hidden: 4096, layers: 32, heads: 32, intermediate: 22_016,
        positions: 32_768, epsilon: 1e-6), headWidth: 128)
    let qwen2 = try Qwen2.Configuration(empty)
    #expect(qwen2.sizes == wanted)
    #expect(qwen2.isCausal)
    #expect(qwen2.windows == Array(repeating: nil, count: 32))
    let qwen3 = try Qwen3.Configuration(empty)
    #expect(qwen3.sizes == wanted)
    #expect(qwen3.attentionBias == .absent)
    // Not 64, as hidden / heads would be.
    #expect(
      try Qwen3.Configuration(decoderConfig(#"{"hidden_size": 2048}"#)).sizes.headWidth == 128)
    #expect(try Qwen2.Configuration(decoderConfig(#"{"hidden_size": 2048}"#)).sizes.headWidth == 64)
  }

  @Test func `an absent key has transformers' default in Gemma 3`() throws {
    let gemma = try Gemma3.Configuration(try decoderConfig("{}"))
    #expect(
      try gemma.sizes
        == sizes(
          StackSizes.Defaults(
            vocabulary: 262_208, hidden: 2304, layers: 26, heads: 8, keyValueHeads: 4,
            intermediate: 9216, positions: 131_072, epsilon: 1e-6,
            activation: (key: "hidden_activation", name: "gelu_pytorch_tanh")), headWidth: 256))
    #expect(!gemma.looksBothWays)
    #expect(gemma.queryScalar == 256)
    #expect(gemma.localRotary == Rotary(width: 256, theta: 10_000))
    #expect(gemma.globalRotary == Rotary(width: 256, theta: 1_000_000))
    // Five sliding layers before each full one: numbers 6, 12, 18 and 24 of 26.
    let full = gemma.layerTypes.indices.filter { gemma.layerTypes[$0] == .full }
    #expect(full == [5, 11, 17, 23])
    #expect(gemma.mask(.sliding) == .window(before: 4095, after: 0))
    #expect(gemma.mask(.full) == .causal)
    let both = try Gemma3.Configuration(
      try decoderConfig(#"{"use_bidirectional_attention": true, "sliding_window": 513}"#))
    #expect(both.mask(.sliding) == .window(before: 256, after: 256))
    #expect(both.mask(.full) == .full)
  }

  @Test func `null is not the same as absent for a window and for heads of keys`() throws {
    let null = #"{"sliding_window": null, "num_key_value_heads": null, "use_sliding_window": true}"#
    let mistral = try Mistral.Configuration(try decoderConfig(null))
    #expect(mistral.windows == Array(repeating: nil, count: 32))
    #expect(mistral.sizes.keyValueHeads == 32)
    let qwen2 = try Qwen2.Configuration(try decoderConfig(null))
    #expect(qwen2.windows == Array(repeating: nil, count: 32))
    let used = try Qwen2.Configuration(
      try decoderConfig(#"{"use_sliding_window": true, "max_window_layers": 30}"#))
    #expect(used.windows == Array(repeating: nil, count: 30) + [4096, 4096])
  }

  @Test(arguments: [
    ("{}", true), (#"{"is_causal": false}"#, false), (#"{"is_causal": true}"#, true),
    (#"{"use_bidirectional_attention": true}"#, false),
    (#"{"use_bidirectional_attention": false}"#, true),
    (#"{"is_causal": false, "use_bidirectional_attention": true}"#, false),
    (#"{"model_type": "llama_bidirec"}"#, false),
    (#"{"model_type": "llama_bidirec", "is_causal": false}"#, false),
    (#"{"architectures": ["LlamaForCausalLM"]}"#, true),
    (#"{"architectures": ["LlamaBidirectionalModel"], "is_causal": false}"#, false),
  ])
  func `a Llama looks back only unless it says otherwise`(config: String, isCausal: Bool) throws {
    #expect(try Llama.Configuration(try decoderConfig(config)).isCausal == isCausal)
  }

  // MARK: Refusals

  /// Builds the architecture from a configuration alone; the weights are never reached.
  private func configure(_ modelType: String, _ config: String) throws {
    let file = try decoderConfig(config)
    switch modelType {
    case "llama": _ = try Llama.Configuration(file)
    case "mistral": _ = try Mistral.Configuration(file)
    case "qwen2": _ = try Qwen2.Configuration(file)
    case "qwen3": _ = try Qwen3.Configuration(file)
    case "gemma3_text": _ = try Gemma3.Configuration(file)
    default: _ = try EuroBert.Configuration(file)
    }
  }

  private func expectRefusal(_ modelType: String, _ config: String, _ message: String) throws {
    let failure = #expect(throws: Failure.self) { try configure(modelType, config) }
    #expect(
      failure?.message.hasPrefix(message) == true, "\(modelType): \(failure?.message ?? "")")
  }

  static let modelTypes = ["llama", "mistral", "qwen2", "qwen3", "gemma3_text", "eurobert"]

  @Test(arguments: modelTypes)
  func `sizes out of range are refused by key`(modelType: String) throws {
    for (key, value) in [
      ("vocab_size", "0"), ("hidden_size", "-1"), ("hidden_size", "1e30"),
      ("hidden_size", #""768""#), ("num_hidden_layers", "1000000000"), ("num_hidden_layers", "0"),
      ("num_attention_heads", "0"), ("num_key_value_heads", "0"), ("head_dim", "0"),
      ("intermediate_size", "99999999"), ("max_position_embeddings", "0"),
      ("rms_norm_eps", "-1"), ("rms_norm_eps", "NaN"), ("vocab_size", "12.5"),
    ] {
      try expectRefusal(modelType, #"{"\#(key)": \#(value)}"#, "\(key) is ")
    }
    try expectRefusal(
      modelType, #"{"num_attention_heads": 6, "num_key_value_heads": 4, "head_dim": 8}"#,
      "num_key_value_heads 4 does not divide")
    try expectRefusal(modelType, #"{"head_dim": 9}"#, "head_dim is 9; rotary")
    try expectRefusal(
      modelType, #"{"quantization_config": {"quant_method": "gptq"}}"#, "quantization_config says")
    let activation = modelType == "gemma3_text" ? "hidden_activation" : "hidden_act"
    try expectRefusal(
      modelType, #"{"\#(activation)": "superlu"}"#, "\(activation) is 'superlu'")
  }

  @Test(arguments: ["llama", "mistral", "qwen2", "eurobert"])
  func `heads have to divide the width where nothing says how wide they are`(
    modelType: String
  ) throws {
    let odd = #""hidden_size": 100, "num_attention_heads": 3, "num_key_value_heads": 3"#
    try expectRefusal(modelType, "{\(odd)}", "hidden_size 100 is no multiple")
    try configure(modelType, #"{\#(odd), "head_dim": 32}"#)
  }

  @Test(arguments: [
    // Each names the key that has to change.
    ("llama", #""is_causal": true, "use_bidirectional_attention": true"#, "use_bidirectional_att"),
    ("llama", #""is_causal": 1"#, "is_causal is 1"),
    ("llama", #""architectures": ["LlamaBidirectionalModel"]"#, "architectures is 'LlamaBidirec"),
    ("llama", #""architectures": ["LlamaEncoderModel"]"#, "architectures is 'LlamaEncoderModel'"),
    ("llama", #""model_type": "llama_bidirec", "is_causal": true"#, "is_causal is true, but this"),
    (
      "llama", #""model_type": "llama_bidirec", "use_bidirectional_attention": false"#,
      "use_bidirectional_attention is false"
    ),
    ("llama", #""attention_bias": "yes""#, #"attention_bias is "yes""#),
    ("llama", #""mlp_bias": 1"#, "mlp_bias is 1"),
    ("eurobert", #""is_causal": true"#, "is_causal is true, but this"),
    ("mistral", #""use_bidirectional_attention": true"#, "use_bidirectional_attention is true"),
    ("mistral", #""sliding_window": 0"#, "sliding_window is 0"),
    (
      "mistral", #""num_hidden_layers": 1, "layer_types": ["chunked_attention"]"#,
      "layer_types has 'chunked_attention'"
    ),
    ("mistral", #""layer_types": ["full_attention"]"#, "layer_types lists 1 layers"),
    ("mistral", #""layer_types": 3"#, "layer_types is 3, expected a list of texts"),
    (
      "mistral",
      #""num_hidden_layers": 1, "sliding_window": null, "layer_types": ["sliding_attention"]"#,
      "layer_types has sliding_attention, but the model has no window"
    ),
    ("qwen2", #""use_bidirectional_attention": true"#, "use_bidirectional_attention is true"),
    (
      "qwen2", #""num_hidden_layers": 1, "layer_types": ["sliding_attention"]"#,
      "layer_types has sliding_attention, but the model has no window"
    ),
    ("qwen3", #""max_window_layers": -1"#, "max_window_layers is -1"),
    ("qwen3", #""rope_scaling": {"rope_type": "dynamic", "factor": 2}"#, "rope_scaling.rope_type"),
    ("gemma3_text", #""is_causal": false"#, "is_causal is false against use_bidirectional"),
    (
      "gemma3_text", #""is_causal": true, "use_bidirectional_attention": true"#,
      "is_causal is true against use_bidirectional"
    ),
    ("gemma3_text", #""use_bidirectional_attention": "vision""#, "use_bidirectional_attention is"),
    ("gemma3_text", #""attn_logit_softcapping": 50.0"#, "attn_logit_softcapping is set"),
    ("gemma3_text", #""sliding_window": null"#, "sliding_window is null"),
    ("gemma3_text", #""sliding_window_pattern": 0"#, "sliding_window_pattern is 0"),
    ("gemma3_text", #""query_pre_attn_scalar": 0"#, "query_pre_attn_scalar is 0"),
    ("gemma3_text", #""rope_parameters": {"rope_theta": 5}"#, "rope_parameters.rope_theta stands"),
  ])
  func `what Borda does not run is refused by key`(
    modelType: String, keys: String, message: String
  ) throws {
    try expectRefusal(modelType, "{\(keys)}", message)
  }
}
