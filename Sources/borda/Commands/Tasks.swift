// `borda tasks`: what can be measured.

import ArgumentParser
import Catalogue
import Core
import Evaluation
import Leaderboard

struct Tasks: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List, show, check and begin tasks.",
    subcommands: [List.self, Show.self, Check.self, New.self])

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List tasks.",
      discussion: """
        EXAMPLES:
          borda tasks list --types STS Retrieval --languages deu
          borda tasks list --scripts Deva Beng --max-rows 5000
          borda tasks list --benchmark 'MTEB(eng, v2)' --licences mit
          borda tasks list --domains News --format csv
        """)

    @OptionGroup var filters: TaskFilters
    @OptionGroup var format: FormatOption

    func run() throws {
      try format.check()
      let tasks = try filters.tasks()
      let table = TaskFacts.table(of: tasks, title: NumberText.count(tasks.count, "task"))
      let json = JSON.object([
        ("schema", .integer(1)),
        ("tasks", .array(tasks.map { TaskFacts.json($0, isWhole: false) })),
      ])
      try format.print(
        Report(tables: [table], records: TaskFacts.records(of: tasks), json: json))
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show everything about a task.")

    @Argument(help: "Name of a task, or the path of a task file.") var task: String
    @OptionGroup var catalogue: CatalogueOptions
    @OptionGroup var format: FormatOption

    func run() throws {
      try format.check()
      let task = try catalogue.open().task(task)
      try format.print(
        FactSheet.report(
          title: task.name, TaskFacts.facts(task), about: task.description,
          json: TaskFacts.json(task, isWhole: true)))
    }
  }

  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check every task and benchmark file, without data and without a model.")

    @OptionGroup var catalogue: CatalogueOptions

    func run() throws {
      let catalogue = try catalogue.open()
      let (tasks, broken) = catalogue.checked()
      var failures = broken
      for task in tasks {
        do throws(Failure) {
          _ = try Evaluators.evaluator(for: task)
        } catch {
          failures.append(error)
        }
      }
      failures.forEach(Terminal.complain)
      guard failures.isEmpty else { throw ExitCode(1) }
      let unsupported = tasks.count { $0.unsupported != nil }
      let benchmarks = NumberText.count(catalogue.benchmarkNames.count, "benchmark")
      try Terminal.print(
        "\(NumberText.count(tasks.count, "task")) and \(benchmarks) are well-formed\n"
          + (unsupported > 0 ? "\(unsupported) of the tasks cannot be evaluated yet\n" : ""))
    }
  }
}
