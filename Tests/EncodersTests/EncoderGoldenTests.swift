// The encoder-shaped architectures: what their reference checkpoints say about themselves, names of
// tensors as older files have them, and tensors that must not be overlooked. Their vectors are
// compared with the reference in `DecoderGoldenTests`, together with all others'.

import Core
import Foundation
import Tensors
import TestSupport
import Testing

@testable import Encoders

/// A checkpoint folder whose tensors can be renamed.
struct RenamedCheckpoint {
  let folder = try? TemporaryFolder()
  let url: URL

  /// Copies a reference checkpoint; `rename` gives each tensor its new name.
  init(_ checkpoint: String, _ rename: (String) -> String) throws {
    url = try #require(folder).url
    try folder?.copy(of: Shared.url("models/\(checkpoint)"))
    let file = url.appending(path: "model.safetensors")
    let data = try Data(contentsOf: file)
    let length = data.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    let header = try JSON(parsing: Data(data[8..<8 + length]))
    let entries = (header.members?.entries ?? []).map {
      ($0.key == "__metadata__" ? $0.key : rename($0.key), $0.value)
    }
    let text = Data(JSON.object(entries).line.utf8)
    let count = withUnsafeBytes(of: UInt64(text.count).littleEndian) { Data($0) }
    try (count + text + data[(8 + length)...]).write(to: file)
  }
}

@Suite(.enabled(if: Shared.isPresent, Shared.reason))
struct EncoderGoldenTests {
  static let checkpoints = [
    "03_xlmr_unigram", "04_roberta_bbpe", "05_mpnet", "06_distilbert_dense", "10_modernbert",
    "11_nomic_bert", "16_t5_encoder", "17b_gte", "17c_jina_v3",
  ]

  /// Longest texts: rows of the position table, less padding id + 1 where positions are counted; no
  /// limit where they rotate.
  @Test(arguments: [
    ("03_xlmr_unigram", 96 as Int?, 3002), ("04_roberta_bbpe", 64, 1501), ("05_mpnet", 160, 1700),
    ("06_distilbert_dense", 130, 1700), ("10_modernbert", nil, 1528), ("11_nomic_bert", nil, 1600),
    ("16_t5_encoder", nil, 2525), ("17b_gte", nil, 2602), ("17c_jina_v3", nil, 2602),
  ])
  func `limits and sizes come from the folder`(
    checkpoint: String, positions: Int?, vocabulary: Int
  ) throws {
    let folder = Shared.url("models/\(checkpoint)")
    let model = try Architectures.load(folder, try Kernels())
    #expect(model.positions == positions)
    #expect(model.vocabulary == vocabulary)
    #expect(model.embeddingParameters == vocabulary * model.hidden)
    // None of these files has a head for training.
    let tensors = try Safetensors(folder: folder).tensors.values
    #expect(model.parameters == tensors.reduce(0) { $0 + $1.count })
  }

  @Test(arguments: [
    ("03_xlmr_unigram", "roberta."), ("05_mpnet", "mpnet."), ("06_distilbert_dense", "distilbert."),
    ("10_modernbert", "model."), ("11_nomic_bert", "bert."), ("16_t5_encoder", "transformer."),
    ("17b_gte", "new."), ("17b_gte", "gte."), ("17c_jina_v3", "roberta."),
  ])
  func `a file saved with a head has a prefix and gives the same vectors`(
    checkpoint: String, prefix: String
  ) throws {
    let golden = try Golden(checkpoint)
    let texts = Array(golden.tokens(golden.json["input_ids"]).prefix(5))
    let renamed = try RenamedCheckpoint(checkpoint) { prefix + $0 }
    #expect(try GoldenModel(renamed.url).embed(texts) == GoldenModel(golden.folder).embed(texts))
  }

  @Test func `T5's table of tokens may stand in the encoder only`() throws {
    let golden = try Golden("16_t5_encoder")
    let texts = Array(golden.tokens(golden.json["input_ids"]).prefix(5))
    let renamed = try RenamedCheckpoint("16_t5_encoder") {
      $0 == "shared.weight" ? "encoder.embed_tokens.weight" : $0
    }
    #expect(try GoldenModel(renamed.url).embed(texts) == GoldenModel(golden.folder).embed(texts))
  }

  /// A tensor that the architecture has no place for would change the reference's result as much as
  /// one that is missing.
  @Test(arguments: [
    ("03_xlmr_unigram", "pooler.dense.bias", "encoder.layer.1.attention.self.query.extra"),
    ("05_mpnet", "pooler.dense.bias", "encoder.layer.0.attention.attn.extra.bias"),
    ("10_modernbert", "final_norm.weight", "layers.0.attn_norm.weight"),
    ("11_nomic_bert", "emb_ln.bias", "encoder.layers.2.attn.out_proj.bias"),
    ("17c_jina_v3", "pooler.dense.weight", "encoder.layers.0.mixer.Wqkv.parametrizations.lora_A"),
  ])
  func `a tensor in a layer that nothing reads is refused by name`(
    checkpoint: String, from: String, to: String
  ) throws {
    let renamed = try RenamedCheckpoint(checkpoint) { $0 == from ? to : $0 }
    let failure = #expect(throws: Failure.self) { try GoldenModel(renamed.url) }
    let missing = failure?.message.contains("lacks the tensor \(from)") == true
    #expect(missing || failure?.code == .unsupported && failure?.message.contains(to) == true)
  }

  /// `special_spm` has a literal `<pad>`; the goldens would not see wrong counting without it.
  @Test(arguments: ["03_xlmr_unigram", "04_roberta_bbpe", "05_mpnet"])
  func `a reference text holds the padding's id, which shifts later positions`(
    checkpoint: String
  ) throws {
    let golden = try Golden(checkpoint)
    let texts = golden.tokens(golden.json["input_ids"])
    let place = try #require(golden.labels.firstIndex(of: "special_spm"))
    #expect(texts[place].dropLast().contains(1))
  }

  @Test func `a checkpoint's settings that change the computation are refused by key`() throws {
    let cases: [(String, String, JSON)] = [
      ("03_xlmr_unigram", "position_embedding_type", .string("rotary")),
      ("04_roberta_bbpe", "pad_token_id", .null),
      ("04_roberta_bbpe", "hidden_act", .string("mish")),
      ("05_mpnet", "relative_attention_num_buckets", .integer(16)),
      ("06_distilbert_dense", "hidden_size", .integer(40)),
      ("11_nomic_bert", "rotary_scaling_factor", .integer(2)),
      ("16_t5_encoder", "dense_act_fn", .string("gelu")),
      ("17b_gte", "logn_attention_scale", .bool(true)), ("17c_jina_v3", "head_dim", .integer(6)),
    ]
    for (checkpoint, key, value) in cases {
      let renamed = try RenamedCheckpoint(checkpoint) { $0 }
      let file = renamed.url.appending(path: "config.json")
      let config = try JSON(parsing: Data(contentsOf: file))
      let others = (config.members?.entries ?? []).filter { $0.key != key }
      let entries = others.map { ($0.key, $0.value) } + [(key, value)]
      try Data(JSON.object(entries).line.utf8).write(to: file)
      let failure = #expect(throws: Failure.self) { try GoldenModel(renamed.url) }
      #expect(
        failure?.message.contains(key) == true && failure?.subject.hasSuffix("config.json") == true,
        "\(checkpoint): \(String(describing: failure))")
    }
  }
}
