// Pair classification: how rows become pairs, and which rows are refused.

import Core
import Evaluation
import TestSupport
import Testing

@Suite struct `Pair classification` {
  // Cosines of the three pairs: 1, 0, -1.
  private let table: [String: [Float]] = [
    "a": [1, 0], "a2": [1, 0], "b": [1, 0], "b2": [0, 1], "c": [1, 0], "c2": [-1, 0],
  ]

  @Test(arguments: [
    """
    {"sentence1": "a", "sentence2": "a2", "labels": 1}
    {"sentence1": "b", "sentence2": "b2", "labels": 0}
    {"sentence1": "c", "sentence2": "c2", "labels": 1}
    """,
    """
    {"sentence1": ["a", "b", "c"], "sentence2": ["a2", "b2", "c2"], "labels": [1, 0, 1]}
    """,
    """
    {"sentence1": "a", "sentence2": "a2", "labels": true}
    {"sentence1": "b", "sentence2": "b2", "labels": "0"}
    {"sentence1": "c", "sentence2": "c2", "labels": 1.0}
    """,
  ])
  func `rows of pairs and one row of lists are the same`(rows: String) async throws {
    try await withTemporaryFolder { folder in
      try folder.write("test.jsonl", rows)
      let embedder = ToyEmbedder(table)
      let scores = try await firstScores(
        of: try oneSubsetTask("PairClassification", "max_ap", in: folder), embedder)
      #expect(embedder.requests.map(\.texts) == [["a", "b", "c"], ["a2", "b2", "c2"]])
      #expect(embedder.requests.allSatisfy { $0.role == nil })
      // Labels from most to least similar: 1, 0, 1. AP = 1/2 · 1 + 1/2 · 2/3.
      #expect(abs((scores["cosine_ap"] ?? 0) - 5.0 / 6) < 1e-15)
      // One pair taken: 2 of 3 right.
      #expect(scores["cosine_accuracy"] == 2.0 / 3)
    }
  }

  @Test func `columns may have other names`() async throws {
    try await withTemporaryFolder { folder in
      try folder.write("test.jsonl", #"{"x": "a", "y": "a2", "gold": 1}"#)
      let task = try oneSubsetTask("PairClassification", "cosine_ap", in: folder) {
        $0.columns = ["sentence1": "x", "sentence2": "y", "labels": "gold"]
      }
      #expect(try await firstScores(of: task, ToyEmbedder(table))["cosine_ap"] == 1)
    }
  }

  @Test(arguments: [
    (#"{"sentence1": "a", "sentence2": "b", "labels": 2}"#, "'labels' is 2, neither 0 nor 1"),
    (#"{"sentence1": "a", "sentence2": "b", "labels": null}"#, "neither 0 nor 1"),
    (#"{"sentence1": "a", "sentence2": null, "labels": 1}"#, "'sentence2' is no text"),
    (#"{"sentence1": ["a"], "sentence2": ["b"], "labels": 1}"#, "in every column"),
    (
      #"{"sentence1": ["a"], "sentence2": ["b", "c"], "labels": [1]}"#,
      "different lengths: 1, 2, 1"
    ),
    (#"{"sentence1": [], "sentence2": [], "labels": []}"#, "the lists are empty"),
    (
      """
      {"sentence1": ["a"], "sentence2": ["b"], "labels": [1]}
      {"sentence1": ["a"], "sentence2": ["b"], "labels": [1]}
      """, "row 2: only a table of one row may hold lists"
    ),
    ("", "the data set is empty"),
  ])
  func `refuses a wrong row by its number`(rows: String, problem: String) async throws {
    try await withTemporaryFolder { folder in
      try folder.write("test.jsonl", rows)
      let task = try oneSubsetTask("PairClassification", "max_ap", in: folder)
      let failure = await #expect(throws: Failure.self) {
        try await firstScores(of: task, ToyEmbedder())
      }
      #expect(failure?.message.contains(problem) == true, "\(String(describing: failure))")
    }
  }
}
