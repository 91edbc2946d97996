// `borda serve`: any model as a server that other programs know how to ask.

import ArgumentParser
import Core
import Foundation
import Leaderboard
import Serving

struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Offer a model to other programs over HTTP, as OpenAI's or TEI's servers do.",
    discussion: """
      EXAMPLES:
        borda serve --model ./all-MiniLM-L6-v2
        borda serve --model ./multilingual-e5-small --prompt-role query --port 0 --verbose
        curl http://127.0.0.1:8080/v1/embeddings -H 'Content-Type: application/json' \\
          -d '{"input": ["a text", "another"]}'

      Clients of OpenAI's interface take http://127.0.0.1:8080/v1 as their base
      address, clients of text-embeddings-inference http://127.0.0.1:8080. The
      vectors are the ones of borda embed, bit for bit.

      The first line on standard output is the server's address, once it can be
      asked. Ctrl-C answers what is in hand and ends.
      """)

  @Option(help: ArgumentHelp("\(ModelSpec.forms).", valueName: "spec"))
  var model: String

  @Option(
    help: ArgumentHelp(
      "Name or address to listen on; 0.0.0.0 lets other machines in.", valueName: "name"))
  var host = "127.0.0.1"

  @Option(help: ArgumentHelp("Port to listen on; 0 for a free one.", valueName: "n"))
  var port = 8080

  @Option(
    help: ArgumentHelp(
      "Prompt for requests that name none: query or document (default: none).", valueName: "role"))
  var promptRole: Role?

  @Flag(help: "Answer whatever model a request names, for tools whose model is fixed.")
  var anyName = false

  @Option(
    help: ArgumentHelp(
      "Serve only clients that show the key in this file (default: the key in BORDA_SERVE_KEY, if "
        + "set).", valueName: "file"))
  var keyFile: String?

  @Flag(help: "A line on standard error for every request, without its texts.")
  var verbose = false

  @OptionGroup(title: "Model") var options: ModelOptions

  func validate() throws {
    guard (0...65_535).contains(port) else {
      throw ValidationError("--port must be between 0 and 65535.")
    }
  }

  func run() async throws {
    let key = try key()
    let loaded = try await LoadedModel(spec: model, options: options)
    for message in loaded.notes + loaded.choice.messages { Terminal.note(message) }
    var served = ServedModel(
      loaded.embedder, prompts: loaded.prompts, software: Version.text)
    served.role = promptRole
    served.answersAnyName = anyName
    let name = loaded.embedder.model.name
    let server = EmbeddingServer(served, key: key) { [verbose] event in
      Self.tell(event, verbose: verbose)
    }
    try await Interruption.watching { [host, port] in
      try await server.run(host: host, port: port) { address throws(Failure) in
        if !address.isLoopback {
          Terminal.note(
            "note: \(host) is open to other machines"
              + (key == nil ? ", and no key is asked for: see --key-file" : ""))
        }
        try Terminal.print("\(address.url)\n")
        Terminal.note("serving \(name); Ctrl-C stops")
      }
    }
  }

  private func key() throws(Failure) -> ServingKey? {
    if let keyFile {
      let file = URL(filePath: FilePaths.expandingTilde(keyFile))
      guard let text = try? String(contentsOf: file, encoding: .utf8) else {
        throw Failure(
          .missing, keyFile, "cannot be read as a file of text", hint: "correct --key-file")
      }
      return try ServingKey(text, from: keyFile)
    }
    let variable = "BORDA_SERVE_KEY"
    guard let text = ProcessInfo.processInfo.environment[variable], !text.isEmpty else {
      return nil
    }
    return try ServingKey(text, from: variable)
  }

  private static func tell(_ event: EmbeddingServer.Event, verbose: Bool) {
    switch event {
    case .served(let request):
      guard verbose else { return }
      var line = "\(request.line) \(request.status)"
      if request.texts > 0 { line += " \(NumberText.count(request.texts, "text"))" }
      if request.tokens > 0 { line += " \(NumberText.count(request.tokens, "token"))" }
      Terminal.note("\(line) \((request.seconds * 1000).rounded(decimals: 1)) ms")
    case .failed(let subject, let code):
      Terminal.note("error: \(subject): could not embed a request's texts (\(code.rawValue))")
    }
  }
}
