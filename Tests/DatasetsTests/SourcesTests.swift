// Which files have to be there before a split can be read, told from the list of a data set's files.

import Core
import Foundation
import TestSupport
import Testing

@testable import Datasets

@Suite struct `The files behind a split` {
  /// Files, transforms, configuration and split, and the files that are read.
  @Test(
    arguments: [
      (["test.jsonl", "train.jsonl", "en/test.jsonl"], [], "default", "test", ["test.jsonl"]),
      (["en/test.jsonl", "de/test.jsonl"], [], "de", "test", ["de/test.jsonl"]),
      (
        ["data/test-00001-of-00002.parquet", "data/test-00000-of-00002.parquet"], [], "default",
        "test", ["data/test-00000-of-00002.parquet", "data/test-00001-of-00002.parquet"]
      ),
      ([".cache/test.jsonl", "test.csv", ".hidden.csv"], [], "default", "test", ["test.csv"]),
      (["main/test.jsonl"], [.configuration(name: "main")], "default", "test", ["main/test.jsonl"]),
      (["test.jsonl"], [.subset(column: "lang")], "deu", "test", ["test.jsonl"]),
      (
        ["eng-aai/train.jsonl", "eng-abt/train.jsonl"], [.codeColumns(pivot: "eng")],
        "aai_Latn-eng_Latn", "train", ["eng-aai/train.jsonl"]
      ),
      (
        ["a.jsonl", "b.jsonl", "c.jsonl"], [.split(name: "test", from: ["a", "c"])], "default",
        "test", ["a.jsonl", "c.jsonl"]
      ),
      (
        ["all.jsonl"], [.divide(split: "all", train: 1, test: 1, by: "label")], "default", "train",
        ["all.jsonl"]
      ),
    ] as [([String], [Transform], String, String, [String])])
  func `are told before they are there`(
    files: [String], transforms: [Transform], configuration: String, split: String,
    expected: [String]
  ) throws {
    let data = try DataFolder(
      URL(filePath: "/nowhere"), files: files, transforms: transforms, duckDB: nil)
    #expect(try data.sources(of: DataPart(configuration, split)) == expected)
  }

  /// Passages stand in the first language, questions in the second, judgements need both.
  @Test(arguments: [
    ("corpus", ["fra_Latn/test.jsonl"]), ("queries", ["eng_Latn/test.jsonl"]),
    ("qrels", ["fra_Latn/test.jsonl", "eng_Latn/test.jsonl"]),
  ])
  func `are those of both languages of questions about passages`(
    part: String, expected: [String]
  ) throws {
    let data = try DataFolder(
      URL(filePath: "/nowhere"),
      files: ["fra_Latn/test.jsonl", "eng_Latn/test.jsonl", "deu_Latn/test.jsonl"],
      transforms: [.passages(query: "question", passage: "passage", link: "link")], duckDB: nil)
    let part = DataPart("fra_Latn-eng_Latn-\(part)", "test", .orTheOnlyOne)
    #expect(try data.sources(of: part) == expected)
  }

  @Test func `are the only split there is, where that will do`() throws {
    let data = try DataFolder(
      URL(filePath: "/nowhere"), files: ["corpus/corpus.jsonl"], duckDB: nil)
    #expect(
      try data.sources(of: DataPart("corpus", "test", .orTheOnlyOne)) == ["corpus/corpus.jsonl"])
    let failure = #expect(throws: Failure.self) {
      try data.sources(of: DataPart("corpus", "test"))
    }
    #expect(failure?.code == .missing)
  }

  @Test func `are never read in part`() async throws {
    let place = try Workplace()
    let names = ["data/test-00000-of-00002.jsonl", "data/test-00001-of-00002.jsonl"]
    try place.write(names[0], "{\"a\": 1}\n")
    let data = try DataFolder(place.root, files: names, duckDB: nil)
    let failure = try await data.failure(["a"])
    #expect(failure.code == .missing)
    #expect(failure.subject.hasSuffix(names[1]))
    #expect(failure.message == "this data file has not been fetched")
    try place.write(names[1], "{\"a\": 2}\n")
    #expect(try await data.rows(["a"]) == [[.integer(1)], [.integer(2)]])
  }
}
