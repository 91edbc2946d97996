// Multilabel classification: the five nearest of some training rows vote for every label; the mean
// over ten draws of those rows.

package import Core
package import Datasets
import Learning
import Metrics
import Sampling
import Tensors

extension TaskType {
  package static let multilabelClassification = TaskType(rawValue: "MultilabelClassification")
}

package struct MultilabelClassificationEvaluator: Evaluator {
  package static let type = TaskType.multilabelClassification
  package static let metrics = MultilabelScores.names
  package static let drawsAcrossCells = true
  /// How many neighbours vote.
  static let voters = 5
  /// How many rows of an evaluated split count where the task does not say.
  static let standardCap = 3000

  private let task: TaskDefinition

  package init(_ task: TaskDefinition) throws(Failure) {
    try Self.refuse("score_range", in: task, when: task.scoreRange != nil)
    try Self.refuse("parallel", in: task, when: task.isParallel)
    try Self.refuse("ignore_identical_ids", in: task, when: task.ignoresIdenticalIds)
    self.task = task
  }

  /// Rows with their labels, any number of them.
  package struct Problem: Sendable {
    let place: String
    let trainingTexts: [String]
    /// As the file has them, a label listed twice included.
    let trainingLabels: [[ClassLabel]]
    /// The evaluated rows' numbers in their split, rising; not all of a split that is cut.
    let rows: [Int]
    /// Texts of the evaluated rows.
    let texts: [String]
    /// The labels that occur in the evaluated rows; others are ignored.
    let labels: ClassLabels
    /// Labels of the texts, as places in `labels`.
    let truth: [Set<Int>]
    /// Whether the evaluated rows are those of the training split, all of them.
    let isTraining: Bool
  }

  package func load(_ cell: Cell, from data: DataFolder) async throws(Failure) -> Problem {
    var kind = LabelKind()
    let split = ClassificationEvaluator.trainingSplit
    let known = try await table(Cell(subset: cell.subset, split: split), of: data, &kind)
    let isTraining = cell.split == split
    let rows = isTraining ? known : try await table(cell, of: data, &kind)
    let place = "\(task.name) (\(cell.subset.name), \(cell.split))"
    let kept = kept(of: rows.labels)
    let labels = ClassLabels(kept.flatMap { rows.labels[$0] })
    guard labels.count > 1 else {
      throw Failure(
        .malformed, place, "its rows have \(labels.count) different labels, and two are the least",
        hint: "check the data files, or use the type Classification")
    }
    return Problem(
      place: place, trainingTexts: known.texts, trainingLabels: known.labels, rows: kept,
      texts: kept.map { rows.texts[$0] }, labels: labels,
      truth: kept.map { Set(rows.labels[$0].compactMap(labels.classOf)) },
      isTraining: isTraining && kept.count == rows.texts.count)
  }

  /// The evaluated rows: all, or of a long split as many as the cap says, about.
  private func kept(of lists: [[ClassLabel]]) -> [Int] {
    let cap = task.evaluationCap ?? .rows(Self.standardCap)
    guard case .rows(let size) = cap, lists.count > size else { return Array(lists.indices) }
    let labels = ClassLabels(lists.joined())
    return IterativeStratification.cut(lists.map { $0.compactMap(labels.classOf) }, to: size)
  }

  private func table(
    _ cell: Cell, of data: DataFolder, _ kind: inout LabelKind
  ) async throws(Failure) -> (texts: [String], labels: [[ClassLabel]]) {
    var (texts, labels, seen) = ([String](), [[ClassLabel]](), kind)
    let columns = [Column("text", as: .text), Column("label")]
    try await PairTable(task: task, data: data).forEachRow(
      of: cell, columns
    ) { row throws(Failure) in
      texts.append(try row.text(0))
      guard let list = row.values[1].array else {
        throw row.malformed(
          "'\(row.columns[1].name)' is \(row.values[1].line.prefix(60)) where a list should be")
      }
      var found: [ClassLabel] = []
      for value in list { found.append(try seen.label(value, in: row)) }
      labels.append(found)
    }
    kind = seen
    return (texts, labels)
  }

  package func texts(of problem: Problem, drawing streams: TaskStreams) -> [TextGroup] {
    let samples = streams.withNumPy { self.samples(of: problem, from: &$0) }
    let evaluated = TextGroup(problem.texts)
    if problem.isTraining { return [evaluated] }
    return [TextGroup(samples.union.map { problem.trainingTexts[$0] }), evaluated]
  }

  package func needs(
    of problem: Problem, _ amount: CellAmount, dimensions: Int
  ) -> CellNeeds {
    var needs = CellNeeds(holding: amount, dimensions: dimensions)
    let training = problem.isTraining ? problem.texts.count : amount.texts - problem.texts.count
    needs.add(.search, multiplyAdds: dimensions, training, problem.texts.count)
    return needs
  }

  package func skip(_ problem: Problem, with session: EmbeddingSession) throws(Failure) {
    _ = session.streams.withNumPy { samples(of: problem, from: &$0) }
  }

  func samples(of problem: Problem, from random: inout PCG64) -> TrainingSamples {
    TrainingSamples(
      labelSets: problem.trainingLabels, perLabel: task.samplesPerLabel ?? 8,
      experiments: task.experiments ?? 10, from: &random)
  }

  package func scores(
    of problem: Problem, with session: EmbeddingSession
  ) async throws(Failure) -> Scores {
    let samples = session.streams.withNumPy { self.samples(of: problem, from: &$0) }
    if let few = samples.rows.map(\.count).min(), few < Self.voters {
      throw Failure(
        .malformed, problem.place, "\(few) training rows with a label, and five have to vote",
        hint: "add training rows, or raise samples_per_label")
    }
    let rows = samples.union
    var training: Embeddings?
    if !problem.isTraining {
      training = try await session.embed(rows.map { problem.trainingTexts[$0] })
    }
    let evaluated = try await session.embed(problem.texts)
    let predictions = try await Self.predictions(
      for: problem, samples, training: training ?? evaluated.rows(rows), evaluated: evaluated)
    let experiments = predictions.map {
      MultilabelScores.scores(
        truth: problem.truth, predicted: $0, labelCount: problem.labels.count)
    }
    try await session.keepDetails { details(of: problem, predictions) }
    return Experiments.summary(experiments, metrics: Self.metrics)
  }

  /// Predicted labels of every evaluated row, as places in the problem's labels, by experiment.
  ///
  /// `training` are the vectors of the samples' union, [rows, dimensions], `evaluated` those of the
  /// evaluated rows, [count, dimensions].
  static func predictions(
    for problem: Problem, _ samples: TrainingSamples, training: Embeddings, evaluated: Embeddings
  ) async throws(Failure) -> [[Set<Int>]] {
    let neighbours = NearestNeighbours(of: evaluated, among: training, kernels: try Kernels())
    let sets = samples.union.map { row in
      Set(problem.trainingLabels[row].compactMap(problem.labels.classOf))
    }
    let experiments = samples.placesInUnion
    return try await Experiments.results(experiments.count, of: problem.place) { experiment in
      (0..<evaluated.count).map { row in
        var votes: [Int: Int] = [:]
        for voter in neighbours.nearest(voters, of: row, among: experiments[experiment]) {
          for label in sets[voter] { votes[label, default: 0] += 1 }
        }
        return Set(votes.filter { 2 * $0.value > voters }.keys)
      }
    }
  }
}
