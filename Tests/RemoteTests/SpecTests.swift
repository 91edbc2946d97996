// What users write: addresses of servers, keys.

import Core
import Network
import Remote
import TestSupport
import Testing

@testable import Remote

@Suite struct `The address of a server` {
  @Test func `begins with the name of its protocol`() {
    #expect(ServerKind.allCases.map(\.rawValue) == ["openai", "tei", "ollama"])
  }

  /// What is typed; protocol, address and model of it.
  @Test(
    arguments: [
      ("openai:http://h:80/v1/#org/m", .openAI, "http://h:80/v1", "org/m"),
      ("openai:https://h#m:tag#x", .openAI, "https://h", "m:tag#x"),
      ("openai:http://[::1]:8000", .openAI, "http://[::1]:8000", nil),
      ("tei:http://localhost:8080/", .tei, "http://localhost:8080", nil),
      ("ollama:http://localhost:11434#m", .ollama, "http://localhost:11434", "m"),
    ] as [(String, ServerKind, String, String?)])
  func `may carry a model`(text: String, kind: ServerKind, address: String, model: String?) throws {
    guard case .server(let spec) = try ModelSpec(text) else { throw Failure(.usage, text, "?") }
    #expect(spec.kind == kind)
    #expect(spec.address == address)
    #expect(spec.model == model)
  }

  @Test(arguments: [
    "openai:", "openai:localhost:8000", "openai:ftp://h#m", "openai:http://#m", "openai:http://h#",
    "openai:http://ada:secret@h#m", "tei:http://secret@h", "openai:http://h/v1?key=secret#m",
    "openai:http://h:99999#m", "openai:http://h#a\u{7}b", "tei:http://h#m", "ollama:#m",
    "openai:http://h h#m",
  ])
  func `is refused where it makes no sense, and never shown where it holds a secret`(text: String) {
    let failure = #expect(throws: Failure.self) { try ModelSpec(text) }
    #expect(failure?.exitCode == 64)
    #expect(failure?.hint != nil)
    #expect(failure?.description.contains("secret") == false)
  }

  /// An address, and where the vectors may be.
  @Test(
    arguments: [
      ("http://h", ["/v1/embeddings", "/embeddings"]), ("http://h/v1", ["/embeddings"]),
      ("http://h/api/v3", ["/embeddings"]), ("http://h/v1beta", ["/embeddings"]),
      ("http://h/proxy", ["/v1/embeddings", "/embeddings"]), ("http://h/x/embeddings", [""]),
      ("http://v1", ["/v1/embeddings", "/embeddings"]),
    ])
  func `may end with a version or not`(address: String, paths: [String]) {
    #expect(OpenAIPaths.vectors(below: address) == paths)
  }
}

@Suite struct `A key` {
  @Test func `comes from a file, else from one variable`() async throws {
    try await withTemporaryFolder { folder in
      try folder.write("key", "sk-file\n")
      try folder.write("empty", "\n")
      let variables = ["BORDA_API_KEY": "sk-variable", "OPENAI_API_KEY": "sk-other"]
      let file = folder.appending(path: "key").path
      #expect(try ServerSettings.key(file: file, environment: variables)?.secret == "sk-file")
      #expect(try ServerSettings.key(file: nil, environment: variables)?.secret == "sk-variable")
      #expect(try ServerSettings.key(file: nil, environment: ["OPENAI_API_KEY": "x"]) == nil)
      let empty = folder.appending(path: "empty").path
      #expect(throws: Failure.self) { try ServerSettings.key(file: empty, environment: variables) }
      let absent = #expect(throws: Failure.self) {
        try ServerSettings.key(file: "/nowhere/key", environment: variables)
      }
      #expect(absent?.exitCode == 3)
    }
  }

  @Test func `that is no word is refused and not shown`() {
    let failure = #expect(throws: Failure.self) {
      try ServerSettings.key(file: nil, environment: ["BORDA_API_KEY": "sk secret"])
    }
    #expect(failure?.description.contains("secret") == false)
  }

  /// An address, and whether a key may go there.
  @Test(arguments: [
    ("http://localhost:8080", true), ("http://127.0.0.2", true), ("http://[::1]:80", true),
    ("https://example.org", true), ("http://example.org", false), ("http://10.0.0.1", false),
    ("http://127.0.0.1.example.org", false),
  ])
  func `goes over the network encrypted only`(address: String, isAllowed: Bool) throws {
    let spec = try #require(try ServerSpec("openai:\(address)#m"))
    var settings = ServerSettings()
    settings.key = try Secret("sk-1", from: "test")
    do throws(Failure) {
      _ = try ServerTransport(spec, settings)
      #expect(isAllowed)
    } catch {
      #expect(!isAllowed)
      #expect(error.exitCode == 64)
      #expect(!error.description.contains("sk-1"))
    }
  }
}
