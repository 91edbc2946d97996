// How much memory a command may take.

import ArgumentParser
import Core
import Evaluation

struct MemoryOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Memory to take at most, such as 4GB, 4GiB or 512M (default: 80% of what is available).",
      valueName: "size"))
  var memory: String?

  /// - Throws: `.usage` for what is no amount of memory.
  func budget() throws(Failure) -> MemoryBudget {
    MemoryBudget(
      asked: try memory.map { text throws(Failure) in try ByteCount(text, of: "--memory") })
  }
}
