// `borda report`: a folder to open in a browser.

import ArgumentParser
import Core
import Foundation
import Leaderboard
import Storage

struct WriteReport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Write the ranking as a page for the browser, with data files beside it.",
    discussion: """
      EXAMPLES:
        borda report --benchmark Starter --out Reports/starter
      """)

  @OptionGroup var pool: PoolOptions

  @Option(help: ArgumentHelp("Folder for the report; made if absent.", valueName: "dir"))
  var out = "Reports/report"

  func run() throws {
    let reading = try pool.read()
    let folder = ResultsFolder.url(out)
    try AtomicFile.makeFolder(folder)
    for file in ReportPage(reading.board).files() {
      try AtomicFile.write(file.contents, to: folder.appending(path: file.name))
    }
    try Terminal.print(FilePaths.display(folder.appending(path: "index.html")) + "\n")
    try reading.checkRefused()
  }
}
