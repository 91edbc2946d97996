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
    expectRefusal(folder, .missing, "modules.json", "--pooling mean")
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
    (#"[{"type": "x.StaticEmbedding", "path": ""}]"#, "x.StaticEmbedding"),
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
    let config = try Bert.Configuration(file)
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
}
