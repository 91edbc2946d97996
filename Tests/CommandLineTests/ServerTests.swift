// Models behind servers on the command line.

import Core
import FaultyServer
import Foundation
import LoopbackServer
import TestSupport
import Testing

private let key = ["BORDA_API_KEY": "sk-secretOfTheTests"]

private func evaluate(_ spec: String, in folder: URL) async throws -> Finished {
  try await Program.run(
    [
      "evaluate", "--model", spec, "--tasks", "StarterSTS", "--results", "results", "--format",
      "json",
    ], in: folder, environment: key)
}

/// The only result file in the folder, with the path below it.
private func results(in folder: URL) throws -> [String] {
  try FileManager.default.subpathsOfDirectory(
    atPath: folder.appending(path: "results").path(percentEncoded: false)
  ).filter { $0.hasSuffix("/StarterSTS.json") && !$0.contains("/borda/") }.sorted()
}

@Suite struct `A model behind a server` {
  @Test(arguments: ["openai", "tei", "ollama"])
  func `is evaluated like any other`(kind: String) async throws {
    try await withTemporaryFolder { folder in
      try await FaultyServer.run { server in
        server.lock(with: "sk-secretOfTheTests")
        let spec = "\(kind):\(server.address)"
        let first = try await evaluate(spec, in: folder)
        #expect(first.status == 0, "\(first.errors)")
        let asked = server.requests.count
        let score = try JSON(parsing: first.output)["tasks"]?.array?.first?["score"]?.double
        #expect(score != nil)
        let files = try results(in: folder)
        let name = kind == "ollama" ? "org__toy:latest" : "org__toy"
        #expect(files.count == 1 && files[0].hasPrefix("\(name)/"), "\(files)")

        // Nothing is embedded twice: the second run only asks who is there.
        let second = try await evaluate(spec, in: folder)
        #expect(second.output == first.output)
        #expect(server.requests.count - asked < 12)

        // Another model behind the same address is another model.
        server.change { model in
          model.seed = 2
          model.revision = "feedbeef"
        }
        let third = try await evaluate(spec, in: folder)
        #expect(third.status == 0, "\(third.errors)")
        #expect(try results(in: folder).count == 2)

        let everything = try FileManager.default.subpathsOfDirectory(
          atPath: folder.path(percentEncoded: false)
        ).compactMap { try? String(contentsOf: folder.appending(path: $0), encoding: .utf8) }
        #expect(!everything.joined().contains("secretOfTheTests"))
        #expect(!(first.errors + third.errors).contains("secretOfTheTests"))
      }
    }
  }

  @Test func `that changes while it is used ends the task, and keeps nothing of it`() async throws {
    try await withTemporaryFolder { folder in
      try await FaultyServer.run { server in
        server.spoil { [server] call, _ in
          if call.texts.count > 3 { server.change { $0.seed = 3 } }
        }
        let run = try await evaluate("openai:\(server.address)", in: folder)
        #expect(run.status == 3)
        #expect(run.errors.contains("has changed during the run"), "\(run.errors)")
        #expect(try results(in: folder).isEmpty)
      }
    }
  }

  @Test func `is shown with what it says of itself`() async throws {
    try await withTemporaryFolder { folder in
      try await FaultyServer.run { server in
        let spec = "tei:\(server.address)"
        let shown = try await Program.run(["models", "show", spec], in: folder)
        #expect(shown.output.contains("tei 1.8.0"))
        #expect(shown.output.contains("512 tokens"))
        #expect(shown.errors.contains("does not tell how many"))
        let embedded = try await Program.run(["embed", spec], in: folder, input: "a text\n")
        let numbers = try JSON(parsing: embedded.output).array?.compactMap(\.double)
        #expect(numbers?.map { Float($0) } == FaultyServer.vector(of: "a text"))
        let prompts = try await Program.run(
          [
            "models", "prompts", spec, "--name", "intfloat/e5-small", "--tasks", "StarterRetrieval",
          ],
          in: folder)
        #expect(prompts.output.contains("query: "), "\(prompts.output)")
      }
    }
  }

  /// What a server does, the exit code, and what the user is told.
  @Test(
    arguments: [
      (401, 64, "BORDA_API_KEY"), (403, 3, "refuses access"), (404, 3, "nothing at this path"),
      (400, 1, "see what it says"), (307, 1, "redirects to"),
    ])
  func `that refuses says why`(status: Int, code: Int32, words: String) async throws {
    try await withTemporaryFolder { folder in
      try await FaultyServer.run { server in
        server.spoil { _, reply in
          reply = FaultyServer.error(status, "no")
          reply.headers["Location"] = "http://example.org/"
        }
        let run = try await evaluate("openai:\(server.address)", in: folder)
        #expect(run.status == code)
        #expect(run.output.isEmpty)
        #expect(run.errors.contains(words), "\(run.errors)")
      }
    }
  }
}
