// Which tasks to list: everything a task file says can be asked for.

import ArgumentParser
import Catalogue
import Core

struct TaskFilters: ParsableArguments {
  @OptionGroup var catalogue: CatalogueOptions

  @Option(help: ArgumentHelp("Tasks of this benchmark.", valueName: "name"))
  var benchmark: String?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Tasks of these types, such as STS.", valueName: "types"))
  var types: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Tasks with a subset in one of these languages: eng, eng-Latn.", valueName: "codes"))
  var languages: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Tasks in one of these scripts, such as Deva.", valueName: "codes"))
  var scripts: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Tasks of one of these domains, such as News.", valueName: "names"))
  var domains: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Tasks under one of these licences, such as mit.", valueName: "names"))
  var licences: [String] = []

  @Option(
    help: ArgumentHelp(
      "Tasks whose evaluated splits have no more rows (sentences, pairs, queries and documents).",
      valueName: "n"))
  var maxRows: Int?

  /// The tasks that every filter lets pass, by name or in the order of the benchmark.
  ///
  /// - Throws: `.usage` for a value that no task has, with the nearest, and where none is left.
  func tasks() throws(Failure) -> [TaskDefinition] {
    let catalogue = try self.catalogue.open()
    let all = try benchmark.map { name throws(Failure) in try catalogue.benchmark(name).tasks }
    var tasks = all ?? catalogue.tasks
    let types = try Self.known(self.types, "task type", among: tasks.map(\.type.rawValue))
    let scripts = try Self.known(
      self.scripts, "script", among: tasks.flatMap(\.languages).compactMap(\.script))
    let domains = try Self.known(self.domains, "domain", among: tasks.flatMap(\.domains))
    let licences = try Self.known(self.licences, "licence", among: tasks.compactMap(\.licence))
    let languages = try Lists.languages(self.languages)
    for language in languages
    where !tasks.contains(where: { $0.languages.contains { $0.matches(language) } }) {
      throw Failure(
        .usage, language.description, "no task has this language",
        hint: Suggest.hint(
          for: language.code, among: Set(tasks.flatMap(\.languages).map(\.code)),
          otherwise: "try the language without its script"))
    }
    if !types.isEmpty { tasks.removeAll { !types.contains($0.type.rawValue) } }
    if !languages.isEmpty {
      tasks.removeAll { task in
        !task.languages.contains { language in languages.contains { language.matches($0) } }
      }
    }
    if !scripts.isEmpty {
      tasks.removeAll { scripts.isDisjoint(with: $0.languages.compactMap(\.script)) }
    }
    if !domains.isEmpty { tasks.removeAll { domains.isDisjoint(with: $0.domains) } }
    if !licences.isEmpty { tasks.removeAll { !licences.contains($0.licence ?? "") } }
    if let maxRows { tasks.removeAll { ($0.size ?? .max) > maxRows } }
    guard !tasks.isEmpty else {
      throw Failure(
        .usage, "tasks", "no task passes all of these filters", hint: "leave one of them out")
    }
    return tasks
  }

  /// Values as tasks write them, whatever case they are typed in.
  private static func known(
    _ values: [String], _ noun: String, among all: [String]
  ) throws(Failure) -> Set<String> {
    let all = Set(all)
    var known: Set<String> = []
    for value in Lists.split(values) {
      guard let found = all.first(where: { $0.lowercased() == value.lowercased() }) else {
        throw Failure(
          .usage, value, "no task has this \(noun)",
          hint: Suggest.hint(
            for: value, among: all,
            otherwise: "use one of \(all.sorted().prefix(30).joined(separator: ", "))"))
      }
      known.insert(found)
    }
    return known
  }
}
