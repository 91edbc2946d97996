// What a hub refuses or puts off, in words and exit codes; and that no word of it is a secret.

import Core
import FakeHub
import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL
import Network
import TestSupport
import Testing

@testable import Hub

/// A reply, and what a user without and with a token is told.
private struct Answer: Sendable, CustomTestStringConvertible {
  let status: Int
  let headers: [String: String]
  let exitCode: Int32
  let message: String
  let hint: String
  let hintWithToken: String

  init(
    _ status: Int, _ code: String?, _ exitCode: Int32, _ message: String, _ hint: String,
    withToken: String? = nil, words: String? = nil
  ) {
    self.status = status
    var headers: [String: String] = [:]
    headers["X-Error-Code"] = code
    headers["X-Error-Message"] = words
    self.headers = headers
    self.exitCode = exitCode
    self.message = message
    self.hint = hint
    hintWithToken = withToken ?? hint
  }

  var testDescription: String { "\(status) \(headers["X-Error-Code"] ?? "")" }
}

private let answers = [
  Answer(
    401, nil, 3, "no such dataset, or a private one", "for a private dataset set HF_TOKEN",
    withToken: "a private dataset needs a token that may read it"),
  Answer(
    401, "RepoNotFound", 3, "no such dataset, or a private one", "check the name",
    words: "Repository not found"),
  Answer(404, "RepoNotFound", 3, "no such dataset, or a private one", "check the name"),
  Answer(404, "RevisionNotFound", 3, "the dataset has no revision 'main'", "branch, tag or commit"),
  Answer(404, "EntryNotFound", 3, "no such file at revision main", "list of its files"),
  Answer(404, nil, 3, "not found at 127.0.0.1", "HF_ENDPOINT"),
  Answer(
    403, "GatedRepo", 3, "the dataset is gated", "then set HF_TOKEN",
    withToken: "the account that HF_TOKEN belongs to"),
  Answer(
    401, "GatedRepo", 3, "the dataset is gated", "then set HF_TOKEN",
    withToken: "the account that HF_TOKEN belongs to"),
  Answer(
    403, nil, 3, "access to the dataset is refused", "set HF_TOKEN",
    withToken: "give the token the right"),
  Answer(410, nil, 3, "no longer serves the dataset", "see its page"),
  Answer(451, nil, 3, "no longer serves the dataset", "see its page"),
  Answer(418, nil, 1, "answered with status 418", "no proxy answers"),
]

@Suite struct `What a hub refuses` {
  @Test(arguments: answers, [false, true])
  private func `is said with the way out`(answer: Answer, hasToken: Bool) async throws {
    try await withBench { bench in
      var bench = bench
      if hasToken { bench.settings.token = try Secret(FakeHub.token, from: "test") }
      bench.hub.change { _, reply in reply = FakeReply(answer.status, answer.headers) }
      let failure = await bench.failure("README.md")
      #expect(failure?.exitCode == answer.exitCode)
      #expect(failure?.message.contains(answer.message) == true, "\(String(describing: failure))")
      let hint = hasToken ? answer.hintWithToken : answer.hint
      #expect(failure?.hint?.contains(hint) == true, "\(String(describing: failure))")
      // Nothing is asked twice that has been answered.
      #expect(bench.hub.requests.count == 1)
      if answer.headers["X-Error-Code"] != "EntryNotFound" {
        let listing = await bench.listingFailure()
        #expect(listing?.exitCode == answer.exitCode)
      }
    }
  }

  @Test func `is a wrong token where the hub says so`() async throws {
    try await withBench { bench in
      var bench = bench
      bench.settings.token = try Secret("hf_old", from: "test")
      bench.hub.change { _, reply in
        reply = FakeReply(
          401, ["X-Error-Message": "Invalid credentials in Authorization header"])
      }
      let failure = await bench.failure("README.md")
      #expect(failure?.exitCode == 64)
      #expect(failure?.message == "the hub does not accept the token")
    }
  }

  @Test func `opens to the right token`() async throws {
    try await withBench { bench in
      for access in [FakeRepository.Access.hidden, .gated] {
        var repository = FakeRepository(commit: commit, ["README.md": .small("\(access)")])
        repository.access = access
        bench.hub.add("datasets/org/data", repository)
        var bench = bench
        bench.settings.cache = bench.folder.appending(path: "\(access)")
        #expect(await bench.failure("README.md")?.exitCode == 3)
        bench.settings.token = try Secret(FakeHub.token, from: "test")
        try await bench.expect("README.md", is: Array("\(access)".utf8))
      }
    }
  }

  @Test func `is remembered for files that are not there`() async throws {
    try await withBench { bench in
      #expect(await bench.failure("data/none.txt")?.exitCode == 3)
      let repository = try HubRepository(.dataset, "org/data")
      let cache = HubCache(bench.settings)
      #expect(cache.look(for: "data/none.txt", of: repository) == .absent)
      #expect(cache.look(for: "data/some.txt", of: repository) == .unknown)
      #expect(exists(bench.cached(".no_exist/\(commit)/data/none.txt")))
    }
  }

  @Test func `is told apart from a server that is no hub`() async throws {
    try await withBench { bench in
      bench.hub.change { _, reply in reply = FakeReply(200, [:], Array("<html>".utf8)) }
      let failure = await bench.failure("README.md")
      #expect(failure?.message.contains("does not say which commit it has") == true)
      #expect(failure?.hint?.contains("proxy") == true)
      let listing = await bench.listingFailure()
      #expect(listing?.message.contains("does not say which commit it has") == true)
    }
  }

  /// Sizes that no file has.
  @Test(arguments: ["-1", "9223372036854775807", "99999999999999999999", "many"])
  func `includes impossible sizes`(size: String) async throws {
    try await withBench { bench in
      bench.hub.change { _, reply in reply.headers["X-Linked-Size"] = size }
      let failure = await bench.failure("data/test.bin")
      #expect(failure?.code == .malformed)
      #expect(failure?.message.contains("a size that no file has") == true)
    }
  }

  /// ETags that no cache may use as a name.
  @Test(arguments: ["\"../../x\"", "\"\"", "\"a/b\"", "\".hidden\"", "\"a b\""])
  func `includes names that lead out of the cache`(tag: String) async throws {
    try await withBench { bench in
      bench.hub.change { _, reply in reply.headers["ETag"] = tag }
      #expect(await bench.failure("README.md")?.code == .malformed)
    }
  }
}

@Suite struct `A hub that is busy` {
  /// Headers of a reply with status 429, and the pause they ask for; nil for the client's own.
  @Test(
    arguments: [
      (["Retry-After": "7"], 7), (["Retry-After": " 0 "], 0),
      (["RateLimit": "\"api\";r=0;t=55"], 55),
      (["RateLimit": "\"api\";r=12;t=55"], nil), (["Retry-After": "soon"], nil), ([:], nil),
    ] as [([String: String], Int?)])
  func `is left alone as long as it asks`(headers: [String: String], seconds: Int?) async throws {
    try await withBench { bench in
      let count = Count()
      bench.hub.change { _, reply in if count.next() == 1 { reply = FakeReply(429, headers) } }
      try await bench.expect("README.md", is: Array("# Data\n".utf8))
      #expect(bench.notes.pauses.count == 1)
      let pause = try #require(bench.notes.pauses.first)
      if let seconds {
        #expect(pause == .seconds(seconds))
      } else {
        #expect(pause >= .milliseconds(500) && pause <= .seconds(1))
      }
    }
  }

  @Test func `may name a moment instead`() {
    // 1994-11-06T08:49:37Z is 784,111,777 seconds after 1970.
    let headers = HTTPHeaders([("Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT")])
    let before = Date(timeIntervalSince1970: 784_111_747)
    #expect(RequestedPause.of(headers, now: before) == .seconds(30))
    #expect(RequestedPause.of(headers, now: before + 60) == .seconds(0))
  }

  @Test func `is not waited for longer than five minutes`() async throws {
    try await withBench { bench in
      bench.hub.change { _, reply in reply = FakeReply(429, ["Retry-After": "301"]) }
      let failure = await bench.failure("README.md")
      #expect(failure?.exitCode == 75)
      #expect(failure?.message.hasSuffix("asks to be left alone for 301 s") == true)
      #expect(bench.notes.pauses.isEmpty)
    }
  }

  @Test func `is asked again after growing pauses`() async throws {
    try await withBench { bench in
      bench.hub.change { _, reply in reply = FakeReply(503) }
      #expect(await bench.failure("README.md")?.exitCode == 75)
      let pauses = bench.notes.pauses
      #expect(pauses.count == 5)
      // Half to all of 1, 2, 4, 8, 16 seconds.
      for (place, pause) in pauses.enumerated() {
        let full = Duration.seconds(1 << place)
        #expect(pause >= full * 0.5 && pause <= full)
      }
    }
  }

  @Test func `pauses never grow beyond a limit`() {
    let patience = Patience()
    #expect(patience.pause(after: 1, jitter: 0) == .milliseconds(500))
    #expect(patience.pause(after: 3, jitter: 1) == .seconds(4))
    #expect(patience.pause(after: 50, jitter: 1) == .seconds(30))
  }
}

@Suite struct `Broken connections` {
  /// What the libraries below throw, whether asking again may help, and what is said.
  @Test(
    arguments: [
      (NIOSSLExtraError.failedToValidateHostname, false, "does not prove who it is"),
      (NIOSSLError.uncleanShutdown, true, "h broke the connection off"),
      (HTTPParserError.invalidEOFState, true, "h broke the connection off"),
      (HTTPParserError.invalidStatus, true, "h sends what is no HTTP"),
      (IOError(errnoCode: ECONNRESET, reason: "read"), true, "h broke the connection off"),
      (IOError(errnoCode: ECONNREFUSED, reason: "connect"), true, "h cannot be reached"),
    ] as [(any Error & Sendable, Bool, String)])
  func `are told from distrust`(error: any Error & Sendable, isWorthwhile: Bool, words: String) {
    let trouble = Trouble(error, "file", host: "h", Patience(), .hub)
    #expect(trouble.remedy == (isWorthwhile ? .again : .none))
    #expect(trouble.failure.message.contains(words))
    #expect(trouble.failure.exitCode == (isWorthwhile ? 75 : 1))
  }
}

@Suite struct `Secrets` {
  @Test func `of the user and of signed addresses reach no message`() async throws {
    try await withBench { bench in
      var bench = bench
      bench.settings.token = try Secret(FakeHub.token, from: "test")
      bench.hub.change { _, reply in
        reply = FakeReply(
          403,
          [
            "X-Error-Message":
              "Bearer \(FakeHub.token) may not read https://s.example/x?Signature=secretSignature now"
          ])
      }
      let failure = await bench.failure("README.md")
      #expect(failure?.cause == "Bearer … may not read https://s.example/x?… now")
      #expect(!"\(bench.settings)".contains(FakeHub.token))
      var dumped = ""
      dump(bench.settings, to: &dumped)
      #expect(!dumped.contains(FakeHub.token))
    }
  }

  @Test(arguments: ["hf_a b", "hf_\u{7}", "hf_ü", "a\nb"])
  func `that are none are refused without showing them`(text: String) {
    let failure = #expect(throws: Failure.self) { try Secret(text, from: "HF_TOKEN") }
    #expect(failure?.exitCode == 64)
    #expect(failure?.description.contains(text) == false)
  }

  @Test func `have blanks around them in files`() throws {
    #expect(try Secret(" hf_x\n", from: "file")?.secret == "hf_x")
    #expect(try Secret(" \n", from: "file") == nil)
  }

  @Test func `messages have one line, without control characters`() {
    let scrubber = Scrubber(token: nil)
    #expect(scrubber.clean("a\n\tb\u{1B}[2J") == "a b [2J")
    #expect(scrubber.clean(String(repeating: "x", count: 300))?.count == 200)
    #expect(scrubber.clean(" \n") == nil)
  }
}
