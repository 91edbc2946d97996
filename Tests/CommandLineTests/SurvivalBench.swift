// Some small tasks of different types, and what a run of them leaves, in a form that two runs share.

import Core
import Foundation
import TestSupport
import Testing

/// Four tasks with several subsets each, two of which draw random numbers across their subsets.
struct SurvivalBench {
  let folder: URL
  static let tasks = ["Pairs", "Groups", "Labels", "Search"]
  private static let subsets = ["eng", "deu", "fra", "spa", "hin", "rus"]

  init(in folder: URL) throws {
    self.folder = folder
    try write("Pairs", "STS", "cosine_spearman") { subset in
      [
        "test.jsonl": lines(8) {
          #"{"sentence1": "\#(subset) \#($0)", "sentence2": "\#(subset) \#($0 % 3)", "score": \#($0 % 5)}"#
        }
      ]
    }
    try write(
      "Groups", "Clustering", "v_measure",
      "experiments: 2\ndocument_cap: {count: 40}\ndocuments_per_bootstrap: 40"
    ) { subset in
      [
        "test.jsonl": lines(60) {
          #"{"sentences": "\#(subset) \#($0 % 7) \#($0)", "labels": "\#($0 % 3)"}"#
        }
      ]
    }
    try write("Labels", "MultilabelClassification", "accuracy", "experiments: 2") { subset in
      let rows = lines(24) {
        #"{"text": "\#(subset) \#($0 % 5) \#($0)", "label": [\#($0 % 2), \#(2 + $0 % 3)]}"#
      }
      return ["train.jsonl": rows, "test.jsonl": rows]
    }
    try write("Search", "Retrieval", "ndcg_at_10") { subset in
      [
        "corpus.jsonl": lines(12) {
          #"{"_id": "d\#($0)", "text": "\#(subset) document \#($0 * 7)"}"#
        },
        "queries.jsonl": lines(5) { #"{"_id": "q\#($0)", "text": "\#(subset) \#($0 * 7)"}"# },
        "qrels/test.tsv": "query-id\tcorpus-id\tscore\n"
          + (0..<5).map { "q\($0)\td\($0)\t1\n" }.joined(),
      ]
    }
  }

  private func lines(_ count: Int, _ line: (Int) -> String) -> String {
    (0..<count).map(line).joined(separator: "\n")
  }

  private func write(
    _ name: String, _ type: String, _ score: String, _ more: String = "",
    files: (_ subset: String) -> [String: String]
  ) throws {
    let languages = Self.subsets.map {
      "\($0): [\($0)-\($0 == "hin" ? "Deva" : $0 == "rus" ? "Cyrl" : "Latn")]"
    }
    try folder.write(
      "\(name).yaml",
      """
      name: \(name)
      type: \(type)
      languages: {\(languages.joined(separator: ", "))}
      splits: [test]
      main_score: \(score)
      data: {path: data/\(name)}
      \(more)
      """)
    for subset in Self.subsets {
      for (path, text) in files(subset) { try folder.write("data/\(name)/\(subset)/\(path)", text) }
    }
  }

  /// The arguments of a run that keeps its results in a folder of this name.
  func arguments(_ results: String, _ more: [String] = []) -> [String] {
    ["evaluate", "--model", "baseline:hash", "--threads", "1", "--details", "--results", results]
      + more + ["--tasks"] + Self.tasks.map { "\(folder.path(percentEncoded: false))/\($0).yaml" }
  }

  /// What a run has left: every file below the folder but the recorded times in it.
  static func contents(of results: URL) throws -> [String: String] {
    var contents: [String: String] = [:]
    let root = results.path(percentEncoded: false)
    for path in try FileManager.default.subpathsOfDirectory(atPath: root) {
      let file = results.appending(path: path)
      var isFolder: ObjCBool = false
      _ = FileManager.default.fileExists(
        atPath: file.path(percentEncoded: false), isDirectory: &isFolder)
      if isFolder.boolValue { continue }
      var text = try String(contentsOf: file, encoding: .utf8)
      if path.hasSuffix(".json"), !path.contains("/details/"), !path.hasSuffix("model_meta.json") {
        guard case .object(var members) = try JSON(parsing: text) else { continue }
        for key in ["evaluation_time", "date", "seconds"] { members[key] = nil }
        text = JSON.object(members).pretty
      }
      contents[path] = text
    }
    return contents
  }
}

/// Expects two folders of results to be the same.
func expectSame(
  _ found: [String: String], _ wanted: [String: String], _ place: String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(found.keys.sorted() == wanted.keys.sorted(), "\(place)", sourceLocation: sourceLocation)
  for (path, text) in wanted where found[path] != nil {
    #expect(found[path] == text, "\(place): \(path)", sourceLocation: sourceLocation)
  }
}
