// One task over one folder, and the scores of its first cell, for tests of evaluators.

import Core
import Datasets
import Evaluation
import Foundation
import TestSupport
import Testing

/// A task with one English subset over a folder.
func oneSubsetTask(
  _ type: String, _ metric: String, in folder: URL,
  change: (inout TaskDefinition) -> Void = { _ in }
) throws -> TaskDefinition {
  var task = TaskDefinition(
    name: "Toy", type: TaskType(rawValue: type),
    subsets: [Subset(name: "default", languages: [try #require(Language("eng-Latn"))])],
    splits: ["test"], mainScore: Metric(metric), data: .path(folder, sha256: nil),
    file: folder.appending(path: "Toy.yaml"))
  change(&task)
  return task
}

/// Loads and scores the first cell of a task.
func firstScores(of task: TaskDefinition, _ embedder: ToyEmbedder) async throws -> Scores {
  try await firstScores(
    of: task,
    EmbeddingSession(embedder: embedder, task: TaskContext(name: task.name, type: task.type)))
}

func firstScores(of task: TaskDefinition, _ session: EmbeddingSession) async throws -> Scores {
  let data = try DataLocator().open(task).data
  let cell = Cell(subset: task.subsets[0], split: task.splits[0])
  return try await Evaluators.evaluator(for: task).cellScores(cell, data, session)
}

extension Evaluator {
  fileprivate func cellScores(
    _ cell: Cell, _ data: DataFolder, _ session: EmbeddingSession
  ) async throws -> Scores {
    try await scores(of: try await load(cell, from: data), with: session)
  }
}
