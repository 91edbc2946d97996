// Clustering: k-means on the vectors, scored by how well the clusters follow known classes. One
// recipe clusters bootstraps of all documents; the older one has a problem in every row.

package import Core
package import Datasets
import Learning
import Metrics
import Tensors

extension TaskType {
  package static let clustering = TaskType(rawValue: "Clustering")
}

package struct ClusteringEvaluator: Evaluator {
  package static let type = TaskType.clustering
  package static let metrics = ["v_measure", "v_measure_std", "ami", "ami_std"]
  package static let drawsAcrossCells = true

  private let task: TaskDefinition
  let recipe: BootstrapRecipe

  package init(_ task: TaskDefinition) throws(Failure) {
    try Self.refuse("score_range", in: task, when: task.scoreRange != nil)
    try Self.refuse("parallel", in: task, when: task.isParallel)
    try Self.refuse("ignore_identical_ids", in: task, when: task.ignoresIdenticalIds)
    try Self.refuse("samples_per_label", in: task, when: task.samplesPerLabel != nil)
    if task.clustering.isLegacy { try Self.checkLegacy(task) }
    self.task = task
    recipe = BootstrapRecipe(task.clustering, experiments: task.experiments)
  }

  /// The older recipe draws nothing and knows one measure.
  private static func checkLegacy(_ task: TaskDefinition) throws(Failure) {
    var others = task.clustering.entries.map(\.key).filter { $0 != "legacy" }
    if task.experiments != nil { others.append("experiments") }
    if let key = others.first {
      throw Failure(
        .malformed, FilePaths.display(task.file),
        "the key '\(key)' means nothing to a legacy clustering task",
        hint: "remove it, or remove 'legacy'")
    }
    guard !task.mainScore.rawValue.hasPrefix("ami") else {
      throw Failure(
        .malformed, FilePaths.display(task.file),
        "main_score '\(task.mainScore)' is no metric of legacy clustering",
        hint: "use v_measure")
    }
  }

  package enum Problem: Sendable {
    /// All documents of the cell, each with its path of labels.
    case documents(ClusteringDocuments)
    /// Problems of their own.
    case separate(SeparateClusterings)
  }

  package func load(_ cell: Cell, from data: DataFolder) async throws(Failure) -> Problem {
    let place = "\(task.name) (\(cell.subset.name), \(cell.split))"
    let table = PairTable(task: task, data: data)
    var kind = LabelKind()
    let columns = [Column("sentences", as: .any), Column("labels", as: .any)]
    if task.clustering.isLegacy {
      var problems = SeparateClusterings(place: place)
      try await table.forEachRow(of: cell, columns) { row throws(Failure) in
        try problems.add(row, &kind)
      }
      return .separate(problems)
    }
    var documents = ClusteringDocuments(place: place)
    try await table.forEachRow(of: cell, columns) { row throws(Failure) in
      try documents.add(row, &kind)
    }
    try recipe.check(documents)
    return .documents(documents)
  }

  package func texts(of problem: Problem, drawing streams: TaskStreams) -> [TextGroup] {
    switch problem {
    case .documents(let documents):
      [TextGroup(draw(documents, from: streams).rows.map { documents.texts[$0] })]
    case .separate(let problems):
      problems.problems.filter { !$0.isTrivial }.map { TextGroup($0.texts) }
    }
  }

  package func needs(
    of problem: Problem, _ amount: CellAmount, dimensions: Int
  ) -> CellNeeds {
    switch problem {
    case .separate(let problems): problems.needs(amount, dimensions)
    case .documents(let documents): documents.needs(recipe, amount, dimensions)
    }
  }

  package func scores(
    of problem: Problem, with session: EmbeddingSession
  ) async throws(Failure) -> Scores {
    switch problem {
    case .separate(let problems): return try await problems.scores(with: session)
    case .documents(let documents):
      let draws = draw(documents, from: session.streams)
      let vectors = try await session.embed(draws.rows.map { documents.texts[$0] })
      let results = try await draws.results(
        vectors, of: documents.place, in: session.memory, keepsMajorities: session.keepsDetails)
      try await session.keepDetails { draws.details(of: documents, results.map(\.majorities)) }
      return draws.summary(results)
    }
  }

  package func skip(_ problem: Problem, with session: EmbeddingSession) throws(Failure) {
    if case .documents(let documents) = problem { _ = draw(documents, from: session.streams) }
  }

  private func draw(
    _ documents: ClusteringDocuments, from streams: TaskStreams
  ) -> ClusteringDraws {
    streams.withPython { ClusteringDraws(documents, recipe, with: &$0) }
  }
}

extension PairTable.Row {
  /// A label, or a list of labels from the top of a hierarchy down.
  func labelPath(_ column: Int, _ kind: inout LabelKind) throws(Failure) -> [ClassLabel] {
    guard let list = values[column].array else { return [try kind.label(values[column], in: self)] }
    var path: [ClassLabel] = []
    for value in list { path.append(try kind.label(value, in: self)) }
    return path
  }
}

extension Scores {
  /// Mean and population standard deviation of a list, as `name` and `name_std`.
  mutating func add(_ name: String, of values: [Double]) {
    guard !values.isEmpty else { return }
    let mean = values.reduce(0, +) / Double(values.count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    self[Metric(name)] = mean
    self[Metric("\(name)_std")] = variance.squareRoot()
  }
}

extension Embeddings {
  /// Refuses vectors that no distance can be computed of.
  func requireFinite(of place: String, _ kernels: Kernels) throws(Failure) {
    guard kernels.areFinite(values) else {
      throw Failure(
        .malformed, place, "the model gives vectors with infinite or undefined numbers",
        hint: "look at its vectors with borda embed; half precision may have overflowed")
    }
  }
}
