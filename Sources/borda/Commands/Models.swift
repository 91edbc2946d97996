// `borda models`: what a model is, before it is measured.

import ArgumentParser
import Core
import Encoders
import Leaderboard

struct Models: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Look at models.", subcommands: [Show.self, ListPrompts.self, Merge.self])

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Load a model and show what Borda understood of it.",
      discussion: """
        EXAMPLES:
          borda models show ./all-MiniLM-L6-v2
          borda models show ./no-modules-json --pooling mean --normalize
          borda models show baseline:hash --format json
        """)

    @Argument(help: "\(ModelSpec.forms).") var spec: String
    @OptionGroup(title: "Model") var options: ModelOptions
    @OptionGroup var format: FormatOption

    func run() async throws {
      try format.check()
      let loaded = try await LoadedModel(spec: spec, options: options)
      let facts = try ModelSheet.facts(of: loaded)
      try format.print(
        FactSheet.report(title: spec, facts, json: try ModelSheet.json(of: loaded)))
      loaded.notes.forEach(Terminal.note)
      if let note = loaded.choice.note { Terminal.note("prompts: \(note)") }
    }
  }
}

/// What Borda understood of a model, in words and as JSON.
enum ModelSheet {
  static func facts(of loaded: LoadedModel) throws(Failure) -> [(name: String, value: String)] {
    let model = loaded.embedder.model
    var facts: [(name: String, value: String)] = [
      ("Name", model.name), ("Revision", model.revision),
    ]
    if let (files, engine) = loaded.checkpoint {
      facts += [
        ("Architecture", try architecture(files)), ("Tokenizer", engine.tokenizerKind),
        ("Stored numbers", try files.storedTypes().joined(separator: ", ")),
      ]
    }
    facts += [
      ("Dimensions", String(model.dimensions)),
      (
        "Longest input",
        model.maxTokens.map { "\($0) tokens" } ?? (loaded.isRemote ? "unknown" : "no limit")
      ),
      ("Similarity", model.similarity.rawValue),
      ("Parameters", model.parameters.map(NumberText.grouped) ?? "unknown"),
      ("Numbers", model.dtype), ("Engine", model.engine),
    ]
    facts += model.settings.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    return facts + prompts(loaded.choice)
  }

  private static func architecture(_ files: Checkpoint) throws(Failure) -> String {
    files.isStatic ? "static table of token vectors" : try files.modelType ?? "unknown"
  }

  private static func prompts(_ choice: PromptChoice) -> [(name: String, value: String)] {
    var facts = [(name: "Prompts", value: choice.origin)]
    let prompts = choice.prompts
    for (key, prompt) in prompts.byKey.sorted(by: { $0.key < $1.key }) {
      facts.append(("Prompt '\(key)'", JSON.string(prompt).line))
    }
    if let standard = prompts.standard {
      facts.append(("Default prompt", JSON.string(standard).line))
    }
    if let instructions = prompts.instructions {
      facts.append(("Template", JSON.string(instructions.template.description).line))
      facts.append(("Documents", instructions.documents.rawValue))
      for (key, text) in instructions.byKey.sorted(by: { $0.key < $1.key }) {
        facts.append(("Instruction '\(key)'", JSON.string(text).line))
      }
    }
    return facts
  }

  static func json(of loaded: LoadedModel) throws(Failure) -> JSON {
    let model = loaded.embedder.model
    let prompts = loaded.prompts
    var entries: [(String, JSON)] = [
      ("name", .string(model.name)), ("revision", .string(model.revision)),
    ]
    if let (files, engine) = loaded.checkpoint {
      entries += [
        ("architecture", .string(try architecture(files))),
        ("tokenizer", .string(engine.tokenizerKind)),
        ("stored_dtypes", .strings(try files.storedTypes())),
      ]
    }
    entries += [
      ("dimensions", .integer(model.dimensions)),
      ("max_tokens", .optional(model.maxTokens) { .integer($0) }),
      ("similarity", .string(model.similarity.rawValue)),
      ("parameters", .optional(model.parameters) { .integer($0) }),
      ("dtype", .string(model.dtype)), ("engine", .string(model.engine)),
      ("settings", texts(model.settings)), ("prompts_from", .string(loaded.choice.origin)),
      ("prompts", texts(prompts.byKey)),
      ("default_prompt", .optional(prompts.standard) { .string($0) }),
      (
        "template",
        .optional(prompts.instructions) { .string($0.template.description) }
      ),
      ("instructions", .optional(prompts.instructions) { texts($0.byKey) }),
    ]
    return .object(entries)
  }

  private static func texts(_ byKey: [String: String]) -> JSON {
    .object(byKey.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })
  }
}
