// The ids that the reference library gave for a stored checkpoint, and a tokenizer held against them.

import Core
import Foundation
import TestSupport
import Testing
import Tokenizers

/// The texts and ids of a `golden.json`.
struct GoldenIDs {
  /// What is tokenized, prompts in front included, and what comes out.
  private(set) var cases: [(text: String, ids: [Int32])] = []
  let limit: Int

  init(_ name: String) throws {
    let golden = try Shared.json("models/\(name)/golden.json")
    limit = try #require(golden["max_seq_length"]?.integer)
    let texts = try Self.texts(golden["texts"])
    cases = Array(zip(texts, try Self.lists(golden["input_ids"])))
    try #require(cases.count == texts.count && texts.count >= 50)
    let labels = try Self.texts(golden["labels"])
    for (_, prompt) in golden["prompts"]?.members?.entries ?? [] {
      let words = try #require(prompt["prompt"]?.string)
      for (label, ids) in zip(
        try Self.texts(prompt["labels"]), try Self.lists(prompt["input_ids"]))
      {
        let place = try #require(labels.firstIndex(of: label))
        cases.append((words + texts[place], ids))
      }
    }
  }

  private static func texts(_ json: JSON?) throws -> [String] {
    try #require(json?.array).compactMap(\.string)
  }

  private static func lists(_ json: JSON?) throws -> [[Int32]] {
    try #require(json?.array).map { list in
      try #require(list.array).map { Int32(try #require($0.integer)) }
    }
  }

  /// Every text and every prompt.
  func expect(of tokenizer: Tokenizer) {
    for (text, ids) in cases {
      #expect(tokenizer.tokenize(text, maxTokens: limit).ids == ids, "\(text.debugDescription)")
    }
  }
}
