// What every test of the hub needs: a fake hub, an empty cache, and notes of what the client did.

import Core
import FakeHub
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Hub

let commit = String(repeating: "a1b2c3d4", count: 5)

/// 200,000 bytes that compress badly.
let bulk: [UInt8] = {
  var random = SplitMix(state: 7)
  return (0..<200_000).map { _ in UInt8(truncatingIfNeeded: random.next()) }
}()

/// Events, and how long the client would have slept.
final class Notes: Sendable {
  private let state = Mutex((events: [HubEvent](), pauses: [Duration]()))

  var events: [HubEvent] { state.withLock { $0.events } }
  var pauses: [Duration] { state.withLock { $0.pauses } }
  func take(_ event: HubEvent) { state.withLock { $0.events.append(event) } }
  func take(_ pause: Duration) { state.withLock { $0.pauses.append(pause) } }

  /// How much of a file is there.
  var received: Int? {
    events.reversed().lazy.compactMap {
      if case .received(_, let bytes) = $0 { bytes } else { nil }
    }
    .first
  }

  var transferred: [String] {
    events.compactMap { if case .started(let file, _, _) = $0 { file } else { nil } }
  }
}

/// How often something happened.
final class Count: Sendable {
  private let value = Mutex(0)

  /// Gives 1, then 2, then 3 and so on.
  func next() -> Int {
    value.withLock { value in
      value += 1
      return value
    }
  }
}

struct Bench: Sendable {
  let hub: FakeHub
  let folder: URL
  let notes = Notes()
  var settings: HubSettings

  init(_ hub: FakeHub, _ folder: URL) throws {
    self.hub = hub
    self.folder = folder
    settings = HubSettings(
      endpoint: try HubEndpoint(hub.address), cache: folder.appending(path: "hub"))
    waitForBytes(before: hub)
    // A busy machine may let the hub wait for long; tests of patience have their own.
    settings.patience.connect = .seconds(120)
    settings.patience.answer = .seconds(120)
    settings.patience.stall = .seconds(120)
    // Pauses are noted, not slept.
    settings.patience.sleep = { [notes] pause in
      notes.take(pause)
      try await Task.sleep(for: .milliseconds(1))
    }
  }

  /// Lets a hub cut connections only when everything that it sent has come.
  func waitForBytes(before hub: FakeHub) {
    hub.beforeCut { [notes] bytes in
      for _ in 0..<1000 where notes.received != bytes {
        try? await Task.sleep(for: .milliseconds(2))
      }
    }
  }

  func open<Result: Sendable>(
    _ body: @Sendable (HubClient) async throws(Failure) -> Result
  ) async throws(Failure) -> Result {
    try await HubClient.open(settings, onEvent: { [notes] in notes.take($0) }, body)
  }

  func fetch(_ path: String, revision: String? = nil) async throws -> URL {
    try await open { hub throws(Failure) in
      try await hub.fetch(path, of: try HubRepository(.dataset, "org/data", revision: revision))
    }
  }

  func listing(revision: String? = nil) async throws -> HubListing {
    try await open { hub throws(Failure) in
      try await hub.listing(of: try HubRepository(.dataset, "org/data", revision: revision))
    }
  }

  /// What fetching a file fails with.
  func failure(_ path: String) async -> Failure? {
    do {
      _ = try await fetch(path)
      return nil
    } catch {
      return error as? Failure
    }
  }

  /// What listing the repository fails with.
  func listingFailure(revision: String? = nil) async -> Failure? {
    do {
      _ = try await listing(revision: revision)
      return nil
    } catch {
      return error as? Failure
    }
  }

  /// Fetches a file and looks at its bytes.
  func expect(
    _ path: String, is bytes: [UInt8], sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let got = try await fetch(path).bytes()
    #expect(got == bytes, sourceLocation: sourceLocation)
  }

  /// `datasets--org--data/<path>` in the cache.
  func cached(_ path: String) -> URL {
    settings.cache.appending(path: "datasets--org--data/\(path)")
  }

  /// Requests for bytes, not for facts about them.
  var transfers: [FakeRequest] {
    hub.requests.filter { !$0.isHead && !$0.path.hasPrefix("/api/") }
  }

  /// Of those, the ones that a store answered.
  var stored: [FakeRequest] { transfers.filter { $0.path.hasPrefix("/store/") } }
}

extension URL {
  func bytes() throws -> [UInt8] { Array(try Data(contentsOf: self)) }
}

/// A hub with one data set, `datasets/org/data`: a small file, a large one, an empty one.
func withBench(_ body: @Sendable (Bench) async throws -> Void) async throws {
  try await withTemporaryFolder { folder in
    try await FakeHub.run { hub in
      hub.add(
        "datasets/org/data",
        FakeRepository(
          commit: commit,
          [
            "README.md": .small("# Data\n"), "data/test.bin": .large(bulk),
            "data/empty.txt": .small(""),
          ]))
      try await body(try Bench(hub, folder))
    }
  }
}
