// The task files with which tests evaluate the data sets beside the repository: those of the
// catalogue, and of these tests' own where the catalogue has no task of that name.

import Catalogue
import Core
import Datasets
import Foundation
import Storage
import TestSupport
import Testing

@testable import Evaluation

enum SharedTasks {
  static let locator = DataLocator(
    override: Shared.url("data"),
    duckDB: .find(extraFolders: [Repository.root.appending(path: ".demo/bin")]))

  /// Those of the shared data sets that MTEB has.
  static let ofCatalogue = [
    "ArmenianParaphrasePC", "Banking77Classification", "NusaX-senti", "NusaXBitextMining",
    "SIB200ClusteringS2S", "Tatoeba", "XQuADRetrieval", "indonli",
  ]

  static func definition(_ name: String) throws -> TaskDefinition {
    guard !ofCatalogue.contains(name) else {
      return try Catalogue(root: Repository.tasks).task(name)
    }
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
    return try TaskFile.read(folder.appending(path: "\(name).yaml"))
  }
}

@Suite(.enabled(if: Shared.isPresent, Shared.reason))
struct `Data sets beside the repository` {
  /// Rows of a configuration and split, as the description of a data set states them.
  private func statedRows(_ name: String) throws -> [String: Int] {
    let url = Shared.url("data/\(name)/task.json")
    let files = try JSON(parsing: try Data(contentsOf: url))["files"]?.array ?? []
    return Dictionary(
      uniqueKeysWithValues: files.map { file in
        let place = "\(file["config"]?.string ?? "?")/\(file["split"]?.string ?? "?")"
        return (place, file["rows"]?.integer ?? -1)
      })
  }

  /// The texts that a cell embeds follow from the rows of its files: two for every pair, one for
  /// every document and query (all of them are judged), every text to classify and at least one
  /// training text, every text to cluster (the task caps them at more than there are).
  private func isExpected(_ texts: Int, _ cell: Cell, _ type: TaskType, _ rows: [String: Int])
    -> Bool
  {
    let own = rows["\(cell.subset.name)/\(cell.split)"] ?? -1
    let prefix = cell.subset.name == "default" ? "" : "\(cell.subset.name)-"
    let parts = ["corpus", "queries"].compactMap { rows["\(prefix)\($0)/\(cell.split)"] }
    return switch type.rawValue {
    case "BitextMining", "PairClassification": texts == 2 * own
    case "Retrieval": parts.count == 2 && texts == parts[0] + parts[1]
    case "Classification":
      texts > own && texts <= own + (rows["\(cell.subset.name)/train"] ?? 0)
    default: texts == own
    }
  }

  @Test(arguments: SharedTasks.ofCatalogue)
  func `load whole with the task files of the catalogue`(name: String) async throws {
    var task = try SharedTasks.definition(name)
    let rows = try statedRows(name)
    let data = try SharedTasks.locator.open(task).data
    // Of some tasks only a few languages are there.
    task.subsets.removeAll { subset in
      !data.configurations.contains {
        $0 == subset.name || $0 == "\(subset.name)-corpus"
      }
    }
    let cells = Selection(tasks: [task]).cells(of: task)
    try #require(!cells.isEmpty)
    let evaluator = try Evaluators.evaluator(for: task)
    for cell in cells {
      let texts = try await evaluator.textCount(cell, data)
      #expect(isExpected(texts, cell, task.type, rows), "\(cell.subset.name): \(texts) texts")
    }
  }

  @Test func `are all known to the catalogue or to these tests`() throws {
    let folders = try FileManager.default.contentsOfDirectory(
      atPath: Shared.url("data").path(percentEncoded: false)
    ).filter { FilePaths.kind(of: Shared.url("data/\($0)")) == .folder }
    let catalogue = try Catalogue(root: Repository.tasks)
    for name in folders {
      #expect(try SharedTasks.definition(name).name == name)
      #expect(SharedTasks.ofCatalogue.contains(name) == catalogue.taskNames.contains(name))
    }
  }

  @Test func `say which languages are there when others are asked for`() async throws {
    let task = try SharedTasks.definition("Tatoeba")
    let data = try SharedTasks.locator.open(task).data
    let cell = Cell(subset: Subset(name: "sqi-eng", languages: []), split: "test")
    let failure = await #expect(throws: Failure.self) {
      _ = try await Evaluators.evaluator(for: task).textCount(cell, data)
    }
    #expect(failure?.message == "no configuration 'sqi-eng'")
    #expect(failure?.cause?.hasPrefix("there are ") == true)
    #expect(failure?.cause?.contains("amh-eng") == true)
  }
}

extension Evaluator {
  /// How many texts a cell embeds, documents included.
  fileprivate func textCount(_ cell: Cell, _ data: DataFolder) async throws(Failure) -> Int {
    let problem = try await load(cell, from: data)
    let held = texts(of: problem, drawing: TaskStreams()).reduce(0) { $0 + $1.texts.count }
    return held + (try await documents(of: problem)?.checkedCount() ?? 0)
  }
}
