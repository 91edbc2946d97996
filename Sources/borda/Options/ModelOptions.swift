// Which model, and how it runs.

import ArgumentParser
import Core
import Foundation
import Remote

struct ModelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Prompts instead of the model's own: a JSON or YAML file such as {\"query\": \"query: \"}, or "
        + "a name: \(PromptChoice.allNames.joined(separator: ", ")).", valueName: "file|name"))
  var prompts: String?

  @Option(
    name: .customLong("max-tokens"),
    help: ArgumentHelp(
      "Cut texts at this many tokens instead of the model's limit.", valueName: "n"))
  var maxTokens: Int?

  @Option(
    help: ArgumentHelp(
      "Keep the first n dimensions of every vector; add --normalize for norm 1. A server is asked"
        + " for so many.", valueName: "n"))
  var dimensions: Int?

  @Flag(
    name: .customLong("normalize"),
    help: "Divide every vector by its norm at the very end, beyond what the checkpoint says.")
  var normalizes = false

  @Option(
    help: ArgumentHelp(
      "Threads to embed with (default: all processors); to a server, requests at the same time at"
        + " most (default: 16).", valueName: "n"))
  var threads: Int?

  @Option(
    help: ArgumentHelp(
      "Pooling of a checkpoint that states none: mean, cls, max, lasttoken, …", valueName: "mode"))
  var pooling: String?

  @Option(
    help: ArgumentHelp(
      "The name that results carry, org/name (default: taken from the folder or the server).",
      valueName: "name"))
  var name: String?

  @Flag(
    name: .customLong("offline"),
    help: "Ask nothing of a hub: models and data come from folders and the cache.")
  var isOffline = false

  @Option(
    name: .customLong("api-key-file"),
    help: ArgumentHelp(
      "File with the key for a server (default: the variable \(ServerSettings.keyVariable)).",
      valueName: "file"))
  var apiKeyFile: String?

  func validate() throws {
    if let maxTokens, maxTokens < 3 {
      throw ValidationError("--max-tokens must be at least 3, to hold a text between its marks.")
    }
    if let dimensions, dimensions < 1 {
      throw ValidationError("--dimensions must be at least 1.")
    }
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads must be between 1 and 1024.")
    }
    if let name, name.split(separator: "/").count != 2 {
      throw ValidationError("--name must have the form org/name.")
    }
  }

  var threadCount: Int { threads ?? Machine.cores }
}
