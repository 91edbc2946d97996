// A task's facts: a row of a list, a sheet in words, and JSON.

import Core
import Leaderboard

enum TaskFacts {
  // MARK: Lists

  /// Tasks below each other in a table that fits 100 columns.
  static func table(of tasks: [TaskDefinition], title: String) -> TableView {
    TableView(
      title: title,
      columns: [
        .init("task", "Task", .text), .init("type", "Type", .text),
        .init("languages", "Language", .text), .init("subsets", "Subsets", .count),
        .init("rows", "Rows", .count),
      ],
      rows: tasks.map { task in
        [
          .init(.text(task.name), mark: task.unsupported == nil ? "" : "*"),
          .text(task.type.rawValue), .text(languages(of: task)), .integer(task.subsets.count),
          task.size.map { .integer($0) } ?? .absent,
        ]
      },
      footnotes: [unsupportedNote(tasks)].compactMap(\.self))
  }

  /// The language of a task, or how many it has.
  private static func languages(of task: TaskDefinition) -> String {
    let languages = task.languages
    return languages.count == 1 ? languages[0].description : "\(languages.count)"
  }

  private static func unsupportedNote(_ tasks: [TaskDefinition]) -> String? {
    let count = tasks.count { $0.unsupported != nil }
    guard count > 0 else { return nil }
    return "* \(NumberText.count(count, "task")) Borda can rank but not evaluate yet; "
      + "borda tasks show says why."
  }

  /// The same tasks with every fact, for data frames.
  static func records(of tasks: [TaskDefinition]) -> TableView {
    let columns: [TableView.Column] = [
      .init("task", "Task", .text), .init("type", "Type", .text),
      .init("main_score", "Metric", .text), .init("splits", "Splits", .text),
      .init("subsets", "Subsets", .count), .init("languages", "Languages", .text),
      .init("rows", "Rows", .count), .init("domains", "Domains", .text),
      .init("licence", "Licence", .text), .init("superseded_by", "Superseded by", .text),
      .init("unsupported", "Not evaluable", .text), .init("data", "Data", .text),
    ]
    return TableView(
      title: "", columns: columns,
      rows: tasks.map { task in
        [
          .text(task.name), .text(task.type.rawValue), .text(task.mainScore.rawValue),
          .text(task.splits.joined(separator: " ")), .integer(task.subsets.count),
          .text(task.languages.map(\.description).joined(separator: " ")),
          task.size.map { .integer($0) } ?? .absent,
          .text(task.domains.joined(separator: ", ")), optional(task.licence),
          optional(task.supersededBy), optional(task.unsupported), .text(source(task.data)),
        ]
      })
  }

  private static func optional(_ text: String?) -> TableView.Cell {
    text.map { .text($0) } ?? .absent
  }

  // MARK: One task

  static func facts(_ task: TaskDefinition) -> [(name: String, value: String)] {
    var facts = [
      ("Type", task.type.rawValue), ("Metric", task.mainScore.rawValue),
      ("Splits", task.splits.joined(separator: ", ")),
      ("Subsets", some(task.subsets.map(\.name))),
      ("Languages", some(task.languages.map(\.description))),
    ]
    if !task.sizes.isEmpty {
      facts.append(("Rows", task.sizes.map(size).joined(separator: "; ")))
    }
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
    if let later = task.supersededBy { facts.append(("Superseded by", later)) }
    if let reason = task.unsupported { facts.append(("Not evaluable yet", reason)) }
    facts.append(("Data", source(task.data)))
    for transform in task.transforms { facts.append(("Transform", transform.description)) }
    facts.append(("File", FilePaths.display(task.file)))
    return facts.map { (name: $0.0, value: $0.1) }
  }

  /// The first of many names, and how many there are.
  static func some(_ names: [String], of most: Int = 24) -> String {
    guard names.count > most else { return names.joined(separator: ", ") }
    return "\(NumberText.grouped(names.count)): \(names.prefix(12).joined(separator: ", ")), …"
  }

  private static func size(_ size: SplitSize) -> String {
    guard let queries = size.queries else {
      return "\(size.split) \(NumberText.grouped(size.count))"
    }
    return "\(size.split) \(NumberText.grouped(queries)) queries and "
      + "\(NumberText.grouped(size.count - queries)) documents"
  }

  /// Everything about a task; in lists without its subsets, of which some have thousands.
  static func json(_ task: TaskDefinition, isWhole: Bool) -> JSON {
    var members: [(String, JSON)] = [
      ("name", .string(task.name)), ("type", .string(task.type.rawValue)),
      ("description", .string(task.description)), ("main_score", .string(task.mainScore.rawValue)),
      ("splits", .strings(task.splits)), ("subset_count", .integer(task.subsets.count)),
      ("languages", .strings(task.languages.map(\.description))),
      ("rows", .object(task.sizes.map { ($0.split, .integer($0.count)) })),
      ("domains", .strings(task.domains)), ("licence", .optional(task.licence) { .string($0) }),
      ("superseded_by", .optional(task.supersededBy) { .string($0) }),
      ("unsupported", .optional(task.unsupported) { .string($0) }),
      ("data", .string(source(task.data))), ("file", .string(FilePaths.display(task.file))),
    ]
    if isWhole {
      let subsets = task.subsets.map { ($0.name, JSON.strings($0.languages.map(\.description))) }
      members.append(("subsets", .object(subsets)))
      members.append(("transforms", .strings(task.transforms.map(\.description))))
    }
    return .object(members)
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
    let records = TableView(
      title: title, columns: [.init("fact", "Fact", .text), .init("value", "Value", .text)],
      rows: facts.map { [.text($0.name), .text($0.value)] },
      footnotes: about.isEmpty ? [] : [about])
    var table = records
    table.groups = [
      .init(
        rows: facts.flatMap { fact in
          lines(fact.value).enumerated().map { line, text in
            [.text(line == 0 ? fact.name : ""), .text(text)]
          }
        })
    ]
    var members = JSON.Members([("schema", .integer(1))])
    for (key, value) in json.members?.entries ?? [] { members[key] = value }
    return Report(tables: [table], records: records, json: .object(members))
  }

  /// Lists go on in the next line rather than beyond the edge; other values stay whole.
  private static func lines(_ value: String, width: Int = 80) -> [String] {
    guard value.count > width else { return [value] }
    var lines = [""]
    for part in value.split(separator: ", ", omittingEmptySubsequences: false) {
      let last = lines[lines.count - 1]
      if last.isEmpty {
        lines[lines.count - 1] = String(part)
      } else if last.count + part.count + 2 > width {
        lines[lines.count - 1] += ","
        lines.append(String(part))
      } else {
        lines[lines.count - 1] += ", \(part)"
      }
    }
    return lines
  }
}
