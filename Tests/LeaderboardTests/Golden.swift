// Reads the reference tables and the result files behind them.

import Core
import Foundation
import Leaderboard
import TestSupport

/// One set of models with its reference tables.
struct Golden {
  let name: String
  private let pool: [ModelResults]
  private let tasks: [TaskDefinition]
  private let view: [Language]

  static let folder = Shared.url("leaderboard")

  static var isThere: Bool {
    FilePaths.kind(of: folder) == .folder && FilePaths.kind(of: tar) == .file
  }

  private static let tar = URL(filePath: "/usr/bin/tar")
  private static let benchmark = "MTEB(Multilingual, v2)"

  init(_ name: String) throws {
    self.name = name
    let frame = try JSON(
      parsing: Data(contentsOf: Self.folder.appending(path: "\(name).info.json")))
    let names = Set(frame["tasks_in_frame"]?.array?.compactMap(\.string) ?? [])
    tasks = try Self.allTasks().filter { names.contains($0.name) }
    view = (try Self.metadata()?["language_view"]?.array ?? [])
      .compactMap { $0.string.flatMap(Language.init) }
    let list = try String(
      contentsOf: Self.folder.appending(path: "models-\(name.split(separator: "-")[1]).txt"),
      encoding: .utf8)
    let models = Set(list.split(separator: "\n").map(String.init))
    pool = try Self.everything.get().filter { models.contains($0.model) }
  }

  var languageCount: Int { 1057 }

  func board(allLanguages: Bool) -> Board {
    Board(
      pool: pool,
      benchmark: Benchmark(
        name: Self.benchmark, tasks: tasks, languageView: allLanguages ? [] : view),
      hash: Toy.fnv1a)
  }

  /// A reference table; none of its fields is quoted.
  struct Table {
    let header: [String]
    let rows: [[String: String]]

    init(_ file: URL) throws {
      let text = try String(contentsOf: file, encoding: .utf8)
      let lines = text.split(whereSeparator: \.isNewline).map {
        $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      }
      let header = lines.first ?? []
      self.header = header
      rows = lines.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(header, $0)) }
    }
  }

  func table(_ suffix: String) throws -> Table {
    try Table(Self.folder.appending(path: "\(name).\(suffix).csv"))
  }

  private static func task(_ json: JSON) -> TaskDefinition? {
    guard let name = json["name"]?.string, let type = json["type"]?.string,
      let subsets = json["hf_subsets"]?.members, let main = json["main_score"]?.string
    else { return nil }
    return TaskDefinition(
      name: name, type: TaskType(rawValue: type),
      subsets: subsets.entries.map { key, value in
        Subset(
          name: key,
          languages: value.array?.compactMap { $0.string.flatMap(Language.init) } ?? [])
      },
      splits: json["eval_splits"]?.array?.compactMap(\.string) ?? [], mainScore: Metric(main),
      data: .hub(repository: name, revision: ""), file: URL(filePath: "\(name).yaml"))
  }

  /// Result files of all thirty models, read once per process.
  private static let everything = Result { try unpacked { try read(root: $0, tasks: allTasks()) } }

  /// Unpacks the slim archive into a folder that is gone afterwards.
  private static func unpacked<T>(_ use: (URL) throws -> T) throws -> T {
    let place = FileManager.default.temporaryDirectory
      .appending(path: "borda-golden-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: place) }
    let process = Process()
    process.executableURL = tar
    process.arguments = [
      "xf", folder.appending(path: "results-30-slim.tar.xz").path(), "-C", place.path(),
    ]
    try process.run()
    process.waitUntilExit()
    return try use(place.appending(path: "results-30-slim/results"))
  }

  private static func allTasks() throws -> [TaskDefinition] {
    try (metadata()?["tasks"]?.array ?? []).compactMap(task)
  }

  private static func metadata() throws -> JSON? {
    try JSON(parsing: Data(contentsOf: folder.appending(path: "tasks-meta.json")))[benchmark]
  }

  private static func read(root: URL, tasks: [TaskDefinition]) throws -> [ModelResults] {
    let tasks = Dictionary(uniqueKeysWithValues: tasks.map { ($0.name, $0) })
    return try children(of: root).map { folder in
      var results = ModelResults(
        model: folder.lastPathComponent.replacing("__", with: "/"), revisions: [], results: [])
      for revision in try children(of: folder) {
        results.revisions.append(revision.lastPathComponent)
        for file in try children(of: revision) {
          guard let task = tasks[file.deletingPathExtension().lastPathComponent] else { continue }
          let json = try JSON(parsing: Data(contentsOf: file), leniency: .nonFinite)
          results.results.append(
            try json["scores"] == nil
              ? oldSchema(json, task) : TaskResult(json: json, file: file.lastPathComponent))
        }
      }
      return results
    }
  }

  private static func children(of folder: URL) throws -> [URL] {
    try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
      .sorted { $0.path() < $1.path() }
  }

  /// A file of mteb 1.x: metrics of the split itself or of its subsets, some nested by similarity.
  private static func oldSchema(_ json: JSON, _ task: TaskDefinition) -> TaskResult {
    let splits = task.splits.compactMap { split in
      json[split].map { value in
        let isNested = task.subsets.contains { value[$0.name] != nil }
        let rows = task.subsets.compactMap { subset in
          (isNested ? value[subset.name] : value).map {
            TaskResult.Row(
              subset: subset.name, languages: subset.languages.map(\.description),
              mainScore: mainScore($0, task.mainScore.rawValue), scores: Scores())
          }
        }
        return TaskResult.Split(name: split, rows: rows)
      }
    }
    return TaskResult(
      taskName: task.name, datasetRevision: "", mtebVersion: nil, splits: splits,
      evaluationTime: nil, date: nil)
  }

  private static func mainScore(_ row: JSON, _ key: String) -> Double? {
    if let score = row[key]?.double { return score }
    let groups = [("cosine_", "cos_sim"), ("max_", "max")]
    for (prefix, group) in groups where key.hasPrefix(prefix) {
      if let score = row[group]?[String(key.dropFirst(prefix.count))]?.double { return score }
    }
    return nil
  }
}
