// What each protocol calls things: the path of the vectors, the body of a request, the place of the
// vectors in an answer. One case for each protocol, nothing of the network.

import Core
import NIOHTTP1

/// How one server is spoken to; settled when it is opened.
struct Dialect: Sendable {
  let kind: ServerKind
  /// Path of the vectors below the address.
  var path: String
  /// The model's name in requests; nil where there is only one.
  var model: String?
  /// Width to ask for.
  var dimensions: Int?
  /// Whether vectors are asked for as base64; OpenAI's protocol alone knows it.
  var wantsBase64 = true
  /// Fields that only this server understands.
  var extras: [(String, JSON)] = []

  init(_ kind: ServerKind, path: String, model: String? = nil, dimensions: Int? = nil) {
    self.kind = kind
    self.path = path
    self.model = model
    self.dimensions = dimensions
  }

  /// The body that asks for the vectors of texts.
  func request(_ texts: [String]) -> JSON {
    var fields: [(String, JSON)] = []
    switch kind {
    case .openAI:
      fields = [("model", .optional(model) { .string($0) }), ("input", .strings(texts))]
      if wantsBase64 { fields.append(("encoding_format", .string("base64"))) }
    case .tei:
      fields = [
        ("inputs", .strings(texts)), ("normalize", .bool(true)), ("truncate", .bool(true)),
      ]
    case .ollama:
      fields = [
        ("model", .optional(model) { .string($0) }), ("input", .strings(texts)),
        ("truncate", .bool(true)),
      ]
    }
    if let dimensions { fields.append(("dimensions", .integer(dimensions))) }
    return .object(fields + extras)
  }

  /// The vectors of an answer, in the order of the texts.
  func vectors(
    _ answer: ServerAnswer, count: Int, width: Int?, limit: Int
  ) throws(BadAnswer) -> VectorTable {
    let json = try answer.json()
    switch kind {
    case .openAI:
      let inOrder = try Self.sorted(json["data"]?.array, count: count)
      var table = try VectorTable(inOrder, count: count, width: width, limit: limit)
      table.tokens = (json["usage"]?["prompt_tokens"] ?? json["usage"]?["total_tokens"])?.integer
      table.model = json["model"]?.string
      return table
    case .tei:
      guard let list = json.array else { throw BadAnswer("sends no list of vectors") }
      var table = try VectorTable(list, count: count, width: width, limit: limit)
      table.tokens = answer.headers.first(name: "x-compute-tokens").flatMap { Int($0) }
      return table
    case .ollama:
      guard let list = json["embeddings"]?.array else {
        throw BadAnswer("sends no list 'embeddings'")
      }
      var table = try VectorTable(list, count: count, width: width, limit: limit)
      table.tokens = json["prompt_eval_count"]?.integer
      table.model = json["model"]?.string
      return table
    }
  }

  /// The vectors of OpenAI's list by their `index`, which need not be the order that they come in.
  private static func sorted(_ data: [JSON]?, count: Int) throws(BadAnswer) -> [JSON] {
    guard let data else { throw BadAnswer("sends no list 'data'") }
    guard data.count == count else {
      throw BadAnswer("sends \(data.count) vectors for \(count) texts")
    }
    var places = [JSON?](repeating: nil, count: count)
    for item in data {
      guard let index = item["index"]?.integer, let vector = item["embedding"] else {
        throw BadAnswer("sends a vector without 'index' or 'embedding'")
      }
      guard places.indices.contains(index) else {
        throw BadAnswer("sends a vector with index \(index) for \(count) texts")
      }
      guard places[index] == nil else {
        throw BadAnswer("sends two vectors with index \(index)", text: index)
      }
      places[index] = vector
    }
    return places.compactMap { $0 }
  }
}
