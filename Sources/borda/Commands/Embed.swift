// `borda embed`: texts on standard input, vectors out.

import ArgumentParser
import Core
import Evaluation
import Foundation
import Storage

struct Embed: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Embed texts from standard input.",
    discussion: """
      EXAMPLES:
        echo "a line is a text" | borda embed ./all-MiniLM-L6-v2
        borda embed ./all-MiniLM-L6-v2 --jsonl --output vectors.npy < texts.jsonl
        borda embed ./all-MiniLM-L6-v2 --vectors stored --role query < queries.txt
        echo "a text" | borda embed ollama:http://localhost:11434#nomic-embed-text

      Without --output every vector is a JSON array on a line of its own. A folder
      written with --vectors is a model, vectors:stored: texts are found by the
      text with its prompt, so give evaluate the same --prompts.
      """)

  @Argument(help: "\(ModelSpec.forms).") var spec: String
  @OptionGroup(title: "Model") var options: ModelOptions
  @OptionGroup(title: "Memory") var memory: MemoryOption

  @Flag(help: "Input lines are JSON objects {\"text\": …} instead of plain texts.")
  var jsonl = false

  @Option(
    help: ArgumentHelp(
      "Which prompt: query or document (default: none).",
      valueName: "role"))
  var role: Role?

  @Option(
    help: ArgumentHelp(
      "Write one file of shape [texts, dimensions], float32: .npy or .safetensors.",
      valueName: "file"))
  var output: String?

  @Option(
    help: ArgumentHelp(
      "Write a folder with vectors and texts, which vectors:DIR reads.", valueName: "dir"))
  var vectors: String?

  @Option(
    name: .customLong("as"),
    help: "How the folder holds vectors: npy (default) or safetensors.")
  var vectorFormat: VectorFormat?

  @Flag(help: "Tell texts, tokens and seconds on standard error, as JSON.")
  var timings = false

  func validate() throws {
    if output != nil, vectors != nil {
      throw ValidationError("--output and --vectors exclude each other.")
    }
    if vectorFormat != nil, vectors == nil {
      throw ValidationError("--as belongs to --vectors; --output goes by the file's name.")
    }
  }

  func run() async throws {
    let target = try target()
    let texts = try TextInput.standardInput(jsonl: jsonl, command: "borda embed \(spec)")
    let budget = try memory.budget()
    let loaded = try await LoadedModel(spec: spec, options: options, memory: budget)
    _ = try budget.work(beside: loaded.embedder)
    let request = EmbedRequest(texts: texts, role: role)
    let (wall, processor) = (ContinuousClock.now, Machine.processorSeconds)
    let outcome = try await Interruption.watching { try await loaded.embedder.embed(request) }
    if timings {
      let seconds = (ContinuousClock.now - wall).seconds
      let facts = JSON.object([
        ("texts", .integer(texts.count)), ("tokens", .integer(outcome.tokens)),
        ("truncated", .integer(outcome.truncated)), ("wall_s", .number(seconds)),
        ("cpu_s", .number(Machine.processorSeconds - processor)),
      ])
      Terminal.note(facts.line)
    } else if outcome.truncated > 0 {
      Terminal.note(
        "\(outcome.truncated) of \(texts.count) texts were longer than the model's limit")
    }
    let prompt = loaded.prompts.prompt(role: role, task: nil)
    try write(outcome.embeddings, of: texts.map { prompt + $0 }, to: target)
  }

  /// Where the vectors go.
  private enum Target {
    case lines
    case file(URL, VectorFormat)
    case folder(URL, VectorFormat)
  }

  private func target() throws(Failure) -> Target {
    if let vectors {
      let folder = URL(filePath: FilePaths.expandingTilde(vectors))
      try VectorFiles.check(folder)
      return .folder(folder, vectorFormat ?? .npy)
    }
    guard let output else { return .lines }
    let file = URL(filePath: FilePaths.expandingTilde(output))
    guard let format = VectorFormat(rawValue: file.pathExtension.lowercased()) else {
      throw Failure(
        .usage, output, "is a file of no known kind",
        hint: "give it a name that ends in .npy or .safetensors, or use --vectors for a folder")
    }
    return .file(file, format)
  }

  private func write(
    _ embeddings: Embeddings, of texts: [String], to target: Target
  ) throws(Failure) {
    switch target {
    case .file(let file, let format):
      try AtomicFile.write(try format.bytes(of: embeddings), to: file)
    case .folder(let folder, let format):
      try VectorFiles.write(embeddings, of: texts, into: folder, as: format)
    case .lines:
      for row in 0..<embeddings.count {
        let numbers = embeddings[row].map { $0.description }.joined(separator: ", ")
        try Terminal.print("[\(numbers)]\n")
      }
    }
  }
}

extension VectorFormat: ExpressibleByArgument {}

extension Role: ExpressibleByArgument {}
