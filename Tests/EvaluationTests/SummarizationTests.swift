// Summarization: what is embedded, and which rows are refused.

import Core
import Evaluation
import TestSupport
import Testing

@Suite struct Summarization {
  @Test func `embeds all human summaries, then all by machines, without a role`() async throws {
    try await withTemporaryFolder { folder in
      try folder.write(
        "test.jsonl",
        """
        {"text": "t", "human_summaries": ["h"], "machine_summaries": ["m", "n"], "relevance": [5, 1]}
        {"text": "u", "human_summaries": ["i", "j"], "machine_summaries": ["o"], "relevance": [3]}
        """)
      // Cosines of m and n with h: 1 and 0, as rated. The second text has one summary only.
      let embedder = ToyEmbedder(["h": [1, 0], "m": [2, 0], "n": [0, 1]])
      let task = try oneSubsetTask("Summarization", "cosine_spearman", in: folder) {
        $0.scoreRange = 0...5
      }
      let session = EmbeddingSession(
        embedder: embedder, task: TaskContext(name: task.name, type: task.type))
      let scores = try await firstScores(of: task, session)
      #expect(embedder.requests.map(\.texts) == [["h", "i", "j"], ["m", "n", "o"]])
      #expect(embedder.requests.allSatisfy { $0.role == nil })
      #expect(abs((scores["cosine_spearman"] ?? 0) - 1) < 1e-15)
      #expect(
        session.takeCounts().notes
          == ["1 texts with equal ratings or similarities were left out"])
    }
  }

  @Test(arguments: [
    (#""human_summaries": [], "machine_summaries": ["m"], "relevance": [1]"#, "no human summary"),
    (#""human_summaries": ["h"], "machine_summaries": [], "relevance": []"#, "no machine summary"),
    (
      #""human_summaries": ["h"], "machine_summaries": ["m"], "relevance": [1, 2]"#,
      "1 machine summaries have 2 ratings"
    ),
    (
      #""human_summaries": ["h"], "machine_summaries": ["m"], "relevance": [6]"#,
      "outside score_range"
    ),
    (
      #""human_summaries": "h", "machine_summaries": ["m"], "relevance": [1]"#,
      "'human_summaries' is no list of texts"
    ),
    (
      #""human_summaries": ["h"], "machine_summaries": ["m"], "relevance": ["1"]"#,
      "'relevance' is no list of numbers"
    ),
  ])
  func `refuses a wrong row by its number`(row: String, problem: String) async throws {
    try await withTemporaryFolder { folder in
      try folder.write("test.jsonl", "{\(row)}")
      let task = try oneSubsetTask("Summarization", "cosine_spearman", in: folder) {
        $0.scoreRange = 0...5
      }
      let failure = await #expect(throws: Failure.self) {
        try await firstScores(of: task, ToyEmbedder())
      }
      #expect(failure?.message.contains("row 1: ") == true)
      #expect(failure?.message.contains(problem) == true, "\(String(describing: failure))")
    }
  }
}
