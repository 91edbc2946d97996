// Reading one benchmark file: a named list of tasks, and what it leaves of them.

package import Core
package import Foundation
import Yams

/// A benchmark as its file states it, its tasks still names.
package struct BenchmarkFile: Sendable, Hashable {
  package let name: String
  package let description: String
  /// Other names that people know it by.
  package let aliases: [String]
  package let taskNames: [String]
  package let languageView: [Language]
  package let narrowings: [Narrowing]
  package let file: URL

  /// What is left of some tasks.
  package struct Narrowing: Sendable, Hashable {
    /// Their names; empty for all tasks of the benchmark.
    let tasks: [String]
    let kept: Kept

    enum Kept: Sendable, Hashable {
      /// Subsets all of whose languages are among these.
      case languages([Language])
      case subsets([String])
      case splits([String])
    }
  }

  package static let keys: Set<String> = [
    "name", "description", "aliases", "tasks", "language_view", "narrowed",
  ]

  /// - Throws: `.missing` or `.malformed` naming the file and the key.
  package init(reading file: URL) throws(Failure) {
    let yaml = try YAMLFile(file, keys: Self.keys, required: ["name", "tasks"])
    self.file = file
    name = try yaml.text("name")
    description = try yaml.textIfPresent("description")?.trimmed ?? ""
    aliases = try yaml.texts("aliases")
    taskNames = try yaml.texts("tasks")
    guard !taskNames.isEmpty, Set(taskNames).count == taskNames.count else {
      throw yaml.malformed("tasks", "a list of different task names")
    }
    languageView = try yaml.languages(try yaml.texts("language_view"), of: "language_view")
    narrowings = try Self.narrowings(yaml, among: taskNames)
  }

  private static func narrowings(
    _ yaml: YAMLFile, among names: [String]
  ) throws(Failure) -> [Narrowing] {
    guard let node = yaml.node("narrowed") else { return [] }
    let list = node.sequence.map(Array.init) ?? []
    let expected = "a list such as [{tasks: [STS17], subsets: [en-en]}]"
    guard !list.isEmpty else { throw yaml.malformed("narrowed", expected) }
    var narrowings: [Narrowing] = []
    for entry in list {
      var values: [String: [String]] = [:]
      for (key, value) in entry.mapping ?? Node.Mapping([]) {
        values[key.string ?? "?"] = try yaml.texts(value, of: "narrowed")
      }
      let tasks = values.removeValue(forKey: "tasks") ?? []
      if let stranger = tasks.first(where: { !names.contains($0) }) {
        throw Failure(
          .malformed, yaml.subject, "'narrowed' names '\(stranger)', no task of the benchmark",
          hint: Suggest.hint(for: stranger, among: names, otherwise: "add it to 'tasks'"))
      }
      guard values.count == 1, let (key, kept) = values.first, !kept.isEmpty else {
        throw yaml.malformed("narrowed", expected)
      }
      switch key {
      case "languages":
        let languages = try yaml.languages(kept, of: "narrowed")
        narrowings.append(Narrowing(tasks: tasks, kept: .languages(languages)))
      case "subsets" where !tasks.isEmpty:
        narrowings.append(Narrowing(tasks: tasks, kept: .subsets(kept)))
      case "splits" where !tasks.isEmpty:
        narrowings.append(Narrowing(tasks: tasks, kept: .splits(kept)))
      default:
        throw yaml.malformed("narrowed", "tasks with languages, subsets or splits")
      }
    }
    return narrowings
  }

  /// What the benchmark leaves of one of its tasks, in the order of the task file.
  ///
  /// - Throws: `.malformed` where the task has no such subset or split, or none is left.
  package func narrowed(_ task: TaskDefinition) throws(Failure) -> TaskDefinition {
    var task = task
    let all = task.subsets.count
    for rule in narrowings where rule.tasks.isEmpty || rule.tasks.contains(task.name) {
      switch rule.kept {
      case .languages(let languages):
        let wanted = Set(languages)
        task.subsets.removeAll { !wanted.isSuperset(of: $0.languages) }
      case .subsets(let names):
        try require(names, among: task.subsets.map(\.name), "subset", of: task)
        let wanted = Set(names)
        task.subsets.removeAll { !wanted.contains($0.name) }
      case .splits(let names):
        try require(names, among: task.splits, "split", of: task)
        task.splits.removeAll { !names.contains($0) }
      }
    }
    // The sizes in task files are those of all subsets together.
    if task.subsets.count < all { task.sizes = [] }
    guard !task.subsets.isEmpty else {
      throw Failure(
        .malformed, FilePaths.display(file), "'narrowed' leaves no subset of \(task.name)",
        hint: "correct its languages, or take the task out of 'tasks'")
    }
    return task
  }

  private func require(
    _ names: [String], among known: [String], _ kind: String, of task: TaskDefinition
  ) throws(Failure) {
    for name in names where !known.contains(name) {
      throw Failure(
        .malformed, FilePaths.display(file), "\(task.name) has no \(kind) '\(name)'",
        hint: Suggest.hint(
          for: name, among: known, otherwise: "borda tasks show \(task.name) lists them"))
    }
  }
}
