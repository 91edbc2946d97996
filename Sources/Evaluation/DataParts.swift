// What each type of task reads of a data set, so that no more than that has to be fetched.

package import Core
package import Datasets

extension Evaluator {
  /// The split that was asked for, of the configuration with the subset's name.
  package func parts(of cell: Cell, in data: DataFolder) -> [DataPart] {
    [DataPart(cell.subset.name, cell.split)]
  }

  /// The parts for these cells and for those that are loaded on the way to them.
  fileprivate func parts(
    toSolve cells: [Cell], of task: TaskDefinition, in data: DataFolder
  ) -> [DataPart] {
    let loaded = Self.drawsAcrossCells ? Selection(tasks: [task]).cells(of: task) : cells
    return loaded.flatMap { parts(of: $0, in: data) }
  }
}

extension BitextMiningEvaluator {
  package func parts(of cell: Cell, in data: DataFolder) -> [DataPart] {
    [DataPart(configuration(of: cell), cell.split)]
  }
}

extension ClassificationEvaluator {
  package func parts(of cell: Cell, in data: DataFolder) -> [DataPart] {
    [Self.trainingSplit, cell.split].map { DataPart(cell.subset.name, $0) }
  }
}

extension MultilabelClassificationEvaluator {
  package func parts(of cell: Cell, in data: DataFolder) -> [DataPart] {
    [ClassificationEvaluator.trainingSplit, cell.split].map { DataPart(cell.subset.name, $0) }
  }
}

extension RankingEvaluation {
  package func parts(of cell: Cell, in data: DataFolder) -> [DataPart] {
    var configurations = RetrievalReader(task: task, data: data, cell: cell).configurations
    if Self.type != .instructionReranking { configurations.changes = nil }
    return configurations.all.map { DataPart($0, cell.split, .orTheOnlyOne) }
  }
}

extension Evaluators {
  /// The files of a data set that evaluating some cells of a task opens.
  ///
  /// - Parameters:
  ///   - cells: those to be evaluated
  ///   - task: whose they are
  ///   - data: the data set, of which no file but README.md need be there
  /// - Throws: `.missing` where it has no such configuration, split or file; `.unsupported` or
  ///   `.malformed` for a task that cannot be evaluated
  /// - Returns: paths relative to the data set, each once, sorted
  package static func sources(
    of cells: [Cell], of task: TaskDefinition, in data: DataFolder
  ) throws(Failure) -> [String] {
    var paths: Set<String> = []
    for part in try evaluator(for: task).parts(toSolve: cells, of: task, in: data) {
      paths.formUnion(try data.sources(of: part))
    }
    return paths.sorted()
  }
}
