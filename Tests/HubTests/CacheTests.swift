// The cache: finding without a network, sharing among processes, disks that refuse.

import Core
import FakeHub
import Foundation
import TestSupport
import Testing

@testable import Hub

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite struct `The shared cache` {
  /// A snapshot as Python's client leaves it.
  private func withCache(
    _ commits: [String], ref: String? = nil, _ body: (HubCache) throws -> Void
  ) async throws {
    try await withTemporaryFolder { folder in
      let repository = folder.appending(path: "datasets--org--data")
      for commit in commits {
        try repository.write("snapshots/\(commit)/data/a.txt", "a")
        try repository.write(".no_exist/\(commit)/b.txt", "")
      }
      if let ref { try repository.write("refs/main", ref) }
      try body(HubCache(folder))
    }
  }

  @Test func `finds what others fetched, by branch and by commit`() async throws {
    try await withCache([commit], ref: commit + "\n") { cache in
      for revision in ["main", commit] {
        let repository = try HubRepository(.dataset, "org/data", revision: revision)
        #expect(cache.find("data/a.txt", of: repository) != nil)
        #expect(cache.look(for: "b.txt", of: repository) == .absent)
        #expect(cache.look(for: "c.txt", of: repository) == .unknown)
        #expect(cache.snapshot(of: repository)?.lastPathComponent == commit)
      }
      let other = try HubRepository(.model, "org/data")
      #expect(cache.look(for: "data/a.txt", of: other) == .unknown)
    }
  }

  @Test func `takes the only snapshot for main where nobody noted what main is`() async throws {
    let main = try HubRepository(.dataset, "org/data")
    try await withCache([commit]) { #expect($0.commit(of: main) == commit) }
    let newer = String(commit.reversed())
    try await withCache([commit, newer]) { #expect($0.commit(of: main) == nil) }
    let branch = try HubRepository(.dataset, "org/data", revision: "other")
    try await withCache([commit]) { #expect($0.commit(of: branch) == nil) }
  }

  @Test(arguments: ["../../etc", "", "a/b", "."])
  func `does not follow a reference that is no commit`(text: String) async throws {
    try await withCache([commit, commit + "x"], ref: text) { cache in
      let repository = try HubRepository(.dataset, "org/data")
      #expect(cache.commit(of: repository) == nil)
    }
  }

  @Test func `answers offline, or says what is missing`() async throws {
    try await withBench { bench in
      _ = try await bench.fetch("README.md")
      _ = try await bench.listing()
      var offline = bench
      offline.settings.isOffline = true
      let asked = bench.hub.requests.count
      try await offline.expect("README.md", is: Array("# Data\n".utf8))
      #expect(try await offline.listing().files.count == 3)
      let failure = await offline.failure("data/test.bin")
      #expect(failure?.exitCode == 3)
      #expect(failure?.message.contains("HF_HUB_OFFLINE") == true)
      let listing = await offline.listingFailure(revision: "other")
      #expect(listing?.exitCode == 3)
      #expect(bench.hub.requests.count == asked)
    }
  }

  @Test func `helps out when the hub cannot be reached, with a word about it`() async throws {
    try await withBench { bench in
      _ = try await bench.fetch("README.md")
      _ = try await bench.listing()
      var lost = bench
      // Nothing listens at port 1.
      lost.settings.endpoint = try HubEndpoint("http://127.0.0.1:1")
      try await lost.expect("README.md", is: Array("# Data\n".utf8))
      #expect(try await lost.listing().files.count == 3)
      #expect(bench.notes.pauses.isEmpty)
      let reasons = bench.notes.events.compactMap { event -> String? in
        if case .usedCache(_, let reason) = event { reason } else { nil }
      }
      #expect(reasons == Array(repeating: "127.0.0.1:1 cannot be reached", count: 2))
      let failure = await lost.failure("data/test.bin")
      #expect(failure?.exitCode == 75)
      #expect(failure?.message == "127.0.0.1:1 cannot be reached")
      #expect(bench.notes.pauses.count == 5)
    }
  }

  @Test(arguments: ["../x", "/x", "", "a/../../x", "a\\b", "a\u{7}"])
  func `holds no file under a path that leads elsewhere`(path: String) async throws {
    try await withBench { bench in
      #expect(await bench.failure(path)?.exitCode == 64)
      let repository = try HubRepository(.dataset, "org/data", revision: commit)
      #expect(HubCache(bench.settings).find(path, of: repository) == nil)
      #expect(bench.hub.requests.isEmpty)
    }
  }
}

@Suite struct `Several at once` {
  @Test func `fetch a file once`() async throws {
    try await withBench { bench in
      bench.hub.change { request, reply in
        if request.path.hasPrefix("/store/") { reply.pause = .milliseconds(50) }
      }
      try await withThrowingTaskGroup(of: URL.self) { group in
        for _ in 0..<6 { group.addTask { try await bench.fetch("data/test.bin") } }
        for try await url in group { #expect(try url.bytes() == bulk) }
      }
      #expect(bench.stored.count == 1)
    }
  }

  @Test func `wait for another process that holds the lock, and say so`() async throws {
    try await withBench { bench in
      let lock = bench.settings.cache.appending(
        path: ".locks/datasets--org--data/\(FakeFile.large(bulk).sha256).lock")
      try bench.folder.write("hub/.locks/datasets--org--data/x", "")
      // As Python's filelock does it.
      let descriptor = open(lock.path, O_RDWR | O_CREAT, 0o644)
      #expect(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
      let task = Task { try await bench.fetch("data/test.bin") }
      while !bench.notes.events.contains(.waiting(file: "data/test.bin")) {
        try await Task.sleep(for: .milliseconds(5))
      }
      #expect(bench.stored.isEmpty)
      flock(descriptor, LOCK_UN)
      #expect(try await task.value.bytes() == bulk)
      close(descriptor)
      #expect(exists(lock))
    }
  }

  @Test func `stop waiting for a lock when they are stopped`() async throws {
    try await withBench { bench in
      let lock = bench.settings.cache.appending(
        path: ".locks/datasets--org--data/\(FakeFile.large(bulk).sha256).lock")
      try bench.folder.write("hub/.locks/datasets--org--data/x", "")
      let descriptor = open(lock.path, O_RDWR | O_CREAT, 0o644)
      #expect(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
      let task = Task { await bench.failure("data/test.bin") }
      while !bench.notes.events.contains(.waiting(file: "data/test.bin")) {
        try await Task.sleep(for: .milliseconds(5))
      }
      task.cancel()
      #expect(await task.value?.exitCode == 130)
      close(descriptor)
    }
  }
}

@Suite struct `A disk that refuses` {
  @Test func `is asked for room before a byte is fetched`() async throws {
    try await withBench { bench in
      bench.hub.change { request, reply in
        if request.isHead { reply.headers["X-Linked-Size"] = "\(1 << 43)" }
      }
      let failure = await bench.failure("data/test.bin")
      #expect(failure?.code == .system)
      #expect(failure?.message.hasPrefix("needs 8796093 MB, and the disk") == true)
      #expect(failure?.hint?.contains("HF_HUB_CACHE") == true)
      #expect(bench.stored.isEmpty)
    }
  }

  @Test func `is named when there is a file where the cache should be`() async throws {
    try await withBench { bench in
      try bench.folder.write("hub", "in the way")
      let failure = await bench.failure("README.md")
      #expect(failure?.code == .system)
      #expect(failure?.subject.contains("hub/datasets--org--data") == true)
    }
  }

  /// In a process of its own: the limit on file sizes and the user id are the process's.
  @Test func `keeps what fits when it is full`() async {
    await #expect(processExitsWith: .success) {
      signal(SIGXFSZ, SIG_IGN)
      try await withBench { bench in
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
        limit.rlim_cur = 131_072
        #expect(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
        let failure = await bench.failure("data/test.bin")
        #expect(failure?.code == .system)
        #expect(failure?.message == "cannot be written to the cache")
        #expect(failure?.subject == "data/test.bin of org/data")
        limit.rlim_cur = limit.rlim_max
        #expect(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
        // What was written is the beginning of the next run.
        try await bench.expect("data/test.bin", is: bulk)
        #expect(bench.stored.last?.headers["range"] == "bytes=131072-")
      }
    }
  }

  @Test func `still serves what is in a cache that nobody may write to`() async {
    await #expect(processExitsWith: .success) {
      try await withBench { bench in
        _ = try await bench.fetch("README.md")
        let all = [bench.folder] + (try subfolders(of: bench.folder))
        for folder in all { chmod(folder.path, 0o555) }
        // Folders refuse everybody but the superuser.
        if geteuid() == 0 { seteuid(65_534) }
        try await bench.expect("README.md", is: Array("# Data\n".utf8))
        let failure = await bench.failure("data/test.bin")
        #expect(failure?.code == .system)
        #expect(failure?.hint == "choose a folder you may write to")
        if getuid() == 0 { seteuid(0) }
        for folder in all { chmod(folder.path, 0o755) }
      }
    }
  }
}

private func subfolders(of folder: URL) throws -> [URL] {
  try FileManager.default.subpathsOfDirectory(atPath: folder.path)
    .map { folder.appending(path: $0) }
    .filter { FilePaths.kind(of: $0) == .folder }
}
