// The registry of task types. A new type is one file in this folder and one line here.

package import Core

package enum Evaluators {
  package static let all: [Entry] = [
    Entry(BitextMiningEvaluator.self),
    Entry(ClassificationEvaluator.self),
    Entry(ClusteringEvaluator.self),
    Entry(InstructionRerankingEvaluator.self),
    Entry(MultilabelClassificationEvaluator.self),
    Entry(PairClassificationEvaluator.self),
    Entry(RerankingEvaluator.self),
    Entry(RetrievalEvaluator.self),
    Entry(STSEvaluator.self),
    Entry(SummarizationEvaluator.self),
  ]

  /// A registered evaluator: its task type and how to make one.
  package struct Entry: Sendable {
    /// The name of the Swift type, which is the name of its file.
    package let name: String
    package let type: TaskType
    fileprivate let make: @Sendable (TaskDefinition) throws(Failure) -> any Evaluator

    fileprivate init<E: Evaluator>(_ evaluator: E.Type) {
      name = String(describing: evaluator)
      type = E.type
      make = { task throws(Failure) in
        guard E.metrics.contains(task.mainScore.rawValue) else {
          throw Failure(
            .malformed, FilePaths.display(task.file),
            "main_score '\(task.mainScore)' is no metric of \(E.type)",
            hint: Suggest.hint(
              for: task.mainScore.rawValue, among: E.metrics,
              otherwise: "use one of \(E.metrics.prefix(8).joined(separator: ", ")), …"))
        }
        // Asked here once, since no other type reads them.
        if E.type != .reranking {
          try E.refuse("merge_subqueries", in: task, when: task.mergesSubqueries)
        }
        if E.type != .summarization {
          try E.refuse("averages_p_values", in: task, when: task.averagesPValues)
        }
        let isRetrieval = E.type.roles != [nil]
        for transform in task.transforms where transform.isForRetrieval != isRetrieval {
          // The parts of retrieval are several tables, and most steps are for one.
          try E.refuse("transforms: \(transform.name)", in: task, when: true)
        }
        let learners: [TaskType] = [.classification, .multilabelClassification]
        if E.type != .multilabelClassification {
          try E.refuse("evaluation_cap", in: task, when: task.evaluationCap != nil)
        }
        if !learners.contains(E.type) {
          try E.refuse("samples_per_label", in: task, when: task.samplesPerLabel != nil)
        }
        if !(learners + [.clustering]).contains(E.type) {
          try E.refuse("experiments", in: task, when: task.experiments != nil)
        }
        if E.type != .clustering, let entry = task.clustering.entries.first {
          try E.refuse(entry.key, in: task, when: true)
        }
        return try E(task)
      }
    }
  }

  package static let types: [TaskType] = all.map(\.type)

  /// The evaluator for a task.
  ///
  /// - Throws: `.unsupported` for a type without one; what is wrong with the task otherwise.
  package static func evaluator(for task: TaskDefinition) throws(Failure) -> any Evaluator {
    guard let entry = all.first(where: { $0.type == task.type }) else {
      let names = types.map(\.rawValue)
      throw Failure(
        .unsupported, FilePaths.display(task.file), "no evaluator for type '\(task.type)'",
        hint: Suggest.hint(
          for: task.type.rawValue, among: names,
          otherwise: "the types are \(names.joined(separator: ", "))"))
    }
    return try entry.make(task)
  }
}
