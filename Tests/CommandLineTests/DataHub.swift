// A hub with data sets for tests of the command line, a catalogue whose tasks name them, and a cache of
// its own.

import Core
import FakeHub
import Foundation
import TestSupport

/// The commit of every repository.
let hubCommit = String(repeating: "0f1e2d3c", count: 5)

/// The variables with which a program knows this hub and no other, and nobody's token.
func hubEnvironment(_ hub: FakeHub, _ folder: URL) -> [String: String] {
  var variables = [
    "HF_ENDPOINT": hub.address, "HF_HOME": folder.appending(path: "hf").path(percentEncoded: false),
  ]
  // A busy machine may let the hub wait for long.
  for name in ["HF_HUB_ETAG_TIMEOUT", "HF_HUB_DOWNLOAD_TIMEOUT"] { variables[name] = "300" }
  for name in [
    "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_TOKEN_PATH",
    "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "http_proxy", "HTTP_PROXY", "https_proxy",
    "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY",
  ] {
    variables[name] = ""
  }
  return variables
}

struct DataHub: Sendable {
  let hub: FakeHub
  let folder: URL
  var environment: [String: String]

  /// Runs a hub with the data sets `org/pairs` and `org/search`, and the tasks Pairs, MorePairs and
  /// Search in the catalogue `cat`, whose benchmark is Toy.
  static func run(_ body: @escaping @Sendable (DataHub) async throws -> Void) async throws {
    try await withTemporaryFolder { folder in
      try await FakeHub.run { hub in
        let bench = DataHub(hub: hub, folder: folder, environment: hubEnvironment(hub, folder))
        try bench.fill()
        try await body(bench)
      }
    }
  }

  /// Three rows, 207 bytes.
  static let pairs = """
    {"sentence1": "a red house", "sentence2": "a red home", "score": 4}
    {"sentence1": "a dog", "sentence2": "the stock market", "score": 0}
    {"sentence1": "blue sky", "sentence2": "blue skies today", "score": 3}

    """

  private func fill() throws {
    hub.add(
      "datasets/org/pairs",
      FakeRepository(
        commit: hubCommit,
        [
          "test.jsonl": .large(Array(Self.pairs.utf8)),
          "train.jsonl": .large(Array(repeating: 10, count: 100_000)),
          "loader.py": .small("raise SystemExit\n"),
        ]))
    hub.add("datasets/org/search", FakeRepository(commit: hubCommit, Self.search))
    try write("Pairs", type: "STS", score: "cosine_spearman", "org/pairs", "licence: mit")
    try write("MorePairs", type: "STS", score: "cosine_pearson", "org/pairs", "licence: mit")
    try write("Search", type: "Retrieval", score: "ndcg_at_10", "org/search")
    try folder.write("cat/Benchmarks/Toy.yaml", "name: Toy\ntasks: [Pairs, MorePairs, Search]\n")
  }

  private static let search: [String: FakeFile] = [
    "README.md": .small(
      """
      ---
      configs:
      - config_name: corpus
        data_files: [{split: corpus, path: "parts/corpus-*.jsonl"}]
      - config_name: queries
        data_files: [{split: queries, path: queries.jsonl}]
      - config_name: default
        data_files: [{split: test, path: qrels/test.tsv}, {split: dev, path: qrels/dev.tsv}]
      - config_name: other-corpus
        data_files: [{split: corpus, path: other.jsonl}]
      ---
      """),
    "parts/corpus-00000-of-00002.jsonl": .small(
      "{\"_id\": \"d1\", \"text\": \"rivers and lakes\"}\n"),
    "parts/corpus-00001-of-00002.jsonl": .small(
      "{\"_id\": \"d2\", \"text\": \"engines and wheels\"}\n"),
    "queries.jsonl": .small("{\"_id\": \"q1\", \"text\": \"which lakes\"}\n"),
    "qrels/test.tsv": .small("query-id\tcorpus-id\tscore\nq1\td1\t1\n"),
    "qrels/dev.tsv": .small("query-id\tcorpus-id\tscore\nq1\td2\t1\n"),
    "other.jsonl": .large(Array(repeating: 10, count: 100_000)),
  ]

  /// A task file in the catalogue.
  func write(
    _ name: String, type: String, score: String, _ repository: String, _ more: String = ""
  ) throws {
    try folder.write(
      "cat/\(type)/\(name).yaml",
      """
      name: \(name)
      type: \(type)
      languages: {default: [eng-Latn]}
      splits: [test]
      main_score: \(score)
      data: {hub: \(repository), revision: \(hubCommit)}
      \(more)
      """)
  }

  /// Runs the program with the toy catalogue.
  func borda(
    _ arguments: [String], _ more: [String: String] = [:]
  ) async throws -> Finished {
    try await Program.run(
      arguments + ["--catalogue", "cat"], in: folder,
      environment: environment.merging(more) { $1 })
  }

  /// Evaluates the baseline.
  func evaluate(
    _ arguments: [String], _ more: [String: String] = [:]
  ) async throws -> Finished {
    try await borda(
      ["evaluate", "--model", "baseline:hash", "--threads", "1", "--results", "results"]
        + arguments, more)
  }

  /// The files that a snapshot shows, sorted.
  func snapshot(_ name: String) throws -> [String] {
    let folder = folder.appending(path: "hf/hub/datasets--\(name)/snapshots/\(hubCommit)")
    guard exists(folder) else { return [] }
    return try FileManager.default.subpathsOfDirectory(atPath: folder.path(percentEncoded: false))
      .filter { FilePaths.kind(of: folder.appending(path: $0)) == .file }.sorted()
  }

  /// Names in a repository's folder of bytes.
  func blobs(_ name: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(
      atPath: folder.appending(path: "hf/hub/datasets--\(name)/blobs").path(percentEncoded: false))
  }
}
