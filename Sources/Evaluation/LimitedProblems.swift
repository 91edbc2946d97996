// Quick looks: every type's problem cut to a few of its items, the same ones in every run.

import Core
import Sampling

/// Which items a quick look takes.
enum QuickLook {
  /// At most `limit` places below `count`, rising: the first of one shuffle that depends on the
  /// count alone.
  ///
  /// Not the first rows: files are often sorted by label.
  static func places(of count: Int, limit: Int) -> [Int] {
    guard count > limit else { return Array(0..<count) }
    var random = PCG64(seed: 42)
    return random.permutation(count).prefix(limit).sorted()
  }
}

extension Array {
  /// The elements at some places.
  fileprivate func at(_ places: [Int]) -> [Element] { places.map { self[$0] } }
}

extension STSEvaluator {
  package func limited(_ problem: Problem, to limit: Int) -> Problem {
    let places = QuickLook.places(of: problem.gold.count, limit: limit)
    return Problem(
      first: problem.first.at(places), second: problem.second.at(places),
      gold: problem.gold.at(places))
  }
}

extension PairClassificationEvaluator {
  package func limited(_ problem: Problem, to limit: Int) -> Problem {
    let places = QuickLook.places(of: problem.labels.count, limit: limit)
    return Problem(
      first: problem.first.at(places), second: problem.second.at(places),
      labels: problem.labels.at(places))
  }
}

extension BitextMiningEvaluator {
  /// Columns of one table are as long as each other, so that shared ones keep the same rows.
  package func limited(_ problem: Problem, to limit: Int) -> Problem {
    let places = QuickLook.places(of: problem.first.count, limit: limit)
    return Problem(
      first: problem.first.at(places), second: problem.second.at(places),
      sharedColumns: problem.sharedColumns)
  }
}

extension SummarizationEvaluator {
  package func limited(_ problem: Problem, to limit: Int) -> Problem {
    let places = QuickLook.places(of: problem.ratings.count, limit: limit)
    return Problem(
      human: problem.human.at(places), machine: problem.machine.at(places),
      ratings: problem.ratings.at(places))
  }
}

extension ClassificationEvaluator {
  /// Fewer evaluated rows; the training rows stay, being few already.
  package func limited(_ problem: Problem, to limit: Int) -> Problem {
    guard problem.texts.count > limit else { return problem }
    let places = QuickLook.places(of: problem.texts.count, limit: limit)
    return Problem(
      place: problem.place, labels: problem.labels, texts: problem.texts.at(places),
      truth: problem.truth.at(places),
      // Training rows that were among the evaluated ones are so no longer.
      trainingTexts: problem.trainingTexts ?? problem.texts.at(problem.trainingRows),
      trainingRows: problem.trainingRows, trainingClasses: problem.trainingClasses,
      experiments: problem.experiments, trainingName: problem.trainingName)
  }
}

extension MultilabelClassificationEvaluator {
  /// Fewer evaluated rows, with the labels that occur in these; the training rows stay.
  package func limited(_ problem: Problem, to limit: Int) -> Problem {
    guard problem.texts.count > limit else { return problem }
    let places = QuickLook.places(of: problem.texts.count, limit: limit)
    let own = problem.truth.at(places).map { classes in classes.map { problem.labels.labels[$0] } }
    let found = ClassLabels(own.joined())
    // A score over a single label says nothing.
    let labels = found.count > 1 ? found : problem.labels
    return Problem(
      place: problem.place, trainingTexts: problem.trainingTexts,
      trainingLabels: problem.trainingLabels, rows: problem.rows.at(places),
      texts: problem.texts.at(places), labels: labels,
      truth: own.map { Set($0.compactMap(labels.classOf)) }, isTraining: false)
  }
}

extension ClusteringEvaluator {
  package func limited(_ problem: Problem, to limit: Int) -> Problem {
    switch problem {
    case .documents(var documents):
      let count = recipe.documents(for: limit, of: documents)
      let places = QuickLook.places(of: documents.texts.count, limit: count)
      documents.texts = documents.texts.at(places)
      documents.paths = documents.paths.at(places)
      return .documents(documents)
    case .separate(var problems):
      problems.limit(to: limit)
      return .separate(problems)
    }
  }
}

extension BootstrapRecipe {
  /// How many documents there have to be for the draw to embed at most `limit`.
  fileprivate func documents(for limit: Int, of documents: ClusteringDocuments) -> Int {
    guard size(of: documents) > limit else { return documents.texts.count }
    guard case .fraction(let share) = cap else { return limit }
    // A product that is just below a whole number is cut to the one before.
    let count = (Double(limit) / share).rounded(.up)
    return min(documents.texts.count, Int(count))
  }
}

extension SeparateClusterings {
  /// Leaves whole problems as long as they fit and cuts the next one, at least one being left.
  fileprivate mutating func limit(to limit: Int) {
    var left = limit
    var kept: [Problem] = []
    for problem in problems where left > 0 {
      let places = QuickLook.places(of: problem.texts.count, limit: left)
      left -= places.count
      kept.append(problem.keeping(places))
    }
    problems = kept
  }
}

extension SeparateClusterings.Problem {
  /// The texts at some places, with classes numbered anew.
  fileprivate func keeping(_ places: [Int]) -> Self {
    let old = places.map { classes[$0] }
    let names = Set(old).sorted()
    let numbers = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
    return Self(
      texts: places.map { texts[$0] }, classes: old.compactMap { numbers[$0] },
      classCount: names.count)
  }
}
