// `borda embed`: texts on standard input, vectors out.

import ArgumentParser
import Core
import Evaluation
import Foundation
import Storage
import Tensors

struct Embed: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Embed texts from standard input.",
    discussion: """
      EXAMPLES:
        echo "a line is a text" | borda embed ./all-MiniLM-L6-v2
        borda embed ./all-MiniLM-L6-v2 --jsonl --output vectors.npy < texts.jsonl

      Without --output every vector is a JSON array on a line of its own.
      """)

  @Argument(help: "\(ModelSpec.forms).") var spec: String
  @OptionGroup(title: "Model") var options: ModelOptions

  @Flag(help: "Input lines are JSON objects {\"text\": …} instead of plain texts.")
  var jsonl = false

  @Option(
    help: ArgumentHelp(
      "Which prompt: query or document (default: none).",
      valueName: "role"))
  var role: Role?

  @Option(
    help: ArgumentHelp(
      "Write a NumPy file of shape [texts, dimensions], float32.",
      valueName: "file.npy"))
  var output: String?

  @Flag(help: "Tell texts, tokens and seconds on standard error, as JSON.")
  var timings = false

  func run() async throws {
    let texts = try readTexts()
    let loaded = try LoadedModel(spec: spec, options: options)
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
    try write(outcome.embeddings)
  }

  private func write(_ embeddings: Embeddings) throws(Failure) {
    if let output {
      let file = URL(filePath: FilePaths.expandingTilde(output))
      try AtomicFile.write(NumpyFile.bytes(of: embeddings), to: file)
      return
    }
    for row in 0..<embeddings.count {
      let numbers = embeddings[row].map { $0.description }.joined(separator: ", ")
      try Terminal.print("[\(numbers)]\n")
    }
  }

  private func readTexts() throws(Failure) -> [String] {
    var texts: [String] = []
    while let line = readLine(strippingNewline: true) {
      guard jsonl else {
        texts.append(line)
        continue
      }
      if line.isEmpty { continue }
      let place = "standard input, line \(texts.count + 1)"
      let object = Result { () throws(JSON.SyntaxError) in try JSON(parsing: line) }
      guard let text = try? object.get()["text"]?.string else {
        var failure = Failure(
          .malformed, place, "is no JSON object with a 'text'",
          hint: "leave --jsonl out if lines are plain texts")
        if case .failure(let error) = object { failure.cause = error.description }
        throw failure
      }
      texts.append(text)
    }
    guard !texts.isEmpty else {
      throw Failure(
        .usage, "standard input", "holds no text", hint: "echo \"a text\" | borda embed \(spec)")
    }
    return texts
  }
}

extension Role: ExpressibleByArgument {}
