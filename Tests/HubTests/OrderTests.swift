// Many repositories at once, and what old transfers left.

import Core
import FakeHub
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Hub

@Suite struct `Fetching from many repositories` {
  @Test func `goes on where one of them fails`() async throws {
    try await withBench { bench in
      for name in ["one", "two", "three", "four", "five"] {
        bench.hub.add(
          "datasets/org/\(name)",
          FakeRepository(
            commit: commit, ["a.txt": .small(name), "b.bin": .large(Array(name.utf8))])
        )
      }
      bench.hub.change { request, reply in
        if request.path.contains("org/three/resolve"), request.path.hasSuffix("a.txt") {
          reply = FakeReply(403)
        }
      }
      let names = ["one", "two", "three", "four", "five"]
      let told = Mutex<[String]>([])
      let failures = try await bench.open { hub throws(Failure) in
        var orders: [HubOrder] = []
        for name in names {
          let listing = try await hub.listing(of: try HubRepository(.dataset, "org/\(name)"))
          orders.append(HubOrder(listing.files, of: listing))
        }
        return try await hub.fetch(
          orders, onEvent: { _, _ in },
          onEnd: { order, failure in
            told.withLock { $0.append("\(order.listing.repository.name) \(failure == nil)") }
          })
      }
      #expect(failures.map { $0?.exitCode } == [nil, nil, 3, nil, nil])
      #expect(
        told.withLock { $0.sorted() } == [
          "org/five true", "org/four true", "org/one true", "org/three false", "org/two true",
        ])
      for name in ["one", "two", "four", "five"] {
        let folder = bench.settings.cache.appending(
          path: "datasets--org--\(name)/snapshots/\(commit)")
        #expect(try folder.text(of: "b.bin") == name)
      }
    }
  }
}

@Suite struct `Transfers that stopped` {
  /// Writes a partial file that is so many days old.
  private func leave(_ name: String, days: Double, in bench: Bench) throws -> URL {
    let file = try bench.settings.cache.write("datasets--org--old/blobs/\(name)", "half")
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: -days * 86_400)],
      ofItemAtPath: file.path(percentEncoded: false))
    return file
  }

  @Test func `are removed when they are old and nobody holds their lock`() async throws {
    try await withBench { bench in
      let old = try leave("aaaa.incomplete", days: 15, in: bench)
      let unlocked = try leave("bbbb.incomplete", days: 15, in: bench)
      let pythons = try leave("cccc.0a1b2c3d.incomplete", days: 15, in: bench)
      let young = try leave("dddd.incomplete", days: 13, in: bench)
      let held = try leave("eeee.incomplete", days: 15, in: bench)
      let whole = try leave("ffff", days: 15, in: bench)
      let locks = bench.settings.cache.appending(path: ".locks/datasets--org--old")
      try locks.write("bbbb.lock", "")
      let lock = try await HubLock.take(locks.appending(path: "eeee.lock"), bench.settings) {}
      try await bench.open { hub throws(Failure) in hub.sweep() }
      lock.release()
      #expect([old, unlocked, pythons].allSatisfy { !exists($0) })
      #expect([young, held, whole].allSatisfy { exists($0) })
      // Three files of four bytes.
      #expect(bench.notes.events == [.swept(files: 3, bytes: 12)])
    }
  }

  @Test func `are no matter where there is no cache`() async throws {
    try await withBench { bench in
      try await bench.open { hub throws(Failure) in hub.sweep() }
      #expect(bench.notes.events.isEmpty)
    }
  }
}
