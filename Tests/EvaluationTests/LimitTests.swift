// Quick looks: what is left of every type's problem, and that they never become results.

import Catalogue
import Core
import Datasets
import Foundation
import Metrics
import Storage
import TestSupport
import Testing

@testable import Evaluation

@Suite struct `A quick look` {
  @Test(arguments: [(10, 3), (1000, 20), (5, 5), (5, 9), (1, 2)])
  func `takes places in order, and a smaller one is within a larger one`(count: Int, limit: Int) {
    let places = QuickLook.places(of: count, limit: limit)
    #expect(places.count == min(count, limit))
    #expect(places == places.sorted() && Set(places).count == places.count)
    #expect(places.allSatisfy { (0..<count).contains($0) })
    #expect(places == QuickLook.places(of: count, limit: limit))
    #expect(Set(places).isSubset(of: QuickLook.places(of: count, limit: limit + 3)))
  }

  /// Texts of the first cell at most, with three items of each type.
  @Test(arguments: [
    // Three pairs have six texts; three rows of classification three beside the training rows.
    ("StarterSTS", 6), ("StarterPairs", 6), ("StarterBitext", 6), ("StarterClustering", 3),
    // All documents of Starter's corpora: they have fewer than a quick look takes.
    ("StarterRetrieval", 3 + DocumentSample.others), ("StarterReranking", 3 + 3 * 20),
  ])
  func `embeds no more than it says`(name: String, most: Int) async throws {
    let task = try Catalogue(root: Repository.tasks).task(name)
    try await withTemporaryFolder { folder in
      let embedder = ToyEmbedder()
      let runner = Runner(
        embedder: embedder, prompts: Prompts(), store: ResultStore(root: folder, limit: 3),
        locator: DataLocator())
      let plan = try #require(await runner.plan(Selection(tasks: [task])).first)
      #expect((plan.remaining.first?.texts ?? 0) <= most)
      _ = await runner.run(Selection(tasks: [task])) { _ in }
      #expect(embedder.textCount == plan.texts)
    }
  }

  @Test func `lies apart from results, in a form that is none, and goes on like any run`()
    async throws
  {
    let task = try Catalogue(root: Repository.tasks).task("StarterSTS")
    try await withTemporaryFolder { folder in
      let embedder = ToyEmbedder()
      func run(limit: Int?) async -> RunSummary {
        var runner = Runner(
          embedder: embedder, prompts: Prompts(), store: ResultStore(root: folder, limit: limit),
          locator: DataLocator())
        runner.keepsDetails = true
        return await runner.run(Selection(tasks: [task])) { _ in }
      }
      #expect(await run(limit: nil).evaluated == ["StarterSTS"])
      let whole = try files(below: folder)
      #expect(await run(limit: 3).evaluated == ["StarterSTS"])
      #expect(await run(limit: 3).skipped == ["StarterSTS"])
      #expect(await run(limit: 4).evaluated == ["StarterSTS"])
      // The result, its sidecar and its details are untouched, byte for byte.
      let after = try files(below: folder)
      for (path, bytes) in whole { #expect(after[path] == bytes, "\(path)") }
      let added = after.keys.filter { whole[$0] == nil }
      #expect(added.allSatisfy { $0.contains("/borda/limit-") })
      let look = try #require(added.first { $0.hasSuffix("borda/limit-3/StarterSTS.json") })
      // Copied to where results lie it is refused.
      try folder.write(
        "other/m/1/StarterSTS.json", String(decoding: after[look] ?? Data(), as: UTF8.self))
      let scan = try ResultScan(roots: [folder.appending(path: "other")])
      #expect(scan.scores.models.isEmpty)
      #expect(scan.refused.count == 1)
      #expect(await run(limit: nil).skipped == ["StarterSTS"])
    }
  }

  private func files(below folder: URL) throws -> [String: Data] {
    var files: [String: Data] = [:]
    for path in try FileManager.default.subpathsOfDirectory(atPath: folder.path()) {
      let file = folder.appending(path: path)
      if FilePaths.kind(of: file) == .file { files[path] = try Data(contentsOf: file) }
    }
    return files
  }
}

@Suite struct `A limited problem` {
  private func task(_ type: TaskType, _ metric: Metric) -> TaskDefinition {
    TaskDefinition(
      name: "Toy", type: type, subsets: [], splits: ["test"], mainScore: metric,
      data: .path(URL(filePath: "/x"), sha256: nil), file: URL(filePath: "/x.yaml"))
  }

  @Test func `of classification still trains on all its training rows`() throws {
    let evaluator = try ClassificationEvaluator(task(.classification, "accuracy"))
    let labels = ClassLabels([.number(0), .number(1)])
    // Evaluated on the training split: rows 1 and 4 are the drawn ones.
    let problem = ClassificationEvaluator.Problem(
      place: "x", labels: labels, texts: ["a", "b", "c", "d", "e"], truth: [0, 1, 0, 1, 0],
      trainingTexts: nil, trainingRows: [1, 4], trainingClasses: [1, 0], experiments: [[0, 1]],
      trainingName: "t")
    let small = evaluator.limited(problem, to: 2)
    #expect(small.texts.count == 2 && small.truth.count == 2)
    #expect(small.trainingTexts == ["b", "e"])
    #expect(evaluator.limited(problem, to: 5).trainingTexts == nil)
  }

  @Test(arguments: [
    (ClusteringSettings.DocumentCap.fraction(0.25), 2, 8), (.count(50), 2, 2), (.unlimited, 3, 3),
    (.fraction(0.25), 30, 100),
  ])
  func `of clustering embeds at most so many documents`(
    cap: ClusteringSettings.DocumentCap, limit: Int, left: Int
  ) throws {
    var task = task(.clustering, "v_measure")
    task.clustering.documentCap = cap
    var documents = ClusteringDocuments(place: "x")
    documents.texts = (0..<100).map(String.init)
    documents.paths = (0..<100).map { [.number($0 % 3)] }
    let evaluator = try ClusteringEvaluator(task)
    // A quarter of eight documents is two.
    guard case .documents(let small) = evaluator.limited(.documents(documents), to: limit) else {
      Issue.record("another kind of problem")
      return
    }
    #expect(small.texts.count == left)
    let groups = evaluator.texts(of: .documents(small), drawing: TaskStreams())
    #expect(groups.reduce(0) { $0 + $1.texts.count } <= limit)
  }

  @Test func `of older clustering keeps whole problems and cuts the next one`() throws {
    var task = task(.clustering, "v_measure")
    task.clustering.isLegacy = true
    var problems = SeparateClusterings(place: "x")
    problems.problems = (0..<3).map { _ in
      .init(texts: ["a", "b", "c", "d"], classes: [0, 2, 1, 2], classCount: 3)
    }
    guard
      case .separate(let small) = try ClusteringEvaluator(task).limited(.separate(problems), to: 6)
    else {
      Issue.record("another kind of problem")
      return
    }
    #expect(small.problems.map(\.texts.count) == [4, 2])
    #expect(small.problems.allSatisfy { Set($0.classes) == Set(0..<$0.classCount) })
  }

  @Test func `of retrieval has its queries' judged documents and some others`() async throws {
    try await withTemporaryFolder { folder in
      let corpus = (0..<3000).map { #"{"_id": "d\#($0)", "text": "text \#($0)"}"# }
      try folder.write("corpus.jsonl", corpus.joined(separator: "\n"))
      let queries = (0..<10).map { #"{"_id": "q\#($0)", "text": "query \#($0)"}"# }
      try folder.write("queries.jsonl", queries.joined(separator: "\n"))
      let judged = (0..<10).map { "q\($0)\td\($0 * 7)\t1\nq\($0)\td\($0 * 7 + 1)\t0" }
      try folder.write(
        "qrels/test.tsv", "query-id\tcorpus-id\tscore\n" + judged.joined(separator: "\n"))
      let task = try oneSubsetTask("Retrieval", "ndcg_at_10", in: folder)
      let evaluator = try RetrievalEvaluator(task)
      let cell = Cell(subset: task.subsets[0], split: "test")
      let data = try DataLocator().open(task).data
      let small = try await evaluator.limited(
        try await evaluator.load(cell, from: data), to: 2)
      #expect(small.queryIDs.count == 2)
      var ids: [String] = []
      try await small.corpus.forEachBlock { block, _ throws(Failure) in ids += block }
      #expect(try await small.corpus.checkedCount() == ids.count)
      // A thousand, and of the four judged ones those that are not among these.
      #expect((1000...1004).contains(ids.count))
      for query in small.queryIDs {
        for document in small.judgements[query].keys { #expect(ids.contains(document)) }
      }
    }
  }

  @Test func `keeps together what is scored together`() async throws {
    let merged = try RerankingEvaluator(
      {
        var task = task(.reranking, "map_at_1000")
        task.mergesSubqueries = true
        return task
      }())
    #expect(merged.unit(ofQuery: "a_1") == merged.unit(ofQuery: "a_2"))
    let changed = try InstructionRerankingEvaluator(task(.instructionReranking, "p-MRR"))
    #expect(changed.unit(ofQuery: "a-og") == changed.unit(ofQuery: "a-changed"))
    let plain = try RerankingEvaluator(task(.reranking, "map_at_1000"))
    #expect(plain.unit(ofQuery: "a_1") != plain.unit(ofQuery: "a_2"))
  }

  @Test func `takes candidate lists along`() {
    let lists = CandidateLists([["a", "b"], ["b", "c"], nil, ["d"]]).keeping(queries: [1, 2])
    #expect(lists.documentCount == 2)
    #expect(lists.queries(listing: "b") == [0])
    #expect(lists.queries(listing: "a") == [])
    #expect(lists.listedQueries == 1)
  }
}
