// What one task of a run will have to do: found out before the first text is embedded.

package import Core
import Storage

/// Which cells of which tasks are evaluated.
package struct Selection: Sendable {
  package var tasks: [TaskDefinition]
  /// Only subsets that hold one of these languages; empty for all.
  package var languages: [Language]

  package init(tasks: [TaskDefinition], languages: [Language] = []) {
    self.tasks = tasks
    self.languages = languages
  }

  /// The cells of a task in the order of its file: split by split, subset by subset.
  package func cells(of task: TaskDefinition) -> [Cell] {
    let subsets = task.subsets.filter { subset in
      languages.isEmpty
        || subset.languages.contains { language in languages.contains { language.matches($0) } }
    }
    return task.splits.flatMap { split in subsets.map { Cell(subset: $0, split: split) } }
  }
}

/// The state of one task before a run.
package struct TaskPlan: Sendable {
  package let task: TaskDefinition
  package let state: State
  /// Cells still to evaluate, with the texts each will embed.
  package let remaining: [(cell: Cell, texts: Int)]
  /// The opened task, so that a run need not read and hash its data again; nil unless `open`.
  let work: OpenTask?

  init(
    task: TaskDefinition, state: State, remaining: [(cell: Cell, texts: Int)] = [],
    work: OpenTask? = nil
  ) {
    self.task = task
    self.state = state
    self.remaining = remaining
    self.work = work
  }

  package enum State: Sendable {
    /// Nothing to do; why.
    case done(reason: String)
    /// To evaluate; why, where a result was there.
    case open(reason: String?)
    case failed(Failure)
  }

  package var texts: Int { remaining.reduce(0) { $0 + $1.texts } }
}
