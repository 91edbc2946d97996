// The published score of a task whose data are the public ones, and main scores that single tasks
// have instead of their type's.

import Core
import Encoders
import Evaluation
import Foundation
import TestSupport
import Testing

@Suite(
  .enabled(if: Shared.isPresent, Shared.reason), .enabled(if: MiniLM.isPresent, MiniLM.reason))
struct `The public leaderboard` {
  @Test func `has the score of indonli that the local engine reaches`() async throws {
    let embedder = try LocalEmbedder(
      try Checkpoint(folder: MiniLM.folder), name: "sentence-transformers/all-MiniLM-L6-v2",
      revision: "1")
    let file = Shared.url("golden/all-MiniLM-L6-v2/indonli.full.json")
    let result = try await expectReference("indonli", embedder, file, within: 1e-4)
    try expectPublished(result, within: 1e-6)
  }
}

@Suite struct `Main scores of single tasks` {
  @Test(arguments: [
    ("Retrieval", "ndcg_at_1"), ("Retrieval", "recall_at_10"), ("Retrieval", "mrr_at_5"),
    ("Retrieval", "recall_at_100"), ("Retrieval", "hit_rate_at_5"), ("Reranking", "map_at_1000"),
    ("Reranking", "mrr_at_10"), ("Reranking", "ndcg_at_10"), ("InstructionReranking", "p-MRR"),
    ("PairClassification", "max_ap"), ("PairClassification", "max_accuracy"),
    ("PairClassification", "similarity_ap"), ("Summarization", "cosine_spearman"),
  ])
  func `are accepted`(type: String, metric: String) throws {
    let task = try oneSubsetTask(type, metric, in: URL(filePath: "/nowhere"))
    _ = try Evaluators.evaluator(for: task)
  }
}
