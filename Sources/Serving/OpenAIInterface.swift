// The requests of OpenAI's clients: vectors and the list of models.

import Core
import Foundation
import NIOCore
import NIOHTTP1

extension EmbeddingService {
  private static let known = [
    "input", "model", "encoding_format", "dimensions", "user", "input_type",
  ]

  /// `POST /v1/embeddings`.
  func embeddings(_ body: ByteBuffer, _ hold: MemoryHold) async throws(Refusal) -> Reply {
    let fields = try RequestFields(body, known: Self.known)
    try check(model: try fields.string("model"))
    // Says whose request it is, which changes no vector.
    _ = try fields.string("user")
    let encoding = try Self.encoding(try fields.string("encoding_format"))
    let dimensions = try fields.count("dimensions")
    try check(dimensions: dimensions)
    let manner = try manner(inputType: try fields.string("input_type"))
    let texts = try fields.texts("input", limit: limits.texts)
    let answer = try await vectors(of: texts, manner, hold)
    // A part of a vector has another norm than the whole: like OpenAI's, it is divided by it.
    let change = VectorChange(
      dimensions: dimensions,
      normalizes: dimensions.map { $0 < answer.embeddings.dimensions } ?? false)
    return reply(answer, encoding, change)
  }

  private func reply(
    _ answer: DeskAnswer, _ encoding: VectorEncoding, _ change: VectorChange
  ) -> Reply {
    let usage = JSON.object([
      ("prompt_tokens", .integer(answer.tokens)), ("total_tokens", .integer(answer.tokens)),
    ])
    let name = JSON.string(model.identity.name).line
    let rows = Reply.Rows(
      opening: "{\"object\": \"list\", \"data\": [", count: answer.embeddings.count,
      closing: "], \"model\": \(name), \"usage\": \(usage.line)}"
    ) { row, buffer in
      buffer.writeString("{\"object\": \"embedding\", \"index\": \(row), \"embedding\": ")
      buffer.write(vector: change.apply(answer.embeddings[row]), encoding)
      buffer.writeInteger(UInt8(ascii: "}"))
    }
    var reply = Reply(.ok, .rows(rows), headers: headers(answer))
    (reply.texts, reply.tokens) = (answer.embeddings.count, answer.tokens)
    return reply
  }

  private func check(model name: String?) throws(Refusal) {
    guard let name, !name.isEmpty, !model.isCalled(name) else { return }
    throw Refusal(
      .unknownModel,
      "the model '\(name.prefix(200))' is not served here; this is \(model.identity.name)",
      parameter: "model")
  }

  private static func encoding(_ name: String?) throws(Refusal) -> VectorEncoding {
    guard let name else { return .float }
    guard let encoding = VectorEncoding(rawValue: name) else {
      throw .parameter("encoding_format", "should be float or base64")
    }
    return encoding
  }

  private func manner(inputType: String?) throws(Refusal) -> ServedModel.Manner {
    guard let inputType else { return model.standardManner }
    guard let role = ServedModel.role(named: inputType) else {
      throw .parameter("input_type", "should be query or document")
    }
    return ServedModel.Manner(role: role)
  }

  /// `GET /v1/models`.
  var models: JSON { .object([("object", .string("list")), ("data", .array([modelFacts]))]) }

  private var modelFacts: JSON {
    .object([
      ("id", .string(model.identity.name)), ("object", .string("model")),
      ("created", .integer(started)), ("owned_by", .string("borda")),
      ("revision", .string(model.identity.revision)),
      ("dimensions", .integer(model.identity.dimensions)),
      ("max_model_len", .optional(model.identity.maxTokens) { .integer($0) }),
    ])
  }

  /// `GET /v1/models/<name>`.
  func oneModel(_ uri: String) throws(Refusal) -> Reply {
    let name = Self.path(uri).dropFirst("/v1/models/".count)
    let plain = name.removingPercentEncoding ?? String(name)
    try check(model: plain.isEmpty ? "(none)" : plain)
    return Reply(.ok, json: modelFacts)
  }
}
