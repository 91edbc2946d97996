// What `borda report` does to a folder that holds something already.

import Core
import Foundation
import TestSupport
import Testing

@Suite struct `A folder of a report` {
  private static let results = Repository.root.appending(path: "Reports/example/results")
    .path(percentEncoded: false)

  private func report(_ more: [String] = [], in folder: URL) async throws -> Finished {
    try await Program.run(
      ["report", "--benchmark", "Starter", "--results", Self.results, "--out", "page"] + more,
      in: folder)
  }

  private func files(in folder: URL) throws -> Set<String> {
    Set(
      try FileManager.default.subpathsOfDirectory(
        atPath: folder.appending(path: "page").path(percentEncoded: false)))
  }

  @Test func `loses the pages that went out of date, and nothing of the user's`() async throws {
    try await withTemporaryFolder { folder in
      let first = try await report(in: folder)
      #expect(first.status == 0, "\(first.errors)")
      let all = try files(in: folder)
      let stale = "models/sentence-transformers__all-minilm-l6-v2.html"
      #expect(all.contains(stale) && all.contains("tasks/startersts.html"))
      try folder.write("page/notes.txt", "mine")
      try folder.write("page/models/mine.html", "mine")
      let bytes = try folder.text(of: "page/index.html")

      let again = try await report(in: folder)
      #expect(again.status == 0, "\(again.errors)")
      #expect(try folder.text(of: "page/index.html") == bytes)

      let fewer = try await report(["--models", "borda/hash-baseline"], in: folder)
      #expect(fewer.status == 0, "\(fewer.errors)")
      #expect(
        try files(in: folder) == all.union(["notes.txt", "models/mine.html"]).subtracting([stale]))
    }
  }

  @Test func `keeps a page that somebody changed`() async throws {
    try await withTemporaryFolder { folder in
      _ = try await report(in: folder)
      let stale = "page/models/sentence-transformers__all-minilm-l6-v2.html"
      try folder.write(stale, "my words")
      _ = try await report(["--models", "borda/hash-baseline"], in: folder)
      #expect(try folder.text(of: stale) == "my words")
    }
  }

  @Test(arguments: ["index.html", "tasks/startersts.html"])
  func `is refused where a file is in the way`(path: String) async throws {
    try await withTemporaryFolder { folder in
      try folder.write("page/\(path)", "my page")
      let finished = try await report(in: folder)
      #expect(finished.status == 64)
      #expect(
        finished.errors.contains("page/\(path): is there already"), "\(finished.errors)")
      #expect(try folder.text(of: "page/\(path)") == "my page")
      #expect(try files(in: folder).contains("board.json") == false)
    }
  }

  @Test func `from before there was a list is replaced`() async throws {
    try await withTemporaryFolder { folder in
      try folder.write("page/index.html", "old")
      try folder.write("page/board.json", "{\"schema\": 1, \"benchmark\": \"Starter\"}")
      let finished = try await report(in: folder)
      #expect(finished.status == 0, "\(finished.errors)")
      #expect(try folder.text(of: "page/index.html").contains("<!doctype html>"))
    }
  }

  @Test func `that cannot be made is a failure in words`() async throws {
    try await withTemporaryFolder { folder in
      try folder.write("page", "a file")
      let finished = try await report(in: folder)
      #expect(finished.status == 1)
      #expect(finished.errors.contains("page: the folder cannot be made"), "\(finished.errors)")
    }
  }
}
