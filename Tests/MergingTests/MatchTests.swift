// Parents that do not belong together are refused, and every difference is named.

import Core
import Foundation
import Tensors
import TestSupport
import Testing

@testable import Merging

private func checkpoint() -> MadeUpCheckpoint {
  var checkpoint = MadeUpCheckpoint(
    .random("layer.weight", [4, 3], seed: 1), .random("layer.bias", [4], seed: 2))
  checkpoint.integers = [("position_ids", "I64", Array(repeating: 7, count: 16))]
  checkpoint.files = [
    (
      "modules.json",
      #"[{"type": "x.Transformer", "path": ""}, {"type": "x.Pooling", "path": "1_Pooling"}]"#
    ),
    ("1_Pooling/config.json", #"{"pooling_mode_mean_tokens": true}"#),
    ("tokenizer.json", #"{"version": "1.0", "truncation": null, "model": {"vocab": {"a": 0}}}"#),
    ("tokenizer_config.json", #"{"do_lower_case": true, "tokenizer_class": "BertTokenizer"}"#),
    ("config_sentence_transformers.json", #"{"prompts": {}, "similarity_fn_name": "cosine"}"#),
    ("sentence_bert_config.json", #"{"max_seq_length": 8}"#),
  ]
  return checkpoint
}

private func trial(_ change: (inout MadeUpCheckpoint) -> Void) throws -> MergeTrial {
  var other = checkpoint()
  change(&other)
  return try MergeTrial([checkpoint(), other])
}

extension MadeUpCheckpoint {
  fileprivate mutating func replace(_ path: String, _ text: String?) {
    files.removeAll { $0.path == path }
    if let text { files.append((path, text)) }
  }
}

/// A change to the second parent, and what the refusal says of it.
private struct Mismatch: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let words: [String]
  let change: @Sendable (inout MadeUpCheckpoint) -> Void

  init(
    _ name: String, _ words: [String],
    _ change: @escaping @Sendable (inout MadeUpCheckpoint) -> Void
  ) {
    testDescription = name
    self.words = words
    self.change = change
  }

  static let all = [
    Mismatch("missing", ["p1 lacks the tensor layer.bias [4]"]) { $0.tensors.removeLast() },
    Mismatch("extra", ["p0 lacks the tensor more [1], which", "p1 has"]) {
      $0.tensors.append(MadeUpTensor("more", [1]))
    },
    Mismatch("shape", ["shape of layer.weight: [4, 3] in", "[3, 4] in"]) {
      $0.tensors[0] = .random("layer.weight", [3, 4], seed: 1)
    },
    Mismatch("integers", ["position_ids (I64) has other numbers"]) {
      $0.integers[0].bytes[3] = 9
    },
    Mismatch("config", ["config.json: hidden_size: 2 in", "3 in"]) {
      $0.config[1].1 = .integer(3)
    },
    Mismatch("absent key", ["config.json: rope_theta: absent in", "10000.0 in"]) {
      $0.config.append(("rope_theta", .number(10000)))
    },
    Mismatch("modules", ["modules.json: Transformer, Pooling in 1_Pooling in", "Normalize in 2"]) {
      $0.replace(
        "modules.json",
        #"[{"type": "Transformer", "path": ""}, {"type": "Normalize", "path": "2"}]"#)
    },
    Mismatch("pooling", ["1_Pooling/config.json: pooling_mode_cls_token: absent in", "true in"]) {
      $0.replace(
        "1_Pooling/config.json",
        #"{"pooling_mode_mean_tokens": true, "pooling_mode_cls_token": true}"#)
    },
    Mismatch("vocabulary", ["tokenizer.json: model", #"{"vocab": {"b": 0}}"#]) {
      $0.replace("tokenizer.json", #"{"truncation": null, "model": {"vocab": {"b": 0}}}"#)
    },
    Mismatch("no tokenizer", ["tokenizer.json:", "absent in"]) {
      $0.replace("tokenizer.json", nil)
    },
    Mismatch("case", ["tokenizer_config.json: do_lower_case: true in", "false in"]) {
      $0.replace("tokenizer_config.json", #"{"do_lower_case": false}"#)
    },
    Mismatch("similarity", ["similarity_fn_name: \"cosine\" in", "\"dot\" in"]) {
      $0.replace("config_sentence_transformers.json", #"{"similarity_fn_name": "dot"}"#)
    },
  ]
}

@Suite struct `Parents that do not match` {
  @Test(arguments: Mismatch.all)
  fileprivate func `are refused by name`(mismatch: Mismatch) async throws {
    let trial = try trial(mismatch.change)
    let failure = await #expect(throws: Failure.self) {
      try await trial.merge(.linear(weights: [0.5, 0.5]))
    }
    let message = try #require(failure).description
    for words in mismatch.words { #expect(message.contains(words), "\(message)") }
    #expect(message.contains("1 difference:"), "\(message)")
    #expect(try trial.names == ["p0", "p1"])
  }

  @Test func `are refused with every difference at once`() async throws {
    let trial = try trial { other in
      for mismatch in Mismatch.all
      where !["modules", "no tokenizer"].contains(mismatch.testDescription) {
        mismatch.change(&other)
      }
    }
    let failure = #expect(throws: Failure.self) { try Merger.match(trial.parents) }
    let message = try #require(failure).description
    for mismatch in Mismatch.all
    where !["modules", "no tokenizer"].contains(mismatch.testDescription) {
      for words in mismatch.words { #expect(message.contains(words), "\(words): \(message)") }
    }
  }

  @Test func `are found among many, and the base is held to the same`() async throws {
    var other = checkpoint()
    other.config[1].1 = .integer(3)
    let trial = try MergeTrial([checkpoint(), checkpoint(), other])
    let failure = #expect(throws: Failure.self) { try Merger.match(trial.parents) }
    #expect(failure?.message.contains("p2") == true)
    let based = try MergeTrial([checkpoint()], base: other)
    await #expect(throws: Failure.self) {
      try await based.merge(.taskArithmetic(weights: [1]))
    }
  }

  @Test(arguments: ["I8", "F8_E4M3"])
  func `of quantised weights are refused`(type: String) async throws {
    let trial = try trial { $0.integers.append(("layer.scale", type, [1])) }
    let same = try MergeTrial(
      [0, 1].map { number in
        var copy = checkpoint()
        copy.integers.append(("layer.scale", type, [UInt8(number)]))
        return copy
      })
    #expect(throws: Failure.self) { try Merger.match(trial.parents) }
    let failure = #expect(throws: Failure.self) { try Merger.match(same.parents) }
    #expect(failure?.message.contains("averaged") == true)
  }
}

@Suite struct `Parents that match` {
  @Test func `may differ in what changes no vector`() throws {
    let trial = try trial {
      $0.config[2].1 = .string("bfloat16")
      $0.config += [
        ("transformers_version", .string("5")), ("_name_or_path", .string("x")),
        ("classifier_dropout", .null), ("hidden_dropout_prob", .number(0.1)),
      ]
      $0.config.append(("unknown", .null))
      $0.replace(
        "modules.json",
        #"""
        [{"type": "other.path.Transformer", "path": "", "idx": 0},
         {"type": "y.Pooling", "path": "1_Pooling", "name": "1"}]
        """#)
    }
    #expect(try Merger.match(trial.parents) == [])
  }

  @Test func `are told apart where the first one's settings are kept`() throws {
    let trial = try trial {
      $0.replace("sentence_bert_config.json", #"{"max_seq_length": 16}"#)
      $0.replace(
        "config_sentence_transformers.json",
        #"{"prompts": {"query": "q: "}, "similarity_fn_name": "cosine"}"#)
      $0.replace(
        "tokenizer.json",
        #"{"truncation": {"max_length": 8}, "version": "1.0", "model": {"vocab": {"a": 0}}}"#)
    }
    let notes = try Merger.match(trial.parents).joined(separator: "\n")
    #expect(notes.contains("max_seq_length is 8 in"))
    #expect(notes.contains("prompts is {} in"))
    #expect(notes.contains("tokenizer.json: differs in padding, truncation or layout only"))
  }

  @Test func `may have other types; the result is as wide as both`() async throws {
    let values: [Float] = [1, 2.5]
    let trial = try MergeTrial([
      MadeUpCheckpoint(MadeUpTensor("w", values, .bfloat16), MadeUpTensor("v", values, .float16)),
      MadeUpCheckpoint(MadeUpTensor("w", values, .float16), MadeUpTensor("v", values, .float16)),
    ])
    let summary = try await trial.merge(.linear(weights: [0.5, 0.5]))
    #expect(summary.types == ["F32": 1, "F16": 1])
    #expect(summary.notes.count == 1)
    #expect(summary.notes.first?.contains("BF16 in") == true)
    #expect(try trial.merged() == values)
  }

  @Test func `keep equal whole numbers`() async throws {
    let trial = try trial { _ in }
    let summary = try await trial.merge(.linear(weights: [0.5, 0.5]))
    #expect(summary.copiedTensors == 1)
    let tensor = try Safetensors(folder: trial.out).tensor("position_ids")
    #expect(tensor.type == "I64")
    #expect(tensor.bytes(0..<16) == Array(repeating: 7, count: 16))
  }
}

@Suite struct `Ancestry` {
  /// A few matrices and norms of a transformer, as training leaves them.
  private static func model(_ seed: UInt64) -> MadeUpCheckpoint {
    var checkpoint = MadeUpCheckpoint()
    for (number, shape) in [[300, 16], [16, 16], [64, 16], [16, 64]].enumerated() {
      checkpoint.tensors.append(.random("m\(number)", shape, seed: seed * 100 + UInt64(number)))
      // Norms resemble each other in all models.
      checkpoint.tensors.append(MadeUpTensor("n\(number)", Array(repeating: 1, count: 16)))
    }
    return checkpoint
  }

  private static func tuned(_ model: MadeUpCheckpoint, _ seed: UInt64) -> MadeUpCheckpoint {
    var copy = model
    copy.tensors = model.tensors.map { $0.changed(by: 0.6, seed: seed) }
    return copy
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func `is missed between checkpoints of different starts`(seed: UInt64) async throws {
    let trial = try MergeTrial([Self.model(seed), Self.model(seed + 1000)])
    let summary = try await trial.merge(.linear(weights: [0.5, 0.5]))
    #expect(summary.warnings.count == 1)
    #expect(summary.warnings.first?.contains("share no ancestry") == true)
    // Two strangers of equal size: their mean is shorter by √2, but for the norms.
    #expect((summary.normRatio ?? 0) < 0.8)
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func `is seen after long training in different directions`(seed: UInt64) async throws {
    let start = Self.model(seed)
    let trial = try MergeTrial(
      [Self.tuned(start, seed + 1), Self.tuned(start, seed + 2)], base: start)
    #expect(try await trial.merge(.linear(weights: [0.5, 0.5])).warnings == [])
    try FileManager.default.removeItem(at: trial.out)
    let based = try await trial.merge(.ties(weights: [1, 1], density: 0.5))
    #expect(based.warnings == [])
  }

  @Test func `names the stranger among relatives, and strangers of the base`() async throws {
    let start = Self.model(1)
    let trial = try MergeTrial(
      [Self.tuned(start, 2), Self.tuned(start, 3), Self.model(50)], base: Self.model(99))
    let summary = try await trial.merge(.linear(weights: WeightedSum.normalized([1, 1, 1])))
    #expect(summary.warnings.count == 1)
    #expect(summary.warnings.first?.contains("p2") == true)
    try FileManager.default.removeItem(at: trial.out)
    let based = try await trial.merge(.taskArithmetic(weights: [1, 1, 1]))
    #expect(based.warnings.count == 3)
    // Why changes are no measure: those of strangers of the base agree with each other.
    #expect((based.parents[2].agreement ?? 0) > 0.4)
  }
}
