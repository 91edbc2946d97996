// Which model, and how it runs.

import ArgumentParser
import Core
import Foundation

struct ModelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Prompts by task, type or role: a JSON object such as {\"query\": \"query: \"}; "
        + "replaces the checkpoint's own.", valueName: "file"))
  var prompts: String?

  @Option(
    name: .customLong("max-tokens"),
    help: ArgumentHelp(
      "Cut texts at this many tokens instead of the model's limit.", valueName: "n"))
  var maxTokens: Int?

  @Option(help: ArgumentHelp("Threads to embed with (default: all processors).", valueName: "n"))
  var threads: Int?

  @Option(
    help: ArgumentHelp(
      "Pooling of a checkpoint that states none: mean, cls, max, lasttoken, …", valueName: "mode"))
  var pooling: String?

  @Option(
    help: ArgumentHelp(
      "The name that results carry, org/name (default: taken from the folder).", valueName: "name"))
  var name: String?

  func validate() throws {
    if let maxTokens, maxTokens < 3 {
      throw ValidationError("--max-tokens must be at least 3, to hold a text between its marks.")
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
