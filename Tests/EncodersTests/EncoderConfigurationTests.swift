// The encoder-shaped architectures' configurations: defaults, keys under older names, what is
// refused; positions, buckets and rotations by hand.

import Core
import Foundation
import Tensors
import TestSupport
import Testing

@testable import Encoders

@Suite struct EncoderConfigurationTests {
  /// Reads a `config.json` of this text.
  private func file(_ text: String) throws -> ConfigFile {
    let folder = try TemporaryFolder()
    try folder.write(text, to: "config.json")
    return try ConfigFile(folder.url.appending(path: "config.json"))
  }

  // MARK: Defaults

  /// vocabulary, hidden, layers, heads, intermediate, positions, tokenTypes; epsilon.
  private func expect(
    _ sizes: EncoderSizes, _ numbers: [Int], _ epsilon: Float, _ activation: Activation = .gelu,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let found = [
      sizes.vocabulary, sizes.hidden, sizes.layers, sizes.heads, sizes.intermediate,
      sizes.positions, sizes.tokenTypes,
    ]
    #expect(found == numbers, sourceLocation: sourceLocation)
    #expect(sizes.epsilon == epsilon, sourceLocation: sourceLocation)
    #expect(sizes.activation == activation, sourceLocation: sourceLocation)
  }

  /// The numbers are those of transformers 5.23, read off its configuration classes; for `new`, of
  /// the code on the hub.
  @Test func `absent keys have the defaults of transformers`() throws {
    let roberta = try Roberta.Configuration(try file(#"{"model_type": "roberta"}"#))
    expect(roberta.sizes, [50265, 768, 12, 12, 3072, 512, 2], 1e-12)
    #expect(roberta.count.padding == 1)
    let multilingual = try Roberta.Configuration(try file(#"{"model_type": "xlm-roberta"}"#))
    expect(multilingual.sizes, [30522, 768, 12, 12, 3072, 512, 2], 1e-12)
    let mpnet = try MPNet.Configuration(try file("{}"))
    expect(mpnet.sizes, [30527, 768, 12, 12, 3072, 512, 0], 1e-12)
    #expect(mpnet.bucketRows == 32)
    expect(
      try DistilBert.Configuration(try file("{}")).sizes, [30522, 768, 6, 12, 3072, 512, 0], 1e-12)
    let electra = try Electra.Configuration(try file("{}")).sizes
    expect(electra, [30522, 256, 12, 4, 1024, 512, 2], 1e-12)
    #expect(electra.narrow == 128)
    let nomic = try NomicBert.Configuration(try file("{}"))
    expect(nomic.sizes, [30528, 768, 12, 12, 3072, 2048, 2], 1e-12, .silu)
    #expect(nomic.rotary == Rotary(width: 64, theta: 1000))
    let gte = try Gte.Configuration(try file(#"{"model_type": "gte"}"#))
    expect(gte.sizes, [250_048, 768, 12, 12, 3072, 8192, 1], 1e-12)
    #expect(gte.rotary == Rotary(width: 64, theta: 160_000))
    let new = try Gte.Configuration(try file(#"{"model_type": "new"}"#))
    expect(new.sizes, [30528, 768, 12, 12, 3072, 2048, 1], 1e-12)
    #expect(new.rotary == Rotary(width: 64, theta: 10_000))
    let jina = try JinaV3.Configuration(try file("{}"))
    expect(jina.sizes, [250_002, 1024, 24, 16, 4096, 8194, 1], 1e-5)
    #expect(jina.rotary == Rotary(width: 64, theta: 20_000))
  }

  @Test func `ModernBERT's defaults`() throws {
    let config = try ModernBert.Configuration(try file("{}"))
    expect(config.sizes, [50368, 768, 22, 12, 1152, 8192, 0], 1e-5)
    #expect(config.isLocal.enumerated().allSatisfy { $1 == ($0 % 3 != 0) })
    #expect(config.reach == 64)
    #expect(
      config.rotations == [Rotary(width: 64, theta: 160_000), Rotary(width: 64, theta: 10_000)])
    #expect(
      [config.normBias, config.attentionBias, config.feedForwardBias].allSatisfy { $0 == .absent })
  }

  @Test func `T5's and mT5's defaults`() throws {
    let plain = try T5Encoder.Configuration(try file(#"{"model_type": "t5"}"#))
    #expect((plain.vocabulary, plain.hidden, plain.layers) == (32128, 512, 6))
    #expect((plain.heads, plain.headWidth, plain.intermediate) == (8, 64, 2048))
    #expect(plain.epsilon == 1e-6 && plain.activation == .relu && !plain.isGated)
    #expect(plain.buckets == RelativeBuckets(count: 32, maxDistance: 128))
    let multilingual = try T5Encoder.Configuration(try file(#"{"model_type": "mt5"}"#))
    #expect(
      (multilingual.vocabulary, multilingual.layers, multilingual.heads) == (250_112, 8, 6))
    #expect(multilingual.intermediate == 1024)
    #expect(multilingual.activation == .geluTanh && multilingual.isGated)
  }

  // MARK: Other keys for the same

  @Test func `older and newer keys mean the same`() throws {
    let old = """
      {"n_embd": 48, "n_layer": 3, "n_head": 4, "n_inner": 96, "vocab_size": 64,
       "layer_norm_epsilon": 1e-5, "rotary_emb_base": 5000, "activation_function": "geglu"}
      """
    let nomic = try NomicBert.Configuration(try file(old))
    expect(nomic.sizes, [64, 48, 3, 4, 96, 2048, 2], 1e-5, .gelu)
    #expect(nomic.rotary == Rotary(width: 12, theta: 5000))
    let distil = #"{"hidden_size": 48, "num_hidden_layers": 3, "n_heads": 4, "hidden_dim": 5}"#
    expect(
      try DistilBert.Configuration(try file(distil)).sizes, [30522, 48, 3, 4, 5, 512, 0], 1e-12)
    let modern = """
      {"num_hidden_layers": 2, "sliding_window": 5, "rope_parameters": {
       "full_attention": {"rope_type": "default", "rope_theta": 7000},
       "sliding_attention": {"rope_type": "default", "rope_theta": 6000}},
       "layer_types": ["sliding_attention", "full_attention"], "norm_bias": true}
      """
    let config = try ModernBert.Configuration(try file(modern))
    #expect(config.isLocal == [true, false] && config.reach == 5 && config.normBias == .required)
    #expect(config.rotations == [Rotary(width: 64, theta: 7000), Rotary(width: 64, theta: 6000)])
  }

  @Test(arguments: [
    ("relu", Activation.relu, false), ("gelu", .gelu, false), ("gated-gelu", .geluTanh, true),
    ("gated-silu", .silu, true), ("gated-relu", .relu, true), ("gelu_new", .geluTanh, false),
  ])
  func `T5 names its feed-forward part in one word`(
    name: String, activation: Activation, isGated: Bool
  ) throws {
    let config = try T5Encoder.Configuration(try file(#"{"feed_forward_proj": "\#(name)"}"#))
    #expect(config.activation == activation && config.isGated == isGated)
  }

  @Test(arguments: ConfigFile.activations.map(\.name))
  func `every name of an activation is known under every key`(name: String) throws {
    let wanted = ConfigFile.activations.first { $0.name == name }?.activation
    let bert = try Bert.Configuration(try file(#"{"hidden_act": "\#(name)"}"#))
    #expect(bert.sizes.activation == wanted)
    let distil = try DistilBert.Configuration(try file(#"{"activation": "\#(name)"}"#))
    #expect(distil.sizes.activation == wanted)
  }

  // MARK: Refusals

  private static let readers: [String: @Sendable (ConfigFile) throws -> Void] = [
    "bert": { _ = try Bert.Configuration($0) }, "electra": { _ = try Electra.Configuration($0) },
    "roberta": { _ = try Roberta.Configuration($0) },
    "mpnet": { _ = try MPNet.Configuration($0) },
    "distilbert": { _ = try DistilBert.Configuration($0) },
    "modernbert": { _ = try ModernBert.Configuration($0) },
    "nomic": { _ = try NomicBert.Configuration($0) }, "gte": { _ = try Gte.Configuration($0) },
    "jina": { _ = try JinaV3.Configuration($0) }, "t5": { _ = try T5Encoder.Configuration($0) },
  ]

  /// The architecture, a configuration, and the key that the message begins with.
  static let refused: [(String, String, String)] = [
    ("bert", #"{"hidden_act": "mish"}"#, "hidden_act"),
    ("roberta", #"{"is_decoder": true}"#, "is_decoder"),
    ("roberta", #"{"add_cross_attention": true}"#, "add_cross_attention"),
    ("roberta", #"{"position_embedding_type": "rotary"}"#, "position_embedding_type"),
    ("roberta", #"{"pad_token_id": null}"#, "pad_token_id"),
    ("roberta", #"{"pad_token_id": -1}"#, "pad_token_id"),
    ("roberta", #"{"pad_token_id": 511}"#, "max_position_embeddings"),
    ("roberta", #"{"hidden_size": 770}"#, "hidden_size"),
    ("roberta", #"{"num_hidden_layers": 0}"#, "num_hidden_layers"),
    ("roberta", #"{"type_vocab_size": 0}"#, "type_vocab_size"),
    ("roberta", #"{"layer_norm_eps": -1}"#, "layer_norm_eps"),
    ("mpnet", #"{"relative_attention_num_buckets": 16}"#, "relative_attention_num_buckets"),
    ("mpnet", #"{"max_position_embeddings": 2}"#, "max_position_embeddings"),
    ("distilbert", #"{"dim": 48, "hidden_size": 40}"#, "hidden_size"),
    ("distilbert", #"{"activation": "gelu_10"}"#, "activation"),
    ("modernbert", #"{"layer_types": ["full_attention"]}"#, "layer_types"),
    (
      "modernbert", #"{"num_hidden_layers": 1, "layer_types": ["chunked_attention"]}"#,
      "layer_types"
    ),
    ("modernbert", #"{"global_attn_every_n_layers": 0}"#, "global_attn_every_n_layers"),
    ("modernbert", #"{"local_attention": 128, "sliding_window": 60}"#, "sliding_window"),
    ("modernbert", #"{"local_attention": 0}"#, "local_attention"),
    ("nomic", #"{"prenorm": true}"#, "prenorm"), ("nomic", #"{"causal": true}"#, "causal"),
    ("nomic", #"{"qkv_proj_bias": true}"#, "qkv_proj_bias"),
    ("nomic", #"{"rotary_emb_fraction": 0.5}"#, "rotary_emb_fraction"),
    ("nomic", #"{"rotary_emb_interleaved": true}"#, "rotary_emb_interleaved"),
    ("nomic", #"{"rotary_scaling_factor": 2}"#, "rotary_scaling_factor"),
    ("nomic", #"{"use_rms_norm": true}"#, "use_rms_norm"),
    ("nomic", #"{"num_experts": 8}"#, "num_experts"),
    ("nomic", #"{"scale_attn_weights": false}"#, "scale_attn_weights"),
    ("nomic", #"{"activation_function": "gelu"}"#, "activation_function"),
    (
      "nomic", #"{"activation_function": "geglu", "hidden_act": "silu"}"#, "activation_function"
    ),
    ("nomic", #"{"n_embd": 48, "hidden_size": 96}"#, "n_embd"),
    (
      "nomic", #"{"rotary_emb_base": 10000, "rope_parameters": {"rope_theta": 1000}}"#,
      "rotary_emb_base"
    ),
    (
      "nomic", #"{"layer_norm_epsilon": 1e-5, "layer_norm_eps": 1e-6}"#, "layer_norm_epsilon"
    ),
    ("electra", #"{"embedding_size": 512}"#, "embedding_size"),
    ("electra", #"{"is_decoder": true}"#, "is_decoder"),
    ("bert", #"{"quantization_config": {"bits": 4}}"#, "quantization_config"),
    ("t5", #"{"quantization_config": {"bits": 4}}"#, "quantization_config"),
    ("gte", #"{"position_embedding_type": "absolute"}"#, "position_embedding_type"),
    ("gte", #"{"layer_norm_type": "rms_norm"}"#, "layer_norm_type"),
    ("gte", #"{"pack_qkv": false}"#, "pack_qkv"),
    ("gte", #"{"logn_attention_clip1": true}"#, "logn_attention_clip1"),
    ("gte", #"{"rope_scaling": {"type": "ntk"}}"#, "rope_scaling.factor"),
    (
      "gte", #"{"rope_scaling": {"type": "ntk", "factor": 2, "mixed_b": 0.6}}"#,
      "rope_scaling.mixed_b"
    ),
    ("gte", #"{"head_dim": 32}"#, "head_dim"),
    ("jina", #"{"rope_scaling": {"type": "dynamic", "factor": 2}}"#, "rope_scaling"),
    ("jina", #"{"hidden_size": 33, "num_attention_heads": 11}"#, "head"),
    ("t5", #"{"feed_forward_proj": "gated-gelu-x"}"#, "feed_forward_proj"),
    ("t5", #"{"feed_forward_proj": "glu-relu"}"#, "feed_forward_proj"),
    ("t5", #"{"feed_forward_proj": "gated-mish"}"#, "feed_forward_proj"),
    ("t5", #"{"feed_forward_proj": "relu", "is_gated_act": true}"#, "is_gated_act"),
    ("t5", #"{"feed_forward_proj": "gated-gelu", "dense_act_fn": "gelu"}"#, "dense_act_fn"),
    ("t5", #"{"relative_attention_max_distance": 8}"#, "relative_attention_max_distance"),
    ("t5", #"{"relative_attention_num_buckets": 3}"#, "relative_attention_num_buckets"),
    ("t5", #"{"d_model": 512, "hidden_size": 256}"#, "hidden_size"),
  ]

  @Test(arguments: refused)
  func `a setting that Borda does not compute is refused by key`(
    architecture: String, text: String, key: String
  ) throws {
    let reader = try #require(Self.readers[architecture])
    let config = try file(text)
    let failure = #expect(throws: Failure.self) { try reader(config) }
    #expect(
      failure?.message.hasPrefix(key) == true, "\(String(describing: failure?.message))")
    #expect(failure?.code == .malformed || failure?.hint != nil)
  }

  // MARK: Positions

  @Test func `positions count tokens that are no padding, in each text anew`() throws {
    let sizes = Bert.Configuration.defaults
    let count = try PositionCount(padding: 1, try file("{}"), sizes)
    var workspace = Workspace(
      WorkspaceShape(hidden: 1), maxTokens: 20, longest: 9, kernels: try Kernels())
    workspace.batch.append([0, 5, 1, 7, 2])
    workspace.batch.append([0, 2])
    workspace.batch.append([1, 1, 1, 0])
    count.count(in: &workspace)
    #expect(workspace.positions == [2, 3, 1, 4, 5, 2, 3, 1, 1, 1, 2])
    #expect(count.longest(rows: 514) == 512)
  }

  /// Of 16 buckets per direction, 8 are exact; distance d >= 8 falls into
  /// 8 + floor(8 ln(d / 8) / ln(128 / 8)): 8 ln(11/8)/ln 16 = 0.92, of 12 1.17, of 16 2, of 32 4,
  /// of 64 6, of 90 6.98, of 91 7.02.
  @Test(arguments: [
    (0, 0), (-1, 1), (-7, 7), (-8, 8), (-11, 8), (-12, 9), (-16, 10), (-32, 12), (-64, 14),
    (-90, 14), (-91, 15), (-128, 15), (-5000, 15), (1, 17), (7, 23), (8, 24), (90, 30), (91, 31),
    (5000, 31),
  ])
  func `buckets are exact near and logarithmic far`(distance: Int, bucket: Int) {
    #expect(RelativeBuckets(count: 32, maxDistance: 128).bucket(distance) == bucket)
  }

  /// 4 buckets: 0 and 1 behind, 2 and 3 ahead; distance 1 and beyond share, distance 0 is behind.
  @Test func `a bias table turns buckets into distances for each head`() {
    let learned = Floats([1, 10, 2, 20, 3, 30, 4, 40], columns: 2)
    let bias = RelativeBuckets(count: 4, maxDistance: 2).bias(learned)
    #expect(bias.reach == 2)
    // Distances -2, -1, 0, 1, 2 fall into 1, 1, 0, 3, 3.
    #expect(bias.table.values == [2, 2, 1, 4, 4, 20, 20, 10, 40, 40])
  }

  /// Width 4, theta 100 · 4, factor 4: speeds 1 and 1 / √400 = 0.05, each over √4 = 2.
  @Test func `the hub's ntk scaling multiplies theta and divides every speed besides`() throws {
    let text = """
      {"hidden_size": 8, "num_attention_heads": 2, "rope_theta": 100,
       "rope_scaling": {"type": "ntk", "factor": 4.0}}
      """
    let speeds = try Gte.Configuration(try file(text)).rotary.inverseFrequencies
    #expect(speeds.count == 2)
    #expect(zip(speeds, [0.5, 0.025] as [Float]).allSatisfy { abs($0 - $1) < 1e-7 })
  }

  // MARK: Weights and registry

  /// Outputs 0 and 1 of the file are 1 · x + 10 and 2 · x + 20, outputs 2 and 3 are 3 · x + 30 and
  /// 4 · x + 40; of x = 5 that is 15, 30 and 45, 60.
  @Test func `the halves of a fused layer can change places`() throws {
    let folder = try TemporaryFolder()
    let tensors: [(String, [Int], [Float])] = [
      ("both.weight", [4, 1], [1, 2, 3, 4]), ("both.bias", [4], [10, 20, 30, 40]),
    ]
    try folder.write(TinyCheckpoint.file(tensors, "F32"), to: "model.safetensors")
    let kernels = try Kernels()
    let file = try Safetensors(file: folder.url.appending(path: "model.safetensors"))
    let weights = Weights(file, prefixes: [""], mark: "both.weight", kernels)
    let layer = try weights.linear(swappingHalvesOf: "both", outputs: 4, inputs: 1)
    var x = Matrix(rows: 1, columns: 1)
    var y = Matrix(rows: 1, columns: 4)
    x.assign([5])
    kernels.linear(x, rows: 1, layer, into: &y)
    #expect(y.copy(rows: 1) == [45, 60, 15, 30])
  }

  /// A static table has no model_type; its modules say what it is.
  @Test func `every architecture file is registered, in the order of the model types`() throws {
    let folder = Repository.root.appending(path: "Sources/Encoders")
    let files = try FileManager.default.contentsOfDirectory(
      atPath: folder.appending(path: "Architectures").path(percentEncoded: false))
    let registry = try folder.text(of: "Architectures.swift")
    for file in files where file != "StaticEmbedding.swift" {
      #expect(registry.contains("\(file.dropLast(".swift".count)).init"), "\(file)")
    }
    let types = Architectures.all.map(\.modelType)
    #expect(types == Set(types).sorted())
  }
}
