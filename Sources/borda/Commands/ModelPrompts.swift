// `borda models prompts`: what would stand before the texts of every task, and who says so.

import ArgumentParser
import Core
import Evaluation
import Leaderboard
import Storage

extension Models {
  struct ListPrompts: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "prompts",
      abstract: "List the prompt of every task and where it comes from.",
      discussion: """
        EXAMPLES:
          borda models prompts ./multilingual-e5-small --benchmark Starter
          borda models prompts ./my-model --prompts qwen3-embedding --tasks StarterSTS
          borda models prompts ./my-model --prompts mine.yaml --format json

        Reads no weights. Line breaks are shown as \\n; the hash is the one that results record.
        """)

    @Argument(help: "\(ModelSpec.forms).") var spec: String
    @OptionGroup(title: "Tasks") var tasks: TaskOptions
    @OptionGroup(title: "Model") var options: ModelOptions
    @OptionGroup var format: FormatOption

    func run() async throws {
      try format.check()
      let choice = try await LoadedModel.prompts(spec: spec, options: options)
      let (selection, _) = try tasks.selection(otherwise: .everything)
      try format.print(PromptReport.of(choice, for: selection.tasks, spec: spec))
      if let note = choice.note { Terminal.note("prompts: \(note)") }
    }
  }
}

/// The prompts of tasks as a table and as JSON.
private enum PromptReport {
  /// One side of one task.
  private struct Line {
    let task: TaskDefinition
    let role: Role?
    let prompt: ChosenPrompt

    var hash: String? { prompt.text.isEmpty ? nil : ContentHash.of(prompt.text) }

    /// `task file`, or `type (STS)` where a key says more.
    var source: String {
      prompt.key.map { "\(prompt.source.rawValue) (\($0))" } ?? prompt.source.rawValue
    }
  }

  static func of(_ choice: PromptChoice, for tasks: [TaskDefinition], spec: String) -> Report {
    let lines = tasks.flatMap { task in
      task.type.roles.map { role in
        Line(
          task: task, role: role,
          prompt: choice.prompts.chosen(role: role, task: TaskContext(task)))
      }
    }
    let table = TableView(
      title: "Prompts of \(spec)",
      columns: [
        .init("task", "Task", .text), .init("type", "Type", .text),
        .init("texts", "Texts", .text), .init("prompt", "Prompt", .text),
        .init("source", "From", .text), .init("hash", "Hash", .text),
      ],
      rows: lines.map { line in
        [
          .text(line.task.name), .text(line.task.type.rawValue), .text(name(of: line.role)),
          .text(line.prompt.text.isEmpty ? "none" : JSON.string(line.prompt.text).line),
          .text(line.source), .text(line.hash.map { String($0.prefix(12)) } ?? "none"),
        ]
      },
      footnotes: footnotes(choice, lines))
    let json = JSON.object([
      ("schema", .integer(1)), ("model", .string(spec)),
      ("prompts_from", .string(choice.origin)), ("prompts", .array(lines.map(json))),
    ])
    return Report(tables: [table], records: table, json: json)
  }

  private static func name(of role: Role?) -> String {
    switch role {
    case .query: "queries"
    case .document: "documents"
    case nil: "all"
    }
  }

  private static func json(_ line: Line) -> JSON {
    .object([
      ("task", .string(line.task.name)), ("type", .string(line.task.type.rawValue)),
      ("role", .optional(line.role) { .string($0.rawValue) }),
      ("prompt", .string(line.prompt.text)), ("source", .string(line.prompt.source.rawValue)),
      ("key", .optional(line.prompt.key) { .string($0) }),
      ("prompt_sha256", .optional(line.hash) { .string($0) }),
    ])
  }

  private static func footnotes(_ choice: PromptChoice, _ lines: [Line]) -> [String] {
    var notes = ["Prompts: \(choice.origin)."]
    let used = Set(lines.compactMap(\.prompt.key))
    let keys = Set(choice.prompts.byKey.keys).union(
      (choice.prompts.instructions?.byKey ?? [:]).keys)
    let unused = keys.subtracting(used).sorted()
    if !unused.isEmpty {
      let shown = unused.prefix(8).joined(separator: ", ")
      notes.append("Not used by these tasks: \(shown)\(unused.count > 8 ? ", …" : "").")
    }
    if lines.contains(where: { $0.task.type.rawValue == "InstructionReranking" && $0.hash != nil })
    {
      notes.append(
        "InstructionReranking: the prompt stands before a query that ends with its own instruction."
      )
    }
    return notes
  }
}
