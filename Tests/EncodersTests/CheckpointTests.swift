// The rules of a checkpoint folder: what each small file may say, and what is refused.

import Core
import Foundation
import Tensors
import TestSupport
import Testing

@testable import Encoders

@Suite struct CheckpointTests {
  private let tiny = TinyCheckpoint()

  private func embedder(_ folder: TemporaryFolder, pooling: Pooling? = nil) throws -> LocalEmbedder
  {
    try LocalEmbedder(
      try Checkpoint(folder: folder.url, pooling: pooling), name: "test/rules", revision: "0")
  }

  private func expectRefusal(
    _ folder: TemporaryFolder, _ code: Failure.Code, _ words: String...,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let failure = #expect(throws: Failure.self, sourceLocation: sourceLocation) {
      _ = try embedder(folder)
    }
    #expect(failure?.code == code, sourceLocation: sourceLocation)
    for word in words {
      #expect(
        failure?.description.contains(word) == true,
        "no '\(word)' in \(String(describing: failure))",
        sourceLocation: sourceLocation)
    }
  }

  @Test func `a folder without modules json needs an explicit pooling`() async throws {
    let folder = try tiny.write()
    try folder.remove("modules.json")
    expectRefusal(folder, .missing, "modules.json", "--pooling mean", "--normalize")
    let chosen = try embedder(folder, pooling: try Pooling(named: "cls,mean"))
    #expect(chosen.model.settings["modules"] == "cls+mean")
    #expect(chosen.model.dimensions == 48)
  }

  @Test func `a folder that is not there is refused, with the nearest name`() throws {
    let folder = try TemporaryFolder()
    try folder.write("", to: "all-MiniLM-L6-v2/x")
    let failure = #expect(throws: Failure.self) {
      try Checkpoint(folder: folder.url.appending(path: "all-MiniLM-L6-v3"))
    }
    #expect(failure?.code == .missing)
    #expect(failure?.hint?.contains("all-MiniLM-L6-v2") == true)
  }

  @Test func `an unknown pooling name is refused with the list`() {
    let failure = #expect(throws: Failure.self) { try Pooling(named: "median") }
    #expect(failure?.code == .usage)
    #expect(failure?.hint?.contains("cls, max, mean, mean_sqrt_len_tokens") == true)
  }

  @Test func `both dialects of the pooling file mean the same`() throws {
    let folder = try tiny.write()
    let dialects = [
      #"{"pooling_mode": "max"}"#, #"{"pooling_mode": ["max"], "embedding_dimension": 24}"#,
      #"{"pooling_mode_max_tokens": true, "pooling_mode_mean_tokens": false}"#,
      #"{"word_embedding_dimension": 24, "pooling_mode_max_tokens": true}"#,
    ]
    for text in dialects {
      try folder.write(text, to: "1_Pooling/config.json")
      #expect(try embedder(folder).model.settings["modules"] == "max, normalize")
    }
  }

  @Test(arguments: [
    (#"{}"#, "no pooling mode"), (#"{"pooling_mode": []}"#, "no pooling mode"),
    (#"{"pooling_mode": 3}"#, "pooling_mode"), (#"{"pooling_mode": ["mean", "x"]}"#, "'x'"),
    (#"{"pooling_mode_mean_tokens": "yes"}"#, "true or false"),
    (#"{"pooling_mode_median_tokens": true}"#, "unknown pooling mode"),
    (#"{"pooling_mode": "mean", "embedding_dimension": 25}"#, "hidden_size is 24"),
    (#"{"pooling_mode": "mean", "include_prompt": 1}"#, "include_prompt"),
  ])
  func `a pooling file that is unclear is refused`(text: String, word: String) throws {
    let folder = try tiny.write()
    try folder.write(text, to: "1_Pooling/config.json")
    let failure = #expect(throws: Failure.self) { try embedder(folder) }
    #expect(failure?.subject.hasSuffix("1_Pooling/config.json") == true)
    #expect(failure?.message.contains(word) == true)
  }

  @Test(arguments: [
    (#"{}"#, "no list"), (#"[]"#, "lists 0 modules"),
    (#"[{"type": "Pooling", "path": ""}]"#, "Pooling"),
    (#"[{"type": "Transformer", "path": ""}]"#, "lists 1 modules"),
    (#"[{"path": ""}]"#, "has no type"), (#"[{"type": "Transformer"}]"#, "has no path"),
    (#"[{"type": "Transformer", "path": "/"}]"#, "outside"),
    (#"[{"type": "Transformer", "path": "a//b"}]"#, "outside"),
    (#"[{"type": "Transformer", "path": ""}, {"type": "Normalize", "path": ""}]"#, "Normalize"),
    (#"[{"type": "x.WordEmbeddings", "path": ""}]"#, "x.WordEmbeddings"),
    (
      #"[{"type": "Transformer", "path": ""}, {"type": "StaticEmbedding", "path": ""}]"#,
      "module 1 is StaticEmbedding"
    ),
    (
      #"[{"type": "StaticEmbedding", "path": ""}, {"type": "Pooling", "path": "1_Pooling"}]"#,
      "module 1 is Pooling"
    ),
  ])
  func `a chain of modules that is not understood is refused`(text: String, word: String) throws {
    let folder = try tiny.write()
    try folder.write(text, to: "modules.json")
    let failure = #expect(throws: Failure.self) { try embedder(folder) }
    #expect(failure?.subject.hasSuffix("modules.json") == true)
    #expect(failure?.message.contains(word) == true, "\(String(describing: failure))")
  }

  @Test func `the transformer may lie in a folder of its own`() async throws {
    let folder = try tiny.write()
    let whole = try await embedder(folder).embed(EmbedRequest(texts: ["w1 w2"]))
    for name in ["config.json", "vocab.txt", "tokenizer_config.json", "model.safetensors"] {
      try folder.write(Data(contentsOf: folder.url.appending(path: name)), to: "0_T/" + name)
      try folder.remove(name)
    }
    let modules =
      #"[{"type": "a.Transformer", "path": "0_T"}, {"type": "b.Pooling", "path": "1_Pooling"}, {"type": "Dropout", "path": "2_Dropout"}, {"type": "c.Normalize", "path": "3_Normalize"}]"#
    try folder.write(modules, to: "modules.json")
    let parts = try await embedder(folder).embed(EmbedRequest(texts: ["w1 w2"]))
    #expect(parts.embeddings == whole.embeddings)
  }

  @Test func `prompts, the default prompt, similarity and kept dimensions are read`() throws {
    let folder = try tiny.write()
    let settings = """
      {"prompts": {"query": "q: ", "document": "", "STS": null}, "default_prompt_name": "query",
       "similarity_fn_name": "dot", "truncate_dim": 10}
      """
    try folder.write(settings, to: "config_sentence_transformers.json")
    let embedder = try embedder(folder)
    #expect(embedder.prompts == Prompts(byKey: ["query": "q: ", "document": ""], standard: "q: "))
    #expect(embedder.model.similarity == .dot)
    #expect(embedder.model.dimensions == 10)
    var options = LocalEmbedder.Options()
    options.dimensions = 25
    let failure = #expect(throws: Failure.self) {
      try LocalEmbedder(
        try Checkpoint(folder: folder.url), name: "a/b", revision: "0", options: options)
    }
    #expect(failure?.code == .usage)
  }

  @Test(arguments: [
    (#"{"similarity_fn_name": "euclidean"}"#, "euclidean"),
    (#"{"prompts": []}"#, "prompts"), (#"{"prompts": {"a": 1}}"#, "'a'"),
    (#"{"prompts": {"query": ""}, "default_prompt_name": "querry"}"#, "querry"),
    (#"{"truncate_dim": 0}"#, "truncate_dim"), (#"[]"#, "object"),
  ])
  func `settings that are not understood are refused`(text: String, word: String) throws {
    let folder = try tiny.write()
    try folder.write(text, to: "config_sentence_transformers.json")
    let failure = #expect(throws: Failure.self) { try embedder(folder) }
    #expect(failure?.message.contains(word) == true, "\(String(describing: failure))")
  }

  @Test(arguments: [
    ("position_embedding_type", JSON.string("relative_key")), ("is_decoder", .bool(true)),
    ("add_cross_attention", .bool(true)), ("layer_norm_eps", .integer(-1)),
    ("type_vocab_size", .integer(0)),
  ])
  func `a configuration that changes the computation is refused`(
    key: String, value: JSON
  ) throws {
    var checkpoint = tiny
    checkpoint.extraConfig = [(key, value)]
    let folder = try checkpoint.write()
    let failure = #expect(throws: Failure.self) { try embedder(folder) }
    #expect(failure?.message.hasPrefix(key) == true)
  }

  @Test func `absent keys have the defaults of transformers`() throws {
    let folder = try TemporaryFolder()
    try folder.write(#"{"model_type": "bert", "hidden_act": null}"#, to: "config.json")
    let file = try ConfigFile(folder.url.appending(path: "config.json"))
    let config = try Bert.Configuration(file).sizes
    #expect((config.vocabulary, config.hidden, config.layers) == (30522, 768, 12))
    #expect((config.heads, config.intermediate, config.positions) == (12, 3072, 512))
    #expect(config.tokenTypes == 2 && config.epsilon == 1e-12 && config.activation == .gelu)
  }

  @Test func `weights in several files are read through their index`() async throws {
    let folder = try tiny.write()
    let whole = try await embedder(folder).embed(EmbedRequest(texts: ["w1 w2", "w3"]))
    try folder.remove("model.safetensors")
    let tensors = tiny.tensors
    var map: [(String, JSON)] = []
    for number in 0..<3 {
      let name = "model-\(number).safetensors"
      let part = tensors.indices.filter { $0 % 3 == number }.map { tensors[$0] }
      try folder.write(
        TinyCheckpoint.file(part.map { ($0.name, $0.shape, $0.values) }, "F32"), to: name)
      map += part.map { ($0.name, .string(name)) }
    }
    try folder.write(
      JSON.object([("weight_map", .object(map))]).line, to: "model.safetensors.index.json")
    let parts = try await embedder(folder).embed(EmbedRequest(texts: ["w1 w2", "w3"]))
    #expect(parts.embeddings == whole.embeddings)
  }

  // MARK: Folders without modules.json, adapters, other kinds of models

  @Test func `a causal language model without modules json is refused with both readings`() throws {
    var checkpoint = tiny
    checkpoint.extraConfig = [("architectures", .strings(["LlamaForCausalLM"]))]
    let folder = try checkpoint.write()
    try folder.remove("modules.json")
    expectRefusal(
      folder, .missing, "LlamaForCausalLM", "--pooling lasttoken or --pooling mean", "--normalize")
  }

  @Test func `an adapter without its base is refused`() throws {
    let folder = try tiny.write()
    try folder.write("{}", to: "adapter_config.json")
    expectRefusal(folder, .unsupported, "adapter_config.json", "merge_and_unload")
    try folder.remove("config.json")
    try folder.remove("modules.json")
    expectRefusal(folder, .unsupported, "adapter_config.json", "merge the adapter")
  }

  @Test func `a chosen pooling stands in for one that modules json lacks`() throws {
    let folder = try tiny.write()
    try folder.write(#"[{"type": "Transformer", "path": "."}]"#, to: "modules.json")
    #expect(try embedder(folder, pooling: Pooling([.max])).model.settings["modules"] == "max")
  }

  @Test(arguments: ["roberta", "distilbert", "camembert", "albert", "xlm-roberta"])
  func `the length limit may lie in a file of an older name`(kind: String) throws {
    let folder = try tiny.write()
    try folder.write(#"{"max_seq_length": 33}"#, to: "sentence_\(kind)_config.json")
    #expect(try embedder(folder).model.maxTokens == 33)
    try folder.write(#"{"max_seq_length": 34}"#, to: "sentence_bert_config.json")
    #expect(try embedder(folder).model.maxTokens == 34)
  }

  @Test(arguments: [
    (#"{"module_output_name": "sentence_embedding"}"#, "module_output_name"),
    (#"{"query_length": 32}"#, "query_length"), (#"{"max_seq_length": 0}"#, "max_seq_length"),
  ])
  func `a transformer used in another way is refused`(text: String, word: String) throws {
    let folder = try tiny.write()
    try folder.write(text, to: "sentence_bert_config.json")
    let failure = #expect(throws: Failure.self) { try embedder(folder) }
    #expect(failure?.message.hasPrefix(word) == true, "\(String(describing: failure))")
  }

  @Test func `a Normalize of token vectors and a Dense with a residual are refused`() throws {
    let folder = try tiny.write()
    try folder.write(#"{"module_input_name": "token_embeddings"}"#, to: "3_Normalize/config.json")
    expectRefusal(folder, .unsupported, "token_embeddings")
    var checkpoint = tiny
    checkpoint.dense = (outputs: 24, "torch.nn.modules.linear.Identity", false)
    let dense = try checkpoint.write()
    try dense.write(
      #"{"in_features": 24, "out_features": 24, "bias": false, "use_residual": true}"#,
      to: "2_Dense/config.json")
    expectRefusal(dense, .unsupported, "use_residual")
  }

  @Test func `a LayerNorm after pooling is computed`() async throws {
    var checkpoint = tiny
    checkpoint.normalizes = false
    let folder = try checkpoint.write()
    let pooled = try await embedder(folder).embed(EmbedRequest(texts: ["w1 w2"])).embeddings[0]
    let modules =
      #"[{"type": "Transformer", "path": ""}, {"type": "Pooling", "path": "1_Pooling"}, {"type": "a.LayerNorm", "path": "2_LayerNorm"}]"#
    try folder.write(modules, to: "modules.json")
    try folder.write(#"{"dimension": 24}"#, to: "2_LayerNorm/config.json")
    let (scale, shift) = ([Float](repeating: 2, count: 24), [Float](repeating: 0.5, count: 24))
    try folder.write(
      TinyCheckpoint.file([("norm.weight", [24], scale), ("norm.bias", [24], shift)], "F32"),
      to: "2_LayerNorm/model.safetensors")
    let normed = try embedder(folder)
    #expect(normed.model.settings["modules"] == "mean, layer norm")
    let vector = try await normed.embed(EmbedRequest(texts: ["w1 w2"])).embeddings[0]
    // PyTorch's definition, epsilon 1e-5.
    let x = pooled.map(Double.init)
    let mean = x.reduce(0, +) / 24
    let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 24
    for (found, x) in zip(vector, x) {
      #expect(abs(Double(found) - (2 * (x - mean) / (variance + 1e-5).squareRoot() + 0.5)) < 1e-5)
    }
    try folder.write(#"{"dimension": 23}"#, to: "2_LayerNorm/config.json")
    expectRefusal(folder, .malformed, "dimension", "24")
  }
}
