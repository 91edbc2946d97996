// Keys, entries and bounds of the embedding cache, without a file.

import Core
import Foundation
import TestSupport
import Testing

@testable import Storage

private let plain = ModelIdentity(
  name: "org/model", revision: "r1", dimensions: 3, maxTokens: 8, engine: "toy",
  settings: ["weights_sha256": "w", "modules": "mean"])

private func key(
  _ text: String, prompt: String = "", _ model: ModelIdentity = plain, version: String = "1"
) -> EmbeddingCacheKey {
  EmbeddingCacheIdentity(model, engineVersion: version).keys(of: [text], prompt: prompt)[0]
}

private func changed(_ change: (inout ModelIdentity) -> Void) -> ModelIdentity {
  var model = plain
  change(&model)
  return model
}

@Suite struct `A key of the embedding cache` {
  @Test(arguments: [
    changed { $0.dimensions = 4 }, changed { $0.maxTokens = 9 }, changed { $0.maxTokens = nil },
    changed { $0.dtype = "bfloat16" }, changed { $0.engine = "toy avx2" },
    changed { $0.settings["weights_sha256"] = "v" }, changed { $0.settings["modules"] = "cls" },
    changed { $0.settings["more"] = "" }, changed { $0.settings["weights_sha256"] = nil },
  ])
  func `differs for whatever can change a vector`(other: ModelIdentity) {
    #expect(key("a") != key("a", other))
  }

  @Test func `does not depend on the name of known weights`() {
    #expect(key("a") == key("a", changed { $0.name = "org/other" }))
    #expect(key("a") == key("a", changed { $0.revision = "r2" }))
    #expect(key("a") == key("a", changed { $0.parameters = 7 }))
  }

  @Test func `depends on name and revision where the weights are unknown`() {
    let server = changed { $0.settings = [:] }
    for change in [{ $0.name = "org/other" }, { $0.revision = "r2" }]
      as [(inout ModelIdentity) -> Void]
    {
      var other = server
      change(&other)
      #expect(key("a", server) != key("a", other))
    }
  }

  @Test func `changes with the version of the engine`() {
    #expect(key("a") != key("a", version: "2"))
  }

  @Test func `tells prompt and text apart wherever one ends and the other begins`() {
    let keys = [
      key("abc"), key("bc", prompt: "a"), key("c", prompt: "ab"), key("", prompt: "abc"),
      // Equal to a person, different bytes: é as one scalar and as two.
      key("\u{E9}"), key("e\u{301}"), key("abc "), key("abc\0"), key(""),
    ]
    #expect(Set(keys).count == keys.count)
  }

  @Test func `cannot be made up with settings that look like others`() {
    let one = changed { $0.settings = ["a": "1", "b": "2"] }
    let two = changed { $0.settings = ["a": "1\",\"b\":\"2"] }
    #expect(key("a", one) != key("a", two))
  }

  @Test func `is the first half of the SHA-256 of model, length of prompt, prompt and text`() {
    let identity = EmbeddingCacheIdentity(plain, engineVersion: "1")
    let prompt = "p: "
    let bytes =
      Array(identity.fingerprint.utf8) + [3, 0, 0, 0, 0, 0, 0, 0] + Array((prompt + "text").utf8)
    let digits = identity.keys(of: ["text"], prompt: prompt)[0].data
      .map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    #expect(digits == ContentHash.of(bytes).prefix(32))
  }
}

@Suite struct `An entry of the embedding cache` {
  private static let vector: [Float] = [0.1, -0, .leastNonzeroMagnitude]
  private static let cost = TextCost(tokens: 123_456, isTruncated: true)

  private func read(_ data: Data, _ key: EmbeddingCacheKey, dimensions: Int = 3) -> (
    cost: TextCost?, values: [Float]
  ) {
    var values: [Float] = Array(repeating: 9, count: 2 * dimensions)
    let cost = data.withUnsafeBytes {
      EmbeddingCacheEntry.read($0, key, dimensions: dimensions, to: 1, of: &values)
    }
    return (cost, values)
  }

  @Test func `keeps every bit of the vector, and the cost`() {
    let data = EmbeddingCacheEntry.data(Self.vector[...], Self.cost, key("a"))
    #expect(data.count == 12 + 3 * 4)
    let (cost, values) = read(data, key("a"))
    #expect(cost == Self.cost)
    let bits = ([9, 9, 9] + Self.vector).map(\.bitPattern)
    #expect(values.map(\.bitPattern) == bits)
  }

  @Test func `with any bit changed, any length changed or under another key is damaged`() {
    let data = EmbeddingCacheEntry.data(Self.vector[...], Self.cost, key("a"))
    for bit in 0..<data.count * 8 {
      var other = data
      other[bit / 8] ^= 1 << (bit % 8)
      let (cost, values) = read(other, key("a"))
      #expect(cost == nil && values == Array(repeating: 9, count: 6), "bit \(bit)")
    }
    for count in 0..<data.count { #expect(read(data.prefix(count), key("a")).cost == nil) }
    #expect(read(data + [0], key("a")).cost == nil)
    #expect(read(data, key("b")).cost == nil)
    #expect(read(data, key("a"), dimensions: 4).cost == nil)
    #expect(read(Data(count: data.count), key("a")).cost == nil)
  }
}

@Suite struct `Pages of the embedding cache` {
  /// Dimensions, page size, and rows in a page by hand: (page - 8) / (12 + 4 · dimensions + 33).
  @Test(arguments: [
    // 1,581 bytes: 2 rows in 4,096, 5 in 8,192, 10 in 16,384.
    (384, 8192, 8192 / 5),
    // 2,093 bytes: 1, 3 and 7 rows.
    (512, 16384, 16384 / 7),
    // 3,117 bytes: 1, 2 and 5 rows.
    (768, 16384, 16384 / 5),
    // 4,130 bytes of record: 489 stay in the page, eight rows of 504 in each, and one page beside.
    (1024, 4096, 4096 + 4096 / 8),
    // 16,418 bytes of record: 489 + (16,418 - 489) % 4,092 = 4,142 is too much, so 489; four pages.
    (4096, 4096, 4 * 4096 + 4096 / 8),
  ])
  func `are as large as wastes least`(dimensions: Int, page: Int, bytes: Int) {
    let pages = EmbeddingCacheEntry.pages(dimensions: dimensions)
    #expect(pages.size == page)
    #expect(pages.bytesPerEntry == bytes + 40)
  }

  @Test(arguments: [1, 16, 384, 512, 768, 1000, 1024, 2048, 4096])
  func `hold as many bytes as foretold`(dimensions: Int) async throws {
    try await withTemporaryFolder { folder in
      let base = CountingEmbedder(dimensions: dimensions)
      let cache = EmbeddingCache(model: base.model, settings(folder, Notes()))
      let texts = manyTexts(1500)
      _ = try await Cached(base, in: cache).embed(EmbedRequest(texts: texts))
      let foretold = texts.count * EmbeddingCacheEntry.pages(dimensions: dimensions).bytesPerEntry
      let database = try #require(EmbeddingCacheFolder(folder).files.first)
      let handle = try FileHandle(forReadingFrom: database)
      let size = Int(try handle.seekToEnd())
      // The journal's last pages may not be in the database yet.
      #expect(size < foretold * 12 / 10 + 200_000, "\(size) of \(foretold)")
    }
  }
}

@Suite struct `Bounds of the embedding cache` {
  private static let gigabyte = 1_000_000_000

  @Test func `are a fifth of what is free or taken, and leave a twentieth of the disk`() {
    let bounds = EmbeddingCacheBounds(
      asked: nil, taken: 10 * Self.gigabyte, space: (90 * Self.gigabyte, 100 * Self.gigabyte))
    // (90 + 10) / 5 and 100 / 20.
    #expect(bounds == EmbeddingCacheBounds(total: 20 * Self.gigabyte, reserve: 5 * Self.gigabyte))
  }

  @Test(arguments: [(1, 1), (20, 1), (60, 3), (200, 10), (4000, 10)])
  func `reserve at least 1 GB and at most 10`(disk: Int, reserve: Int) {
    let bounds = EmbeddingCacheBounds(asked: 7, taken: 0, space: (0, disk * Self.gigabyte))
    #expect(bounds == EmbeddingCacheBounds(total: 7, reserve: reserve * Self.gigabyte))
  }

  /// Taken, free pages inside, free on disk, and the room there is within 100 and a reserve of 10.
  @Test(arguments: [
    (0, 0, 1000, 100), (40, 0, 1000, 60), (40, 5, 1000, 65), (100, 0, 1000, 0), (120, 5, 1000, -15),
    (40, 0, 30, 20), (40, 5, 10, 5), (40, 0, 0, -10),
  ])
  func `are kept by the cache and by the disk`(taken: Int, inside: Int, free: Int, room: Int) {
    let bounds = EmbeddingCacheBounds(total: 100, reserve: 10)
    #expect(bounds.room(taken: taken, inside: inside, free: free) == room)
  }
}

@Suite struct `The disk of a cache` {
  private static let mounts = """
    22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
    30 22 0:25 / /home rw,relatime - nfs4 server:/home rw,vers=4.2
    31 30 8:2 / /home/ada/local rw - xfs /dev/sdb1 rw
    32 22 0:30 / /scratch\\040two rw shared:5 master:2 - lustre 10.0.0.1@tcp:/s rw
    33 22 0:31 / /mnt/remote rw - fuse.sshfs ada@host: rw
    34 22 0:32 / /mnt/sealed rw - fuse.gocryptfs /home/x rw
    broken line
    """

  @Test(
    arguments: [
      ("/var/cache", nil), ("/home/ada/.cache", "nfs4"), ("/home", "nfs4"), ("/homes/ada", nil),
      ("/home/ada/local/cache", nil), ("/scratch two/x", "lustre"), ("/mnt/remote/y", "fuse.sshfs"),
      ("/mnt/sealed/y", nil),
    ] as [(String, String?)])
  func `is one of this machine unless its type says otherwise`(path: String, kind: String?) {
    #expect(EmbeddingCacheDisk.networkKind(of: path, mounts: Self.mounts) == kind)
  }

  @Test func `tells how much is free`() throws {
    let space = try #require(DiskSpace.of(URL(filePath: "/")))
    #expect(space.free > 0 && space.total >= space.free)
    #expect(DiskSpace.of(URL(filePath: "/nowhere/at/all")) == nil)
  }
}
