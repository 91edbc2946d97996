// Which tasks to evaluate: by benchmark, by name, and narrowed by type and language.

import ArgumentParser
import Catalogue
import Core
import Datasets
import Evaluation
import Foundation

extension CatalogueOptions {
  /// DuckDB on PATH, beside the program, or where `make test` puts it in the repository.
  func duckDB() throws(Failure) -> DuckDB? {
    DuckDB.find(extraFolders: [try open().root.appending(path: "../.demo/bin")])
  }
}

struct TaskOptions: ParsableArguments {
  @OptionGroup var catalogue: CatalogueOptions

  @Option(help: ArgumentHelp("All tasks of a benchmark.", valueName: "name"))
  var benchmark: String?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Tasks by name, or task files anywhere (./mytask.yaml); commas or blanks between.",
      valueName: "names"))
  var tasks: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Only tasks of these types, such as STS.", valueName: "types"))
  var types: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Only subsets in these languages, such as deu or deu-Latn.", valueName: "codes"))
  var languages: [String] = []

  /// The tasks asked for; `fallback` decides when no task and no benchmark is named.
  func selection(otherwise fallback: Fallback) throws(Failure) -> (Selection, Benchmark?) {
    let catalogue = try self.catalogue.open()
    var benchmark: Benchmark?
    var tasks: [TaskDefinition] = []
    if let name = self.benchmark {
      let found = try catalogue.benchmark(name)
      benchmark = found
      tasks = found.tasks
    }
    for name in Lists.split(self.tasks) {
      let task = try catalogue.task(name)
      if !tasks.contains(where: { $0.name == task.name }) { tasks.append(task) }
    }
    if tasks.isEmpty {
      switch fallback {
      case .everything: tasks = catalogue.tasks
      case .refusal:
        throw Failure(
          .usage, "--benchmark", "neither a benchmark nor a task is named",
          hint: "add --benchmark Starter; borda benchmarks list shows the others")
      }
    }
    let types = try Lists.types(Lists.split(self.types))
    if !types.isEmpty { tasks.removeAll { !types.contains($0.type) } }
    let languages = try Lists.languages(self.languages)
    let selection = Selection(tasks: tasks, languages: languages)
    let chosen = tasks.filter { !selection.cells(of: $0).isEmpty }
    guard !chosen.isEmpty else {
      throw Failure(
        .usage, "--types, --languages", "no task is left",
        hint: "borda tasks list shows types and languages")
    }
    return (Selection(tasks: chosen, languages: languages), benchmark)
  }

  enum Fallback { case everything, refusal }
}

extension Lists {
  /// Task types by name, in any case.
  static func types(_ names: [String]) throws(Failure) -> [TaskType] {
    let known = Evaluators.types
    var types: [TaskType] = []
    for name in names {
      guard let type = known.first(where: { $0.rawValue.lowercased() == name.lowercased() })
      else {
        let all = known.map(\.rawValue)
        throw Failure(
          .usage, name, "there is no such task type",
          hint: Suggest.hint(
            for: name, among: all, otherwise: "use one of \(all.joined(separator: ", "))"))
      }
      types.append(type)
    }
    return types
  }
}
