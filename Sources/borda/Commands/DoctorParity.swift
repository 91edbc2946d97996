// `borda doctor parity`: the same texts through two backends.

import ArgumentParser
import Core
import Evaluation
import Foundation
import Leaderboard

struct Parities: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "parity",
    abstract: "Embed the same texts through two backends and compare the vectors.",
    discussion: """
      EXAMPLES:
        borda doctor parity ./my-checkpoint tei:http://localhost:8080 --texts texts.txt
        borda doctor parity ./my-checkpoint vectors:./stored --texts t.jsonl --jsonl
        borda doctor parity ./a ./b --texts texts.txt --role query --at-least 0.9999

      A cosine of 1 for every text means one model, run twice. Lower ones point to
      other weights, pooling, prompts or normalisation, or to texts that one side
      cuts. --format csv lists every text.
      """)

  @Argument(help: "\(ModelSpec.forms).") var first: String
  @Argument(help: "The same for the second.") var second: String

  @Option(help: ArgumentHelp("File with a text a line; - for standard input.", valueName: "file"))
  var texts: String

  @Flag(help: "Lines of the file are JSON objects {\"text\": …} instead of plain texts.")
  var jsonl = false

  @Option(
    help: ArgumentHelp("Which prompt: query or document (default: none).", valueName: "role"))
  var role: Role?

  @Option(help: ArgumentHelp("How many of the worst texts to show.", valueName: "n"))
  var worst = 10

  @Option(
    name: .customLong("at-least"),
    help: ArgumentHelp("End with 1 where a cosine is lower than this.", valueName: "cosine"))
  var least: Double?

  @OptionGroup(title: "Model") var options: ModelOptions
  @OptionGroup var format: FormatOption

  func validate() throws {
    guard worst >= 0 else { throw ValidationError("--worst must be 0 or more.") }
    if let least, !(-1...1).contains(least) {
      throw ValidationError("--at-least must be between -1 and 1.")
    }
  }

  func run() async throws {
    try format.check()
    let texts = try TextInput.file(
      self.texts, jsonl: jsonl, command: "borda doctor parity \(first) \(second) --texts -")
    let models = (
      try await LoadedModel(spec: first, options: try options.applying(to: first, not: second)),
      try await LoadedModel(spec: second, options: try options.applying(to: second, not: first))
    )
    let role = role
    let parity = try await Interruption.watching {
      try await Parity(of: texts, models.0.embedder, models.1.embedder, role: role)
    }
    let answer = ParityReport(
      parity: parity, texts: texts, models: (models.0.embedder.model, models.1.embedder.model),
      shown: worst, least: least)
    try format.print(answer.report)
    if answer.tooFar > 0 { throw ExitCode(1) }
  }
}

extension ModelOptions {
  /// These options for one of two models.
  ///
  /// What only checkpoints take is left out for another kind of model, unless the second one is no
  /// checkpoint either: then it is refused as it would be alone.
  func applying(to spec: String, not other: String) throws(Failure) -> ModelOptions {
    guard !(try ModelSpec(spec)).isCheckpoint, try ModelSpec(other).isCheckpoint else {
      return self
    }
    var options = self
    options.maxTokens = nil
    options.dimensions = nil
    options.normalizes = false
    options.pooling = nil
    options.name = nil
    return options
  }
}

extension ModelSpec {
  /// Whether the local engine computes the vectors.
  fileprivate var isCheckpoint: Bool {
    switch self {
    case .checkpoint, .merge, .hub: true
    case .vectors, .hashBaseline, .server: false
    }
  }
}
