// Whatever happens to the files of the embedding cache: vectors stay right, and no run fails.

import Core
import Foundation
import GRDB
import TestSupport
import Testing

@testable import Storage

private let request = EmbedRequest(texts: manyTexts(300), prompt: "p")

/// Embeds with a fresh cache; vectors must be right whatever is in the folder.
private func embed(
  _ folder: URL, _ notes: Notes = Notes(), _ request: EmbedRequest = request, size: Int? = nil,
  reserve: Int = 0
) async throws -> EmbedOutcome {
  let base = CountingEmbedder()
  var settings = settings(folder, notes, size: size)
  settings.reserve = reserve
  let cached = Cached(base, in: EmbeddingCache(model: base.model, settings))
  let outcome = try await cached.embed(request)
  let plain = try await CountingEmbedder().embed(request)
  #expect(outcome.bits == plain.bits && outcome.costs == plain.costs)
  #expect(base.texts.count == request.texts.count - outcome.cached)
  return outcome
}

private func database(in folder: URL) throws -> URL {
  try #require(EmbeddingCacheFolder(folder).files.first)
}

/// Changes a database from outside, as another program would.
private func change(_ file: URL, _ sql: String) throws {
  let queue = try DatabaseQueue(path: file.path(percentEncoded: false))
  try queue.inDatabase { try $0.execute(sql: sql) }
  try queue.close()
}

/// Lets a transaction stay open, as a process does that holds the file.
private var unsafe: Configuration {
  var configuration = Configuration()
  configuration.allowsUnsafeTransactions = true
  return configuration
}

private func execute(_ sql: String, _ queue: DatabaseQueue) throws {
  try queue.inDatabase { try $0.execute(sql: sql) }
}

/// Moves what waits in the journal into the database, and removes the journal.
private func settle(_ file: URL) throws {
  try change(file, "PRAGMA journal_mode = DELETE")
}

@Suite struct `A damaged embedding cache` {
  @Test(arguments: [
    "UPDATE vector SET value = x'00' WHERE id % 3 = 0",
    "UPDATE vector SET value = zeroblob(length(value)) WHERE id % 3 = 0",
    "UPDATE vector SET value = 'text' WHERE id % 3 = 0",
    "UPDATE vector SET value = 7 WHERE id % 3 = 0",
    "UPDATE vector SET value = value || x'00' WHERE id % 3 = 0",
    // Every vector under its neighbour's key.
    """
    CREATE TEMP TABLE shifted AS SELECT id, (SELECT value FROM vector AS next \
    WHERE next.id = vector.id + 1) AS value FROM vector;
    UPDATE vector SET value = coalesce((SELECT value FROM shifted WHERE shifted.id = vector.id), x'')
    """,
  ])
  func `loses its bad entries and nothing else`(sql: String) async throws {
    try await withTemporaryFolder { folder in
      _ = try await embed(folder)
      try change(try database(in: folder), sql)
      let notes = Notes()
      let second = try await embed(folder, notes)
      #expect(second.cached < 300)
      #expect(notes.texts.count == 1 && notes.texts[0].contains("damaged entries"))
      // They were computed and stored again.
      let after = Notes()
      #expect(try await embed(folder, after).cached == 300)
      #expect(after.texts.isEmpty)
    }
  }

  @Test(arguments: [
    "DELETE FROM fact", "DROP TABLE fact", "DROP TABLE vector", "DROP TABLE chunk",
    "DROP TABLE vector; CREATE TABLE vector (id TEXT, key TEXT, value TEXT)",
    "PRAGMA application_id = 1", "PRAGMA user_version = 0",
    "UPDATE fact SET value = 'x' WHERE name = 'identity'",
    "UPDATE fact SET value = x'FF' WHERE name = 'identity'",
    "DELETE FROM chunk; DROP TABLE chunk; CREATE TABLE chunk (id, texts, used);"
      + "INSERT INTO chunk VALUES ('x', 'y', 'z'), (NULL, NULL, NULL)",
    "UPDATE sqlite_sequence SET seq = 9223372036854775806",
  ])
  func `with another schema or another content begins anew or goes on`(sql: String) async throws {
    try await withTemporaryFolder { folder in
      _ = try await embed(folder)
      try change(try database(in: folder), sql)
      for _ in 0..<2 { _ = try await embed(folder, Notes(), EmbedRequest(texts: manyTexts(400))) }
      #expect(try await embed(folder, Notes(), EmbedRequest(texts: manyTexts(400))).cached == 400)
    }
  }

  @Test(arguments: [0, 1, 15, 16, 99, 100, 1024, 4095, 4096, 4097, 12_288, 20_000])
  func `cut off after some bytes begins anew`(bytes: Int) async throws {
    try await withTemporaryFolder { folder in
      _ = try await embed(folder)
      let file = try database(in: folder)
      try settle(file)
      let handle = try FileHandle(forWritingTo: file)
      try handle.truncate(atOffset: UInt64(bytes))
      try handle.close()
      _ = try await embed(folder)
      #expect(try await embed(folder).cached == 300)
    }
  }

  @Test(arguments: 0..<20)
  func `with random bytes in it gives right vectors`(seed: Int) async throws {
    try await withTemporaryFolder { folder in
      _ = try await embed(folder)
      let file = try database(in: folder)
      if seed % 2 == 0 { try settle(file) }
      var random = SplitMix(state: UInt64(seed))
      // Also the journal, where there is one.
      for url in [file, URL(filePath: file.path(percentEncoded: false) + "-wal")] {
        guard var data = try? Data(contentsOf: url), !data.isEmpty else { continue }
        // Few bytes anywhere, or many near the head, where the schema is.
        let reach = seed % 4 < 2 ? data.count : min(data.count, 2000)
        for _ in 0..<(seed % 4 < 2 ? 40 : 4) {
          data[Int.random(in: 0..<reach, using: &random)] = UInt8.random(
            in: 0...255, using: &random)
        }
        try data.write(to: url)
      }
      for _ in 0..<3 { _ = try await embed(folder) }
    }
  }

  @Test(arguments: ["garbage", "", "SQLite format 3\0 and then nothing of the kind"])
  func `that is no database begins anew, with one note`(content: String) async throws {
    try await withTemporaryFolder { folder in
      _ = try await embed(folder)
      let file = try database(in: folder)
      try settle(file)
      try Data(String(repeating: content, count: 300).utf8).write(to: file)
      let notes = Notes()
      #expect(try await embed(folder, notes).cached == 0)
      // An empty file is an empty database, and nobody need be told.
      #expect(notes.texts.count == (content.isEmpty ? 0 : 1))
      #expect(notes.texts.allSatisfy { $0.hasSuffix("was damaged and begins anew") })
      #expect(try await embed(folder).cached == 300)
    }
  }

  @Test func `waits for the next run where another process uses it`() async throws {
    try await withTemporaryFolder { folder in
      _ = try await embed(folder)
      let file = try database(in: folder)
      try settle(file)
      try Data(repeating: 7, count: 9000).write(to: file)
      let places = EmbeddingCacheFolder(folder)
      let other = try EmbeddingCacheLock.attempt(places.lockFile(of: file), .shared)
      let notes = Notes()
      #expect(try await embed(folder, notes).cached == 0)
      #expect(notes.texts.count == 1 && notes.texts[0].contains("another process uses it"))
      #expect(places.isMarkedDamaged(file))
      withExtendedLifetime(other) {}
    }
  }

  @Test func `found in the middle of a run is made anew once`() async throws {
    try await withTemporaryFolder { folder in
      let base = CountingEmbedder()
      let notes = Notes()
      let cached = Cached(base, in: EmbeddingCache(model: base.model, settings(folder, notes)))
      _ = try await cached.embed(request)
      try change(try database(in: folder), "DROP TABLE vector")
      let plain = try await CountingEmbedder().embed(request)
      for cachedTexts in [0, 300] {
        let outcome = try await cached.embed(request)
        #expect(outcome.bits == plain.bits)
        #expect(outcome.cached == cachedTexts)
      }
      #expect(notes.texts.count == 1, "\(notes.texts)")
    }
  }
}

@Suite struct `An embedding cache that cannot be used` {
  @Test func `because its folder cannot be made costs one note`() async throws {
    try await withTemporaryFolder { folder in
      try folder.write("file", "x")
      let notes = Notes()
      let base = CountingEmbedder()
      let settings = settings(folder.appending(path: "file/cache"), notes)
      let cached = Cached(base, in: EmbeddingCache(model: base.model, settings))
      for _ in 0..<2 { #expect(try await cached.embed(request).cached == 0) }
      #expect(base.texts.count == 600)
      #expect(notes.texts.count == 1 && notes.texts[0].contains("cannot be used"))
    }
  }

  @Test func `because a later version made it is left as it is`() async throws {
    try await withTemporaryFolder { folder in
      _ = try await embed(folder)
      let file = try database(in: folder)
      try change(file, "PRAGMA user_version = \(EmbeddingCacheFile.schema + 1)")
      let before = try Data(contentsOf: file)
      let notes = Notes()
      #expect(try await embed(folder, notes).cached == 0)
      #expect(notes.texts.count == 1 && notes.texts[0].contains("later version"))
      #expect(try Data(contentsOf: file) == before)
      #expect(EmbeddingCacheFolder(folder).entries()[0].problem?.contains("later version") == true)
    }
  }

  @Test func `because others write to it takes nothing, then is read again`() async throws {
    try await withTemporaryFolder { folder in
      _ = try await embed(folder)
      let other = try DatabaseQueue(
        path: try database(in: folder).path(percentEncoded: false), configuration: unsafe)
      let all = EmbedRequest(texts: manyTexts(500), prompt: "p")
      try execute("BEGIN IMMEDIATE", other)
      let notes = Notes()
      // What is there is found; what is new is not kept.
      #expect(try await embed(folder, notes, all).cached == 300)
      #expect(notes.texts.count <= 1)
      try execute("ROLLBACK", other)
      #expect(try await embed(folder, Notes(), all).cached == 300)
      #expect(try await embed(folder, Notes(), all).cached == 500)
    }
  }

  @Test func `because others hold all of it costs time only`() async throws {
    try await withTemporaryFolder { folder in
      _ = try await embed(folder)
      let file = try database(in: folder)
      try settle(file)
      let other = try DatabaseQueue(
        path: file.path(percentEncoded: false), configuration: unsafe)
      try execute("BEGIN EXCLUSIVE", other)
      let notes = Notes()
      #expect(try await embed(folder, notes).cached == 0)
      #expect(notes.texts.count == 1 && notes.texts[0].contains("another process holds it"))
      try execute("ROLLBACK", other)
      #expect(try await embed(folder).cached == 300)
    }
  }

  @Test func `because it is being removed costs time only`() async throws {
    try await withTemporaryFolder { folder in
      _ = try await embed(folder)
      let places = EmbeddingCacheFolder(folder)
      let lock = try EmbeddingCacheLock.attempt(
        places.lockFile(of: try database(in: folder)), .alone)
      #expect(try await embed(folder).cached == 0)
      withExtendedLifetime(lock) {}
    }
  }

  @Test func `removed in the middle of a run costs time only`() async throws {
    try await withTemporaryFolder { folder in
      let base = CountingEmbedder()
      let cached = Cached(base, in: EmbeddingCache(model: base.model, settings(folder, Notes())))
      let plain = try await CountingEmbedder().embed(request)
      _ = try await cached.embed(request)
      for name in try FileManager.default.contentsOfDirectory(
        atPath: folder.path(percentEncoded: false))
      {
        try FileManager.default.removeItem(at: folder.appending(path: name))
      }
      #expect(try await cached.embed(request).bits == plain.bits)
      _ = try await embed(folder)
    }
  }
}

@Suite struct `The size of the embedding cache` {
  /// Bytes of all files but locks.
  private func bytes(_ folder: URL) -> Int {
    let places = EmbeddingCacheFolder(folder)
    return places.files.reduce(0) { $0 + places.bytes(of: $1) }
  }

  private func fill(
    _ folder: URL, _ model: String, _ word: String, _ count: Int, size: Int, notes: Notes = Notes()
  ) async throws -> EmbedOutcome {
    let base = CountingEmbedder(name: model, dimensions: 512)
    let cached = Cached(
      base, in: EmbeddingCache(model: base.model, settings(folder, notes, size: size)))
    return try await cached.embed(EmbedRequest(texts: manyTexts(count, word)))
  }

  @Test func `is kept, and what a run stored itself stays`() async throws {
    try await withTemporaryFolder { folder in
      // 2 kB each: a thousand fit into 4 MB, four thousand do not.
      let notes = Notes()
      _ = try await fill(folder, "m", "a", 4000, size: 4_000_000, notes: notes)
      #expect(bytes(folder) <= 4_200_000)
      #expect(notes.texts.count == 1 && notes.texts[0].contains("is full (4.00 MB in all"))
      let again = try await fill(folder, "m", "a", 4000, size: 4_000_000)
      #expect((300...2000).contains(again.cached), "\(again.cached)")
      #expect(bytes(folder) <= 4_200_000)
    }
  }

  @Test func `makes room by what was not used for longest`() async throws {
    try await withTemporaryFolder { folder in
      // Room for about four of these; each in a run of its own.
      for word in ["a", "b", "c", "d", "a", "e", "f"] {
        _ = try await fill(folder, "m", word, 500, size: 6_000_000)
      }
      #expect(bytes(folder) <= 6_300_000)
      // The newest is there, the first that was not used again is gone.
      #expect(try await fill(folder, "m", "f", 500, size: 6_000_000).cached == 500)
      #expect(try await fill(folder, "m", "b", 500, size: 6_000_000).cached == 0)
    }
  }

  @Test func `makes room by models that nobody uses`() async throws {
    try await withTemporaryFolder { folder in
      for model in ["m1", "m2", "m3"] {
        _ = try await fill(folder, model, "a", 500, size: 5_000_000)
      }
      let places = EmbeddingCacheFolder(folder)
      for (age, model) in ["m2", "m1"].enumerated() {
        let file = try #require(places.entries().first { $0.model == model }).file
        try FileManager.default.setAttributes(
          [.modificationDate: Date(timeIntervalSinceNow: -1000 * Double(age + 1))],
          ofItemAtPath: places.lockFile(of: file).path(percentEncoded: false))
      }
      let used = try #require(places.entries().first { $0.model == "m1" }).file
      let lock = try EmbeddingCacheLock.attempt(places.lockFile(of: used), .shared)
      _ = try await fill(folder, "m4", "a", 900, size: 5_000_000)
      let models = places.entries().map(\.model)
      // m1 is older, but a process has it.
      #expect(models.contains("m1") && models.contains("m4") && !models.contains("m2"), "\(models)")
      withExtendedLifetime(lock) {}
    }
  }

  @Test func `leaves the disk its reserve`() async throws {
    try await withTemporaryFolder { folder in
      let notes = Notes()
      _ = try await embed(folder, notes, reserve: 1 << 60)
      #expect(notes.texts.count == 1 && notes.texts[0].contains("is full"))
      #expect(try await embed(folder, reserve: 1 << 60).cached == 0)
    }
  }

  @Test func `is given back by removing a model, but for one in use`() async throws {
    try await withTemporaryFolder { folder in
      _ = try await fill(folder, "m", "a", 500, size: 5_000_000)
      let places = EmbeddingCacheFolder(folder)
      let entry = try #require(places.entries().first)
      #expect(entry.texts == 500 && entry.bytes > 1_000_000 && entry.facts["dimensions"] == "512")
      let lock = try EmbeddingCacheLock.attempt(places.lockFile(of: entry.file), .shared)
      let failure = #expect(throws: Failure.self) { try places.remove(entry) }
      #expect(failure?.code == .tryAgain)
      withExtendedLifetime(lock) {}
    }
    try await withTemporaryFolder { folder in
      _ = try await fill(folder, "m", "a", 500, size: 5_000_000)
      let places = EmbeddingCacheFolder(folder)
      try places.remove(try #require(places.entries().first))
      #expect(places.files.isEmpty && bytes(folder) == 0)
    }
  }
}
