// Models named `org/name@revision`.

import Core
import FakeHub
import Foundation
import TestSupport
import Testing

@Suite(.enabled(if: Shared.isPresent, Shared.reason)) struct `A model of a hub` {
  /// A hub with a small checkpoint as `org/tiny`, other formats beside its weights.
  private func withModel(
    _ body: @escaping @Sendable (FakeHub, _ folder: URL, [String: String]) async throws -> Void
  ) async throws {
    let place = Shared.url("models/01_bert_wordpiece")
    var files: [String: FakeFile] = [:]
    for path in try FileManager.default.subpathsOfDirectory(atPath: place.path)
    where !path.contains("golden") && FilePaths.kind(of: place.appending(path: path)) == .file {
      let bytes = Array(try Data(contentsOf: place.appending(path: path)))
      files[path] =
        path.hasSuffix(".safetensors")
        ? .large(bytes) : .small(String(decoding: bytes, as: UTF8.self))
    }
    for path in ["pytorch_model.bin", "onnx/model.onnx", "openvino/config.json", "tf_model.h5"] {
      files[path] = .large(Array("never read".utf8))
    }
    files["README.md"] = .small("# Tiny")
    let all = files
    try await withTemporaryFolder { folder in
      try await FakeHub.run { hub in
        hub.add("models/org/tiny", FakeRepository(commit: hubCommit, all))
        try await body(hub, folder, hubEnvironment(hub, folder))
      }
    }
  }

  @Test func `is fetched once, without what Borda does not read, and found offline`() async throws {
    try await withModel { hub, folder, environment in
      let show = try await Program.run(
        ["models", "show", "org/tiny", "--format", "json"], in: folder, environment: environment)
      #expect(show.status == 0, "\(show.errors)")
      #expect(show.errors.contains("model: fetching org/tiny @ \(hubCommit.prefix(12)): "))
      let json = try JSON(parsing: show.output)
      #expect(json["name"]?.string == "org/tiny")
      #expect(json["revision"]?.string == hubCommit)
      let asked = hub.requests
      let unread = ["pytorch_model.bin", "onnx", "openvino", ".h5", "README"]
      #expect(!asked.contains { request in unread.contains { request.path.contains($0) } })

      for (arguments, more) in [
        (["embed", "org/tiny@\(hubCommit)"], ["HF_HUB_OFFLINE": "1"]),
        (["embed", "org/tiny", "--offline"], ["HF_ENDPOINT": "http://hub.invalid"]),
        (["embed", "org/tiny"], [:]),
      ] {
        let embed = try await Program.run(
          arguments, in: folder, input: "a text\n", environment: environment.merging(more) { $1 })
        #expect(embed.status == 0 && embed.output.hasPrefix("["), "\(embed.errors)")
      }
      let prompts = try await Program.run(
        ["models", "prompts", "org/tiny", "--tasks", "StarterSTS"], in: folder,
        environment: environment)
      #expect(prompts.status == 0, "\(prompts.errors)")
      #expect(hub.requests.count == asked.count)
    }
  }

  @Test func `carries name and commit into results, but is not fetched for a plan`() async throws {
    try await withModel { hub, folder, environment in
      let plan = try await Program.run(
        ["evaluate", "--model", "org/tiny@main", "--tasks", "StarterSTS", "--dry-run"], in: folder,
        environment: environment)
      #expect(plan.status == 3)
      #expect(plan.errors.contains("would have to be fetched first: org/tiny @ "), "\(plan.errors)")
      #expect(!hub.requests.contains { $0.path.hasPrefix("/store/") })
      let run = try await Program.run(
        [
          "evaluate", "--model", "org/tiny@main", "--tasks", "StarterSTS", "--languages", "yor",
          "--threads", "1", "--results", "results",
        ], in: folder, environment: environment)
      #expect(run.status == 0, "\(run.errors)")
      #expect(exists(folder.appending(path: "results/org__tiny/\(hubCommit)/StarterSTS.json")))
    }
  }

  @Test func `is fetched ahead with no more than Borda reads, or whole`() async throws {
    try await withModel { hub, folder, environment in
      let fetch = try await Program.run(
        ["fetch", "org/tiny", "--model", "--format", "json"], in: folder, environment: environment)
      #expect(fetch.status == 0, "\(fetch.errors)")
      let files = try JSON(parsing: fetch.output)["files"]?.array ?? []
      #expect(files.contains { $0["path"]?.string == "model.safetensors" })
      #expect(!files.contains { $0["path"]?.string == "pytorch_model.bin" })
      let show = try await Program.run(
        ["models", "show", "org/tiny", "--offline"], in: folder, environment: environment)
      #expect(show.status == 0, "\(show.errors)")
      let whole = try await Program.run(
        ["fetch", "org/tiny", "--model", "--files", "**", "--dry-run"], in: folder,
        environment: environment)
      #expect(whole.output.contains("onnx/model.onnx"), "\(whole.errors)")
    }
  }

  @Test func `goes on where its transfer broke`() async throws {
    try await withModel { hub, folder, environment in
      hub.change { request, reply in
        if request.path.hasPrefix("/store/"), request.headers["range"] == nil {
          reply.end = .cut(150_000)
        }
      }
      let show = try await Program.run(
        ["models", "show", "org/tiny"], in: folder, environment: environment)
      #expect(show.status == 0, "\(show.errors)")
      #expect(show.errors.contains("; again in "))
    }
  }

  @Test func `stands behind a folder of the same name`() async throws {
    try await withModel { hub, folder, environment in
      try folder.write("org/tiny/config.json", "{}")
      let show = try await Program.run(
        ["models", "show", "org/tiny"], in: folder, environment: environment)
      #expect(show.status == 3)
      #expect(hub.requests.isEmpty)
    }
  }
}

@Suite struct `A model that no hub has` {
  /// SPEC, more variables, exit code, and what standard error must hold.
  @Test(
    arguments: [
      ("org/none", [:], 3, "there is no such folder, and no such model, or a private one"),
      ("near/model", [:], 3, "did you mean the folder near/modle?"),
      ("org/none", ["HF_HUB_OFFLINE": "1"], 3, "--offline or HF_HUB_OFFLINE forbids to ask"),
      ("org/pickled", [:], 3, "only as a Python pickle (pytorch_model.bin)"),
      ("org/empty", [:], 3, "has no weights in the safetensors format"),
      ("org/broken", [:], 3, "modules.json"),
      ("org/tiny@v9", [:], 3, "no such model"),
      ("org/na--me", [:], 64, "not the name of a model"),
      ("./org/none", [:], 3, "there is no such folder"),
    ] as [(String, [String: String], Int32, String)])
  func `ends with the right exit code and a way out`(
    spec: String, more: [String: String], status: Int32, words: String
  ) async throws {
    try await withTemporaryFolder { folder in
      try folder.write("near/modle/config.json", "{}")
      try await FakeHub.run { hub in
        let pickle = FakeFile.small("pickle")
        let config = FakeFile.small("{}")
        hub.add(
          "models/org/pickled",
          FakeRepository(
            commit: hubCommit, ["config.json": config, "pytorch_model.bin": pickle]))
        hub.add("models/org/empty", FakeRepository(commit: hubCommit, ["config.json": config]))
        hub.add(
          "models/org/broken",
          FakeRepository(
            commit: hubCommit,
            ["config.json": config, "modules.json": .small("["), "model.safetensors": pickle]))
        let run = try await Program.run(
          ["models", "show", spec], in: folder,
          environment: hubEnvironment(hub, folder).merging(more) { $1 })
        #expect(run.status == status, "\(run.errors)")
        #expect(run.errors.contains(words), "\(run.errors)")
        #expect(run.errors.contains("\n  try: "))
        #expect(!hub.requests.contains { $0.path.contains("pytorch") })
      }
    }
  }
}
