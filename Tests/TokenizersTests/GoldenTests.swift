// Ids equal to those of the reference library, on real and on tiny checkpoints.

import Core
import Foundation
import TestSupport
import Testing
import Tokenizers

struct GoldenTests {
  /// The ids of a list of lists in a golden file.
  private func lists(_ json: JSON?) throws -> [[Int32]] {
    try #require(json?.array).map { list in
      try #require(list.array).map { Int32(try #require($0.integer)) }
    }
  }

  private func texts(_ json: JSON?) throws -> [String] {
    try #require(json?.array).compactMap(\.string)
  }

  @Test(
    .enabled(if: Shared.isPresent, Shared.reason),
    arguments: [
      "01_bert_wordpiece", "02_bert_cased_cls", "04_roberta_bbpe", "05_mpnet",
      "06_distilbert_dense", "07_llama_bidirectional", "08_mistral_causal_last", "09_qwen3_last",
      "10_modernbert", "11_nomic_bert", "12_gemma3_embedding", "14_bert_fp16",
      "15_pool_concat_matryoshka", "17a_eurobert", "19_qwen2_bidirectional",
    ])
  func `the ids of a tiny checkpoint are those of the library`(name: String) throws {
    let golden = try Shared.json("models/\(name)/golden.json")
    let tokenizer = try Tokenizer(folder: Shared.url("models/\(name)"))
    let limit = try #require(golden["max_seq_length"]?.integer)
    let texts = try texts(golden["texts"])
    let expected = try lists(golden["input_ids"])
    #expect(texts.count == expected.count)
    for (text, ids) in zip(texts, expected) {
      #expect(tokenizer.tokenize(text, maxTokens: limit).ids == ids, "\(text.debugDescription)")
    }

    let labels = try self.texts(golden["labels"])
    for (_, prompt) in golden["prompts"]?.members?.entries ?? [] {
      let words = try #require(prompt["prompt"]?.string)
      let lengths = try #require(prompt["prompt_length"]?.array).map(\.integer)
      for (label, ids) in zip(try self.texts(prompt["labels"]), try lists(prompt["input_ids"])) {
        let place = try #require(labels.firstIndex(of: label))
        #expect(tokenizer.tokenize(words + texts[place], maxTokens: limit).ids == ids)
      }
      #expect(lengths.allSatisfy { $0 == tokenizer.promptLength(words) })
    }
  }

  @Test(
    .enabled(if: Shared.isPresent, Shared.reason),
    arguments: ["01_bert_wordpiece", "02_bert_cased_cls", "15_pool_concat_matryoshka"])
  func `vocab.txt alone gives the same ids as tokenizer.json`(name: String) throws {
    let golden = try Shared.json("models/\(name)/golden.json")
    var files: [String: String] = [:]
    for file in ["vocab.txt", "tokenizer_config.json"] {
      files[file] = try String(contentsOf: Shared.url("models/\(name)/\(file)"), encoding: .utf8)
    }
    let tokenizer = try Checkpoint.tokenizer(of: files)
    let limit = try #require(golden["max_seq_length"]?.integer)
    for (text, ids) in zip(try texts(golden["texts"]), try lists(golden["input_ids"])) {
      #expect(tokenizer.tokenize(text, maxTokens: limit).ids == ids, "\(text.debugDescription)")
    }
  }

  @Test(.enabled(if: Shared.isPresent, Shared.reason))
  func `the ids of SmolLM2 are those of the library`() throws {
    let tokenizer = try Tokenizer(folder: Shared.url("models/real/smollm2"))
    #expect(tokenizer.vocabularySize == 49152)
    let golden = try Shared.json("models/real/smollm2/golden.json")
    for (text, ids) in zip(try texts(golden["texts"]), try lists(golden["input_ids"])) {
      #expect(tokenizer.tokenize(text, maxTokens: 128).ids == ids, "\(text.debugDescription)")
    }
  }

  @Test(.enabled(if: Shared.isPresent && MiniLM.isPresent, MiniLM.reason))
  func `the ids of all-MiniLM-L6-v2 are those of the library`() throws {
    let tokenizer = try Tokenizer(folder: MiniLM.folder)
    #expect(tokenizer.vocabularySize == 30522)
    let golden = try Shared.json("models/real/minilm/golden.json")
    for (text, ids) in zip(try texts(golden["texts"]), try lists(golden["input_ids"])) {
      #expect(tokenizer.tokenize(text, maxTokens: 256).ids == ids, "\(text.debugDescription)")
    }
    let lines = try String(
      contentsOf: Shared.url("golden/all-MiniLM-L6-v2/tokenizer.jsonl"), encoding: .utf8)
    for line in lines.split(separator: "\n") {
      let record = try JSON(parsing: line.utf8)
      let text = try #require(record["text"]?.string)
      let ids = try #require(record["ids"]?.array).map(\.integer)
      let truncated = try #require(record["ids_truncated_256"]?.array).map(\.integer)
      #expect(tokenizer.tokenize(text, maxTokens: nil).ids.map { Int($0) } == ids)
      #expect(tokenizer.tokenize(text, maxTokens: 256).ids.map { Int($0) } == truncated)
      #expect(tokenizer.tokenize(text, maxTokens: 256).isTruncated == (ids.count > 256))
    }
  }
}
