// Static models: tables of token vectors written by hand, and the sums that follow from them.

import Core
import Foundation
import Tensors
import TestSupport
import Testing

@testable import Encoders

/// A table of four tokens and two dimensions, in the layout of model2vec or sentence-transformers.
private func table(
  _ tensors: [(String, [Int], [Float])], config: String? = nil, modules: String? = nil,
  in path: String = ""
) throws -> TemporaryFolder {
  let folder = try TemporaryFolder()
  try folder.write(TinyCheckpoint.file(tensors, "F32"), to: path + "model.safetensors")
  try folder.write(tokenizer, to: path + "tokenizer.json")
  if let config { try folder.write(config, to: "config.json") }
  if let modules { try folder.write(modules, to: "modules.json") }
  return folder
}

/// Words between blanks; a special token would stand in front of every text, if it were asked.
private let tokenizer = """
  {"pre_tokenizer": {"type": "BertPreTokenizer"}, "added_tokens": [],
   "post_processor": {"type": "TemplateProcessing",
     "single": [{"SpecialToken": {"id": "c", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
     "pair": [], "special_tokens": {"c": {"id": "c", "ids": [3], "tokens": ["c"]}}},
   "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
     "max_input_chars_per_word": 100, "vocab": {"[UNK]": 0, "a": 1, "b": 2, "c": 3}}}
  """

private let numbers: [Float] = [10, 20, 1, 2, 3, 4, 5, 0]
private let plain = [("embedding.weight", [4, 2], numbers)]

private func embed(
  _ folder: TemporaryFolder, _ texts: [String], pooling: Pooling? = nil, prompt: String = "",
  _ change: (inout LocalEmbedder.Options) -> Void = { _ in }
) async throws -> [[Float]] {
  var options = LocalEmbedder.Options()
  change(&options)
  let embedder = try LocalEmbedder(
    try Checkpoint(folder: folder.url, pooling: pooling), name: "test/static", revision: "0",
    options: options)
  let outcome = try await embedder.embed(EmbedRequest(texts: texts, prompt: prompt))
  return (0..<outcome.embeddings.count).map { Array(outcome.embeddings[$0]) }
}

@Suite struct `A static model` {
  private static let module = #"[{"type": "a.StaticEmbedding", "path": "0_Static"}]"#

  @Test func `takes the mean of its tokens' rows, and zero without tokens`() async throws {
    let folder = try table(plain, modules: Self.module, in: "0_Static/")
    // a b: ((1, 2) + (3, 4)) / 2; a a c: (1 + 1 + 5, 2 + 2 + 0) / 3; z is unknown.
    let vectors = try await embed(folder, ["a b", "", "a a c", "z", "  "])
    #expect(vectors == [[2, 3], [0, 0], [Float(7) / 3, Float(4) / 3], [10, 20], [0, 0]])
  }

  @Test func `puts prompts before texts and embeds many texts without tokens`() async throws {
    let folder = try table(plain, modules: Self.module, in: "0_Static/")
    #expect(try await embed(folder, ["b", ""], prompt: "a ") == [[2, 3], [1, 2]])
    let many = try await embed(folder, Array(repeating: "", count: 1000)) { $0.batchTokens = 16 }
    #expect(many == Array(repeating: [0, 0], count: 1000))
  }

  @Test func `has no limit but one that is asked for`() async throws {
    let folder = try table(plain, modules: Self.module, in: "0_Static/")
    let long = Array(repeating: "a", count: 5000).joined(separator: " ") + " c"
    let sum: [Float] = [5005.0 / 5001, 10000.0 / 5001]
    let found = try await embed(folder, [long])[0]
    #expect(zip(found, sum).allSatisfy { abs($0 - $1) < 1e-6 })
    #expect(try await embed(folder, [long]) { $0.maxTokens = 100 } == [[1, 2]])
  }

  @Test func `keeps to a truncation that its tokenizer asks for`() async throws {
    let folder = try table(plain, modules: Self.module, in: "0_Static/")
    let cut = tokenizer.replacing(
      "{\"pre_tok", with: "{\"truncation\": {\"max_length\": 2}, \"pre_tok")
    try folder.write(cut, to: "0_Static/tokenizer.json")
    #expect(try await embed(folder, ["a b c c c"]) == [[2, 3]])
    let left = cut.replacing("2}", with: "2, \"direction\": \"Left\"}")
    try folder.write(left, to: "0_Static/tokenizer.json")
    let failure = await #expect(throws: Failure.self) { _ = try await embed(folder, ["a"]) }
    #expect(failure?.code == .unsupported)
  }

  @Test func `of model2vec needs no modules, and says itself whether to normalise`() async throws {
    let tensors = [("embeddings", [4, 2], numbers)]
    let folder = try table(tensors, config: #"{"model_type": "model2vec", "normalize": true}"#)
    // (3, 4) has the norm 5.
    let vectors = try await embed(folder, ["b", ""])
    #expect(zip(vectors[0], [0.6, 0.8]).allSatisfy { abs($0 - $1) < 1e-6 })
    #expect(vectors[1] == [0, 0])
    try folder.write(#"{"model_type": "model2vec"}"#, to: "config.json")
    #expect(try await embed(folder, ["b"]) == [[3, 4]])
  }

  @Test func `of model2vec may share rows among tokens and weigh them`() async throws {
    // Tokens a, b, c have the rows 0, 1, 0 and the weights 2, 1, 4.
    let weighted = [("embeddings", [2, 2], [Float](arrayLiteral: 1, 2, 3, 4))]
    let folder = try table(weighted, config: #"{"model_type": "model2vec"}"#)
    let rows: [Int64] = [1, 0, 1, 0]
    var file = SafetensorsBytes()
    file.add("embeddings", "F32", [2, 2], weighted[0].2.flatMap { little($0.bitPattern) })
    file.add("mapping", "I64", [4], rows.flatMap { little(UInt64(bitPattern: $0)) })
    file.add("weights", "F32", [4], [1, 2, 1, 4].flatMap { little(Float($0).bitPattern) })
    try folder.write(file.data, to: "model.safetensors")
    // a: 2 · (1, 2); b: 1 · (3, 4); c: 4 · (1, 2); unknown: 1 · (3, 4).
    #expect(try await embed(folder, ["a", "b", "c", "z"]) == [[2, 4], [3, 4], [4, 8], [3, 4]])
    #expect(try await embed(folder, ["a c"]) == [[3, 6]])
  }

  @Test(arguments: [
    ([("embedding.weight", [8], numbers)], "no table"),
    ([("words", [4, 2], numbers)], "lacks the tensor embedding.weight"),
    ([("embeddings", [4, 2], numbers), ("weights", [3], [1, 1, 1])], "weights has shape [3]"),
    (
      [("embeddings", [4, 2], numbers), ("mapping", [4], [0, 0, 0, 0])], "mapping has the type F32"
    ),
    ([("embeddings", [2, 2], [1, 2, 3, 4])], "vocab_size is 2"),
    ([("embeddings", [4, 2], [1, 2, 3, 4, 5, 6, 7, .nan])], "NaN"),
  ])
  func `that contradicts itself is refused`(
    tensors: [(String, [Int], [Float])], words: String
  ) async throws {
    let folder = try table(tensors, config: #"{"model_type": "model2vec"}"#)
    let failure = await #expect(throws: Failure.self) { _ = try await embed(folder, ["a"]) }
    #expect(failure?.description.contains(words) == true, "\(String(describing: failure))")
  }

  @Test func `whose mapping leaves the table is refused`() async throws {
    let folder = try table(plain, config: #"{"model_type": "model2vec"}"#)
    for row in [UInt64(2), UInt64(bitPattern: -1)] {
      var file = SafetensorsBytes()
      file.add("embeddings", "F32", [2, 1], [1, 2].flatMap { little(Float($0).bitPattern) })
      file.add("mapping", "I64", [4], [0, 0, row, 0].flatMap { little($0) })
      try folder.write(file.data, to: "model.safetensors")
      let failure = await #expect(throws: Failure.self) { _ = try await embed(folder, ["a"]) }
      #expect(failure?.message.contains("token 2 a row outside the table of 2") == true)
    }
  }

  @Test func `takes no other pooling than the mean`() async throws {
    let folder = try table(plain, modules: Self.module, in: "0_Static/")
    let failure = await #expect(throws: Failure.self) {
      _ = try await embed(folder, ["a"], pooling: Pooling([.max]))
    }
    #expect(failure?.code == .usage)
    #expect(try await embed(folder, ["a"], pooling: Pooling([.mean])) == [[1, 2]])
  }
}

private func little<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian) { Array($0) }
}

/// A safetensors file whose tensors have different types.
private struct SafetensorsBytes {
  private var header: [(String, JSON)] = []
  private var bytes: [UInt8] = []

  mutating func add(_ name: String, _ type: String, _ shape: [Int], _ more: [UInt8]) {
    let start = bytes.count
    bytes += more
    let offsets = [JSON.integer(start), .integer(bytes.count)]
    header.append(
      (
        name,
        .object([
          ("dtype", .string(type)), ("shape", .array(shape.map { .integer($0) })),
          ("data_offsets", .array(offsets)),
        ])
      ))
  }

  var data: Data {
    let text = Array(JSON.object(header).line.utf8)
    return Data(little(UInt64(text.count)) + text + bytes)
  }
}
