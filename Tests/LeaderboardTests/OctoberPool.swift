// The pool that the paper's votes were counted against: result files of 2025-10-19, 306 models.

import Core
import Foundation
import Leaderboard
import Storage

struct OctoberPool {
  let scores: PoolScores
  /// Results that mteb 2.1 lost, as tasks by model.
  let lost: [String: Set<String>]

  /// Read once per process.
  static func everything() throws -> OctoberPool { try loaded.get() }

  private static let loaded = Result {
    try Golden.unpacked("pool-oct2025-slim") { try OctoberPool(in: $0.appending(path: "results")) }
  }

  /// Two files that win by Borda's choice among revisions and not by mteb's, which first asks its
  /// registry for the model's main revision (Seed1.5: 4; jasper: d6330ce).
  private static let unregistered = [
    "ByteDance-Seed__Seed1.5-Embedding/1/T2Reranking.json",
    "NovaSearch__jasper_en_vision_language_v1/b63cc243c0c027ac3dbe7735c9bd1049e0741d13/"
      + "AmazonCounterfactualClassification.json",
  ]

  /// Models of which mteb 2.1 lost every task that they have both in `external` and in
  /// `no_revision_available` and not in their main revision.
  private static let halved = [
    "Alibaba-NLP__gte-Qwen1.5-7B-instruct", "deepfile__embedder-100p", "izhx__udever-bloom-1b1",
    "izhx__udever-bloom-560m",
  ]

  private init(in folder: URL) throws {
    for path in Self.unregistered {
      try FileManager.default.removeItem(at: folder.appending(path: path))
    }
    // Of Seed1.5's remaining revisions the last by name is its main one.
    scores = try ResultScan(roots: [folder]).scores
    var lost: [String: Set<String>] = [:]
    for model in Self.halved {
      let both = try ["external", "no_revision_available"].map { revision in
        let path = folder.appending(path: "\(model)/\(revision)").path(percentEncoded: false)
        return Set(try FileManager.default.contentsOfDirectory(atPath: path))
      }
      let revisions = try FileManager.default.contentsOfDirectory(
        atPath: folder.appending(path: model).path(percentEncoded: false))
      var tasks = both[0].intersection(both[1])
      for revision in revisions where revision.count == 40 {
        let path = folder.appending(path: "\(model)/\(revision)").path(percentEncoded: false)
        tasks.subtract(try FileManager.default.contentsOfDirectory(atPath: path))
      }
      lost[model.replacing("__", with: "/")] = Set(tasks.map { $0.replacing(".json", with: "") })
    }
    self.lost = lost
  }

  static func benchmark() throws -> Benchmark {
    Benchmark(
      name: Golden.benchmark,
      tasks: try Golden.allTasks().filter { $0.name != "FloresBitextMining" },
      languageView: try Golden.languageView())
  }

  /// The pool as mteb 2.1 had it: without the results that it lost, and with four models whose files
  /// are not there.
  ///
  /// The four have AILAStatutes and MIRACLRetrievalHardNegatives alone. Their scores are made up, so
  /// that their published votes come out, and matter to others on these two tasks alone.
  func asOfOctober() -> PoolScores {
    var pool = scores
    for model in pool.models.indices {
      let lost = lost[pool.models[model].model] ?? []
      pool.models[model].tasks.removeAll { lost.contains($0.task) }
    }
    let absent: [(String, Double, Double)] = [
      ("voyageai/voyage-3.5 (output_dtype=int8)", 0.478209999, 0.5881983333333334),
      ("voyageai/voyage-3.5 (output_dtype=binary)", 0.3415, 0.5881983333333334),
      ("Cohere/Cohere-embed-v4.0 (output_dtype=int8)", 0.336685, 0.6407877777777777),
      ("Cohere/Cohere-embed-v4.0 (output_dtype=binary)", 0.317745, 0.639834997),
    ]
    let languages = pool.names.place(of: ["eng-Latn"])
    for (name, ailaStatutes, miracl) in absent {
      let cells = [
        ("AILAStatutes", "test", "default", ailaStatutes),
        ("MIRACLRetrievalHardNegatives", "dev", "en", miracl),
      ]
      pool.models.append(
        ModelScores(
          model: name, revisions: ["1"],
          tasks: cells.map { task, split, subset, score in
            TaskScores(
              task: task,
              cells: [
                ScoredCell(
                  split: pool.names.place(of: split), subset: pool.names.place(of: subset),
                  languages: languages, score: score)
              ])
          }))
    }
    return pool
  }
}
