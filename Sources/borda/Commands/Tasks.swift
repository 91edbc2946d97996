// `borda tasks`: what can be measured.

import ArgumentParser
import Catalogue
import Core
import Evaluation
import Leaderboard

struct Tasks: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List, show and check tasks.",
    subcommands: [List.self, Show.self, Check.self])

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List tasks.",
      discussion: """
        EXAMPLES:
          borda tasks list --types STS Retrieval
          borda tasks list --benchmark Starter --languages swh --format json
        """)

    @OptionGroup var tasks: TaskOptions
    @OptionGroup var format: FormatOption

    func run() throws {
      try format.check()
      let (selection, _) = try tasks.selection(otherwise: .everything)
      let table = TableView(
        title: NumberText.count(selection.tasks.count, "task"),
        columns: [
          .init("task", "Task", .text), .init("type", "Type", .text),
          .init("subsets", "Subsets", .count), .init("languages", "Languages", .count),
          .init("splits", "Splits", .text), .init("metric", "Metric", .text),
        ],
        rows: selection.tasks.map { task in
          [
            .text(task.name), .text(task.type.rawValue), .integer(task.subsets.count),
            .integer(task.languages.count), .text(task.splits.joined(separator: ", ")),
            .text(task.mainScore.rawValue),
          ]
        })
      let json = JSON.object([
        ("schema", .integer(1)), ("tasks", .array(selection.tasks.map(TaskFacts.json))),
      ])
      try format.print(Report(tables: [table], records: table, json: json))
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
          json: TaskFacts.json(task)))
    }
  }

  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check every task and benchmark file, without data and without a model.")

    @OptionGroup var catalogue: CatalogueOptions

    func run() throws {
      let catalogue = try catalogue.open()
      var failures = catalogue.failures
      for task in catalogue.tasks {
        do throws(Failure) {
          _ = try Evaluators.evaluator(for: task)
        } catch {
          failures.append(error)
        }
      }
      failures.forEach(Terminal.complain)
      guard failures.isEmpty else { throw ExitCode(1) }
      let tasks = NumberText.count(catalogue.tasks.count, "task")
      let benchmarks = NumberText.count(catalogue.benchmarks.count, "benchmark")
      try Terminal.print("\(tasks) and \(benchmarks) are well-formed\n")
    }
  }
}

/// A task's facts in words and as JSON.
enum TaskFacts {
  static func facts(_ task: TaskDefinition) -> [(name: String, value: String)] {
    var facts = [
      ("Type", task.type.rawValue), ("Metric", task.mainScore.rawValue),
      ("Splits", task.splits.joined(separator: ", ")),
      ("Subsets", task.subsets.map(\.name).joined(separator: ", ")),
      ("Languages", task.languages.map(\.description).joined(separator: ", ")),
    ]
    if !task.domains.isEmpty { facts.append(("Domains", task.domains.joined(separator: ", "))) }
    switch task.prompt {
    case .everywhere(let text): facts.append(("Prompt", text))
    case .byRole(let texts):
      for role in Role.allCases {
        if let text = texts[role] { facts.append(("Prompt for \(role.rawValue)", text)) }
      }
    case nil: break
    }
    if let licence = task.licence { facts.append(("Licence", licence)) }
    facts.append(("Data", source(task.data)))
    facts.append(("File", FilePaths.display(task.file)))
    return facts.map { (name: $0.0, value: $0.1) }
  }

  static func json(_ task: TaskDefinition) -> JSON {
    .object([
      ("name", .string(task.name)), ("type", .string(task.type.rawValue)),
      ("description", .string(task.description)), ("main_score", .string(task.mainScore.rawValue)),
      ("splits", .strings(task.splits)),
      (
        "subsets",
        .object(task.subsets.map { ($0.name, .strings($0.languages.map(\.description))) })
      ),
      ("domains", .strings(task.domains)), ("licence", .optional(task.licence) { .string($0) }),
      ("data", .string(source(task.data))), ("file", .string(FilePaths.display(task.file))),
    ])
  }

  private static func source(_ data: DataSource) -> String {
    switch data {
    case .path(let url, _): FilePaths.display(url)
    case .hub(let repository, let revision): "\(repository) at \(revision)"
    }
  }
}

/// Names with values, one below the other.
enum FactSheet {
  static func report(
    title: String, _ facts: [(name: String, value: String)], about: String = "", json: JSON
  ) -> Report {
    let table = TableView(
      title: title, columns: [.init("fact", "Fact", .text), .init("value", "Value", .text)],
      rows: facts.map { [.text($0.name), .text($0.value)] },
      footnotes: about.isEmpty ? [] : [about])
    var members = JSON.Members([("schema", .integer(1))])
    for (key, value) in json.members?.entries ?? [] { members[key] = value }
    return Report(tables: [table], records: table, json: .object(members))
  }
}
