// Files that are not what their names say: pipes, devices, folders, links in circles, archives that
// expand without end, files that are written to while they are read.

import Core
import Foundation
import Testing

@testable import Datasets

@Suite(.timeLimit(.minutes(15))) struct HostileDataTests {
  let place: Workplace

  init() throws { place = try Workplace() }

  private func path(_ name: String) -> String {
    place.root.appending(path: name).path(percentEncoded: false)
  }

  /// A card that names the file, for what has no file's name otherwise.
  private func name(_ file: String) throws {
    try place.write(
      "README.md",
      "---\nconfigs:\n- data_files:\n  - {split: test, path: '\(file)'}\n---\n")
  }

  @Test(arguments: ["test.jsonl", "test.csv", "test.tsv", "test.parquet", "test.jsonl.gz"])
  func `a named pipe is refused, not waited for`(_ name: String) async throws {
    try #require(mkfifo(path(name), 0o600) == 0)
    let failure = try await place.folder().failure(["a"])
    #expect(failure.code == .malformed && failure.message == "is a named pipe, not a file")
    #expect(throws: Failure.self) { _ = try place.folder().allFiles() }
  }

  @Test func `a card that is a pipe is refused, too`() throws {
    try #require(mkfifo(path("README.md"), 0o600) == 0)
    let failure = #expect(throws: Failure.self) { _ = try place.folder() }
    #expect(failure?.message == "is a named pipe, not a file")
  }

  @Test func `a folder with a file's name is refused`() async throws {
    try place.write("test.jsonl/x.txt", "")
    try name("test.jsonl")
    let failure = try await place.folder().failure(["a"])
    #expect(failure.message == "is a folder, not a file" && failure.subject.hasSuffix("test.jsonl"))
  }

  @Test func `a device is refused`() throws {
    let failure = #expect(throws: Failure.self) {
      _ = try DataFile.open(URL(filePath: "/dev/zero"))
    }
    #expect(failure?.message == "is a device, not a file")
  }

  /// Where the link leads, what is told.
  @Test(arguments: [
    ("test.jsonl", "is a link that leads back to itself"),
    ("other.jsonl", "is a link to a file that is not there"),
  ])
  func `a link to nothing is told as that`(_ target: String, _ words: String) async throws {
    try FileManager.default.createSymbolicLink(
      atPath: path("test.jsonl"), withDestinationPath: target)
    let failure = try await place.folder().failure(["a"])
    #expect(failure.message == words, "\(failure)")
  }

  @Test func `folders that link to each other end`() async throws {
    try place.write("a/test.jsonl", "{\"x\": 1}\n")
    try FileManager.default.createSymbolicLink(atPath: path("a/b"), withDestinationPath: "../a")
    try FileManager.default.createSymbolicLink(atPath: path("c"), withDestinationPath: ".")
    #expect(try place.folder().configurations == ["a"])
    #expect(try await place.folder().rows(["x"], configuration: "a") == [[.integer(1)]])
  }

  @Test func `zeros without end are refused at the length of a line`() async throws {
    try #require(Programs.hasGzip)
    let file = try place.write("test.jsonl", "")
    try FileHandle(forWritingTo: file).truncate(atOffset: 80 << 20)
    try Programs.run("gzip", ["-1", file.path(percentEncoded: false)])
    let failure = try await place.folder().failure(["a"])
    #expect(failure.message == "a line longer than 67108864 bytes")
  }

  @Test func `what may come out of a file depends on its size`() throws {
    // 100 times 3 MiB are 300 MiB; a small file has 256 MiB.
    for (size, most) in [(3 << 20, 300 << 20), (10, 256 << 20), (Int.max, Int.max)] {
      var limit = ExpansionLimit(size: size, subject: "x.gz")
      try limit.take(most)
      guard most < .max else { continue }
      let failure = #expect(throws: Failure.self) { try limit.take(1) }
      #expect(failure?.message == "expands to more than \(most >> 20) MiB, over 100 times its size")
    }
  }

  @Test(arguments: ["test.jsonl", "test.csv"])
  func `a file that changes while it is read is told`(_ name: String) async throws {
    let rows = name.hasSuffix("csv") ? "a\n1\n" : "{\"a\": \"1\"}\n"
    let file = try place.write(name, rows)
    var count = 0
    let failure = await #expect(throws: Failure.self) {
      try await place.folder().forEachRow(configuration: "default", split: "test", columns: ["a"]) {
        _ in
        count += 1
        guard count == 1, let handle = try? FileHandle(forWritingTo: file) else { return }
        _ = try? handle.seekToEnd()
        try? handle.write(contentsOf: Data("\n\n".utf8))
        try? handle.close()
      }
    }
    #expect(failure?.code == .tryAgain && count == 1)
    #expect(failure?.message == "was changed while it was being read")
  }
}
