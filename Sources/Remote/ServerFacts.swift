// What a server says of itself before it is asked for vectors: the model, its revision, its limits.

import Core
import Foundation
import Network

/// A server's own words about its model; every fact but the model may be unknown.
struct ServerFacts: Sendable, Equatable {
  /// The server's name for the model.
  var model: String
  /// A commit or a digest.
  var revision: String?
  /// Such as `float16` or `Q4_0`.
  var dtype: String?
  /// Longest input in tokens.
  var maxTokens: Int?
  /// Most texts of a request.
  var maxItems: Int?
  /// Most requests at the same time.
  var maxRequests: Int?
  var parameters: Int?
  /// What computes: `tei 1.7.0`.
  var engine: String
  /// Others that can change a vector.
  var settings: [String: String] = [:]

  init(model: String, engine: String) {
    self.model = model
    self.engine = engine
  }
}

extension ServerFacts {
  /// Reads `GET /info` of text-embeddings-inference.
  ///
  /// - Throws: what makes no sense, or a model that makes no vectors
  init(tei json: JSON) throws(BadAnswer) {
    guard let model = json["model_id"]?.string else {
      throw BadAnswer("does not say in /info which model it has")
    }
    self.init(model: model, engine: "tei" + (json["version"]?.string.map { " \($0)" } ?? ""))
    revision = json["model_sha"]?.string
    dtype = json["model_dtype"]?.string
    maxTokens = try Self.count(json["max_input_length"], "max_input_length")
    maxItems = try Self.count(json["max_client_batch_size"], "max_client_batch_size")
    maxRequests = try Self.count(json["max_concurrent_requests"], "max_concurrent_requests")
    if let kinds = json["model_type"]?.members {
      guard let kind = kinds.entries.first(where: { $0.key.lowercased() == "embedding" }) else {
        throw BadAnswer(
          "serves a model that makes no embeddings (\(kinds.keys.joined(separator: ", ")))")
      }
      settings["pooling"] = kind.value["pooling"]?.string
    }
    if let pooling = json["pooling"]?.string { settings["pooling"] = pooling }
  }

  /// Reads a list of models of OpenAI's shape.
  ///
  /// - Parameters:
  ///   - json: the list; nil where the server has none
  ///   - wanted: the name after `#`
  ///   - subject: what failures name
  /// - Throws: `.usage` where no name is given and there is not exactly one model, `.missing` where
  ///   the server lists others
  init(openAI json: JSON?, wanted: String?, subject: String) throws(Failure) {
    let entries = (json?["data"]?.array ?? json?.array ?? []).filter { $0["id"]?.string != nil }
    let ids = entries.compactMap { $0["id"]?.string }
    let model = try Self.choice(wanted, among: ids, isComplete: false, subject: subject)
    let entry = entries.first { $0["id"]?.string == model }
    let owner = entry?["owned_by"]?.string.flatMap { Self.word($0) }
    self.init(model: model, engine: "openai" + (owner.map { " \($0)" } ?? ""))
    maxTokens = entry?["max_model_len"]?.integer.flatMap { $0 > 0 ? $0 : nil }
    parameters = entry?["meta"]?["n_params"]?.integer.flatMap { $0 > 0 ? $0 : nil }
    isVLLM = owner == "vllm"
  }

  /// Reads Ollama's `/api/tags`, `/api/show` and `/api/version`; all but the first may be absent.
  ///
  /// - Throws: as for OpenAI's list
  init(
    ollama tags: JSON, wanted: String?, subject: String, show: JSON? = nil, version: JSON? = nil
  ) throws(Failure) {
    let entries = (tags["models"]?.array ?? []).filter { $0["name"]?.string != nil }
    let names = entries.compactMap { $0["name"]?.string }
    var wanted = wanted
    // A name without a tag means the tag `latest`.
    if let name = wanted, !names.contains(name), names.contains("\(name):latest") {
      wanted = "\(name):latest"
    }
    let model = try Self.choice(wanted, among: names, isComplete: true, subject: subject)
    let entry = entries.first { $0["name"]?.string == model }
    self.init(
      model: model, engine: "ollama" + (version?["version"]?.string.map { " \($0)" } ?? ""))
    revision = entry?["digest"]?.string
    dtype = entry?["details"]?["quantization_level"]?.string
    let info = show?["model_info"]
    maxTokens =
      info?.members?.entries.first { $0.key.hasSuffix(".context_length") }?.value.integer
      .flatMap { $0 > 0 ? $0 : nil }
    parameters = info?["general.parameter_count"]?.integer.flatMap { $0 > 0 ? $0 : nil }
  }

  /// vLLM refuses long texts unless it is told to cut them.
  var isVLLM: Bool {
    get { settings["engine"] == "vllm" }
    set { settings["engine"] = newValue ? "vllm" : nil }
  }

  private static func choice(
    _ wanted: String?, among names: [String], isComplete: Bool, subject: String
  ) throws(Failure) -> String {
    let shown = names.prefix(8).map { ServerFacts.shown($0) }.joined(separator: ", ")
    guard let wanted else {
      if names.count == 1 { return names[0] }
      throw Failure(
        .usage, subject,
        "names no model, and the server has \(names.isEmpty ? "no list" : "several")",
        hint: names.isEmpty
          ? "write the model's name after '#'" : "write one of \(shown) after '#'")
    }
    guard isComplete || !names.isEmpty, !names.contains(wanted) else { return wanted }
    // Servers may answer to more names than they list; those that list one model often do to any.
    guard isComplete else { return wanted }
    throw Failure(
      .missing, subject, "the server has no model '\(wanted)'",
      hint: Suggest.hint(
        for: wanted, among: names.map { $0.hasSuffix(":latest") ? String($0.dropLast(7)) : $0 },
        otherwise: names.isEmpty ? "fetch it with: ollama pull \(wanted)" : "name one of \(shown)"))
  }

  private static func count(_ json: JSON?, _ name: String) throws(BadAnswer) -> Int? {
    guard let json, !json.isNull else { return nil }
    guard let count = json.integer, (1...1_000_000_000).contains(count) else {
      throw BadAnswer("says \(name) is \(shown(json.line))")
    }
    return count
  }

  /// A server's word, fit for a terminal.
  static func shown(_ text: String) -> String {
    String(text.prefix(80).filter { !$0.isControl })
  }

  private static func word(_ text: String) -> String? {
    let word = text.prefix(40).filter {
      $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0))
    }
    return word.isEmpty ? nil : String(word)
  }
}

extension ServerFacts {
  /// `org/name` for results: the server's name where it has that form, else `server/<its last part>`.
  var resultName: String {
    func isWord(_ part: Substring) -> Bool {
      part.first?.isLetter == true || part.first?.isNumber == true
    }
    let plain = String(
      model.prefix(160).map { character in
        let isSafe =
          character.isASCII
          && (character.isLetter || character.isNumber || "-_.:/".contains(character))
        return isSafe ? character : "-"
      })
    let parts = plain.split(separator: "/")
    if parts.count == 2, !plain.hasPrefix("/"), parts.allSatisfy(isWord) { return plain }
    let last = parts.last.map { $0.drop { !($0.isLetter || $0.isNumber) } } ?? ""
    return "server/\(last.isEmpty ? "model" : last)"
  }
}
