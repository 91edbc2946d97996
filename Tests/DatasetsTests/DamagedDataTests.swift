// Damaged data files of every format: each gives rows or is refused in words, soon.
// `scripts/fuzz.sh` runs the same for as long as one likes.

import Core
import Foundation
import TestSupport
import Testing

@testable import Datasets

@Suite(.serialized) struct DamagedDataTests {
  private static let columns: [Column] = [
    Column("_id", or: ["id"], as: .text), Column("text", as: .text), Column("score", as: .number),
    Column("labels", isOptional: true),
  ]

  /// A small file of each format with what is difficult about it; Parquet where DuckDB is there.
  private static func files(in folder: URL) throws -> [String: Data] {
    let objects = [
      #"{"_id": "d1", "text": "a \"quoted\" text, \\ two\nlines \ud83d\ude00", "score": 1.5, "labels": ["a", "b"]}"#,
      #"{"id": 7, "score": -3e2, "labels": [], "other": {"deep": [[{"x": null}]]}, "text": "देवनागरी 東京"}"#,
      #"{"_id": "d3", "text": "", "score": 0, "labels": null, "flag": true}"#,
    ]
    let table =
      "_id,text,score,labels\r\nd1,\"a, \"\"quoted\"\" text\",1.5,x\r\n7,\"two\nlines\",-3,\n"
    var files = [
      "test.jsonl": Data((objects.joined(separator: "\n") + "\n").utf8),
      "list.json": Data(("[" + objects.joined(separator: ",\n ") + "]\n").utf8),
      "table.csv": Data(table.utf8),
      "tabs.tsv": Data(table.replacing(",", with: "\t").utf8),
      "README.md": Data(
        ("---\nconfigs:\n- config_name: default\n  data_files:\n  - {split: test, path: test.jsonl}\n"
          + "  - split: list\n    path: [list.json]\n  - {split: table, path: 't*.csv'}\n"
          + "  - {split: tabs, path: tabs.tsv}\n  - {split: rows, path: rows.parquet}\n---\n").utf8),
    ]
    if Programs.hasDuckDB {
      let file = folder.appending(path: "rows.parquet")
      try Programs.sql(
        "COPY (SELECT 'd' || i AS _id, 'text ' || i * 7919 % 997 AS text, i / 2 AS score, "
          + "[i, i + 1] AS labels FROM range(500) t(i)) TO "
          + DuckDB.quoted(file.path(percentEncoded: false)) + " (FORMAT parquet)")
      files["rows.parquet"] = try Data(contentsOf: file)
    }
    return files
  }

  private static func split(of name: String) -> String {
    ["test.jsonl": "test", "list.json": "list", "table.csv": "table", "tabs.tsv": "tabs"][name]
      ?? "rows"
  }

  /// Damages a file, reads it, and puts it back.
  private func tryOut(
    _ name: String, _ seed: UInt64, _ files: [String: Data], in folder: URL, limit: Duration?
  ) async throws {
    var mutation = Mutation(seed: seed)
    let whole = try #require(files[name])
    try folder.write(name, mutation.damaged(whole, name: name))
    let began = ContinuousClock.now
    for split in name == "README.md" ? ["test", "list", "table"] : [Self.split(of: name)] {
      do throws(Failure) {
        let rows = try await DataFolder(folder, duckDB: Programs.duckDB).rows(
          Self.columns, split: split)
        #expect(rows.allSatisfy { $0.count == Self.columns.count })
      } catch {
        let codes: [Failure.Code] = [.missing, .malformed, .unsupported]
        #expect(codes.contains(error.code) && !error.message.isEmpty, "\(name) \(seed): \(error)")
      }
    }
    let time = began.duration(to: .now)
    if let limit { #expect(time < limit, "\(name), seed \(seed) took \(time)") }
    try folder.write(name, whole)
  }

  @Test(arguments: [
    ("test.jsonl", 400), ("list.json", 400), ("table.csv", 400), ("tabs.tsv", 200),
    ("README.md", 200), ("rows.parquet", 40),
  ])
  func `a damaged file gives rows or is refused in words`(name: String, count: Int) async throws {
    try await withTemporaryFolder { folder in
      let files = try Self.files(in: folder)
      guard files[name] != nil else { return }
      for (path, data) in files { try folder.write(path, data) }
      for seed in 0..<UInt64(count) {
        try await tryOut(name, seed, files, in: folder, limit: nil)
      }
    }
  }

  /// The long run: in `BORDA_FUZZ_FOLDER`, from seed `BORDA_FUZZ_SEED` on, for `BORDA_FUZZ_SECONDS`.
  ///
  /// The folder keeps the files that were being tried when the process dies.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["BORDA_FUZZ_FOLDER"] != nil))
  func `damaged data, for as long as asked`() async throws {
    let environment = ProcessInfo.processInfo.environment
    let folder = URL(filePath: environment["BORDA_FUZZ_FOLDER"] ?? "").appending(path: "data")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let seconds = environment["BORDA_FUZZ_SECONDS"].flatMap(Int.init) ?? 60
    let end = ContinuousClock.now.advanced(by: .seconds(seconds))
    let files = try Self.files(in: folder)
    for (path, data) in files { try folder.write(path, data) }
    var seed = environment["BORDA_FUZZ_SEED"].flatMap(UInt64.init) ?? 1000
    while ContinuousClock.now < end {
      for name in files.keys.sorted() {
        try folder.write(".seed", "\(name) \(seed)")
        try await tryOut(name, seed, files, in: folder, limit: .seconds(20))
      }
      seed += 1
    }
    print("fuzz: data, seeds below \(seed) done")
  }
}
