// `borda report`: a folder to open in a browser.

import ArgumentParser
import Core
import Foundation
import Leaderboard

struct WriteReport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Write the ranking as pages for the browser, with data files beside them.",
    discussion: """
      EXAMPLES:
        borda report --benchmark Starter --out Reports/starter

      Open index.html; it needs no network. Every model and every task has a page of its own. A
      report that is there already is replaced; files that Borda did not write are left alone.
      """)

  @OptionGroup var pool: PoolOptions

  @Option(help: ArgumentHelp("Folder for the report; made if absent.", valueName: "dir"))
  var out = "Reports/report"

  func run() throws {
    let reading = try pool.read()
    let folder = ResultsFolder.url(out)
    try ReportFolder(folder: folder).write(ReportPage(reading.board).files)
    try Terminal.print(FilePaths.display(folder.appending(path: "index.html")) + "\n")
    try reading.checkRefused()
  }
}
