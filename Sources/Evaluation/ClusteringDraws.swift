// Which documents a clustering task embeds and which of them each experiment clusters: drawn from
// the task's stream, before anything is embedded.

import Core
import Learning
import Metrics
import Sampling
import Tensors

/// All documents of one cell.
package struct ClusteringDocuments: Sendable {
  let place: String
  var texts: [String] = []
  /// The labels of each document from the top of the hierarchy down; one where there is none.
  var paths: [[ClassLabel]] = []

  init(place: String) { self.place = place }

  mutating func add(_ row: PairTable.Row, _ kind: inout LabelKind) throws(Failure) {
    texts.append(try row.text(0))
    paths.append(try row.labelPath(1, &kind))
  }
}

/// How many documents, levels and experiments a task has.
struct BootstrapRecipe: Sendable {
  let cap: ClusteringSettings.DocumentCap
  let experiments: Int
  let documentsPerBootstrap: Int
  let maxDepth: Int

  init(_ settings: ClusteringSettings, experiments: Int?) {
    cap = settings.documentCap ?? .fraction(0.04)
    self.experiments = experiments ?? 10
    documentsPerBootstrap = settings.documentsPerBootstrap ?? 16384
    maxDepth = settings.maxDepth ?? .max
  }

  /// How many documents are embedded.
  func size(of documents: ClusteringDocuments) -> Int {
    let count = documents.texts.count
    return switch cap {
    case .fraction(let share): min(count, Int(share * Double(count)))
    case .count(let limit): min(count, limit)
    case .unlimited: count
    }
  }

  /// - Throws: `.malformed` where the cap leaves nothing to embed.
  func check(_ documents: ClusteringDocuments) throws(Failure) {
    guard size(of: documents) > 0 else {
      throw Failure(
        .malformed, documents.place,
        "the document cap leaves none of \(documents.texts.count) documents",
        hint: "set document_cap in the task file: {count: 2048}, or none")
    }
  }
}

/// The draws of one cell.
struct ClusteringDraws: Sendable {
  /// Documents to embed, in this order.
  let rows: [Int]
  let levels: [Level]

  /// One level of the labels.
  struct Level: Sendable {
    let name: String
    /// Embedded documents, [members], as places in `rows`.
    let members: [Int]
    /// The class of each member, as a place in `labels`.
    let classes: [Int]
    let labels: [ClassLabel]
    var classCount: Int { labels.count }
    /// Places in `members`, [experiments][documents per bootstrap].
    let bootstraps: [[Int]]
  }

  init(
    _ documents: ClusteringDocuments, _ recipe: BootstrapRecipe, with random: inout PythonRandom
  ) {
    // The draw is made even where it takes all documents: it puts them in another order.
    rows =
      switch recipe.cap {
      case .unlimited: Array(documents.texts.indices)
      default: random.sample(documents.texts.count, count: recipe.size(of: documents))
      }
    let paths = rows.map { documents.paths[$0] }
    let depth = min(recipe.maxDepth, paths.map(\.count).max() ?? 0)
    levels = (0..<depth).map { depth in
      let (members, labels) = Self.members(paths, at: depth)
      let names = ClassLabels(labels)
      // Without members there is nothing to draw from; `scores` refuses that.
      let count = members.isEmpty ? 0 : recipe.experiments
      return Level(
        name: "Level \(depth)", members: members, classes: labels.compactMap(names.classOf),
        labels: names.labels,
        bootstraps: (0..<count).map { _ in
          random.choices(members.count, count: recipe.documentsPerBootstrap)
        })
    }
  }

  /// The documents that take part in a level, and their labels there.
  ///
  /// As in the reference, -1 stands for a missing level: where labels are numbers, such documents
  /// are left out; where they are texts, they become a class "-1" of their own.
  private static func members(
    _ paths: [[ClassLabel]], at depth: Int
  ) -> (members: [Int], labels: [ClassLabel]) {
    let isText = paths.contains { $0.count > depth && $0[depth].isText }
    let missing = isText ? ClassLabel.text(ExactText("-1")) : .number(-1)
    let labels = paths.map { $0.count > depth ? $0[depth] : missing }
    let members = labels.indices.filter { isText || labels[$0] != missing }
    return (members, members.map { labels[$0] })
  }

  /// What the clusters of one bootstrap are worth.
  struct Result: Sendable {
    let v: Double
    let ami: Double
    /// For each member of the level the class that prevails in its cluster, nil if it was not drawn.
    ///
    /// Empty unless asked for.
    let majorities: [Int?]
  }

  /// Clusters every bootstrap of every level and scores it against the classes, level by level.
  ///
  /// `vectors` are those of the documents in `rows`, [rows, dimensions]; `place` names the cell in
  /// messages.
  func results(
    _ vectors: Embeddings, of place: String, in memory: WorkMemory = .unlimited,
    keepsMajorities: Bool
  ) async throws(Failure) -> [Result] {
    let kernels = try Kernels()
    try vectors.requireFinite(of: place, kernels)
    guard !levels.isEmpty else {
      throw Failure(
        .malformed, place, "no embedded document has a label", hint: "check the data files")
    }
    for level in levels { try level.check(place) }
    let distances = try await distances(vectors, of: place, in: memory)
    let jobs = levels.flatMap { level in level.bootstraps.map { (level, $0) } }
    // The deepest level has most clusters and takes longest: first come, last served.
    let results = try await Experiments.results(jobs.count, of: place) { index in
      let (level, bootstrap) = jobs[jobs.count - 1 - index]
      let clusters = MiniBatchKMeans(clusters: level.classCount, kernels: kernels)
        .labels(of: bootstrap.map { level.members[$0] }, in: vectors, distances: distances)
      let agreement = ClusterAgreement(
        classes: bootstrap.map { level.classes[$0] }, clusters: clusters)
      return Result(
        v: agreement.vMeasure, ami: agreement.adjustedMutualInformation,
        majorities: keepsMajorities ? level.majorities(of: bootstrap, clusters) : [])
    }
    return results.reversed()
  }

  /// The distances between all vectors, where sharing them saves time.
  private func distances(
    _ vectors: Embeddings, of place: String, in memory: WorkMemory
  ) async throws(Failure) -> DistanceTable? {
    let clusters = levels.flatMap { level in level.bootstraps.map { _ in level.classCount } }
    guard DistanceTable.pays(count: vectors.count, clusters: clusters),
      affordsDistances(vectors.count, dimensions: vectors.dimensions, in: memory)
    else { return nil }
    let points = DoubleRows(vectors)
    let blocks = try await Experiments.results(
      DistanceTable.blocks(vectors.count), of: place
    ) { DistanceTable.block($0, of: points) }
    return DistanceTable(blocks: blocks)
  }

  /// Means, deviations and lists of the results of all bootstraps.
  func summary(_ results: [Result]) -> Scores {
    var scores = Scores()
    let lists = [
      ("v_measure", "v_measures", results.map(\.v)), ("ami", "ami_scores", results.map(\.ami)),
    ]
    for (name, listName, values) in lists {
      scores.add(name, of: values)
      var rest = values[...]
      var byLevel = JSON.Members()
      for level in levels {
        byLevel[level.name] = .numbers(rest.prefix(level.bootstraps.count))
        rest = rest.dropFirst(level.bootstraps.count)
      }
      scores.details[listName] = .object(byLevel)
    }
    return scores
  }
}

extension ClusteringDraws.Level {
  fileprivate func check(_ place: String) throws(Failure) {
    guard let bootstrap = bootstraps.first else {
      throw Failure(
        .malformed, place, "no embedded document has a label at \(name.lowercased())",
        hint: "raise document_cap, or set max_depth in the task file")
    }
    guard bootstrap.count >= classCount else {
      throw Failure(
        .malformed, place,
        "\(name.lowercased()) has \(classCount) classes, a bootstrap only \(bootstrap.count) "
          + "documents", hint: "raise documents_per_bootstrap in the task file")
    }
  }
}
