// The registry of task types. A new type is one file in this folder and one line here.

package import Core

package enum Evaluators {
  package static let all: [Entry] = [
    Entry(BitextMiningEvaluator.self),
    Entry(RetrievalEvaluator.self),
    Entry(STSEvaluator.self),
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
