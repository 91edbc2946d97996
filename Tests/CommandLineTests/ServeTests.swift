// `borda serve`, with Borda itself as the client.

import Core
import Foundation
import TestSupport
import Testing

/// Serves a model for as long as the body takes, then stops it with SIGINT.
private func withServer(
  _ model: String, _ more: [String] = [], environment: [String: String] = [:],
  _ body: @escaping @Sendable (_ folder: URL, _ address: String) async throws -> Void
) async throws -> Finished {
  try await withTemporaryFolder { folder in
    let place = folder.appending(path: "server")
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    let arguments = ["serve", "--model", model, "--port", "0", "--verbose"] + more
    async let server = Program.run(
      arguments, in: place, interruptAfter: "/stop/", environment: environment)
    let address = try await firstLine(in: place)
    let result = await Task { try await body(folder, address) }.result
    // A request that the server's log shows and nothing else.
    _ = try await Program.run(["embed", "openai:\(address)/stop#x"], in: folder, input: "x\n")
    let finished = try await server
    try result.get()
    #expect(finished.output == "\(address)\n")
    return finished
  }
}

/// What a program in the folder has printed first.
private func firstLine(in folder: URL) async throws -> String {
  let end = ContinuousClock.now + .seconds(600)
  while ContinuousClock.now < end {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    for name in names where name.hasPrefix(".out-") {
      let text = (try? folder.text(of: name)) ?? ""
      if let line = text.split(separator: "\n").first, text.contains("\n") { return String(line) }
    }
    try await Task.sleep(for: .milliseconds(5))
  }
  throw CocoaError(.fileNoSuchFile)
}

private let texts = (0..<300).map { number in
  number % 7 == 0 ? "" : "text \(number) " + String(repeating: "wörter 文 ", count: number % 40)
}

/// The vectors of `texts` as a file.
private func embed(_ spec: String, in folder: URL) async throws -> Data {
  let lines = texts.map { JSON.object([("text", .string($0))]).line }.joined(separator: "\n")
  let end = try await Program.run(
    ["embed", spec, "--jsonl", "--output", "v.npy"], in: folder, input: lines)
  #expect(end.status == 0, "\(end.errors)")
  return try Data(contentsOf: folder.appending(path: "v.npy"))
}

private func scores(_ spec: String, in folder: URL) async throws -> JSON? {
  let results = "results-\(UUID().uuidString)"
  let end = try await Program.run(
    ["evaluate", "--model", spec, "--tasks", "StarterSTS", "--results", results], in: folder)
  #expect(end.status == 0, "\(end.errors)")
  let paths = try FileManager.default.subpathsOfDirectory(
    atPath: folder.appending(path: results).path)
  let path = try #require(paths.first { $0.hasSuffix("/StarterSTS.json") })
  return try JSON(parsing: folder.appending(path: results).text(of: path))["scores"]
}

@Suite struct `Serving on the command line` {
  static let models =
    [("baseline:hash", "borda/hash-baseline")]
    + (MiniLM.isPresent ? [(MiniLM.folder.path, "local/all-MiniLM-L6-v2")] : [])

  @Test(arguments: models)
  func `gives Borda's own clients the vectors of the model, bit for bit`(
    model: String, name: String
  ) async throws {
    let server = try await withServer(model) { folder, address in
      let local = try await embed(model, in: folder)
      #expect(try await embed("openai:\(address)#\(name)", in: folder) == local)
      #expect(try await embed("tei:\(address)", in: folder) == local)
    }
    #expect(server.status == 0)
    #expect(server.errors.contains("POST /v1/embeddings 200"))
    #expect(server.errors.contains("POST /embed 200"))
    #expect(!server.errors.contains("wörter"))
  }

  @Test func `gives a task the same scores`() async throws {
    _ = try await withServer("baseline:hash") { folder, address in
      let local = try await scores("baseline:hash", in: folder)
      #expect(local != nil)
      #expect(try await scores("openai:\(address)#borda/hash-baseline", in: folder) == local)
      #expect(try await scores("tei:\(address)", in: folder) == local)
    }
  }

  @Test func `asks for its key and never shows it`() async throws {
    let key = "sesame-0123"
    let server = try await withServer(
      "baseline:hash", environment: ["BORDA_SERVE_KEY": key]
    ) { folder, address in
      let spec = "tei:\(address)"
      let refused = try await Program.run(
        ["embed", spec], in: folder, input: "x\n", environment: ["BORDA_API_KEY": ""])
      #expect(refused.status != 0)
      let served = try await Program.run(
        ["embed", spec], in: folder, input: "x\n", environment: ["BORDA_API_KEY": key])
      #expect(served.status == 0, "\(served.errors)")
    }
    #expect(server.errors.contains(" 401 "))
    #expect(!server.errors.contains(key))
  }

  @Test func `says who can reach it, and whose port is taken`() async throws {
    let server = try await withServer("baseline:hash", ["--host", "0.0.0.0"]) { folder, address in
      let port = address.split(separator: ":").last.map(String.init) ?? ""
      let second = try await Program.run(
        ["serve", "--model", "baseline:hash", "--host", "0.0.0.0", "--port", port], in: folder)
      #expect(second.status == 1)
      #expect(second.errors.contains("--port \(port): is taken by another program\n  try: "))
      #expect(second.output.isEmpty)
    }
    #expect(server.errors.contains("0.0.0.0 is open to other machines, and no key is asked for"))
  }

  /// Options, exit code, and what standard error must hold.
  @Test(
    arguments: [
      (["--port", "70000"], [:], 64, "--port"),
      (["--host", "192.0.2.1"], [:], 64, "is no address of this machine"),
      (["--host", "no such host"], [:], 64, "--host"),
      (["--key-file", "/no/file"], [:], 3, "/no/file"),
      ([], ["BORDA_SERVE_KEY": "two words"], 64, "BORDA_SERVE_KEY"),
      (["--prompt-role", "both"], [:], 64, "--prompt-role"),
    ] as [([String], [String: String], Int32, String)])
  func `refuses what makes no sense`(
    options: [String], environment: [String: String], status: Int32, words: String
  ) async throws {
    try await withTemporaryFolder { folder in
      let end = try await Program.run(
        ["serve", "--model", "baseline:hash"] + options, in: folder, environment: environment)
      #expect(end.status == status, "\(end.errors)")
      #expect(end.errors.contains(words), "\(end.errors)")
      #expect(!end.errors.contains("two words"))
      #expect(end.output.isEmpty)
    }
  }
}
