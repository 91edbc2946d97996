// What a merge leaves on the disk: a whole folder or nothing, and in it what belongs there.

import Core
import Foundation
import Synchronization
import Tensors
import TestSupport
import Testing

@testable import Merging

@Suite struct `The folder of a merge` {
  private func trial() throws -> MergeTrial {
    var checkpoints = ([1, 2] as [UInt64]).map { seed in
      MadeUpCheckpoint(
        .random("a.weight", [10, 10], seed: seed), .random("b.weight", [10, 20], seed: seed + 5),
        .random("c.weight", [300], seed: seed + 9))
    }
    for number in checkpoints.indices {
      checkpoints[number].files = [
        ("modules.json", #"[{"type": "Transformer", "path": ""}, {"type": "N", "path": "2_N"}]"#),
        ("tokenizer.json", #"{"model": {}}"#), ("pytorch_model.bin", "pickle"),
        ("training_args.bin", "pickle"), ("modeling.py", "code"), ("notes.txt", "stray"),
        ("README.md", "the parent's card"), ("optimizer.pt", "pickle"), ("1_X/config.json", "{}"),
      ]
    }
    return try MergeTrial(checkpoints)
  }

  @Test func `holds configuration, tokenizer, weights and a card, and nothing else`() async throws {
    let trial = try trial()
    let config = try trial.parents[0].text(of: "config.json")
    try await trial.merge(.linear(weights: [0.75, 0.25])) { $0.tool = "borda 9" }
    let found = try FileManager.default.subpathsOfDirectory(
      atPath: trial.out.path(percentEncoded: false))
    #expect(
      found.sorted() == [
        "2_N", "README.md", "borda_merge.json", "config.json", "model.safetensors", "modules.json",
        "tokenizer.json",
      ])
    #expect(try trial.out.text(of: "config.json") == config)
    #expect(try trial.names == ["out", "p0", "p1"])
  }

  @Test func `has a card for people and one for programs`() async throws {
    let trial = try trial()
    try await trial.merge(.linear(weights: [0.75, 0.25])) { $0.tool = "borda 9" }
    let card = try JSON(parsing: try trial.out.text(of: "borda_merge.json"))
    #expect(card["schema"]?.integer == 1)
    #expect(card["tool"]?.string == "borda 9")
    #expect(card["method"]?.string == "linear")
    #expect(card["parameters"]?["weights"] == .numbers([0.75, 0.25]))
    let first = try #require(card["parents"]?.array?.first)
    let wanted = try parent(trial.parents[0])
    #expect(first["name"]?.string == "local/p0")
    #expect(first["revision"]?.string == wanted.revision)
    #expect(first["sha256"]?.string == wanted.hash)
    #expect(first["files"]?["model.safetensors"]?.string?.count == 64)
    #expect(card["statistics"]?["parameters"]?.integer == 600)
    #expect(card["statistics"]?["types"]?["F32"]?.integer == 3)
    let readme = try trial.out.text(of: "README.md")
    #expect(readme.hasPrefix("---\nlibrary_name: sentence-transformers\n"))
    #expect(readme.contains("- merge\n"))
    #expect(readme.contains("| `local/p0` | `\(wanted.revision)` | `\(wanted.hash)` | 0.75 |"))
    // A folder of this machine is no model that others could look up.
    #expect(!readme.contains("base_model"))
  }

  @Test func `names parents from a hub as its base models`() async throws {
    let trial = try trial()
    let plain = try trial.parents.map(parent)
    let known = MergeParent(
      folder: plain[0].folder, name: "org/a|b", revision: "1", files: plain[0].files)
    let merger = try Merger([known, plain[1]], base: nil, method: .linear(weights: [0.5, 0.5]))
    _ = try await merger.write(to: trial.out)
    let readme = try trial.out.text(of: "README.md")
    #expect(readme.contains("base_model:\n- \"org/a|b\"\nbase_model_relation: merge\n"))
    #expect(readme.contains("| `org/a\\|b` |"))
  }

  @Test(arguments: [1, 900, 1200, 100_000])
  func `has several files where one would be too large`(limit: Int) async throws {
    let trial = try trial()
    let whole = trial.place.url.appending(path: "whole")
    try await trial.merge(.linear(weights: [0.5, 0.5]))
    try FileManager.default.moveItem(at: trial.out, to: whole)
    // 400, 800 and 1,200 bytes.
    let summary = try await trial.merge(.linear(weights: [0.5, 0.5])) { $0.shardLimit = limit }
    let counts = [1: 3, 900: 3, 1200: 2, 100_000: 1]
    #expect(summary.files.count == counts[limit])
    #expect(exists(trial.out.appending(path: "model.safetensors")) == (limit == 100_000))
    for name in ["a.weight", "b.weight", "c.weight"] {
      #expect(try trial.merged(name) == trial.numbers(of: name, in: whole))
    }
    guard limit < 100_000 else { return }
    let index = try JSON(parsing: try trial.out.text(of: "model.safetensors.index.json"))
    #expect(index["metadata"]?["total_size"]?.integer == 2400)
    #expect(index["weight_map"]?["a.weight"]?.string == summary.files.first)
    #expect(summary.files.first?.hasSuffix("-of-0000\(summary.files.count).safetensors") == true)
  }

  @Test func `is refused where something is, and made in the place of an empty one`() async throws {
    let trial = try trial()
    try trial.out.write("precious.txt", "x")
    let failure = await #expect(throws: Failure.self) {
      try await trial.merge(.linear(weights: [0.5, 0.5]))
    }
    #expect(failure?.code == .usage)
    #expect(failure?.message == "is there already and not empty")
    #expect(try trial.out.text(of: "precious.txt") == "x")
    try FileManager.default.removeItem(at: trial.out.appending(path: "precious.txt"))
    try await trial.merge(.linear(weights: [0.5, 0.5]))
    #expect(exists(trial.out.appending(path: "model.safetensors")))
    let again = try Merger(
      trial.parents.map(parent), base: nil, method: .linear(weights: [0.5, 0.5]))
    let own = await #expect(throws: Failure.self) { try await again.write(to: trial.parents[1]) }
    #expect(own?.message == "is one of the parents")
  }

  @Test func `is not there after a failure in the middle`() async throws {
    var broken = MadeUpCheckpoint(MadeUpTensor("a", [1, 2]), MadeUpTensor("z", [1, 2]))
    let sound = broken
    broken.tensors[1].values = [1, .infinity]
    let trial = try MergeTrial([sound, broken])
    let failure = await #expect(throws: Failure.self) {
      try await trial.merge(.linear(weights: [0.5, 0.5]))
    }
    #expect(failure?.subject.contains("p1/model.safetensors") == true)
    #expect(failure?.message.contains("tensor z holds NaN or infinity") == true)
    #expect(try trial.names == ["p0", "p1"])
  }

  @Test func `is not there where a type cannot hold a number`() async throws {
    let trial = try MergeTrial([[70000, 1], [70000, 1]])
    let failure = await #expect(throws: Failure.self) {
      try await trial.merge(.linear(weights: [0.5, 0.5])) { $0.type = .float16 }
    }
    #expect(failure?.description.contains("w: becomes 70000.0, which float16 cannot hold") == true)
    #expect(failure?.hint?.contains("bfloat16") == true)
    #expect(try trial.names == ["p0", "p1"])
  }

  @Test(arguments: [
    MergeMethod.linear(weights: [0.5, 0.5]), .slerp(t: 0.5),
    .ties(weights: [1, 1], density: 0.5),
  ])
  func `is not there after an interruption in the middle`(method: MergeMethod) async throws {
    let names = (0..<40).map { "t\($0)" }
    var checkpoint = MadeUpCheckpoint()
    checkpoint.tensors = names.map { .random($0, [5000], seed: 1) }
    let trial = try MergeTrial([checkpoint, checkpoint], base: checkpoint)
    let task = Mutex<Task<MergeSummary, any Error>?>(nil)
    let merged = Mutex(0)
    let merger = try Merger(
      trial.parents.map(parent), base: method.needsBase ? trial.base.map(parent) : nil,
      method: method)
    let running = Task {
      // Waits until the test knows the task, then stops it after the third tensor.
      while task.withLock({ $0 == nil }) { await Task.yield() }
      return try await merger.write(to: trial.out) { event in
        guard case .merged = event else { return }
        if merged.withLock({
          $0 += 1; return $0
        }) == 3 {
          task.withLock { $0?.cancel() }
        }
      }
    }
    task.withLock { $0 = running }
    let failure = await #expect(throws: Failure.self) { try await running.value }
    #expect(failure?.code == .interrupted)
    #expect(merged.withLock { $0 } == 3)
    #expect(try trial.names == ["base", "p0", "p1"])
  }

  @Test(arguments: ["modules.json", "config.json"])
  func `is not made from a folder whose small files are broken`(file: String) async throws {
    let trial = try trial()
    try trial.parents[1].write(file, "{")
    let failure = #expect(throws: Failure.self) { try Merger.match(trial.parents) }
    #expect(failure?.subject.hasSuffix("p1/\(file)") == true)
  }

  @Test func `is not made from modules outside, or from pickles`() async throws {
    let trial = try trial()
    try trial.parents[1].write("modules.json", #"[{"type": "Transformer", "path": "../p0"}]"#)
    let failure = #expect(throws: Failure.self) { try Merger.match(trial.parents) }
    #expect(failure?.message.contains("leads outside the checkpoint") == true)
    try FileManager.default.removeItem(at: trial.parents[1].appending(path: "modules.json"))
    try FileManager.default.removeItem(at: trial.parents[1].appending(path: "model.safetensors"))
    let pickled = #expect(throws: Failure.self) { try Merger.match(trial.parents) }
    #expect(pickled?.code == .unsupported)
    #expect(pickled?.message.contains("pickle") == true)
  }
}
