// The clustering evaluator on data small enough to compute by hand.

import Core
import Datasets
import Evaluation
import Foundation
import Storage
import TestSupport
import Testing

/// A clustering task with one subset over a folder.
private func toyTask(
  in folder: URL, change: (inout TaskDefinition) -> Void = { _ in }
) throws -> TaskDefinition {
  let english = try #require(Language("eng-Latn"))
  var task = TaskDefinition(
    name: "Toy", type: .clustering,
    subsets: [Subset(name: "default", languages: [english])], splits: ["test"],
    mainScore: "v_measure", experiments: 3,
    clustering: ClusteringSettings(documentCap: .unlimited, documentsPerBootstrap: 50),
    data: .path(folder, sha256: nil), file: folder.appending(path: "Toy.yaml"))
  change(&task)
  return task
}

private func legacy(_ task: inout TaskDefinition) {
  task.experiments = nil
  task.clustering = ClusteringSettings(isLegacy: true)
}

private func toyScores(
  of task: TaskDefinition, _ embedder: ToyEmbedder = ToyEmbedder()
) async throws -> Scores {
  let data = try DataLocator().open(task).data
  let session = EmbeddingSession(
    embedder: embedder, task: TaskContext(name: task.name, type: task.type))
  let cell = Cell(subset: task.subsets[0], split: task.splits[0])
  return try await Evaluators.evaluator(for: task).loadedScores(cell, data, session)
}

extension Evaluator {
  fileprivate func loadedScores(
    _ cell: Cell, _ data: DataFolder, _ session: EmbeddingSession
  ) async throws -> Scores {
    try await scores(of: try await load(cell, from: data), with: session)
  }
}

/// Four documents in two places far apart.
private let places: [String: [Float]] = [
  "a": [0, 1], "b": [0, 1.1], "c": [9, 0], "d": [9.1, 0],
]

/// Measure, level, and what the reference gives for two experiments.
private typealias Lists = [String: [String: [Double]]]
private let topMeasures = [0.040636882336380444, 0.050971914321553305]
private let topInformation = [0.022296420596073965, 0.032571923687850245]
private let referenceOfNumbers: Lists = [
  "v_measures": [
    "Level 0": topMeasures, "Level 1": [0.0003017697373495547, 0.00016967687718088252],
  ],
  "ami_scores": [
    "Level 0": topInformation, "Level 1": [-0.007167360277974407, -0.007358222379626735],
  ],
]
private let referenceOfTexts: Lists = [
  "v_measures": [
    "Level 0": topMeasures, "Level 1": [0.011158038346563613, 0.013752099147331607],
  ],
  "ami_scores": [
    "Level 0": topInformation, "Level 1": [-0.008805074938835668, -0.0059827862629608436],
  ],
]

/// As a result file shows numbers; perfect agreement is 1 only but for the last bit.
private func rounded(_ json: JSON) -> String {
  json.mapNumbers { $0.rounded(decimals: 6) }.line
}

private func documents(_ labels: [String]) -> String {
  zip(["a", "b", "c", "d"], labels).map { #"{"sentences": "\#($0)", "labels": \#($1)}"# }
    .joined(separator: "\n")
}

@Suite struct `Clustering` {
  @Test func `finds two heaps and repeats that for every experiment`() async throws {
    try await withTemporaryFolder { folder in
      try folder.write("test.jsonl", documents(["1", "1", "2", "2"]))
      let embedder = ToyEmbedder(places)
      let scores = try await toyScores(of: try toyTask(in: folder), embedder)
      // The heaps are the classes: both measures are 1 in all three experiments.
      #expect(
        scores.entries.map(\.metric.rawValue) == ["v_measure", "v_measure_std", "ami", "ami_std"])
      #expect(
        rounded(.object(scores.entries.map { ($0.metric.rawValue, .number($0.value)) })) == """
          {"v_measure": 1.0, "v_measure_std": 0.0, "ami": 1.0, "ami_std": 0.0}
          """)
      #expect(
        rounded(.object(scores.details)) == """
          {"v_measures": {"Level 0": [1.0, 1.0, 1.0]}, "ami_scores": {"Level 0": [1.0, 1.0, 1.0]}}
          """)
      #expect(embedder.requests.map(\.texts) == [["a", "b", "c", "d"]])
      #expect(embedder.requests.allSatisfy { $0.role == nil })
    }
  }

  @Test func `draws the documents where there is a cap, even for all of them`() async throws {
    try await withTemporaryFolder { folder in
      try folder.write("test.jsonl", documents(["1", "1", "2", "2"]))
      let embedder = ToyEmbedder(places)
      let task = try toyTask(in: folder) { $0.clustering.documentCap = .count(9) }
      _ = try await toyScores(of: task, embedder)
      // Python: random.Random(42).sample(range(4), 4) == [0, 3, 1, 2]
      #expect(embedder.requests.map(\.texts) == [["a", "d", "b", "c"]])
    }
  }

  @Test func `goes on with its draws from subset to subset, also over one that is skipped`()
    async throws
  {
    try await withTemporaryFolder { folder in
      let rows = (0..<40).map { #"{"sentences": "t\#($0)", "labels": "\#($0 % 4)"}"# }
        .joined(separator: "\n")
      for subset in ["one", "two"] { try folder.write("\(subset)/test.jsonl", rows) }
      let task = try toyTask(in: folder) { task in
        task.subsets = ["one", "two"].map { Subset(name: $0, languages: task.subsets[0].languages) }
      }
      var second = task
      second.subsets.removeFirst()
      func mainScores(_ selection: Selection, _ name: String) async throws -> [String: Double] {
        let store = ResultStore(root: folder.appending(path: name))
        let embedder = ToyEmbedder()
        let runner = Runner(
          embedder: embedder, prompts: Prompts(), store: store, locator: DataLocator())
        let summary = await runner.run(selection) { _ in }
        try #require(summary.failed.isEmpty, "\(summary.failed)")
        let result = try ResultStore.read(store.file(of: "Toy", model: embedder.model))
        return Dictionary(
          uniqueKeysWithValues: result.splits[0].rows.compactMap { row in
            row.mainScore.map { (row.subset, $0) }
          })
      }
      let whole = try await mainScores(Selection(tasks: [task]), "whole")
      let alone = try await mainScores(Selection(tasks: [second]), "alone")
      // The same data, other draws: the second subset scores differently, and as the first where
      // it is the only one.
      #expect(whole["one"] != whole["two"])
      #expect(alone["two"] == whole["one"])
    }
  }

  @Test(arguments: [
    // Level 1 has the class x and the class "-1", which texts without a second level make: the two
    // heaps, whose classes agree with them.
    [#"["p", "x"]"#, #"["p", "x"]"#, #"["q"]"#, #"["q"]"#],
    // Of numbers only a and b are left, each a class of its own. Were c and d a third class, three
    // clusters would be found all the same, so the texts below tell the two apart.
    ["[1, 5]", "[1, 6]", "[2]", "[2]"],
  ])
  func `reads a hierarchy level by level`(labels: [String]) async throws {
    try await withTemporaryFolder { folder in
      try folder.write("test.jsonl", documents(labels))
      let scores = try await toyScores(of: try toyTask(in: folder), ToyEmbedder(places))
      #expect(
        rounded(try #require(scores.details["v_measures"])) == """
          {"Level 0": [1.0, 1.0, 1.0], "Level 1": [1.0, 1.0, 1.0]}
          """)
      let shallow = try toyTask(in: folder) { $0.clustering.maxDepth = 1 }
      let first = try await toyScores(of: shallow)
      #expect(first.details["v_measures"]?.members?.keys == ["Level 0"])
    }
  }

  // mteb 2.26.24, `random.Random(42)`, two experiments of 100 draws: rows i with the labels
  // [i mod 3, i mod 4] where i is even and [i mod 3] where it is odd, as numbers and as texts, and
  // vectors that are i mod 7 and i mod 5.
  @Test(arguments: [false, true])
  func `treats missing levels as the reference does`(isText: Bool) async throws {
    let expected = isText ? referenceOfTexts : referenceOfNumbers
    try await withTemporaryFolder { folder in
      let quote = isText ? "\"" : ""
      let rows = (0..<60).map { i in
        let deeper = i % 2 == 0 ? ", \(quote)\(i % 4)\(quote)" : ""
        return #"{"sentences": "t\#(i)", "labels": [\#(quote)\#(i % 3)\#(quote)\#(deeper)]}"#
      }
      try folder.write("test.jsonl", rows.joined(separator: "\n"))
      let task = try toyTask(in: folder) { task in
        task.experiments = 2
        task.clustering.documentsPerBootstrap = 100
      }
      let vectors = (0..<60).map { ("t\($0)", [Float($0 % 7), Float($0 % 5)]) }
      let scores = try await toyScores(
        of: task, ToyEmbedder(Dictionary(uniqueKeysWithValues: vectors)))
      for (key, levels) in expected {
        for (level, values) in levels {
          let found = scores.details[key]?[level]?.array?.compactMap(\.double) ?? []
          #expect(found.count == values.count)
          for (a, b) in zip(found, values) { #expect(abs(a - b) < 1e-12, "\(key) \(level)") }
        }
      }
    }
  }

  @Test(arguments: [
    (#"{"sentences": "a", "labels": null}"#, "the label null is no text and no whole number"),
    (#"{"sentences": "a", "labels": [1, {}]}"#, "the label {} is no text and no whole number"),
    (#"{"sentences": ["a"], "labels": 1}"#, "column 'sentences' is no text"),
    (#"{"sentences": "a", "labels": []}"#, "no embedded document has a label"),
    (#"{"sentences": "a", "labels": -1}"#, "no embedded document has a label at level 0"),
  ])
  func `refuses rows without a label`(row: String, problem: String) async throws {
    try await withTemporaryFolder { folder in
      try folder.write("test.jsonl", row)
      let task = try toyTask(in: folder)
      let failure = await #expect(throws: Failure.self) { try await toyScores(of: task) }
      #expect(failure?.message.contains(problem) == true, "\(String(describing: failure))")
    }
  }

  @Test func `refuses a cap that leaves nothing, and more classes than a bootstrap has documents`()
    async throws
  {
    try await withTemporaryFolder { folder in
      try folder.write("test.jsonl", documents(["1", "1", "2", "2"]))
      let capped = try toyTask(in: folder) { $0.clustering.documentCap = nil }
      let none = await #expect(throws: Failure.self) { try await toyScores(of: capped) }
      #expect(none?.message == "the document cap leaves none of 4 documents")
      let small = try toyTask(in: folder) { $0.clustering.documentsPerBootstrap = 1 }
      let few = await #expect(throws: Failure.self) { try await toyScores(of: small) }
      #expect(few?.message == "level 0 has 2 classes, a bootstrap only 1 documents")
    }
  }

  @Test func `refuses vectors that are not finite`() async throws {
    try await withTemporaryFolder { folder in
      try folder.write("test.jsonl", documents(["1", "1", "2", "2"]))
      let task = try toyTask(in: folder)
      let embedder = ToyEmbedder(places.merging(["a": [.nan, 0]]) { $1 })
      let failure = await #expect(throws: Failure.self) { try await toyScores(of: task, embedder) }
      #expect(failure?.message.contains("infinite or undefined") == true)
    }
  }

  @Test func `is the only type that takes its keys`() async throws {
    try await withTemporaryFolder { folder in
      let task = try toyTask(in: folder) {
        $0.type = .sts
        $0.mainScore = "cosine_spearman"
        $0.experiments = nil
      }
      let failure = #expect(throws: Failure.self) { try Evaluators.evaluator(for: task) }
      #expect(failure?.message == "the key 'document_cap' means nothing to STS")
    }
  }
}

@Suite struct `Legacy clustering` {
  @Test func `scores every row and averages`() async throws {
    try await withTemporaryFolder { folder in
      try folder.write(
        "test.jsonl",
        """
        {"sentences": ["a", "b", "c", "d"], "labels": ["x", "x", "y", "y"]}
        {"sentences": ["a", "b", "c", "d"], "labels": ["x", "y", "x", "y"]}
        {"sentences": ["a", "c"], "labels": ["x", "x"]}
        """)
      // The heaps are the classes; they say nothing about them; a single class scores 1 unasked.
      // Mean 2/3, deviations 1/3, -2/3, 1/3: variance (1 + 4 + 1)/27 = 2/9.
      let embedder = ToyEmbedder(places)
      let scores = try await toyScores(of: try toyTask(in: folder, change: legacy), embedder)
      #expect(embedder.requests.map(\.texts.count) == [4, 4])
      #expect(scores.entries.map(\.metric.rawValue) == ["v_measure", "v_measure_std"])
      #expect(abs((scores["v_measure"] ?? 0) - 2.0 / 3) < 1e-15)
      #expect(abs((scores["v_measure_std"] ?? 0) - (2.0 / 9).squareRoot()) < 1e-15)
      #expect(scores.details["v_measures"]?.array == [.number(1), .number(0), .number(1)])
    }
  }

  @Test(arguments: [
    (#"{"sentences": "a", "labels": ["x"]}"#, "column 'sentences' is no list of texts"),
    (#"{"sentences": ["a"], "labels": "x"}"#, "column 'labels' is no list of labels"),
    (#"{"sentences": ["a", "b"], "labels": ["x"]}"#, "there are 2 texts and 1 labels"),
  ])
  func `refuses a row that is no problem`(row: String, problem: String) async throws {
    try await withTemporaryFolder { folder in
      try folder.write("test.jsonl", row)
      let task = try toyTask(in: folder, change: legacy)
      let failure = await #expect(throws: Failure.self) { try await toyScores(of: task) }
      #expect(failure?.message.contains(problem) == true, "\(String(describing: failure))")
    }
  }

  @Test func `refuses what only the newer recipe knows`() async throws {
    try await withTemporaryFolder { folder in
      let capped = try toyTask(in: folder) { $0.clustering.isLegacy = true }
      #expect(throws: Failure.self) { try Evaluators.evaluator(for: capped) }
      let other = try toyTask(in: folder) { task in
        legacy(&task)
        task.mainScore = "ami"
      }
      #expect(throws: Failure.self) { try Evaluators.evaluator(for: other) }
    }
  }
}
