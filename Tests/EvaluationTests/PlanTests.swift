// Plans: what is counted in the data, what is guessed without them, and that nothing is changed.

import Core
import Evaluation
import Foundation
import Storage
import Synchronization
import TestSupport
import Testing

/// A toy with a tokenizer: a token for every word and two around the text, at most `limit`.
private final class WordEmbedder: Embedder {
  let base = ToyEmbedder()
  let limit: Int

  init(limit: Int = 6) { self.limit = limit }

  var model: ModelIdentity { base.model }

  func embed(_ request: EmbedRequest) async throws(Failure) -> EmbedOutcome {
    var outcome = try await base.embed(request)
    outcome.costs = await countTokens(request) ?? []
    return outcome
  }

  func countTokens(_ request: EmbedRequest) async -> [TextCost]? {
    let lengths = request.texts.map { (request.prompt + $0).split(separator: " ").count + 2 }
    return lengths.map { TextCost(tokens: min($0, limit), isTruncated: $0 > limit) }
  }

  func memory(longestText tokens: Int) -> EmbedderMemory {
    EmbedderMemory(weights: 1000, workspaces: 10 * tokens)
  }
}

private func estimate(
  _ tasks: [TaskDefinition], _ embedder: any Embedder, in folder: URL, prompts: Prompts = Prompts()
) async throws -> RunEstimate {
  let runner = Runner(
    embedder: embedder, prompts: prompts,
    store: ResultStore(root: folder.appending(path: "results")), locator: DataLocator())
  return try await runner.estimate(Selection(tasks: tasks), resident: 5000) { 0 }
}

@Suite struct `A plan` {
  @Test func `counts texts and tokens as the run will, prompts and limits included`() async throws {
    try await withTemporaryFolder { folder in
      try folder.write(
        "test.jsonl",
        """
        {"sentence1": "one two", "sentence2": "one", "score": 1}
        {"sentence1": "one two three four five", "sentence2": "", "score": 2}
        """)
      let task = try oneSubsetTask("STS", "cosine_spearman", in: folder)
      // Words + 2, at most 6: 4 + 3 + 6 + 2.
      let plain = try await estimate([task], WordEmbedder(), in: folder)
      #expect(plain.texts == 4 && plain.tokens == 15 && plain.isCounted)
      #expect(plain.tasks[0].truncated == 1)
      // One word more in front of each: 5 + 4 + 6 + 3.
      let prompts = Prompts(standard: "query: ")
      let prompted = Prompted(WordEmbedder(), prompts: prompts)
      #expect(try await estimate([task], prompted, in: folder).tokens == 18)
      // A model without a tokenizer here has no tokens; a time it has all the same.
      let toy = try await estimate([task], ToyEmbedder(), in: folder)
      #expect(toy.tokens == nil && toy.texts == 4 && toy.time != nil)
    }
  }

  @Test func `reads a corpus once, counts its documents and keeps to its candidates`() async throws
  {
    try await withTemporaryFolder { folder in
      try folder.write(
        "corpus.jsonl",
        """
        {"_id": "d1", "text": "one"}
        {"_id": "d2", "title": "a title", "text": "two"}
        {"_id": "d3", "text": "never embedded"}
        """)
      try folder.write("queries.jsonl", #"{"_id": "q", "text": "who?"}"#)
      try folder.write("qrels/test.tsv", "query-id\tcorpus-id\tscore\nq\td1\t1\n")
      try folder.write("top_ranked.jsonl", #"{"query-id": "q", "corpus-ids": ["d1", "d2"]}"#)
      let task = try oneSubsetTask("Retrieval", "ndcg_at_10", in: folder)
      // 3 for the query, 3 and 5 for the documents.
      let plan = try await estimate([task], WordEmbedder(), in: folder)
      #expect(plan.texts == 3 && plan.tokens == 11)
    }
  }

  @Test func `counts in clustering the documents that the run draws`() async throws {
    try await withTemporaryFolder { folder in
      try folder.write(
        "test.jsonl",
        (0..<60).map { row in
          let words = String(repeating: "w ", count: row % 4)
          return #"{"sentences": "\#(words)\#(row)", "labels": "\#(row % 3)"}"#
        }.joined(separator: "\n"))
      let task = try oneSubsetTask("Clustering", "v_measure", in: folder) {
        $0.clustering.documentCap = .count(11)
        $0.clustering.documentsPerBootstrap = 20
      }
      let embedder = WordEmbedder()
      let plan = try await estimate([task], embedder, in: folder)
      #expect(plan.texts == 11)
      let sampled = embedder.base.requests.count
      let runner = Runner(
        embedder: embedder, prompts: Prompts(),
        store: ResultStore(root: folder.appending(path: "results")), locator: DataLocator())
      _ = await runner.run(Selection(tasks: [task])) { _ in }
      let run = embedder.base.requests.dropFirst(sampled)
      var tokens = 0
      for request in run {
        tokens += await embedder.countTokens(request)?.reduce(0) { $0 + $1.tokens } ?? 0
      }
      #expect(plan.tokens == tokens)
    }
  }

  @Test func `guesses from the task's file where the data are elsewhere`() async throws {
    try await withTemporaryFolder { folder in
      let task = try oneSubsetTask("STS", "cosine_spearman", in: folder) {
        $0.data = .hub(repository: "org/data", revision: "0123456789")
        $0.sizes = [SplitSize(split: "test", count: 1000)]
      }
      let plan = try await estimate([task], WordEmbedder(limit: 100), in: folder)
      #expect(plan.texts == 2000 && !plan.isCounted)
      // Made-up sentences of 20 words and two special tokens.
      #expect(plan.tokens == 2000 * 22)
      #expect(plan.time != nil)
      var unknown = task
      unknown.sizes = []
      let nothing = try await estimate([unknown], WordEmbedder(), in: folder)
      #expect(nothing.tasks[0].texts == nil && nothing.texts == 0)
    }
  }

  @Test func `takes the mean length of what it has read for what it has not`() async throws {
    try await withTemporaryFolder { folder in
      try folder.write(
        "here/test.jsonl", #"{"sentence1": "a b", "sentence2": "a b c d", "score": 1}"#)
      let here = try oneSubsetTask("STS", "cosine_spearman", in: folder.appending(path: "here"))
      var there = here
      there.name = "There"
      there.data = .hub(repository: "org/data", revision: "0123456789")
      there.sizes = [SplitSize(split: "test", count: 10)]
      // 4 and 6 tokens here: 5 in the mean, for 20 texts there.
      let plan = try await estimate([here, there], WordEmbedder(), in: folder)
      #expect(plan.tasks.map(\.tokens) == [10, 100])
      #expect(plan.tasks.map(\.isCounted) == [true, false])
    }
  }

  @Test func `adds up the memory of model, work space and the hungriest task`() async throws {
    try await withTemporaryFolder { folder in
      try folder.write(
        "test.jsonl", #"{"sentence1": "one two", "sentence2": "one", "score": 1}"#)
      let task = try oneSubsetTask("STS", "cosine_spearman", in: folder)
      let plan = try await estimate([task], WordEmbedder(), in: folder)
      // The process takes 5000 bytes by now, workspaces 10 for each of 4 tokens.
      #expect(plan.modelMemory == 5040)
      let cell = try #require(plan.tasks[0].plan.remaining.first)
      #expect(plan.memory == 5040 + cell.needs.memory)
      // Two texts of 10 bytes: 10 + 2 · 48, and 2 · 10 + 2 · (16 + 4 · 2) to embed them.
      #expect(cell.needs.memory == 174)
    }
  }
}
