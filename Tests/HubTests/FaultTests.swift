// Transfers that go wrong: after each of them either the right bytes, or a failure and nothing that
// a reader could take for the file.

import Core
import FakeHub
import Foundation
import Network
import TestSupport
import Testing

@testable import Hub

private let path = "data/test.bin"

/// How one transfer is spoilt and what has to come of it.
private struct Fault: Sendable, CustomTestStringConvertible {
  let testDescription: String
  /// Changes the reply to the nth request for bytes.
  let spoil: @Sendable (_ count: Int, FakeRequest, inout FakeReply) -> Void
  /// nil for the right bytes.
  var code: Failure.Code?
  /// What the message has to say.
  var words = ""
  /// Requests for bytes that it takes.
  var transfers: Int

  init(
    _ description: String, transfers: Int, _ code: Failure.Code? = nil, _ words: String = "",
    _ spoil: @escaping @Sendable (Int, FakeRequest, inout FakeReply) -> Void
  ) {
    testDescription = description
    self.spoil = spoil
    self.code = code
    self.words = words
    self.transfers = transfers
  }
}

private func flipped(_ bytes: [UInt8]) -> [UInt8] {
  var bytes = bytes
  if !bytes.isEmpty { bytes[bytes.count / 2] ^= 1 }
  return bytes
}

/// Five repetitions without progress, so six requests, end it.
private let faults: [Fault] =
  [0, 1, 999, 65_536, 199_999].map { offset in
    Fault("a connection cut after \(offset) bytes", transfers: 2) { count, _, reply in
      if count == 1 { reply.end = .cut(offset) }
    }
  } + [
    Fault("every connection cut after 30,000 bytes", transfers: 7) { _, _, reply in
      // 6 × 30,000 + 20,000
      if reply.body.count > 30_000 { reply.end = .cut(30_000) }
    },
    Fault("every connection cut at once", transfers: 6, .tryAgain, "broke the connection off") {
      _, _, reply in reply.end = .cut(0)
    },
    Fault(
      "a store that ignores ranges and cuts at the same place", transfers: 6, .tryAgain,
      "broke the connection off"
    ) { _, request, reply in
      reply = FakeReply(200, ["ETag": "\"x\""], bulk)
      reply.end = .cut(50_000)
    },
    Fault("a store that ignores ranges once", transfers: 2) { count, _, reply in
      if count == 1 { reply.end = .cut(50_000) }
      if count == 2 { reply = FakeReply(200, reply.headers, bulk) }
    },
    Fault("a body without a length", transfers: 1) { _, _, reply in reply.length = .none },
    Fault("a body without a length that is cut", transfers: 2) { count, _, reply in
      reply.length = .none
      if count == 1 { reply.end = .cut(50_000) }
    },
    Fault("a body without a length that ends early", transfers: 2) { count, _, reply in
      reply.length = .none
      if count == 1 { reply.body.removeLast(1000) }
    },
    Fault("a body without a length that is too long", transfers: 6, .tryAgain, "more than the") {
      _, _, reply in
      reply.length = .none
      reply.body += [0]
    },
    Fault("a length that is too small", transfers: 6, .malformed, "the hub speaks of 200000") {
      _, _, reply in reply.length = .claimed(reply.body.count - 1)
    },
    Fault("a length that is too great", transfers: 6, .malformed, "offers 200001 bytes") {
      _, _, reply in reply.length = .claimed(reply.body.count + 1)
    },
    Fault("another file of another size", transfers: 6, .malformed, "offers 5 bytes") {
      _, _, reply in reply = FakeReply(200, [:], Array("other".utf8))
    },
    Fault("a wrong byte, once", transfers: 2) { count, _, reply in
      if count == 1 { reply.body = flipped(reply.body) }
    },
    Fault("a wrong byte, always", transfers: 2, .malformed, "SHA-256") { _, _, reply in
      reply.body = flipped(reply.body)
    },
    Fault("a store that has the file under a new ETag after a cut", transfers: 2) {
      count, request, reply in
      if count == 1 { reply.end = .cut(50_000) }
      // If-Range does not hold any more: everything again.
      if count == 2 { reply = FakeReply(200, ["ETag": "\"new\""], bulk) }
    },
    Fault("a store that sends the rest of another file", transfers: 3) { count, request, reply in
      if count == 1 {
        reply.body = flipped(reply.body)
        reply.end = .cut(150_000)
      }
      if count == 2 { reply.headers["ETag"] = "\"new\"" }
    },
    Fault("a part that is not the one asked for", transfers: 3) { count, _, reply in
      if count == 1 { reply.end = .cut(50_000) }
      if count == 2 { reply.headers["Content-Range"] = "bytes 49999-199999/200000" }
    },
    Fault("a part without a place", transfers: 3) { count, _, reply in
      if count == 1 { reply.end = .cut(50_000) }
      if count == 2 { reply.headers["Content-Range"] = nil }
    },
    Fault("a part of a file of another size", transfers: 3) { count, _, reply in
      if count == 1 { reply.end = .cut(50_000) }
      if count == 2 { reply.headers["Content-Range"] = "bytes 50000-199999/200001" }
    },
    Fault("a rest of an impossible length", transfers: 3) { count, _, reply in
      if count == 1 { reply.end = .cut(50_000) }
      if count == 2 { reply.length = .claimed(Int.max) }
    },
    Fault("a rest that does not exist", transfers: 3) { count, _, reply in
      if count == 1 { reply.end = .cut(50_000) }
      if count == 2 { reply = FakeReply(416) }
    },
    Fault("status 500 and 503 before the file", transfers: 3) { count, _, reply in
      if count < 3 { reply = FakeReply(count == 1 ? 500 : 503) }
    },
    Fault("status 500 for ever", transfers: 6, .tryAgain, "status 500") { _, _, reply in
      reply = FakeReply(500)
    },
    Fault("a signature that ran out", transfers: 2) { count, _, reply in
      if count == 1 { reply = FakeReply(403) }
    },
    Fault("a store that refuses", transfers: 6, .tryAgain, "refused it (status 403)") {
      _, _, reply in reply = FakeReply(403)
    },
  ]

@Suite struct `A transfer that goes wrong` {
  @Test(arguments: faults)
  private func `ends with the right bytes or a clear failure`(fault: Fault) async throws {
    try await withBench { bench in
      try await FakeHub.run { store in
        store.add("any", FakeRepository(commit: commit, ["x": .large(bulk)]))
        bench.hub.keepLargeFiles(at: store.address)
        bench.waitForBytes(before: store)
        let count = Count()
        store.change { request, reply in fault.spoil(count.next(), request, &reply) }
        if let code = fault.code {
          let failure = await bench.failure(path)
          #expect(failure?.code == code)
          #expect(failure?.message.contains(fault.words) == true, "\(String(describing: failure))")
          #expect(failure?.subject == "data/test.bin of org/data")
          #expect(failure?.hint != nil)
          #expect(!exists(bench.cached("snapshots/\(commit)/\(path)")))
          #expect(!exists(bench.cached("blobs/\(FakeFile.large(bulk).sha256)")))
        } else {
          try await bench.expect(path, is: bulk)
        }
        #expect(store.requests.count == fault.transfers)
        // The token goes to the hub alone, and signatures go nowhere.
        let said = bench.notes.events.map { "\($0)" }.joined()
        #expect(!said.contains("secretSignature"))
      }
    }
  }

  @Test func `goes on where an earlier run was cut off`() async throws {
    try await withBench { bench in
      bench.hub.change { request, reply in
        if request.path.hasPrefix("/store/") { reply.end = .cut(120_000) }
      }
      var hasty = bench
      hasty.settings.patience.retries = 0
      #expect(await hasty.failure(path)?.exitCode == 75)
      let partial = bench.cached("blobs/\(FakeFile.large(bulk).sha256).incomplete")
      let there = try partial.bytes()
      #expect(there == Array(bulk.prefix(120_000)))

      bench.hub.change { _, _ in }
      try await bench.expect(path, is: bulk)
      #expect(bench.stored.map { $0.headers["range"] } == [nil, "bytes=120000-"])
      #expect(!exists(partial))
    }
  }

  @Test(arguments: [100_000, 200_000, 300_000])
  func `begins again when what an earlier run left is wrong`(count: Int) async throws {
    try await withBench { bench in
      let name = FakeFile.large(bulk).sha256
      try bench.cached("blobs").write("\(name).incomplete", Data(repeating: 0, count: count))
      try await bench.expect(path, is: bulk)
    }
  }

  @Test func `checks small files by git's name for them`() async throws {
    try await withBench { bench in
      bench.hub.change { request, reply in
        if !request.isHead { reply.body = flipped(reply.body) }
      }
      let failure = await bench.failure("README.md")
      #expect(failure?.code == .malformed)
      #expect(failure?.message.contains("hash in git") == true)
    }
  }

  @Test func `unpacks what was compressed against the wish`() async throws {
    // gzip of "# Data\n", made by Python's gzip.compress(b"# Data\n", mtime=0).
    let packed = try #require(
      Data(base64Encoded: "H4sIAAAAAAACA1NWcEksSeQCANLkt4UHAAAA"))
    try await withBench { bench in
      bench.hub.change { _, reply in
        reply.body = Array(packed)
        reply.headers["Content-Encoding"] = "gzip"
      }
      try await bench.expect("README.md", is: Array("# Data\n".utf8))
    }
  }

  @Test func `takes a file whose size nobody knows, up to a limit`() async throws {
    try await withBench { bench in
      bench.hub.change { _, reply in
        reply.length = .none
        reply.headers["ETag"] = "\"v1\""
      }
      try await bench.expect("README.md", is: Array("# Data\n".utf8))
      var narrow = bench
      narrow.settings.cache = bench.folder.appending(path: "other")
      narrow.settings.limits.unannouncedFile = 6
      let failure = await narrow.failure("README.md")
      #expect(failure?.message.contains("more than 6 bytes") == true)
    }
  }

  @Test func `waits for a stalled body only so long, then asks for the rest`() async throws {
    try await withBench { bench in
      var bench = bench
      // Longer than tests that compute keep the threads of this process busy.
      bench.settings.patience.stall = .seconds(10)
      let count = Count()
      bench.hub.change { request, reply in
        guard request.path.hasPrefix("/store/"), !request.isHead else { return }
        if count.next() == 1 { reply.end = .stall(70_000) }
      }
      try await bench.expect(path, is: bulk)
      let reasons = bench.notes.events.compactMap { event -> String? in
        if case .retrying(_, _, let reason) = event { reason } else { nil }
      }
      // Once at least: a machine that is busy may itself let so much time pass.
      #expect(Set(reasons) == ["nothing came from 127.0.0.1:\(bench.hub.port) for 10 s"])
      #expect(bench.stored.count >= 2)
    }
  }

  @Test func `waits for the beginning of an answer only so long`() async throws {
    try await withBench { bench in
      var bench = bench
      bench.settings.patience.connect = .milliseconds(100)
      bench.settings.patience.answer = .milliseconds(100)
      bench.settings.patience.retries = 1
      bench.hub.change { _, reply in reply.pause = .seconds(60) }
      let failure = await bench.failure(path)
      #expect(failure?.exitCode == 75)
      let words = ["no answer from 127.0.0.1", "no connection to 127.0.0.1"]
      #expect(words.contains { failure?.message.hasPrefix($0) == true })
    }
  }

  @Test func `keeps what is there when it is stopped`() async throws {
    try await withBench { bench in
      bench.hub.change { request, reply in
        if request.path.hasPrefix("/store/") { reply.end = .stall(70_000) }
      }
      let task = Task { await bench.failure(path) }
      while !bench.notes.events.contains(.received(file: path, bytes: 70_000)) {
        try await Task.sleep(for: .milliseconds(5))
      }
      task.cancel()
      #expect(await task.value?.exitCode == 130)
      let partial = bench.cached("blobs/\(FakeFile.large(bulk).sha256).incomplete")
      let there = try partial.bytes()
      #expect(there.count == 70_000)
    }
  }
}

@Suite struct `Redirects` {
  @Test func `take the token to no other host`() async throws {
    try await withBench { bench in
      try await FakeHub.run { store in
        store.add("any", FakeRepository(commit: commit, ["x": .large(bulk)]))
        bench.hub.keepLargeFiles(at: store.address)
        var bench = bench
        bench.settings.token = try Secret(FakeHub.token, from: "test")
        try await bench.expect(path, is: bulk)
        #expect(store.requests.count == 1)
        #expect(store.requests.allSatisfy { $0.headers["authorization"] == nil })
        #expect(
          bench.hub.requests.allSatisfy {
            $0.headers["authorization"] == "Bearer \(FakeHub.token)"
          })
      }
    }
  }

  @Test func `within the hub are followed, the token with them`() async throws {
    try await withBench { bench in
      var bench = bench
      bench.settings.token = try Secret(FakeHub.token, from: "test")
      bench.hub.change { request, reply in
        guard request.path.contains("/resolve/main/") else { return }
        let target = request.path.replacing("/resolve/main/", with: "/resolve/\(commit)/")
        reply = FakeReply(307, ["Location": target])
      }
      try await bench.expect("README.md", is: Array("# Data\n".utf8))
      #expect(bench.hub.requests.allSatisfy { $0.headers["authorization"] != nil })
    }
  }

  /// Where to, and what the message says.
  @Test(arguments: [
    ("/datasets/org/data/resolve/main/README.md", "redirects without end"),
    ("file:///etc/passwd", "not safe to follow"), ("ftp://127.0.0.1/x", "not safe to follow"),
    ("http:///x", "not safe to follow"),
  ])
  func `that lead nowhere are refused`(target: String, words: String) async throws {
    try await withBench { bench in
      bench.hub.change { request, reply in
        if !request.isHead { reply = FakeReply(302, ["Location": target]) }
      }
      _ = await bench.failure("README.md")
      let failure = await bench.failure("README.md")
      #expect(failure?.code == .malformed)
      #expect(failure?.message.contains(words) == true, "\(String(describing: failure))")
    }
  }

  @Test func `without end are refused`() async throws {
    try await withBench { bench in
      let count = Count()
      bench.hub.change { _, reply in reply = FakeReply(302, ["Location": "/x/\(count.next())"]) }
      let failure = await bench.failure("README.md")
      #expect(failure?.message.contains("redirects without end") == true)
      #expect(bench.hub.requests.count == 11)
    }
  }
}
