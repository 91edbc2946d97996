// Programs that Borda starts: absent, something else, complaining, crashing, endless, cancelled.
// Shell scripts play the part of DuckDB.

import Core
import Foundation
import Testing

@testable import Datasets

struct SubprogramTests {
  let place: Workplace
  let data: DataFolder

  init() throws {
    place = try Workplace()
    try place.write("data/test.parquet", "a\n1\n")
    data = try DataFolder(place.root.appending(path: "data"), duckDB: nil)
  }

  func folder(_ script: String) throws -> DataFolder {
    try DataFolder(data.root, duckDB: DuckDB(program: try place.script("bin/duckdb", script)))
  }

  /// Says that it is a DuckDB, when asked.
  private let version = "if [ \"$1\" = --version ]; then echo 'v1.5.6 (Name) abc'; exit; fi\n"

  @Test func `without DuckDB the failure says what needs it and how to get it`() async throws {
    let failure = try await data.failure(["a"])
    #expect(failure.code == .missing && failure.subject == "duckdb")
    #expect(failure.message.hasPrefix("needed to read '"))
    #expect(failure.message.hasSuffix("test.parquet' (Parquet)"))
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
    let folder = try folder(version + "echo first >&2; echo second >&2; exit 3")
    let failure = try await folder.failure(["a"])
    #expect(failure.cause == "first" && failure.message == "cannot be read as Parquet")
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

  @Test(arguments: [
    "exit 0", "echo hello; exit 0", "echo 'usage: duckdb' >&2; exit 64", "echo '[1]'",
    "echo '{\"columns\": [\"a\"]}'; echo hello", "echo '{\"columns\": [\"a\"]}'; printf '{\"a\"'",
    "while :; do echo hello; done",
  ])
  func `a program that is something else is told as that`(_ script: String) async throws {
    let failure = try await folder(script).failure(["a"])
    #expect(failure.code == .missing && failure.subject.hasSuffix("bin/duckdb"), "\(failure)")
    #expect(failure.message == "is not the DuckDB program that reads Parquet")
    #expect(failure.hint?.hasPrefix("pip install duckdb-cli") == true)
  }

  @Test func `a DuckDB that is too old is told as that`() async throws {
    let script = version.replacing("v1.5.6", with: "v0.9.2") + "echo 'Parser Error' >&2; exit 1"
    let failure = try await folder(script).failure(["a"])
    #expect(failure.code == .missing)
    #expect(failure.message.hasPrefix("is DuckDB v0.9.2, which could not read '"))
    #expect(failure.hint?.hasPrefix("install DuckDB 1.4 or newer") == true)
  }

  @Test(arguments: ["", "echo '{\"columns\": [\"a\"]}'; echo '{\"a\": 1}'; echo '{\"a\"';"])
  func `a program that crashes is told as that`(_ before: String) async throws {
    let failure = try await folder(version + before + "kill -SEGV $$").failure(["a"])
    #expect(failure.code == .system || failure.cause != nil, "\(failure)")
    if before.isEmpty {
      #expect(failure.message.contains("bin/duckdb crashed") && failure.cause == "signal 11")
    }
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
