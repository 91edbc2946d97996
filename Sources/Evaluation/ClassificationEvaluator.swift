// Classification: logistic regression on a few rows of each label, scored on the evaluated split;
// the mean over ten draws of those rows.

package import Core
package import Datasets
import Learning
import Metrics
import Tensors

extension TaskType {
  package static let classification = TaskType(rawValue: "Classification")
}

package struct ClassificationEvaluator: Evaluator {
  package static let type = TaskType.classification
  package static let metrics = ClassificationScores.names
  /// The split that classifiers are trained on.
  static let trainingSplit = "train"

  private let task: TaskDefinition

  package init(_ task: TaskDefinition) throws(Failure) {
    try Self.refuse("score_range", in: task, when: task.scoreRange != nil)
    try Self.refuse("parallel", in: task, when: task.isParallel)
    try Self.refuse("ignore_identical_ids", in: task, when: task.ignoresIdenticalIds)
    self.task = task
  }

  /// Rows of the evaluated split, and those of the training split that some experiment needs.
  package struct Problem: Sendable {
    let place: String
    let labels: ClassLabels
    var texts: [String] = []
    /// Classes of the texts, as places in `labels`.
    var truth: [Int] = []
    /// Training texts in file order; nil where they are texts of the evaluated split.
    var trainingTexts: [String]?
    /// Their positions in the training split.
    let trainingRows: [Int]
    let trainingClasses: [Int]
    /// Places in `trainingRows`, in drawn order, of each experiment.
    let experiments: [[Int]]
    /// A name for the training texts, which all splits of a subset share.
    let trainingName: String
  }

  package func load(_ cell: Cell, from data: DataFolder) async throws(Failure) -> Problem {
    var kind = LabelKind()
    let training = Cell(subset: cell.subset, split: Self.trainingSplit)
    let known = try await table(training, of: data, &kind)
    let isSame = cell.split == Self.trainingSplit
    let rows = isSame ? known : try await table(cell, of: data, &kind)
    let place = "\(task.name) (\(cell.subset.name), \(cell.split))"
    let labels = ClassLabels(known.labels + rows.labels)
    guard Set(known.labels).count > 1 else {
      throw Failure(
        .malformed, "\(task.name) (\(cell.subset.name), \(Self.trainingSplit))",
        "every row has the same label, so there is nothing to tell apart",
        hint: "check the data files, or the name of the label's column")
    }
    let samples = TrainingSamples(
      labels: known.labels, perLabel: task.samplesPerLabel ?? 8,
      experiments: task.experiments ?? 10)
    let union = samples.union
    return Problem(
      place: place, labels: labels, texts: rows.texts,
      truth: rows.labels.compactMap(labels.classOf),
      trainingTexts: isSame ? nil : union.map { known.texts[$0] }, trainingRows: union,
      trainingClasses: union.compactMap { labels.classOf(known.labels[$0]) },
      experiments: samples.placesInUnion,
      trainingName: "\(cell.subset.name)/\(Self.trainingSplit)")
  }

  private func table(
    _ cell: Cell, of data: DataFolder, _ kind: inout LabelKind
  ) async throws(Failure) -> (texts: [String], labels: [ClassLabel]) {
    var (texts, labels, seen) = ([String](), [ClassLabel](), kind)
    let columns = [Column("text", as: .text), Column("label", as: .label)]
    try await PairTable(task: task, data: data).forEachRow(
      of: cell, columns
    ) { row throws(Failure) in
      texts.append(try row.text(0))
      labels.append(try seen.label(row.values[1], in: row))
    }
    kind = seen
    return (texts, labels)
  }

  package func texts(of problem: Problem, drawing streams: TaskStreams) -> [TextGroup] {
    let evaluated = TextGroup(problem.texts)
    guard let training = problem.trainingTexts else { return [evaluated] }
    return [TextGroup(training, keptAs: problem.trainingName), evaluated]
  }

  package func needs(
    of problem: Problem, _ amount: CellAmount, dimensions: Int
  ) -> CellNeeds {
    var needs = CellNeeds(holding: amount, dimensions: dimensions)
    let shown = problem.experiments.reduce(0) { $0 + $1.count }
    let classes = Set(problem.trainingClasses).count
    needs.add(
      .fitting, multiplyAdds: dimensions, classes, 2 * ScoringKind.fitIterations * shown)
    needs.add(
      .search, multiplyAdds: dimensions, classes, problem.experiments.count * problem.texts.count)
    return needs
  }

  package func scores(
    of problem: Problem, with session: EmbeddingSession
  ) async throws(Failure) -> Scores {
    var training: Embeddings?
    if let texts = problem.trainingTexts {
      training = try await session.embed(texts, keptAs: problem.trainingName)
    }
    let evaluated = try await session.embed(problem.texts)
    let predictions = try await Self.predictions(
      for: problem, training: training ?? evaluated.rows(problem.trainingRows),
      evaluated: evaluated)
    let numbers = problem.labels.numbers
    let experiments = predictions.map {
      ClassificationScores.scores(truth: problem.truth, predicted: $0, labels: numbers)
    }
    if Set(problem.truth).count == 2, experiments.allSatisfy({ $0["ap"] == nil }) {
      session.note("ap is undefined: of the two labels none is the number 1")
    }
    try await session.keepDetails { details(of: problem, predictions) }
    return Experiments.summary(experiments, metrics: Self.metrics)
  }

  /// Predicted classes of every evaluated row, as places in the problem's labels, by experiment.
  ///
  /// `training` are the vectors of the training rows, [rows, dimensions], `evaluated` those of the
  /// evaluated ones, [count, dimensions].
  static func predictions(
    for problem: Problem, training: Embeddings, evaluated: Embeddings
  ) async throws(Failure) -> [[Int]] {
    let kernels = try Kernels()
    // The classifier counts only the classes it is shown; every draw shows every training label.
    let shown = Set(problem.trainingClasses).sorted()
    let places = Dictionary(uniqueKeysWithValues: shown.enumerated().map { ($1, $0) })
    let classes = problem.trainingClasses.compactMap { places[$0] }
    return try await Experiments.results(
      problem.experiments.count, of: problem.place
    ) { experiment in
      let rows = problem.experiments[experiment]
      let classifier = LogisticRegression(
        fitting: training.rows(rows), classes: rows.map { classes[$0] }, classCount: shown.count,
        kernels: kernels)
      return classifier.classes(of: evaluated, kernels: kernels).map { shown[$0] }
    }
  }
}
