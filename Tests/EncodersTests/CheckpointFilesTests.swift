// Which files of a repository are fetched for a checkpoint.

import Core
import Foundation
import TestSupport
import Testing

@testable import Encoders

private let modules = """
  [{"type": "sentence_transformers.models.Transformer", "path": ""},
   {"type": "sentence_transformers.models.Pooling", "path": "1_Pooling"},
   {"type": "sentence_transformers.models.Dense", "path": "2_Dense"}]
  """
private let index = #"{"weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors"}}"#

@Suite struct `The files of a checkpoint` {
  private func choose(_ paths: [String]) throws -> CheckpointFiles {
    let files = try CheckpointFiles(paths) { path throws(Failure) in
      Array((path.hasSuffix("modules.json") ? modules : index).utf8)
    }
    return try #require(files)
  }

  /// What a repository holds, and what of it is read.
  @Test(arguments: [
    (
      ["README.md", "config.json", "tokenizer.json", "model.safetensors", "pytorch_model.bin"],
      ["config.json", "model.safetensors", "tokenizer.json"]
    ),
    // Other copies of the weights, at the root and in folders that no module names.
    (
      [
        "config.json", "model.safetensors", "model.fp16.safetensors", "onnx/config.json",
        "onnx/model.onnx", "openvino/tokenizer.json", "training_args.bin", "vocab.txt",
      ],
      ["config.json", "model.safetensors", "vocab.txt"]
    ),
    (
      [
        "config.json", "modules.json", "model.safetensors", "1_Pooling/config.json",
        "2_Dense/config.json", "2_Dense/model.safetensors", "3_Other/config.json",
      ],
      [
        "1_Pooling/config.json", "2_Dense/config.json", "2_Dense/model.safetensors", "config.json",
        "model.safetensors", "modules.json",
      ]
    ),
    (
      [
        "config.json", "model.safetensors.index.json", "model-1.safetensors", "model-2.safetensors",
        "other.safetensors",
      ],
      ["config.json", "model-1.safetensors", "model-2.safetensors", "model.safetensors.index.json"]
    ),
    // The index is not read where the weights are whole.
    (
      ["model.safetensors", "model.safetensors.index.json", "model-1.safetensors"],
      ["model.safetensors"]
    ),
    (
      ["sentencepiece.bpe.model", "added_tokens.json", "adapter_config.json", "merges.txt"],
      ["adapter_config.json", "added_tokens.json", "merges.txt", "sentencepiece.bpe.model"]
    ),
  ])
  func `are those that the engine reads`(all: [String], read: [String]) throws {
    #expect(try choose(all).paths == read)
  }

  /// What a repository holds, whether there are weights, and the pickle in their place.
  @Test(
    arguments: [
      (["config.json", "model.safetensors", "pytorch_model.bin"], true, nil),
      (["config.json", "pytorch_model.bin"], false, "pytorch_model.bin"),
      (
        ["config.json", "pytorch_model-00001-of-00002.bin"], false,
        "pytorch_model-00001-of-00002.bin"
      ),
      (["config.json"], false, nil),
      (
        ["modules.json", "model.safetensors", "2_Dense/pytorch_model.bin"], true,
        "2_Dense/pytorch_model.bin"
      ),
      (["model.safetensors", "old/pytorch_model.bin"], true, nil),
    ] as [([String], Bool, String?)])
  func `may lack weights that are read`(all: [String], hasWeights: Bool, pickle: String?) throws {
    let files = try choose(all)
    #expect(files.hasWeights == hasWeights)
    #expect(files.pickle == pickle)
  }

  @Test func `wait for the lists that name others`() throws {
    let all = ["modules.json", "model.safetensors.index.json", "2_Dense/model.safetensors"]
    #expect(CheckpointFiles.indexes(among: all) == Array(all.prefix(2)))
    #expect(CheckpointFiles.indexes(among: all + ["model.safetensors"]) == ["modules.json"])
    #expect(try CheckpointFiles(all) { _ throws(Failure) in nil } == nil)
  }

  @Test(arguments: ["[", "", "{\"weight_map\": "])
  func `are refused where a list makes no sense`(text: String) {
    let failure = #expect(throws: Failure.self) {
      try CheckpointFiles(["modules.json"]) { _ throws(Failure) in Array(text.utf8) }
    }
    #expect(failure?.exitCode == 3)
  }

  @Test func `never lead out of the repository`() throws {
    let files = try CheckpointFiles(["model.safetensors.index.json"]) { _ throws(Failure) in
      Array(#"{"weight_map": {"a": "../x.safetensors", "b": "/y.safetensors"}}"#.utf8)
    }
    #expect(files?.paths == ["model.safetensors.index.json"])
  }
}
