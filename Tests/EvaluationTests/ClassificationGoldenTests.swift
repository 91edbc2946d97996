// Classification against the reference: the rows drawn, every prediction and every score.
//
// The references were computed by mteb 2.26.24 on the folders of ../shared/data (its README tells
// how): from stored vectors, which leaves drawing, learning and scoring to differ, and with
// all-MiniLM-L6-v2 in sentence-transformers 6.2, which tests the engine as well.

import Catalogue
import Core
import Datasets
import Encoders
import Foundation
import Storage
import TestSupport
import Testing

@testable import Evaluation

private func golden(_ path: String) throws -> JSON {
  try JSON(parsing: try Data(contentsOf: Shared.url("golden/\(path)")), leniency: .nonFinite)
}

private func cell(_ task: TaskDefinition, _ subset: String) throws -> Cell {
  Cell(subset: try #require(task.subsets.first { $0.name == subset }), split: task.splits[0])
}

/// A task evaluated on the reference's vectors.
private struct Precomputed {
  let task: TaskDefinition
  let session: EmbeddingSession
  let data: DataFolder
  let folder: String

  init(_ name: String) throws {
    task = try SharedTasks.definition(name)
    folder = "precomputed-64/\(name)"
    let embedder = try StoredVectors(folder: Shared.url("golden/\(folder)"), revision: "1")
    session = EmbeddingSession(
      embedder: embedder, task: TaskContext(name: name, type: task.type))
    data = try SharedTasks.locator.open(task).data
  }

  func samples(_ subset: String) throws -> [[Int]] {
    let experiments = try #require(try golden("\(folder)/samples.json")[subset]?.array)
    return experiments.map { ($0.array ?? []).compactMap(\.integer) }
  }

  func predictions(_ subset: String) throws -> [JSON] {
    try #require(try golden("\(folder)/predictions.json")[subset]?["test"]?.array)
  }

  /// The reference's row for a subset, unrounded.
  func row(_ subset: String) throws -> JSON {
    let rows = try golden("\(folder)/result.full.json")["scores"]?["test"]?.array ?? []
    return try #require(rows.first { $0["hf_subset"]?.string == subset })
  }

  /// Compares means and every experiment.
  ///
  /// Where an experiment is excused, three of 400 rows may differ in it.
  func expect(
    _ scores: Scores, equal row: JSON, metrics: [String], excusing: (Int) -> Bool = { _ in false }
  ) {
    let ours = scores.details["scores_per_experiment"]?.array ?? []
    let theirs = row["scores_per_experiment"]?.array ?? []
    #expect(ours.count == theirs.count)
    var tolerance = 1e-12
    for (number, (ours, theirs)) in zip(ours, theirs).enumerated() {
      #expect(ours.members?.keys == theirs.members?.keys)
      let isExcused = excusing(number)
      if isExcused { tolerance += 0.01 / 10 }
      for metric in metrics {
        #expect(
          agree(ours[metric]?.double, theirs[metric]?.double, isExcused ? 0.01 : 1e-12),
          "experiment \(number), \(metric)")
      }
    }
    for metric in metrics {
      let mean = row[metric]?.double.flatMap { $0.isFinite ? $0 : nil }
      #expect(agree(scores[Metric(metric)], mean, tolerance), "\(metric)")
    }
  }

  private func agree(_ a: Double?, _ b: Double?, _ tolerance: Double) -> Bool {
    guard let a, let b else { return a == nil && b == nil }
    return abs(a - b) < tolerance
  }
}

@Suite(.enabled(if: Shared.isPresent, Shared.reason))
struct `Classification on the reference's vectors` {
  @Test(arguments: ["eng", "ace"])
  func `draws, predicts and scores NusaX-senti as the reference`(subset: String) async throws {
    let reference = try Precomputed("NusaX-senti")
    let evaluator = try ClassificationEvaluator(reference.task)
    let problem = try await evaluator.load(
      try cell(reference.task, subset), from: reference.data)
    let drawn = problem.experiments.map { $0.map { problem.trainingRows[$0] } }
    #expect(drawn == (try reference.samples(subset)))

    let training = try await reference.session.embed(problem.trainingTexts ?? [])
    let evaluated = try await reference.session.embed(problem.texts)
    let predictions = try await ClassificationEvaluator.predictions(
      for: problem, training: training, evaluated: evaluated)
    let numbers = try #require(problem.labels.numbers)
    for (number, theirs) in try reference.predictions(subset).enumerated() {
      let pairs = zip(predictions[number], theirs.array?.compactMap(\.integer) ?? [])
      #expect(pairs.count { numbers[$0] != $1 } <= (isNoisy(subset, number) ? 3 : 0))
    }
    let scores = try await evaluator.scores(of: problem, with: reference.session)
    reference.expect(
      scores, equal: try reference.row(subset), metrics: ClassificationEvaluator.metrics
    ) { isNoisy(subset, $0) }
  }

  /// An experiment whose result the reference's own processor decides.
  ///
  /// Its last line search compares losses that are equal but for the last bit of float32. The
  /// reference as recorded stops at a gradient of 1.4e-4 there; the same reference with
  /// OPENBLAS_CORETYPE=SkylakeX or Sandybridge goes on to 5e-6, as Borda does, and predicts three
  /// of 400 rows otherwise than recorded.
  private func isNoisy(_ subset: String, _ experiment: Int) -> Bool {
    subset == "ace" && experiment == 5
  }

  @Test func `draws, predicts and scores NLUPPBankingMultilabel as the reference`() async throws {
    let reference = try Precomputed("NLUPPBankingMultilabel")
    let evaluator = try MultilabelClassificationEvaluator(reference.task)
    let problem = try await evaluator.load(
      try cell(reference.task, "default"), from: reference.data)
    let samples = TaskStreams().withNumPy { evaluator.samples(of: problem, from: &$0) }
    #expect(samples.rows == (try reference.samples("default")))

    let training = try await reference.session.embed(
      samples.union.map { problem.trainingTexts[$0] })
    let evaluated = try await reference.session.embed(problem.texts)
    let predictions = try await MultilabelClassificationEvaluator.predictions(
      for: problem, samples, training: training, evaluated: evaluated)
    for (ours, theirs) in zip(predictions, try reference.predictions("default")) {
      let sets = (theirs.array ?? []).map { row in
        let marks = row.array ?? []
        return Set(marks.indices.filter { marks[$0].integer == 1 })
      }
      #expect(ours == sets)
    }
    let scores = try await evaluator.scores(of: problem, with: reference.session)
    reference.expect(
      scores, equal: try reference.row("default"),
      metrics: MultilabelClassificationEvaluator.metrics)
  }
}

@Suite(
  .serialized, .enabled(if: Shared.isPresent, Shared.reason),
  .enabled(if: MiniLM.isPresent, MiniLM.reason))
struct `Classification with the local engine on all-MiniLM-L6-v2` {
  // Every main score is the golden one but for the rounding of the file, except SIB200's rus_Cyrl:
  // there one of 2040 predictions differs (4.9e-4), which the last bits of a vector decide, and
  // the score is the published one, from which the golden run differs. 5e-4 leaves other processors
  // one such prediction in the smallest task.
  @Test(arguments: [
    "Banking77Classification", "NusaX-senti", "SIB200Classification", "NLUPPBankingMultilabel",
  ])
  func `agrees within 5e-4 in every main score`(name: String) async throws {
    let reference = try mainScores(golden("all-MiniLM-L6-v2/\(name).full.json"))
    let published = try publishedScores(of: name)
    let found = try await run(name)
    #expect(Set(found.keys) == Set(reference.keys))
    for (place, score) in found {
      let expected = try #require(reference[place])
      #expect(abs(score - expected) <= 5e-4, "\(name) \(place): \(score) for \(expected)")
    }
    // What the public leaderboard shows for the same model on the same data, subset by subset.
    if name == "NusaX-senti" || name == "Banking77Classification" {
      #expect(Set(published.keys) == Set(found.keys))
      for (place, score) in published {
        #expect(abs((found[place] ?? .infinity) - score) < 1e-6, "\(name) \(place)")
      }
    }
    let means = [found, reference].map { $0.values.reduce(0, +) / Double($0.count) }
    #expect(abs(means[0] - means[1]) <= 2e-4, "\(name): \(means)")
  }

  /// Main scores by split and subset, from a whole run.
  private func run(_ name: String) async throws -> [String: Double] {
    let task = try SharedTasks.definition(name)
    let embedder = try LocalEmbedder(
      try Checkpoint(folder: MiniLM.folder), name: "sentence-transformers/all-MiniLM-L6-v2",
      revision: "1")
    return try await withTemporaryFolder { folder in
      let store = ResultStore(root: folder)
      let runner = Runner(
        embedder: embedder, prompts: Prompts(), store: store, locator: SharedTasks.locator)
      let summary = await runner.run(Selection(tasks: [task])) { _ in }
      try #require(summary.failed.isEmpty, "\(summary.failed)")
      return try mainScores(
        try JSON(parsing: try Data(contentsOf: store.file(of: name, model: embedder.model))))
    }
  }

  private func mainScores(_ result: JSON) throws -> [String: Double] {
    var scores: [String: Double] = [:]
    for (split, rows) in try #require(result["scores"]?.members?.entries) {
      for row in rows.array ?? [] {
        let subset = try #require(row["hf_subset"]?.string)
        scores["\(split)/\(subset)"] = row["main_score"]?.double
      }
    }
    return scores
  }
}
