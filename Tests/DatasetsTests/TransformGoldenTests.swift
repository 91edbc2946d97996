// The transforms of the shipped task files on made-up data, against what the reference makes of
// the same data.
//
// scripts/transform-goldens.py made the numbers and hashes with the task classes of mteb 2.26.24;
// the made-up columns below follow the formulae there.

import Catalogue
import Core
import Foundation
import TestSupport
import Testing

@testable import Datasets

/// How a made-up column is filled.
private enum Filling: Sendable {
  case text(String), number(Int), name(Int), path(Int), commas, flag

  func value(_ i: Int) -> JSON {
    func kind(_ count: Int) -> Int { (i * i * 7 + i * 3) % count }
    return switch self {
    case .text(let word): .string("\(word) \(i)")
    case .number(let count): .integer(kind(count))
    case .name(let count): .string("n\(kind(count))")
    case .path(let count): .string("a\(kind(count) % 3).b\(kind(count))")
    case .commas: .string("a\(i % 3),b\(i % 7),c\(i)")
    case .flag: .bool(i % 3 != 0)
    }
  }
}

/// A made-up file: its rows, or rows of lists where `sizes` says how long each is.
private struct MadeUp: Sendable {
  let path: String
  let columns: [String: Filling]
  var rows = 0..<2300
  var sizes: [Int]?
  /// Rows of another language stand between those of this one.
  var language: String?

  var text: String {
    var lines: [String] = []
    if let sizes {
      var start = 0
      for size in sizes {
        let rows = start..<(start + size)
        lines.append(line { filling in .array(rows.map(filling.value)) })
        start += size
      }
    } else {
      for i in rows {
        lines.append(line { $0.value(i) })
        if language != nil { lines.append(#"{"lang": "other", "text": "x", "label": 0}"#) }
      }
    }
    return lines.joined(separator: "\n")
  }

  private func line(_ value: (Filling) -> JSON) -> String {
    var members = columns.map { ($0.key, value($0.value)) }
    if let language { members.append(("lang", .string(language))) }
    return JSON.object(members).line
  }
}

private let labelled: [String: Filling] = ["text": .text("t"), "label": .number(3)]
private let lists: [String: Filling] = ["sentences": .text("s"), "labels": .name(5)]
private let vg: [String: Filling] = [
  "ingress": .text("i"), "article": .text("a"), "classes": .commas,
]
private let chat: [String: Filling] = [
  "user_input": .text("u"), "toxicity": .number(2), "human_annotation": .flag,
]
private let mlsum: [String: Filling] = [
  "text": .text("t"), "title": .text("h"), "topic": .name(4),
]
private let nli: [String: Filling] = [
  "premise": .text("p"), "hypothesis": .text("h"), "label": .number(3),
]
private let sib: [String: Filling] = ["text": .text("t"), "category": .name(6)]
private let hate: [String: Filling] = [
  "text": .text("t"), "is_hateful": .number(2), "functionality": .name(11),
]

/// What lies in the folder of each task.
private let folders: [String: [MadeUp]] = [
  "ToxicConversationsClassification": [
    MadeUp(path: "test.jsonl", columns: labelled),
    MadeUp(path: "train.jsonl", columns: labelled, rows: 0..<40),
  ],
  "BibleNLPBitextMining": [
    MadeUp(
      path: "eng-aai/train.jsonl", columns: ["eng": .text("e"), "aai": .text("a")], rows: 0..<300)
  ],
  "BengaliSentimentAnalysis": [MadeUp(path: "train.jsonl", columns: labelled)],
  "TweetTopicSingleClassification": [
    MadeUp(path: "data/train_2021.jsonl", columns: labelled, rows: 0..<30),
    MadeUp(path: "data/test_2021.jsonl", columns: labelled, rows: 100..<120),
  ],
  "BigPatentClustering.v2": [
    MadeUp(path: "test.jsonl", columns: ["sentences": .text("s"), "labels": .name(9)])
  ],
  "ArXivHierarchicalClusteringP2P": [
    MadeUp(
      path: "test.jsonl", columns: ["sentences": .text("s"), "labels": .path(12)],
      sizes: [700, 900, 700])
  ],
  "StackExchangeClustering.v2": [
    MadeUp(path: "test.jsonl", columns: lists, sizes: [700, 900, 700])
  ],
  "StackExchangeClusteringP2P.v2": [
    MadeUp(
      path: "test.jsonl", columns: ["sentences": .text("s"), "labels": .name(997)],
      sizes: [20, 30, 40])
  ],
  "MedrxivClusteringP2P.v2": [MadeUp(path: "test.jsonl", columns: lists, sizes: [20, 30])],
  "TwentyNewsgroupsClustering.v2": [MadeUp(path: "test.jsonl", columns: lists, sizes: [7, 5])],
  "VGHierarchicalClusteringS2S": [MadeUp(path: "test.jsonl", columns: vg)],
  "VGHierarchicalClusteringP2P": [MadeUp(path: "test.jsonl", columns: vg)],
  "HALClusteringS2S": [
    MadeUp(
      path: "test.jsonl", columns: ["title": .text("t"), "domain": .name(4)], rows: 0..<103)
  ],
  "ToxicChatClassification": [
    MadeUp(path: "toxicchat0124/test.jsonl", columns: chat),
    MadeUp(path: "toxicchat0124/train.jsonl", columns: chat, rows: 0..<60),
    MadeUp(path: "toxicchat1123/test.jsonl", columns: chat, rows: 0..<5),
  ],
  "XNLI": [
    MadeUp(path: "de/test.jsonl", columns: nli), MadeUp(path: "de/validation.jsonl", columns: nli),
  ],
  "TweetSentimentClassification": [
    MadeUp(path: "test.jsonl", columns: labelled, language: "german"),
    MadeUp(path: "train.jsonl", columns: labelled, rows: 0..<30, language: "german"),
  ],
  "MultiHateClassification": [MadeUp(path: "deu/test.jsonl", columns: hate)],
  "SIB200ClusteringS2S": [
    MadeUp(path: "eng_Latn/train.jsonl", columns: sib, rows: 0..<9),
    MadeUp(path: "eng_Latn/validation.jsonl", columns: sib, rows: 100..<105),
    MadeUp(path: "eng_Latn/test.jsonl", columns: sib, rows: 200..<207),
  ],
  "MLSUMClusteringP2P": ["validation", "test"].map {
    MadeUp(path: "de/\($0).jsonl", columns: mlsum, rows: 0..<57)
  },
  "MLSUMClusteringS2S": ["validation", "test"].map {
    MadeUp(path: "de/\($0).jsonl", columns: mlsum, rows: 0..<57)
  },
]

@Suite struct `The transforms of a task file` {
  @Test(arguments: [
    ("BibleNLPBitextMining", "eng_Latn-aai_Latn", "train", 256, "5f5f80e390fb0cb3"),
    ("BibleNLPBitextMining", "aai_Latn-eng_Latn", "train", 256, "d509a223b7abf5ab"),
    ("ToxicConversationsClassification", "default", "test", 2048, "d268cfc663ace473"),
    ("ToxicConversationsClassification", "default", "train", 40, "3e6221633371a41f"),
    ("BengaliSentimentAnalysis", "default", "train", 2048, "d268cfc663ace473"),
    ("TweetTopicSingleClassification", "default", "test_2021", 20, "cd6371296ef58181"),
    ("TweetTopicSingleClassification", "default", "train", 30, "ad9d7f69900eaa34"),
    ("BigPatentClustering.v2", "default", "test", 2048, "de0794c96d2645e4"),
    ("ArXivHierarchicalClusteringP2P", "default", "test", 2048, "e3ac4156949e7212"),
    ("StackExchangeClustering.v2", "default", "test", 2048, "b5ba8ef7f146a1bd"),
  ])
  func `make of made-up data what the reference makes of them`(
    task name: String, subset: String, split: String, count: Int, hash: String
  ) async throws {
    let task = try Catalogue(root: Repository.tasks).task(name)
    try await withTemporaryFolder { folder in
      for file in try #require(folders[name]) { try folder.write(file.path, file.text) }
      let data = try DataFolder(folder, transforms: task.transforms, duckDB: nil)
      let columns = try #require(standard[task.type.rawValue]).map {
        Column(task.columns[$0] ?? $0)
      }
      let rows = try await data.rows(columns, configuration: subset, split: split)
      #expect(rows.count == count)
      #expect(fnv(rows.map { $0.map(written).joined(separator: "\t") }) == hash)
    }
  }

  /// The parts of a pair of languages; judgements of one pair of ids count once, in any order.
  @Test(arguments: [
    ("corpus", ["_id", "text"], 9, "3204579b69b81c45"),
    ("queries", ["_id", "text"], 23, "fcc5bb84b9d429f7"),
    ("qrels", ["query-id", "corpus-id", "score"], 57, "946d8c8d592a5d58"),
  ])
  func `make retrieval of questions about passages as the reference does`(
    part: String, columns: [String], count: Int, hash: String
  ) async throws {
    let task = try Catalogue(root: Repository.tasks).task("BelebeleRetrieval")
    try await withTemporaryFolder { folder in
      for language in ["fra_Latn", "eng_Latn"] {
        let rows = (0..<60).map { i in
          JSON.object([
            ("link", .string("l\(i * i % 17)")),
            ("flores_passage", .string("\(language) passage \(i * i % 17)")),
            ("question", .string("\(language) question \(i * 7 % 23)")),
          ]).line
        }
        try folder.write("\(language)/test.jsonl", rows.joined(separator: "\n"))
      }
      let data = try DataFolder(folder, transforms: task.transforms, duckDB: nil)
      let rows = try await data.rows(
        columns.map { Column($0) }, configuration: "fra_Latn-eng_Latn-\(part)")
      var lines = rows.map { $0.map(written).joined(separator: "\t") }
      if part == "qrels" { lines = Set(lines).sorted() }
      #expect(lines.count == count && fnv(lines) == hash)
    }
  }

  @Test func `are tried, all of them, by the tasks of this suite`() throws {
    let tasks = try Catalogue(root: Repository.tasks).tasks
    let tried = Set(
      tasks.filter { folders[$0.name] != nil || $0.name == "BelebeleRetrieval" }.flatMap(
        \.transforms
      ).map(\.name))
    #expect(tried == Set(tasks.flatMap(\.transforms).map(\.name)))
  }

  @Test func `leave data alone that are laid out as they would have them`() async throws {
    // One file of the joined split with the standard names: nothing else is there to join.
    let task = try Catalogue(root: Repository.tasks).task("SIB200ClusteringS2S")
    try await withTemporaryFolder { folder in
      try folder.write("eng_Latn/test.jsonl", #"{"sentences": "a", "labels": "b"}"#)
      let data = try DataFolder(folder, transforms: task.transforms, duckDB: nil)
      let rows = try await data.rows(
        [Column("text", or: ["sentences"]), Column("category", or: ["labels"])],
        configuration: "eng_Latn")
      #expect(rows == [[.string("a"), .string("b")]])
    }
  }

  /// A transform, the only row there is, and what the answer must hold.
  @Test(arguments: [
    (Transform.cut(rows: 1, splits: ["test"], by: "kind"), "no column 'kind'"),
    (.flatten(columns: ["text"]), "row 1: text are no lists of one length"),
    (.chunk(columns: ["text"], count: 9), "rows make no 9 chunks"),
    (.separate(column: "list", separator: ",", levels: nil), "'list' is no text"),
    (.cut(rows: 1, splits: ["test"], by: "text"), "cannot be cut by 'text': category 0 has a"),
    (.divide(split: "test", train: 9, test: 9, by: "text"), "cannot be divided into 9 and 9"),
  ])
  func `refuse data that they do not fit`(_ transform: Transform, problem: String) async throws {
    try await withTemporaryFolder { folder in
      try folder.write(
        "test.jsonl", #"{"text": "a", "list": [1]}"# + "\n" + #"{"text": "b", "list": []}"#)
      let data = try DataFolder(folder, transforms: [transform], duckDB: nil)
      let failure = await #expect(throws: Failure.self) { try await data.rows(["text"]) }
      #expect(failure?.message.contains(problem) == true, "\(String(describing: failure))")
    }
  }
}

private let standard = [
  "BitextMining": ["sentence1", "sentence2"],
  "Classification": ["text", "label"], "Clustering": ["sentences", "labels"],
  "PairClassification": ["sentence1", "sentence2", "labels"],
]

private func written(_ value: JSON) -> String {
  switch value {
  case .array(let values): values.map(written).joined(separator: "|")
  case .string(let text): text
  default: value.line
  }
}

private func fnv(_ lines: [String]) -> String {
  var state: UInt64 = 0xcbf2_9ce4_8422_2325
  for byte in lines.map({ $0 + "\n" }).joined().utf8 {
    state = (state ^ UInt64(byte)) &* 0x100_0000_01b3
  }
  let digits = String(state, radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}
