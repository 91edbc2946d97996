// No path leaves a checkpoint, and the links of a hub's cache are followed.

import Core
import Foundation
import Tensors
import TestSupport
import Testing

@testable import Encoders

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite struct `Links in a checkpoint` {
  private static let hash = String(repeating: "ab", count: 32)

  private func embed(_ folder: URL) async throws -> Embeddings {
    let embedder = try LocalEmbedder(
      try Checkpoint(folder: folder), name: "test/links", revision: "0")
    return try await embedder.embed(EmbedRequest(texts: ["w1 w2"])).embeddings
  }

  /// A snapshot whose files are links to `blobs`, each named by a hash of its own.
  private func cache(_ blob: (_ number: Int) -> String) async throws -> (TemporaryFolder, URL) {
    let plain = try TinyCheckpoint().write()
    let cache = try TemporaryFolder()
    let names = try FileManager.default.subpathsOfDirectory(
      atPath: plain.url.path(percentEncoded: false))
    let snapshot = "models--org--tiny/snapshots/0123"
    for (number, name) in names.sorted().enumerated() {
      let source = plain.url.appending(path: name)
      guard FilePaths.kind(of: source) == .file else { continue }
      try cache.write(Data(contentsOf: source), to: blob(number))
      let depth = "\(snapshot)/\(name)".split(separator: "/").count - 1
      let up = String(repeating: "../", count: depth)
      let folder = cache.url.appending(path: "\(snapshot)/\(name)").deletingLastPathComponent()
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try cache.link("\(snapshot)/\(name)", to: up + blob(number))
    }
    return (cache, cache.url.appending(path: snapshot))
  }

  private static func name(_ number: Int) -> String {
    String(hash.dropLast(2)) + (number < 10 ? "0" : "") + String(number)
  }

  @Test func `into the blobs of a hub's cache are followed`() async throws {
    let (cache, snapshot) = try await cache { "models--org--tiny/blobs/\(Self.name($0))" }
    let plain = try TinyCheckpoint().write()
    #expect(try await embed(snapshot) == embed(plain.url))
    withExtendedLifetime(cache) {}
  }

  @Test func `into the blobs that newer caches share are followed`() async throws {
    let (cache, snapshot) = try await cache { "blobs/ab/\(Self.name($0))" }
    _ = try await embed(snapshot)
    withExtendedLifetime(cache) {}
  }

  @Test func `inside the checkpoint are followed, also where it is a link itself`() async throws {
    let folder = try TinyCheckpoint().write()
    let whole = try await embed(folder.url)
    try FileManager.default.moveItem(
      at: folder.url.appending(path: "model.safetensors"),
      to: folder.url.appending(path: "weights.safetensors"))
    try folder.link("model.safetensors", to: "weights.safetensors")
    let other = try TemporaryFolder()
    try other.link("alias", to: folder.url.path(percentEncoded: false))
    #expect(try await embed(other.url.appending(path: "alias")) == whole)
  }

  @Test(arguments: [
    "config.json", "modules.json", "model.safetensors", "vocab.txt", "1_Pooling/config.json",
    "tokenizer_config.json",
  ])
  func `to a file elsewhere are refused`(path: String) async throws {
    let (folder, other) = (try TinyCheckpoint().write(), try TinyCheckpoint().write())
    try folder.remove(path)
    try folder.link(path, to: other.url.appending(path: path).path(percentEncoded: false))
    let failure = await #expect(throws: Failure.self) { try await embed(folder.url) }
    #expect(failure?.subject.hasSuffix(path) == true)
    #expect(failure?.message.contains("leads outside the checkpoint") == true)
  }

  @Test func `to a folder elsewhere are refused for modules and shards`() async throws {
    let (folder, other) = (try TinyCheckpoint().write(), try TinyCheckpoint().write())
    try folder.remove("1_Pooling")
    try folder.link(
      "1_Pooling", to: other.url.appending(path: "1_Pooling").path(percentEncoded: false))
    var failure = await #expect(throws: Failure.self) { try await embed(folder.url) }
    #expect(failure?.subject.hasSuffix("1_Pooling") == true)

    let sharded = try TinyCheckpoint().write()
    try sharded.remove("model.safetensors")
    try sharded.link("shards", to: other.url.path(percentEncoded: false))
    let names = TinyCheckpoint().tensors.map(\.name)
    let map = JSON.object(names.map { ($0, .string("shards/model.safetensors")) })
    try sharded.write(
      JSON.object([("weight_map", map)]).line, to: "model.safetensors.index.json")
    failure = await #expect(throws: Failure.self) { try await embed(sharded.url) }
    #expect(failure?.subject.hasSuffix("shards/model.safetensors") == true)
  }

  @Test func `that look like blobs but are not are refused`() async throws {
    let folder = try TinyCheckpoint().write()
    let other = try TemporaryFolder()
    for target in ["blobs/\(Self.hash)", "models--a--b/blobs/weights", "blobs/cd/\(Self.hash)"] {
      try other.write("{}", to: target)
      try folder.remove("config.json")
      try folder.link(
        "config.json", to: other.url.appending(path: target).path(percentEncoded: false))
      let failure = await #expect(throws: Failure.self) { try await embed(folder.url) }
      #expect(failure?.message.contains("leads outside") == true, "\(target)")
    }
  }

  @Test func `a pipe does not hold up the hash of a checkpoint`() throws {
    let folder = try TinyCheckpoint().write()
    try folder.remove("model.safetensors")
    #expect(
      mkfifo(folder.url.appending(path: "model.safetensors").path(percentEncoded: false), 0o600)
        == 0)
    let names = Checkpoint.identityFiles(below: folder.url).map(\.lastPathComponent)
    #expect(!names.contains("model.safetensors") && names.contains("config.json"))
  }

  @Test func `the hash of a checkpoint covers every file that decides ids or vectors`() throws {
    let folder = try TinyCheckpoint().write()
    func names() -> Set<String> {
      Set(Checkpoint.identityFiles(below: folder.url).map(\.lastPathComponent))
    }
    for name in ["spiece.model", "special_tokens_map.json", "notes.json", "README.md"] {
      try folder.write("{}", to: name)
    }
    #expect(names().isSuperset(of: ["vocab.txt", "spiece.model", "special_tokens_map.json"]))
    #expect(names().isDisjoint(with: ["notes.json", "README.md"]))
    try folder.write("{}", to: "tokenizer.json")
    #expect(!names().contains("special_tokens_map.json"), "tokenizer.json says everything")
  }

  // Found by damaging checkpoints at random: these were taken for faults of the machine.
  @Test func `names longer than files can have are faults of the checkpoint`() async throws {
    let long = String(repeating: "a", count: 3000)
    let folder = try TinyCheckpoint().write()
    try folder.remove("model.safetensors")
    try folder.write(
      #"{"weight_map": {"w": "\#(long).safetensors"}}"#, to: "model.safetensors.index.json")
    let shard = await #expect(throws: Failure.self) { try await embed(folder.url) }
    #expect(shard?.code == .malformed)
    for path in [long, "./\(long)"] {
      try folder.write(
        #"[{"path": "", "type": "Transformer"}, {"path": "\#(path)", "type": "Pooling"}]"#,
        to: "modules.json")
      let module = await #expect(throws: Failure.self) { try await embed(folder.url) }
      #expect(module?.code == .malformed, "\(String(describing: module?.code))")
    }
  }
}
