// How a user names a model behind a server: the protocol, the address, the model's name there.

import Foundation

/// The protocols that embedding servers speak.
package enum ServerKind: String, Sendable, Hashable, CaseIterable {
  /// `POST /v1/embeddings`: OpenAI, vLLM, llama.cpp, infinity, Ollama and others.
  case openAI = "openai"
  /// text-embeddings-inference: `GET /info`, `POST /embed`.
  case tei
  /// Ollama's own `POST /api/embed`.
  case ollama
}

/// `openai:URL#model`, `tei:URL` or `ollama:URL#model`.
package struct ServerSpec: Sendable, Hashable {
  package let kind: ServerKind
  /// `http://host:port/prefix`, without a slash at its end; holds no user, password or query.
  package let address: String
  /// The name that the server has for the model; nil for the only one.
  package let model: String?

  package static let forms = "openai:URL#model, tei:URL, ollama:URL#model"

  /// Reads a SPEC; nil for one of another kind.
  ///
  /// - Parameter text: what the user typed
  /// - Throws: `.usage` for an address that makes no sense, or that holds a password or a query,
  ///   which the failure does not show
  package init?(_ text: String) throws(Failure) {
    guard let colon = text.firstIndex(of: ":"),
      let kind = ServerKind(rawValue: String(text[..<colon]))
    else { return nil }
    let parts = text[text.index(after: colon)...].split(
      separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
    self.kind = kind
    address = try Self.address(String(parts[0]), kind)
    guard parts.count > 1 else {
      model = nil
      return
    }
    let name = String(parts[1])
    guard kind != .tei else {
      throw Failure(
        .usage, "\(kind.rawValue):\(address)", "has one model, but '#' names another",
        hint: "write \(kind.rawValue):\(address), and give results a name with --name")
    }
    guard !name.isEmpty, name.utf8.count <= 200,
      name.unicodeScalars.allSatisfy({ $0.value >= 0x20 })
    else {
      throw Failure(
        .usage, "\(kind.rawValue):\(address)", "names no model after '#'",
        hint: "write \(kind.rawValue):\(address)#model")
    }
    model = name
  }

  private static func address(_ text: String, _ kind: ServerKind) throws(Failure) -> String {
    let example = "\(kind.rawValue):http://localhost:8080" + (kind == .tei ? "" : "#model")
    var address = text
    while address.hasSuffix("/") { address.removeLast() }
    // Whatever holds a secret is kept out of the message.
    let authority = address.components(separatedBy: "://").last?.prefix { $0 != "/" } ?? ""
    guard !authority.contains("@"), !address.contains("?") else {
      throw Failure(
        .usage, "\(kind.rawValue):…", "an address of a server may hold no user, password or query",
        hint: "give a key in BORDA_API_KEY or with --api-key-file, and write \(example)")
    }
    guard let url = URL(string: address), ["http", "https"].contains(url.scheme?.lowercased()),
      url.host()?.isEmpty == false, (1...65_535).contains(url.port ?? 1)
    else {
      throw Failure(
        .usage, "\(kind.rawValue):\(address)", "is not the address of a server",
        hint: "write \(example)")
    }
    return address
  }
}

extension ServerSpec: CustomStringConvertible {
  /// As it is typed.
  package var description: String {
    "\(kind.rawValue):\(address)" + (model.map { "#\($0)" } ?? "")
  }
}
