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
        footnotes: benchmarks.filter { !$0.description.isEmpty }.map { benchmark in
          let aliases = benchmark.aliases.joined(separator: ", ")
          return "\(benchmark.name): \(benchmark.description)"
            + (aliases.isEmpty ? "" : " Also called \(aliases).")
        })
      let json = JSON.object([
        ("schema", .integer(1)),
        (
          "benchmarks",
          .array(
            benchmarks.map {
              .object([
                ("name", .string($0.name)), ("description", .string($0.description)),
                ("aliases", .strings($0.aliases)), ("tasks", .strings($0.taskNames)),
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
      var table = TaskFacts.table(of: benchmark.tasks, title: benchmark.name)
      table.footnotes.insert(
        contentsOf: [
          benchmark.description, types(of: benchmark),
          "\(NumberText.count(languages.count, "language")): "
            + languages.prefix(60).map(\.description).joined(separator: ", ")
            + (languages.count > 60 ? ", …" : ""),
        ].filter { !$0.isEmpty }, at: 0)
      let json = JSON.object([
        ("schema", .integer(1)), ("name", .string(benchmark.name)),
        ("description", .string(benchmark.description)),
        ("tasks", .array(benchmark.tasks.map { TaskFacts.json($0, isWhole: false) })),
        ("languages", .strings(languages.map(\.description))),
      ])
      let records = TaskFacts.records(of: benchmark.tasks)
      try format.print(Report(tables: [table], records: records, json: json))
    }

    /// How many tasks there are of each type.
    private func types(of benchmark: Benchmark) -> String {
      let types = Dictionary(grouping: benchmark.tasks, by: \.type).sorted { $0.key < $1.key }
      return NumberText.count(benchmark.tasks.count, "task") + ": "
        + types.map { "\($1.count) \($0)" }.joined(separator: ", ") + "."
    }
  }
}
