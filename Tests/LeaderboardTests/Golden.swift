// Reads the reference tables and the result files behind them.

import Core
import Foundation
import Leaderboard
import Storage
import TestSupport

/// One set of models with its reference tables.
struct Golden {
  let name: String
  private let pool: PoolScores
  private let tasks: [TaskDefinition]
  private let view: [Language]

  static let folder = Shared.url("leaderboard")

  static var isThere: Bool {
    FilePaths.kind(of: folder) == .folder && FilePaths.kind(of: tar) == .file
  }

  private static let tar = URL(filePath: "/usr/bin/tar")
  static let benchmark = "MTEB(Multilingual, v2)"

  /// Where the result files come from.
  enum Archive: String, CaseIterable {
    /// All thirty models, each cell cut down to its main score.
    case slim = "results-30-slim"
    /// The original bytes of eight models and of thirty.
    case eight = "results-8"
    case thirty = "results-30"

    /// Read once per process.
    var scores: Result<PoolScores, any Error> {
      switch self {
      case .slim: Golden.slim
      case .eight: Golden.eight
      case .thirty: Golden.thirty
      }
    }
  }

  init(_ name: String, from archive: Archive = .slim) throws {
    self.name = name
    let frame = try JSON(
      parsing: Data(contentsOf: Self.folder.appending(path: "\(name).info.json")))
    let names = Set(frame["tasks_in_frame"]?.array?.compactMap(\.string) ?? [])
    tasks = try Self.allTasks().filter { names.contains($0.name) }
    view = try Self.languageView()
    let list = try String(
      contentsOf: Self.folder.appending(path: "models-\(name.split(separator: "-")[1]).txt"),
      encoding: .utf8)
    let models = Set(list.split(separator: "\n").map(String.init))
    var pool = try archive.scores.get()
    pool.models.removeAll { !models.contains($0.model) }
    self.pool = pool
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

  private static let slim = scores(of: .slim)
  private static let eight = scores(of: .eight)
  private static let thirty = scores(of: .thirty)

  private static func scores(of archive: Archive) -> Result<PoolScores, any Error> {
    Result {
      try unpacked(archive.rawValue) {
        try ResultScan(roots: [$0.appending(path: "results")]).scores
      }
    }
  }

  /// Unpacks an archive of that name and hands its folder of the same name over, which is gone
  /// afterwards.
  static func unpacked<T>(_ name: String, _ use: (URL) throws -> T) throws -> T {
    let place = FileManager.default.temporaryDirectory
      .appending(path: "borda-golden-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: place) }
    let process = Process()
    process.executableURL = tar
    process.arguments = [
      "xf", folder.appending(path: "\(name).tar.xz").path(), "-C", place.path(),
    ]
    try process.run()
    process.waitUntilExit()
    return try use(place.appending(path: name))
  }

  static func allTasks() throws -> [TaskDefinition] {
    try (metadata()?["tasks"]?.array ?? []).compactMap(task)
  }

  static func languageView() throws -> [Language] {
    (try metadata()?["language_view"]?.array ?? []).compactMap {
      $0.string.flatMap(Language.init)
    }
  }

  private static func metadata() throws -> JSON? {
    try JSON(parsing: Data(contentsOf: folder.appending(path: "tasks-meta.json")))[benchmark]
  }
}
