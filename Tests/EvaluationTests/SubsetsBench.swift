// A task with several subsets of a type that draws random numbers across them, or of STS.

import Core
import Evaluation
import Foundation
import Storage
import Synchronization
import TestSupport
import Testing

/// Tasks of one type with the same subsets, and a store for their results.
struct SubsetsBench {
  static let languages = ["eng", "deu", "fra", "spa"]

  let folder: URL
  let tasks: [TaskDefinition]

  init(_ type: String = "STS", tasks names: [String] = ["A"], in folder: URL) throws {
    self.folder = folder
    let metrics = ["Clustering": "v_measure", "MultilabelClassification": "accuracy"]
    let subsets = try Self.languages.map { code in
      Subset(name: code, languages: [try #require(Language("\(code)-Latn"))])
    }
    tasks = try names.map { name in
      try oneSubsetTask(
        type, metrics[type] ?? "cosine_spearman", in: folder.appending(path: name)
      ) { task in
        task.name = name
        task.subsets = subsets
        if type == "STS" { return }
        task.experiments = 2
        guard type == "Clustering" else { return }
        task.clustering.documentCap = .count(20)
        task.clustering.documentsPerBootstrap = 15
      }
    }
    for name in names {
      for code in Self.languages {
        for split in type == "MultilabelClassification" ? ["train", "test"] : ["test"] {
          let rows = (0..<24).map { Self.row(type, "\(name) \(code) \($0)", $0) }
          try folder.write("\(name)/\(code)/\(split).jsonl", rows.joined(separator: "\n"))
        }
      }
    }
  }

  private static func row(_ type: String, _ text: String, _ number: Int) -> String {
    switch type {
    case "Clustering": #"{"sentences": "\#(text)", "labels": "\#(number % 3)"}"#
    case "MultilabelClassification":
      #"{"text": "\#(text)", "label": [\#(number % 2), \#(2 + number % 3)]}"#
    default: #"{"sentence1": "\#(text)", "sentence2": "\#(text)!", "score": \#(number % 5)}"#
    }
  }

  func store(_ name: String) -> ResultStore { ResultStore(root: folder.appending(path: name)) }

  func runner(
    _ embedder: any Embedder, _ results: String, keepsDetails: Bool = false
  ) -> Runner {
    var runner = Runner(
      embedder: embedder, prompts: Prompts(), store: store(results), locator: DataLocator())
    runner.keepsDetails = keepsDetails
    return runner
  }

  func contents(_ results: String) throws -> [String: String] {
    try Self.contents(below: folder.appending(path: results))
  }

  /// Everything a run has left but the recorded times.
  static func contents(below root: URL) throws -> [String: String] {
    var contents: [String: String] = [:]
    let paths = try FileManager.default.subpathsOfDirectory(
      atPath: root.path(percentEncoded: false))
    for path in paths where path.split(separator: "/").last?.contains(".") == true {
      var text = String(
        decoding: try Data(contentsOf: root.appending(path: path)), as: UTF8.self)
      if path.hasSuffix(".json"), var members = try? JSON(parsing: text).members {
        for key in ["evaluation_time", "date", "seconds"] { members[key] = nil }
        text = JSON.object(members).pretty
      }
      contents[path] = text
    }
    return contents
  }
}

/// What a run tells, in order.
final class RunLog: Sendable {
  private let events = Mutex<[RunEvent]>([])

  func add(_ event: RunEvent) { events.withLock { $0.append(event) } }

  /// What was said of damaged files and of results that are evaluated again.
  var complaints: [String] {
    events.withLock { $0 }.compactMap { event in
      switch event {
      case .damaged(_, let what): what
      case .reopened(_, let reason): reason
      default: nil
      }
    }
  }
}
