// The command line's root: parses, runs one command, turns failures into words and exit codes.

import ArgumentParser
import Core
import Foundation

@main
struct Borda: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "borda",
    abstract: "Measures text-embedding models the MMTEB way and ranks them by Borda votes.",
    discussion: """
      EXAMPLES:
        borda evaluate --model ./all-MiniLM-L6-v2 --benchmark Starter
        borda evaluate --model baseline:hash --benchmark Starter
        borda rank --benchmark Starter
        borda rank --benchmark Starter --by language
        borda report --benchmark Starter --out Reports/starter

      Results go to standard output, progress and messages to standard error.

      EXIT CODES:
        0 done, 1 some task failed (the rest is kept), 3 data missing, or model
        missing or unusable, 4 incomplete, 64 usage, 75 try again,
        130 interrupted with state saved
      """,
    version: Version.text,
    groupedSubcommands: [
      CommandGroup(
        name: "MEASURE", subcommands: [Evaluate.self, Embed.self, Serve.self, Fetch.self]),
      CommandGroup(
        name: "COMPARE",
        subcommands: [Rank.self, Compare.self, WriteReport.self, Details.self, PoolCommand.self]),
      CommandGroup(
        name: "LOOK UP",
        subcommands: [Tasks.self, Benchmarks.self, Models.self, CacheCommand.self, Doctor.self]),
    ])

  static func main() async {
    // A reader that stops early, `borda rank | head`, is no failure.
    signal(SIGPIPE, SIG_DFL)
    // A limit on the size of files makes writing fail, which is said; it does not end the process.
    signal(SIGXFSZ, SIG_IGN)
    do {
      var command = try parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch let failure as Failure {
      Terminal.complain(failure)
      Foundation.exit(failure.exitCode)
    } catch {
      exit(withError: error)
    }
  }
}

enum Version {
  static let number = "0.1.0"
  static let text = "borda \(number)"
}
