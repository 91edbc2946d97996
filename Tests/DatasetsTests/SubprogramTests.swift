// Programs that Borda starts: absent, complaining, endless, silent, cancelled. Shell scripts play
// the part of DuckDB.

import Core
import Foundation
import Testing

@testable import Datasets

struct SubprogramTests {
  let place: Workplace
  let data: DataFolder

  init() throws {
    place = try Workplace()
    try place.write("data/test.csv", "a\n1\n")
    data = try DataFolder(place.root.appending(path: "data"), duckDB: nil)
  }

  func folder(_ script: String) throws -> DataFolder {
    try DataFolder(data.root, duckDB: DuckDB(program: try place.script("bin/duckdb", script)))
  }

  @Test func `without DuckDB the failure says what needs it and how to get it`() async throws {
    let failure = try await data.failure(["a"])
    #expect(failure.code == .missing && failure.subject == "duckdb")
    #expect(failure.message.hasPrefix("needed to read '"))
    #expect(failure.message.hasSuffix("test.csv' (CSV)"))
    #expect(failure.hint?.hasPrefix("pip install duckdb-cli, or install duckdb") == true)
  }

  @Test func `a program is found in the extra folders, if it may be run`() throws {
    let name = "borda-test-\(UUID().uuidString)"
    let folder = try place.write("a/\(name)", "").deletingLastPathComponent()
    #expect(Subprogram.find(name, extraFolders: [folder]) == nil)
    let program = try place.script("b/\(name)", "true")
    let other = program.deletingLastPathComponent()
    #expect(Subprogram.find(name, extraFolders: [folder, other])?.path == program.path)
  }

  @Test func `only the first line of a complaint is told, cut short`() async throws {
    let folder = try folder("echo first >&2; echo second >&2; exit 3")
    let failure = try await folder.failure(["a"])
    #expect(failure.cause == "first" && failure.message == "cannot be read as a table")
    #expect(Subprogram.shortened("\n \n" + String(repeating: "x", count: 900))?.count == 300)
    #expect(Subprogram.shortened(" \n") == nil)
  }

  @Test func `much on standard error blocks nothing`() async throws {
    let folder = try folder(
      """
      i=0; while [ $i -lt 3000 ]; do echo "a warning that is fairly long, number $i" >&2; i=$((i+1)); done
      echo '{"columns": ["a"]}'; echo '{"a": "1"}'
      """)
    #expect(try await folder.rows(["a"]) == [[.string("1")]])
  }

  @Test func `rows printed before the end are kept for a slow taker`() async throws {
    let folder = try folder(
      """
      echo '{"columns": ["a"]}'
      i=0; while [ $i -lt 5000 ]; do echo '{"a": "1"}'; i=$((i+1)); done
      """)
    var count = 0
    try await folder.forEachRow(configuration: "default", split: "test", columns: ["a"]) { _ in
      if count < 3 { Thread.sleep(forTimeInterval: 0.1) }
      count += 1
    }
    #expect(count == 5000)
  }

  @Test func `a program that prints nothing is an empty table`() async throws {
    let failure = try await folder("exit 0").failure(["a"])
    #expect(failure.message == "is empty")
  }

  @Test(arguments: ["while :; do echo '{\"a\": \"1\"}'; done", "sleep 600"])
  func `cancelling the task ends the program`(_ loop: String) async throws {
    let note = place.root.appending(path: "pid")
    let folder = try folder(
      "echo $$ > '\(note.path(percentEncoded: false))'; echo '{\"columns\": [\"a\"]}'; " + loop)
    let task = Task { () -> Failure? in
      do throws(Failure) {
        try await folder.forEachRow(
          configuration: "default", split: "test", columns: ["a"]
        ) { _ in }
        return nil
      } catch {
        return error
      }
    }
    var pid: Int32?
    while pid == nil {
      try await Task.sleep(for: .milliseconds(20))
      let text = try? String(contentsOf: note, encoding: .utf8)
      pid = text.flatMap { Int32($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
    }
    task.cancel()
    #expect(await task.value?.code == .interrupted)
    #expect(kill(try #require(pid), 0) != 0)
  }

  @Test func `a taker that throws ends the program`() async throws {
    let folder = try folder(
      "echo '{\"columns\": [\"a\"]}'; while :; do echo '{\"a\": \"1\"}'; done")
    let failure = await #expect(throws: Failure.self) {
      try await folder.forEachRow(
        configuration: "default", split: "test", columns: ["a"]
      ) { _ throws(Failure) in throw Failure(.usage, "enough", "stop") }
    }
    #expect(failure?.subject == "enough")
  }
}
