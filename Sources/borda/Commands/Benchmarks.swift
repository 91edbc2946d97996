// `borda benchmarks`: which tasks belong together.

import ArgumentParser
import Catalogue
import Core
import Leaderboard

struct Benchmarks: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List and show benchmarks.", subcommands: [List.self, Show.self])

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List benchmarks.")

    @OptionGroup var catalogue: CatalogueOptions
    @OptionGroup var format: FormatOption

    func run() throws {
      try format.check()
      let benchmarks = try catalogue.open().benchmarks
      let table = TableView(
        title: NumberText.count(benchmarks.count, "benchmark"),
        columns: [
          .init("benchmark", "Benchmark", .text), .init("tasks", "Tasks", .count),
        ],
        rows: benchmarks.map { [.text($0.name), .integer($0.taskNames.count)] },
        footnotes: benchmarks.filter { !$0.description.isEmpty }.map {
          "\($0.name): \($0.description)"
        })
      let json = JSON.object([
        ("schema", .integer(1)),
        (
          "benchmarks",
          .array(
            benchmarks.map {
              .object([
                ("name", .string($0.name)), ("description", .string($0.description)),
                ("tasks", .strings($0.taskNames)),
              ])
            })
        ),
      ])
      try format.print(Report(tables: [table], records: table, json: json))
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show the tasks of a benchmark.")

    @Argument(help: "Name of a benchmark.") var benchmark: String
    @OptionGroup var catalogue: CatalogueOptions
    @OptionGroup var format: FormatOption

    func run() throws {
      try format.check()
      let benchmark = try catalogue.open().benchmark(benchmark)
      let languages = Set(benchmark.tasks.flatMap(\.languages)).sorted()
      let table = TableView(
        title: benchmark.name,
        columns: [
          .init("task", "Task", .text), .init("type", "Type", .text),
          .init("subsets", "Subsets", .count), .init("metric", "Metric", .text),
        ],
        rows: benchmark.tasks.map {
          [
            .text($0.name), .text($0.type.rawValue), .integer($0.subsets.count),
            .text($0.mainScore.rawValue),
          ]
        },
        footnotes: [
          benchmark.description,
          "\(NumberText.count(languages.count, "language")): "
            + languages.map(\.description).joined(separator: ", "),
        ].filter { !$0.isEmpty })
      let json = JSON.object([
        ("schema", .integer(1)), ("name", .string(benchmark.name)),
        ("description", .string(benchmark.description)),
        ("tasks", .array(benchmark.tasks.map(TaskFacts.json))),
        ("languages", .strings(languages.map(\.description))),
      ])
      try format.print(Report(tables: [table], records: table, json: json))
    }
  }
}
