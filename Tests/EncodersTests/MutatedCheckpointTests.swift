// Damaged checkpoints of every architecture: each loads and gives finite vectors or is refused in
// words, soon. `scripts/fuzz.sh` runs the same for as long as one likes.

import Core
import Foundation
import TestSupport
import Testing

@testable import Encoders

/// A reference checkpoint to damage.
struct Victim: Sendable, CustomTestStringConvertible {
  let name: String
  var testDescription: String { name }

  static let all: [Victim] = {
    let names = try? FileManager.default.contentsOfDirectory(
      atPath: Shared.url("models").path(percentEncoded: false))
    return (names ?? []).filter { name in
      name.first?.isNumber == true && exists(Shared.url("models/\(name)/config.json"))
    }.sorted().map(Victim.init)
  }()

  /// The files that may be damaged, and all others that belong to the checkpoint.
  func files() throws -> [String: Data] {
    let folder = Shared.url("models/\(name)")
    var files: [String: Data] = [:]
    for path in try FileManager.default.subpathsOfDirectory(
      atPath: folder.path(percentEncoded: false))
    where !path.contains("golden") {
      let url = folder.appending(path: path)
      if FilePaths.kind(of: url) == .file { files[path] = try Data(contentsOf: url) }
    }
    return files
  }
}

@Suite(.enabled(if: Shared.isPresent, Shared.reason), .serialized)
struct MutatedCheckpointTests {
  private static let texts = [
    "", " ", "a", "Hello, wörld! 123", "東京 <mask> </s>", "\u{0}\u{FFFF}", "नमस्ते e\u{301}\u{301}",
    String(repeating: "ab ", count: 60),
  ]

  /// Loads a checkpoint and embeds; a refusal is fine if it says what is wrong with the files, which
  /// the command line turns into exit code 3.
  private func tryOut(_ folder: URL) async throws {
    do throws(Failure) {
      var options = LocalEmbedder.Options()
      options.threads = 1
      let embedder = try LocalEmbedder(
        try Checkpoint(folder: folder), name: "test/damaged", revision: "0", options: options)
      let vectors = try await embedder.embed(EmbedRequest(texts: Self.texts)).embeddings
      #expect(vectors.values.allSatisfy { $0.isFinite })
    } catch {
      let codes: [Failure.Code] = [.missing, .malformed, .unsupported, .unusable]
      #expect(codes.contains(error.code) && !error.message.isEmpty, "\(error)")
    }
  }

  /// Damages one file after the other, each in its own way, and puts it back.
  ///
  /// `limit` is the time for one of them; tests that run beside others cannot tell.
  private func run(
    _ victim: Victim, seeds: Range<UInt64>, in folder: URL, limit: Duration? = nil
  ) async throws {
    let files = try victim.files()
    for (path, data) in files { try folder.write(path, data) }
    let paths = files.keys.sorted()
    for seed in seeds {
      var mutation = Mutation(seed: seed)
      let path = paths[mutation.below(paths.count)]
      try folder.write(path, mutation.damaged(files[path] ?? Data(), name: path))
      let began = ContinuousClock.now
      try await tryOut(folder)
      let time = began.duration(to: .now)
      if let limit {
        #expect(time < limit, "\(victim.name), seed \(seed): \(path) took \(time)")
      }
      try folder.write(path, files[path] ?? Data())
    }
  }

  @Test(arguments: Victim.all)
  func `a damaged checkpoint is refused in words or embeds, without a crash`(
    victim: Victim
  ) async throws {
    try await withTemporaryFolder { folder in
      try await run(victim, seeds: 0..<120, in: folder)
    }
  }

  /// The long run: in `BORDA_FUZZ_FOLDER`, from seed `BORDA_FUZZ_SEED` on, for `BORDA_FUZZ_SECONDS`.
  ///
  /// The folder keeps the checkpoint that was being tried when the process dies.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["BORDA_FUZZ_FOLDER"] != nil))
  func `damaged checkpoints, for as long as asked`() async throws {
    let environment = ProcessInfo.processInfo.environment
    let folder = URL(filePath: environment["BORDA_FUZZ_FOLDER"] ?? "")
    var seed = environment["BORDA_FUZZ_SEED"].flatMap(UInt64.init) ?? 1000
    let seconds = environment["BORDA_FUZZ_SECONDS"].flatMap(Int.init) ?? 60
    let end = ContinuousClock.now.advanced(by: .seconds(seconds))
    while ContinuousClock.now < end {
      for victim in Victim.all {
        try folder.write("seed", "\(seed)")
        try await run(
          victim, seeds: seed..<seed + 50, in: folder.appending(path: victim.name),
          limit: .seconds(20))
      }
      seed += 50
      print("fuzz: seeds below \(seed) done")
    }
  }
}
