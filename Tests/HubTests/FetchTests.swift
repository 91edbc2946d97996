// Fetching from a hub that behaves: bytes, layout of the cache, what is asked and what is not.

import Core
import FakeHub
import Foundation
import TestSupport
import Testing

@testable import Hub

@Suite struct `Fetching from a hub` {
  @Test(arguments: ["README.md", "data/test.bin", "data/empty.txt"])
  func `puts the bytes into the shared cache`(path: String) async throws {
    try await withBench { bench in
      let file = try #require(
        [
          "README.md": FakeFile.small("# Data\n"), "data/test.bin": .large(bulk),
          "data/empty.txt": .small(""),
        ][path])
      let url = try await bench.fetch(path)
      #expect(url.path == bench.cached("snapshots/\(commit)/\(path)").path)
      #expect(try url.bytes() == file.bytes)
      #expect(try bench.cached("blobs/\(file.etag)").bytes() == file.bytes)
      #expect(try String(contentsOf: bench.cached("refs/main"), encoding: .utf8) == commit)
      // A link that survives moving the cache.
      let up = path.contains("/") ? "../../../" : "../../"
      let target = try FileManager.default.destinationOfSymbolicLink(atPath: url.path)
      #expect(target == up + "blobs/" + file.etag)
      // Nothing unfinished is left behind.
      let blobs = try FileManager.default.contentsOfDirectory(atPath: bench.cached("blobs").path)
      #expect(blobs == [file.etag])
    }
  }

  @Test func `asks nothing for a commit that is in the cache`() async throws {
    try await withBench { bench in
      _ = try await bench.fetch("README.md")
      let asked = bench.hub.requests.count
      let url = try await bench.fetch("README.md", revision: commit)
      #expect(try url.bytes() == Array("# Data\n".utf8))
      #expect(bench.hub.requests.count == asked)
    }
  }

  @Test func `asks for the commit of a branch and fetches only what changed`() async throws {
    try await withBench { bench in
      _ = try await bench.fetch("README.md")
      _ = try await bench.fetch("data/empty.txt")
      let newer = String(commit.reversed())
      var repository = FakeRepository(
        commit: commit, ["README.md": .small("# Data\n"), "data/empty.txt": .small("")])
      repository.commits[newer] = [
        "README.md": .small("# More data\n"), "data/empty.txt": .small(""),
      ]
      repository.branches["main"] = newer
      bench.hub.add("datasets/org/data", repository)
      let transfers = bench.transfers.count
      let readme = try await bench.fetch("README.md")
      let empty = try await bench.fetch("data/empty.txt")
      #expect(try String(contentsOf: readme, encoding: .utf8) == "# More data\n")
      #expect(empty.path.contains("snapshots/\(newer)/"))
      #expect(bench.transfers.count == transfers + 1)
      #expect(try String(contentsOf: bench.cached("refs/main"), encoding: .utf8) == newer)
      // The old snapshot still is what it was.
      let old = bench.cached("snapshots/\(commit)/README.md")
      #expect(try String(contentsOf: old, encoding: .utf8) == "# Data\n")
    }
  }

  @Test func `gets a whole repository, several files at a time, after one list of it`() async throws
  {
    try await withBench { bench in
      var files: [String: FakeFile] = [:]
      for number in 0..<20 {
        let text = "part \(number)"
        files["data/\(number).txt"] = number % 2 == 0 ? .small(text) : .large(Array(text.utf8))
      }
      bench.hub.add("datasets/org/data", FakeRepository(commit: commit, files))
      let folder = try await bench.open { hub throws(Failure) in
        let listing = try await hub.listing(of: try HubRepository(.dataset, "org/data"))
        return try await hub.fetch(listing.files, of: listing)
      }
      #expect(folder.path == bench.cached("snapshots/\(commit)").path)
      for number in 0..<20 {
        #expect(try folder.text(of: "data/\(number).txt") == "part \(number)")
      }
      // The list says all that a question for each file would: none is asked.
      #expect(!bench.hub.requests.contains { $0.isHead })
      #expect(Set(bench.notes.transferred) == Set(files.keys))
      let finished = bench.notes.events.filter { if case .finished = $0 { true } else { false } }
      #expect(finished.count == 20)
    }
  }

  @Test func `tells how far a file is`() async throws {
    try await withBench { bench in
      _ = try await bench.fetch("data/test.bin")
      let events = bench.notes.events
      #expect(events.first == .started(file: "data/test.bin", there: 0, size: 200_000))
      let counts = events.compactMap { event -> Int? in
        if case .received(_, let bytes) = event { bytes } else { nil }
      }
      #expect(counts == counts.sorted())
      #expect(counts.last == 200_000)
    }
  }

  @Test func `works without links`() async throws {
    try await withBench { bench in
      var bench = bench
      bench.settings.usesLinks = false
      let url = try await bench.fetch("README.md")
      #expect(throws: (any Error).self) {
        try FileManager.default.destinationOfSymbolicLink(atPath: url.path)
      }
      #expect(try url.deletingLastPathComponent().text(of: "README.md") == "# Data\n")
    }
  }

  @Test func `copies a blob that another snapshot may use when there are no links`() async throws {
    try await withBench { bench in
      _ = try await bench.fetch("README.md")
      var copying = bench
      copying.settings.usesLinks = false
      let newer = String(commit.reversed())
      bench.hub.add(
        "datasets/org/data", FakeRepository(commit: newer, ["README.md": .small("# Data\n")]))
      let url = try await copying.fetch("README.md")
      #expect(url.path.contains(newer))
      #expect(bench.transfers.count == 1)
      // Both are still there.
      #expect(try url.bytes() == bench.cached("snapshots/\(commit)/README.md").bytes())
    }
  }

  @Test func `models stand at the root of the hub`() async throws {
    try await withBench { bench in
      bench.hub.add("models/tiny", FakeRepository(commit: commit, ["config.json": .small("{}")]))
      let url = try await bench.open { hub throws(Failure) in
        try await hub.fetch("config.json", of: try HubRepository(.model, "tiny"))
      }
      #expect(url.path.hasSuffix("hub/models--tiny/snapshots/\(commit)/config.json"))
      #expect(bench.hub.requests.allSatisfy { $0.path.hasPrefix("/tiny/resolve/") })
    }
  }

  @Test func `encodes names and revisions in addresses`() async throws {
    try await withBench { bench in
      var repository = FakeRepository(commit: commit, ["a b/ü#?.txt": .small("odd")])
      repository.branches["refs/pr/4"] = commit
      bench.hub.add("datasets/org/data", repository)
      let url = try await bench.fetch("a b/ü#?.txt", revision: "refs/pr/4")
      #expect(try url.bytes() == Array("odd".utf8))
      #expect(
        bench.hub.requests.first?.path
          == "/datasets/org/data/resolve/refs%2Fpr%2F4/a%20b/%C3%BC%23%3F.txt")
      #expect(try String(contentsOf: bench.cached("refs/refs/pr/4"), encoding: .utf8) == commit)
    }
  }
}

@Suite struct `The list of a repository's files` {
  @Test func `has paths, sizes and hashes, sorted, over several pages`() async throws {
    try await withBench { bench in
      bench.hub.setPageSize(1)
      let listing = try await bench.listing()
      #expect(listing.commit == commit)
      #expect(listing.files.map(\.path) == ["README.md", "data/empty.txt", "data/test.bin"])
      #expect(listing.files.map(\.size) == [7, 0, 200_000])
      #expect(listing.files.map(\.sha256) == [nil, nil, FakeFile.large(bulk).sha256])
      // 7 + 0 + 200,000
      #expect(listing.size == 200_007)
      #expect(bench.hub.requests.count == 1 + 3)
    }
  }

  @Test func `is kept and not asked for twice`() async throws {
    try await withBench { bench in
      let first = try await bench.listing()
      let asked = bench.hub.requests.count
      #expect(try await bench.listing(revision: commit) == first)
      #expect(bench.hub.requests.count == asked)
    }
  }

  @Test func `follows the addresses of a hub behind a mirror at the mirror`() async throws {
    try await withBench { bench in
      bench.hub.setPageSize(2)
      bench.hub.change { _, reply in
        guard let link = reply.headers["Link"] else { return }
        reply.headers["Link"] = link.replacing(/http:\/\/[^\/]*/, with: "https://hub.invalid")
      }
      let files = try await bench.listing().files
      #expect(files.count == 3)
    }
  }

  /// Paths, and whether they may stand in a cache.
  @Test(arguments: [
    "../../x", "/etc/passwd", "a/../b", "a\\..\\b", "", "a//b", "./a", "a/\u{1B}[2Jb", "a\0b", "..",
  ])
  func `is refused when a path leads elsewhere`(path: String) async throws {
    try await withBench { bench in
      bench.hub.change { request, reply in
        guard request.path.contains("/tree/") else { return }
        let entry: [String: Any] = ["type": "file", "path": path, "size": 1, "oid": commit]
        reply.body = Array((try? JSONSerialization.data(withJSONObject: [entry])) ?? Data())
      }
      let failure = await bench.listingFailure()
      #expect(failure?.code == .malformed)
      #expect(failure?.description.contains("leads out of its folder") == true)
      #expect(failure?.description.contains("\u{1B}") == false)
      #expect(!exists(bench.folder.appending(path: "x")))
    }
  }

  /// Bodies that are no list, and what the message says.
  @Test(arguments: [
    ("<html>login</html>", "is not JSON"), ("{\"error\": 1}", "is not a list"),
    ("[{\"type\": \"file\"}]", "no path at place 0"),
    (
      "[{\"type\": \"file\", \"path\": \"a\", \"oid\": \"x\", \"size\": 9223372036854775807}]",
      "size"
    ),
    ("[{\"type\": \"file\", \"path\": \"a\", \"oid\": \"x\", \"size\": -1}]", "size"),
    (
      "[{\"type\": \"file\", \"path\": \"a\", \"oid\": \"../x\", \"size\": 1}]", "name of the bytes"
    ),
    (
      "[{\"type\": \"file\", \"path\": \"a\", \"oid\": \"x\", \"size\": 1, \"lfs\": {\"size\": 1}}]",
      "SHA-256"
    ),
    (
      "[{\"type\": \"file\", \"path\": \"a\", \"oid\": \"x\", \"size\": 1},"
        + "{\"type\": \"file\", \"path\": \"a\", \"oid\": \"x\", \"size\": 1}]", "'a' twice"
    ),
  ])
  func `is refused when it makes no sense`(body: String, words: String) async throws {
    try await withBench { bench in
      bench.hub.change { request, reply in
        if request.path.contains("/tree/") { reply.body = Array(body.utf8) }
      }
      let failure = await bench.listingFailure()
      #expect(failure?.code == .malformed)
      #expect(failure?.message.contains(words) == true, "\(String(describing: failure))")
    }
  }

  @Test(arguments: [FakeReply.Length.exact, .none, .claimed(1 << 40)])
  func `is refused when it is too long to hold`(length: FakeReply.Length) async throws {
    try await withBench { bench in
      var bench = bench
      bench.settings.limits.page = 100_000
      bench.hub.change { request, reply in
        guard request.path.contains("/tree/") else { return }
        reply.body = Array(repeating: UInt8(ascii: " "), count: 150_000)
        reply.length = length
      }
      let failure = await bench.listingFailure()
      #expect(failure?.code == .malformed)
      #expect(failure?.message.contains("more than") == true)
    }
  }

  @Test func `is refused when it never ends`() async throws {
    try await withBench { bench in
      var bench = bench
      bench.settings.limits.files = 10
      let count = Count()
      bench.hub.change { request, reply in
        guard request.path.contains("/tree/") else { return }
        reply.headers["Link"] =
          "</api/datasets/org/data/tree/main?cursor=0&n=\(count.next())>; rel=\"next\""
      }
      // Three files a page, always the same: the fourth page exceeds ten.
      let failure = await bench.listingFailure()
      #expect(failure?.message == "has more than 10 files")
      bench.hub.change { request, reply in
        if request.path.contains("/tree/") {
          reply.headers["Link"] = "<\(request.path)>; rel=\"next\""
        }
      }
      let circle = await bench.listingFailure()
      #expect(circle?.message.contains("has no end") == true)
      bench.settings.limits.pages = 5
      bench.hub.change { request, reply in
        guard request.path.contains("/tree/") else { return }
        reply.body = Array("[]".utf8)
        reply.headers["Link"] = "</api/datasets/org/data/tree/main?n=\(count.next())>; rel=\"next\""
      }
      let empty = await bench.listingFailure()
      #expect(empty?.message.contains("has no end") == true)
    }
  }
}
