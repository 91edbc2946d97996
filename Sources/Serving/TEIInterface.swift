// The requests of clients of text-embeddings-inference: vectors, and facts about the model.

import Core
import NIOCore
import NIOHTTP1

extension EmbeddingService {
  private static let knownByTEI = [
    "inputs", "truncate", "truncation_direction", "prompt_name", "normalize", "dimensions",
  ]

  /// `POST /embed`, and `POST /`, which means the same.
  func embed(_ body: ByteBuffer, _ hold: MemoryHold) async throws(Refusal) -> Reply {
    let fields = try RequestFields(body, known: Self.knownByTEI)
    let mayTruncate = try fields.bool("truncate") ?? true
    if let side = try fields.string("truncation_direction"), side.lowercased() != "right" {
      throw .parameter("truncation_direction", "can only be right: long texts lose their end")
    }
    let dimensions = try fields.count("dimensions")
    try check(dimensions: dimensions)
    let manner = try manner(promptName: try fields.string("prompt_name"))
    let change = VectorChange(
      dimensions: dimensions, normalizes: try fields.bool("normalize") ?? true)
    let texts = try fields.texts("inputs", limit: limits.texts)
    let answer = try await vectors(of: texts, manner, hold)
    guard mayTruncate || answer.truncated == 0 else {
      throw .parameter(
        "truncate",
        "is false, but \(answer.truncated) of \(texts.count) texts are longer than the model's limit"
          + (model.identity.maxTokens.map { " of \($0) tokens" } ?? ""))
    }
    return reply(answer, change)
  }

  private func reply(_ answer: DeskAnswer, _ change: VectorChange) -> Reply {
    let rows = Reply.Rows(opening: "[", count: answer.embeddings.count, closing: "]") {
      row, buffer in
      buffer.write(vector: change.apply(answer.embeddings[row]), .float)
    }
    var reply = Reply(.ok, .rows(rows), headers: headers(answer))
    reply.headers.add(name: "X-Compute-Tokens", value: "\(answer.tokens)")
    (reply.texts, reply.tokens) = (answer.embeddings.count, answer.tokens)
    return reply
  }

  private func manner(promptName: String?) throws(Refusal) -> ServedModel.Manner {
    guard let promptName else { return model.standardManner }
    guard let manner = model.manner(promptName: promptName) else {
      let names = model.promptNames
      throw .parameter(
        "prompt_name",
        "is '\(promptName.prefix(60))', which is no prompt of this model; "
          + (names.isEmpty
            ? "it has none" : "it has \(names.prefix(20).joined(separator: ", "))"))
    }
    return manner
  }

  /// `GET /info`.
  var info: JSON {
    let identity = model.identity
    let pooling = identity.settings["modules"] ?? identity.engine
    return .object([
      ("model_id", .string(identity.name)), ("model_sha", .string(identity.revision)),
      ("model_dtype", .string(identity.dtype)),
      ("model_type", .object([("embedding", .object([("pooling", .string(pooling))]))])),
      ("max_concurrent_requests", .integer(limits.waiting)),
      ("max_input_length", .optional(identity.maxTokens) { .integer($0) }),
      ("max_client_batch_size", .integer(limits.texts)),
      ("auto_truncate", .bool(true)),
      ("version", .string(model.software)),
    ])
  }
}
