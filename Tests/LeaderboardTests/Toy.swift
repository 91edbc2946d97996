// Small pools written in the test: models, tasks and scores in a line or two.

import Core
import Foundation
import Leaderboard

enum Toy {
  static func task(
    _ name: String, type: String = "STS", splits: [String] = ["test"],
    subsets: [(String, [String])] = [("default", ["eng-Latn"])]
  ) -> TaskDefinition {
    TaskDefinition(
      name: name, type: TaskType(rawValue: type),
      subsets: subsets.map { Subset(name: $0.0, languages: $0.1.compactMap(Language.init)) },
      splits: splits, mainScore: Metric("cosine_spearman"),
      data: .hub(repository: "toy/\(name)", revision: "abc"),
      file: URL(filePath: "Tasks/\(name).yaml"))
  }

  static func result(
    _ task: String, split: String = "test", _ rows: [(String, Double?, [String])],
    version: String? = "2.1.0", date: Double? = nil
  ) -> TaskResult {
    TaskResult(
      taskName: task, datasetRevision: "abc", mtebVersion: version,
      splits: [
        .init(
          name: split,
          rows: rows.map { .init(subset: $0.0, languages: $0.2, mainScore: $0.1, scores: Scores()) }
        )
      ],
      evaluationTime: 1, date: date)
  }

  /// A model's results, one per task.
  struct Model {
    var model: String
    var revisions: [String]
    var results: [TaskResult]
  }

  private static func scores(of result: TaskResult, in names: inout ScoreNames) -> TaskScores {
    var cells: [ScoredCell] = []
    for split in result.splits {
      for row in split.rows {
        cells.append(
          ScoredCell(
            split: names.place(of: split.name), subset: names.place(of: row.subset),
            languages: names.place(of: row.languages), score: row.mainScore ?? .nan))
      }
    }
    return TaskScores(
      task: result.taskName, mtebVersion: result.mtebVersion, date: result.date, cells: cells)
  }

  static func pool(_ models: [Model]) -> PoolScores {
    var pool = PoolScores()
    for model in models {
      let tasks = model.results.map { scores(of: $0, in: &pool.names) }
      pool.models.append(
        ModelScores(model: model.model, revisions: model.revisions, tasks: tasks))
    }
    return pool
  }

  /// A model with one score per task, nil for a task that it lacks.
  static func model(_ name: String, _ scores: KeyValuePairs<String, Double?>) -> Model {
    Model(
      model: name, revisions: ["r1"],
      results: scores.compactMap { task, score in
        score.map { result(task, [("default", $0, ["eng-Latn"])]) }
      })
  }

  static func board(
    _ models: [Model], tasks: [TaskDefinition], view: [String] = [],
    description: String = ""
  ) -> Board {
    Board(
      pool: pool(models),
      benchmark: Benchmark(
        name: "Toy", description: description, tasks: tasks,
        languageView: view.compactMap(Language.init)),
      hash: fnv1a)
  }

  /// FNV-1a, 64 bits, in hexadecimal.
  static func fnv1a(_ text: String) -> String {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

extension Board {
  func standing(_ model: String) -> Standing? { models.first { $0.model == model } }
}
