// The older clustering recipe: every row of the data is a clustering problem of its own.

import Core
import Datasets
import Foundation
import Learning
import Metrics
import Tensors

/// Clustering problems, each with its own texts and classes.
package struct SeparateClusterings: Sendable {
  let place: String
  var problems: [Problem] = []

  /// One row of the data.
  struct Problem: Sendable {
    let texts: [String]
    let classes: [Int]
    let classCount: Int

    /// Where all texts have one label there is nothing to cluster, and nothing is embedded.
    var isTrivial: Bool { classCount == 1 }
  }

  init(place: String) { self.place = place }

  mutating func add(_ row: PairTable.Row, _ kind: inout LabelKind) throws(Failure) {
    let texts = try row.textList(0)
    guard row.values[1].array != nil else {
      throw row.malformed("column '\(row.columns[1].name)' is no list of labels")
    }
    let labels = try row.labelPath(1, &kind)
    guard texts.count == labels.count, !texts.isEmpty else {
      throw row.malformed("there are \(texts.count) texts and \(labels.count) labels")
    }
    let names = ClassLabels(labels)
    problems.append(
      Problem(
        texts: texts, classes: labels.compactMap(names.classOf), classCount: names.count))
  }

  /// The V-measure of each problem, 1 for a trivial one; their mean and standard deviation.
  ///
  /// As many problems at a time as there are processors are embedded and then clustered side by
  /// side, fewer where the memory's budget is small; it holds the vectors of these alone.
  func scores(with session: EmbeddingSession) async throws(Failure) -> Scores {
    let kernels = try Kernels()
    let width = ProcessInfo.processInfo.activeProcessorCount
    let open = problems.indices.filter { !problems[$0].isTrivial }
    var measures = Array(repeating: 1.0, count: problems.count)
    var start = 0
    while start < open.count {
      let fitting = self.width(
        of: open[start...], most: width, dimensions: session.model.dimensions, in: session.memory)
      let places = open[start..<min(start + fitting, open.count)]
      start = places.endIndex
      let group = places.map { problems[$0] }
      var vectors: [Embeddings] = []
      for problem in group {
        let own = try await session.embed(problem.texts)
        try own.requireFinite(of: place, kernels)
        vectors.append(own)
      }
      let embedded = vectors
      let results = try await Experiments.results(group.count, of: place) { index in
        group[index].vMeasure(embedded[index], kernels)
      }
      for (place, measure) in zip(places, results) { measures[place] = measure }
    }
    var scores = Scores()
    scores.add("v_measure", of: measures)
    scores.details["v_measures"] = .numbers(measures)
    let values = measures
    try await session.keepDetails { details(values) }
    return scores
  }
}

extension SeparateClusterings.Problem {
  fileprivate func vMeasure(_ vectors: Embeddings, _ kernels: Kernels) -> Double {
    // Batches of 500; the newer recipe has 512.
    let clusters = MiniBatchKMeans(clusters: classCount, batchSize: 500, kernels: kernels)
      .labels(of: Array(texts.indices), in: vectors)
    return ClusterAgreement(classes: classes, clusters: clusters).vMeasure
  }
}
