// A checkpoint of a few thousand random numbers that knows letters, for tests of the whole program.

import Core
import Foundation
import TestSupport

enum TinyBert {
  private static let width = 16
  private static let vocabulary =
    ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    + "abcdefghijklmnopqrstuvwxyz0123456789".flatMap { ["\($0)", "##\($0)"] }

  /// Writes the checkpoint into a folder that need not be there.
  ///
  /// Texts that are longer than 24 tokens lose their end. Other seeds give other weights.
  static func write(to folder: URL, seed: UInt64 = 1) throws {
    try folder.write(
      "config.json",
      """
      {"model_type": "bert", "hidden_size": \(width), "num_attention_heads": 2,
       "num_hidden_layers": 1, "intermediate_size": 32, "hidden_act": "gelu",
       "max_position_embeddings": 24, "vocab_size": \(vocabulary.count)}
      """)
    try folder.write("vocab.txt", vocabulary.joined(separator: "\n") + "\n")
    try folder.write("tokenizer_config.json", #"{"do_lower_case": true}"#)
    try folder.write(
      "modules.json",
      """
      [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
       {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}]
      """)
    try folder.write(
      "1_Pooling/config.json", #"{"pooling_mode": "mean", "include_prompt": true}"#)
    try folder.write("model.safetensors", weights(seed: seed))
  }

  private static func weights(seed: UInt64) -> Data {
    var shapes: [(String, [Int])] = [
      ("embeddings.word_embeddings.weight", [vocabulary.count, width]),
      ("embeddings.position_embeddings.weight", [24, width]),
      ("embeddings.token_type_embeddings.weight", [2, width]),
      ("embeddings.LayerNorm.weight", [width]), ("embeddings.LayerNorm.bias", [width]),
    ]
    let layer = "encoder.layer.0."
    for part in ["attention.self.query", "attention.self.key", "attention.self.value"] {
      shapes += [(layer + part + ".weight", [width, width]), (layer + part + ".bias", [width])]
    }
    shapes += [
      (layer + "attention.output.dense.weight", [width, width]),
      (layer + "attention.output.dense.bias", [width]),
      (layer + "attention.output.LayerNorm.weight", [width]),
      (layer + "attention.output.LayerNorm.bias", [width]),
      (layer + "intermediate.dense.weight", [32, width]),
      (layer + "intermediate.dense.bias", [32]),
      (layer + "output.dense.weight", [width, 32]), (layer + "output.dense.bias", [width]),
      (layer + "output.LayerNorm.weight", [width]), (layer + "output.LayerNorm.bias", [width]),
    ]
    var random = SplitMix(state: seed)
    var header: [(String, JSON)] = []
    var data = Data()
    for (name, shape) in shapes {
      let start = data.count
      for _ in 0..<shape.reduce(1, *) {
        withUnsafeBytes(of: Float.random(in: -1...1, using: &random).bitPattern.littleEndian) {
          data.append(contentsOf: $0)
        }
      }
      let facts: [(String, JSON)] = [
        ("dtype", .string("F32")), ("shape", .array(shape.map { .integer($0) })),
        ("data_offsets", .array([.integer(start), .integer(data.count)])),
      ]
      header.append((name, .object(facts)))
    }
    let text = Data(JSON.object(header).line.utf8)
    return withUnsafeBytes(of: UInt64(text.count).littleEndian) { Data($0) } + text + data
  }
}
