// Folders of results as other people keep them: odd files, old files, several revisions, an index.

import Core
import Foundation
import TestSupport
import Testing

@testable import Storage

/// One result file of one cell.
private func file(
  _ score: String, task: String = "T", version: String = "\"2.1.0\"", more: String = ""
) -> String {
  #"""
  {"dataset_revision": "x", "task_name": "\#(task)", "mteb_version": \#(version), \#(more)
   "scores": {"test": [{"accuracy": 0.5, "nested": {"a": [1, {"b": "]}"}]}, "main_score": \#(score),
   "hf_subset": "default", "languages": ["eng-Latn", "eng-Latn"]}]}}
  """#
}

@Suite struct `A folder of results` {
  @Test(arguments: [
    ("0.7142857142857143", 0.7142857142857143), ("1e-3", 0.001), ("-0.25", -0.25), ("0", 0),
    ("5E-324", 5e-324), ("0.1000000000000000055511151231257827", 0.1),
  ])
  func `has its scores exactly as they are written`(text: String, value: Double) async throws {
    try await withTemporaryFolder { folder in
      try folder.write("a__b/r/T.json", file(text))
      let scan = try ResultScan(roots: [folder])
      let scores = try #require(scan.scores.models.first?.tasks.first)
      #expect(scores.cells.map(\.score) == [value])
      #expect(scan.scores.names.lists == [["eng-Latn", "eng-Latn"]])
      #expect(scores.mtebVersion == "2.1.0" && scan.scores.models.first?.model == "a/b")
    }
  }

  @Test(arguments: ["null", "NaN", "Infinity", "-Infinity"])
  func `takes what is no number for no score`(text: String) async throws {
    try await withTemporaryFolder { folder in
      try folder.write("a__b/r/T.json", file(text, version: "null"))
      let scan = try ResultScan(roots: [folder])
      #expect(scan.refused.isEmpty)
      let cell = try #require(scan.scores.models.first?.tasks.first?.cells.first)
      #expect(cell.score.isNaN)
    }
  }

  @Test func `names every file that is no result, and reads the others`() async throws {
    try await withTemporaryFolder { folder in
      let whole = file("0.5")
      try folder.write("a__b/r/Good.json", file("0.5", task: "Good"))
      for count in stride(from: 0, to: whole.utf8.count - 1, by: 7) {
        try folder.write("a__b/r/Cut\(count).json", Data(whole.utf8.prefix(count)))
      }
      let bad = [
        #"[]"#, #"{"scores": 5}"#, #"{"task_name": "T", "scores": {"test": [{"main_score": 1}]}}"#,
        #"{"a": 1}"#, whole + "x", whole.replacing("0.5", with: "0.5.5"),
        String(repeating: "[", count: 5000), "{\"a\": \"\\",
      ]
      for (number, text) in bad.enumerated() { try folder.write("a__b/r/Bad\(number).json", text) }
      let scan = try ResultScan(roots: [folder], threads: 2)
      #expect(scan.scores.models.first?.tasks.map(\.task) == ["Good"])
      #expect(scan.counts.files == scan.refused.count + 1)
      #expect(scan.counts.refused == scan.refused.count && scan.refused.count > bad.count)
      for failure in scan.refused { #expect(!failure.subject.contains("Good")) }
    }
  }

  @Test func `of several revisions has the result whose rules are the newest`() async throws {
    try await withTemporaryFolder { folder in
      // Best last: no version, outside results, a lower version, the highest.
      let files = [
        ("r9", file("0.1", version: "null")), ("external", file("0.2", version: "\"3.0.0\"")),
        ("r1", file("0.3", version: "\"2.9.1\"")),
        ("r2", file("0.4", version: "\"2.10.0-2.11.0\"")),
      ]
      for count in 1...files.count {
        for (revision, text) in files.prefix(count) {
          try folder.write("a__b/\(revision)/T.json", text)
        }
        let scan = try ResultScan(roots: [folder])
        let cells = try #require(scan.scores.models.first?.tasks.first?.cells)
        #expect(cells.map(\.score) == [Double(count) / 10])
        #expect(scan.counts.superseded == count - 1)
      }
    }
  }

  @Test func `in the old schema gives its metrics under their present names`() async throws {
    try await withTemporaryFolder { folder in
      try folder.write(
        "a__b/r/Old.json",
        #"""
        {"mteb_dataset_name": "Old", "dataset_revision": null, "test": {"evaluation_time": 3,
         "cos_sim": {"pearson": 0.25, "spearman": 0.5}, "max": {"ap": 0.75}},
         "dev": {"en": {"accuracy": 0.1}, "de": {"accuracy": NaN}}}
        """#)
      let scan = try ResultScan(roots: [folder])
      let rows = try #require(scan.scores.models.first?.tasks.first?.oldRows)
      #expect(scan.counts.old == 1 && rows.map(\.split) == ["test", "dev", "dev"])
      #expect(rows.map(\.subset) == [nil, "en", "de"])
      #expect(rows[0].metrics["cosine_spearman"] == 0.5 && rows[0].metrics["max_ap"] == 0.75)
      #expect(rows[1].metrics == ["accuracy": 0.1])
    }
  }
}

@Suite struct `The index of a large folder` {
  /// Enough files for an index, old enough to be trusted.
  private func fill(_ folder: URL) throws {
    for number in 0..<1200 {
      let path = "m__\(number % 40)/r/T\(number).json"
      try folder.write(path, file("0.\(number + 1)", task: "T\(number)"))
      try age(folder.appending(path: path))
    }
  }

  private func age(_ file: URL, by seconds: Double = 100) throws {
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: -seconds)],
      ofItemAtPath: file.path(percentEncoded: false))
  }

  @Test func `changes nothing but the time, and notices every change`() async throws {
    try await withTemporaryFolder { folder in
      let (results, cache) = (folder.appending(path: "results"), folder.appending(path: "cache"))
      try fill(results)
      let plain = try ResultScan(roots: [results])
      let first = try ResultScan(roots: [results], indexFolder: cache)
      let second = try ResultScan(roots: [results], indexFolder: cache)
      #expect(first.counts.indexed == 0 && second.counts.indexed == 1200)
      for scan in [first, second] {
        #expect(Self.text(scan) == Self.text(plain))
      }
      // Changed with the same size, removed, added, broken.
      try results.write("m__0/r/T0.json", file("0.9", task: "T0"))
      try FileManager.default.removeItem(at: results.appending(path: "m__1/r/T1.json"))
      try results.write("m__2/r/New.json", file("0.5", task: "New"))
      try results.write("m__3/r/T3.json", "{")
      let third = try ResultScan(roots: [results], indexFolder: cache)
      #expect(third.counts.indexed == 1197 && third.refused.count == 1)
      #expect(Self.text(third) == Self.text(try ResultScan(roots: [results])))
    }
  }

  @Test func `may be damaged or deleted at any time`() async throws {
    try await withTemporaryFolder { folder in
      let (results, cache) = (folder.appending(path: "results"), folder.appending(path: "cache"))
      try fill(results)
      let plain = Self.text(try ResultScan(roots: [results], indexFolder: cache))
      let index = ResultIndex.file(for: results, in: cache)
      let whole = try Data(contentsOf: index)
      var random = SplitMix(state: 1)
      for _ in 0..<40 {
        var damaged = whole
        damaged[Int.random(in: 0..<whole.count, using: &random)] ^= 0x41
        try damaged.prefix(Int.random(in: 0...whole.count, using: &random)).write(to: index)
        #expect(Self.text(try ResultScan(roots: [results], indexFolder: cache)) == plain)
      }
    }
  }

  /// Every score with its names.
  private static func text(_ scan: ResultScan) -> [String] {
    let names = scan.scores.names
    return scan.scores.models.flatMap { model in
      model.tasks.flatMap { task in
        task.cells.map {
          "\(model.model) \(model.revisions) \(task.task) \(names.texts[Int($0.split)])"
            + " \(names.texts[Int($0.subset)]) \(names.lists[Int($0.languages)]) \($0.score)"
        }
      }
    }
  }
}
