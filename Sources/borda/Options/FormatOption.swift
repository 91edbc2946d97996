// How an answer is written to standard output.

import ArgumentParser
import Core
import Leaderboard

struct FormatOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How to write the answer: \(ReportFormats.names.joined(separator: ", ")).",
      valueName: "format"))
  var format = TerminalFormat.name

  /// Refuses an unknown format before any work is done.
  func check() throws(Failure) { _ = try ReportFormats.named(format) }

  func print(_ report: Report) throws(Failure) {
    try Terminal.print(ReportFormats.named(format).render(report, style: Terminal.style))
  }
}
