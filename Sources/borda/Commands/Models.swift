// `borda models`: what a model is, before it is measured.

import ArgumentParser
import Core
import Leaderboard

struct Models: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Look at models.", subcommands: [Show.self])

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Load a model and show what Borda understood of it.",
      discussion: """
        EXAMPLES:
          borda models show ./all-MiniLM-L6-v2
          borda models show baseline:hash --format json
        """)

    @Argument(help: "\(ModelSpec.forms).") var spec: String
    @OptionGroup(title: "Model") var options: ModelOptions
    @OptionGroup var format: FormatOption

    func run() throws {
      try format.check()
      let loaded = try LoadedModel(spec: spec, options: options)
      let model = loaded.embedder.model
      var facts = [
        ("Name", model.name), ("Revision", model.revision),
        ("Dimensions", String(model.dimensions)),
        ("Longest input", model.maxTokens.map { "\($0) tokens" } ?? "no limit"),
        ("Similarity", model.similarity.rawValue),
        ("Parameters", model.parameters.map(NumberText.grouped) ?? "unknown"),
        ("Numbers", model.dtype), ("Engine", model.engine),
      ]
      facts += model.settings.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
      let prompts = loaded.prompts
      for (key, prompt) in prompts.byKey.sorted(by: { $0.key < $1.key }) {
        facts.append(("Prompt '\(key)'", JSON.string(prompt).line))
      }
      if let standard = prompts.standard {
        facts.append(("Default prompt", JSON.string(standard).line))
      }
      let json = JSON.object([
        ("name", .string(model.name)), ("revision", .string(model.revision)),
        ("dimensions", .integer(model.dimensions)),
        ("max_tokens", .optional(model.maxTokens) { .integer($0) }),
        ("similarity", .string(model.similarity.rawValue)),
        ("parameters", .optional(model.parameters) { .integer($0) }),
        ("dtype", .string(model.dtype)), ("engine", .string(model.engine)),
        (
          "settings",
          .object(model.settings.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })
        ),
        (
          "prompts",
          .object(prompts.byKey.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })
        ),
        ("default_prompt", .optional(prompts.standard) { .string($0) }),
      ])
      try format.print(
        FactSheet.report(
          title: spec, facts.map { (name: $0.0, value: $0.1) }, json: json))
    }
  }
}
